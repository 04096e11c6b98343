"""From a person whom the solver found to a case file that `ischio assess` runs."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import date

from ischio.backends.proof.logic import Answer, Formula, Solver, all_of, implication, negation
from ischio.backends.proof.person import AnyPerson, Cell
from ischio.language.regions import FactData
from ischio.model.about import Side
from ischio.model.facts import Fact, ValueKind

Values = Mapping[Cell, FactData | None]
"""A value for every fact of each hip and of the person; None is unknown."""

Cells = Mapping[Cell, tuple[Formula, ...]]


def simplest(solver: Solver, flaw: Formula, persons: Sequence[AnyPerson]) -> tuple[Values, ...]:
    """Persons who show the flaw, with as little known (and as little forgotten) as can be found quickly."""
    wishes = as_little_as_possible(persons[0])
    if len(persons) > 1:
        wishes = [*_nothing_forgotten(persons[0], persons[1]), *wishes]
    grant(solver, flaw, wishes)
    return tuple(values_of(solver, person) for person in persons)


def as_little_as_possible(person: AnyPerson, but: Container[str] = ()) -> list[Formula]:
    """The wishes that make a person simple: of each fact, save those of `but`, that it is unknown, and else no."""
    cells = {cell: regions for cell, regions in person.cells.items() if cell[1] not in but}
    return [*_nothing_known(cells), *_nothing_remarkable(person, cells)]


def grant(solver: Solver, wanted: Formula, wishes: Sequence[Formula]) -> Answer:
    """Lets the solver find someone of whom what is wanted holds, with as many of the wishes as can be."""
    return solver.can_hold(wanted, *_granted(solver, wanted, wishes))


def _nothing_forgotten(before: AnyPerson, after: AnyPerson) -> Iterator[Formula]:
    for cell, regions in before.cells.items():
        kept = zip(regions, after.cells[cell], strict=True)
        yield all_of(*(implication(region, same) for region, same in kept))


def _nothing_known(cells: Cells) -> Iterator[Formula]:
    """The hip that the claims do not speak of comes first, so that it stays as bare as it can."""
    sides = (Side.LEFT, None, Side.RIGHT)
    for _, regions in sorted(cells.items(), key=lambda item: sides.index(item[0][0])):
        yield all_of(*(negation(region) for region in regions))


def _nothing_remarkable(person: AnyPerson, cells: Cells) -> Iterator[Formula]:
    """A yes only where it is needed."""
    for (_, fact), regions in cells.items():
        if person.pathway.facts[fact].type.kind is ValueKind.BOOLEAN:
            yield negation(regions[True])


def _granted(solver: Solver, flaw: Formula, wishes: Sequence[Formula]) -> list[Formula]:
    """As many wishes as can hold beside the flaw: while they conflict, the last of the conflict is given up."""
    granted = dict.fromkeys(wishes)
    while solver.can_hold(flaw, *granted) is Answer.IMPOSSIBLE:
        conflict = solver.conflict()
        del granted[next(wish for wish in reversed(granted) if wish in conflict)]
    settled = [all_of(*granted)]  # one formula instead of hundreds: to hand them over takes longer than to solve them
    for wish in wishes:
        if wish not in granted and solver.can_hold(flaw, *settled, wish) is Answer.POSSIBLE:
            settled.append(wish)
    return settled


def values_of(solver: Solver, person: AnyPerson) -> Values:
    """The facts of the person that the solver just found."""
    values: dict[Cell, FactData | None] = {}
    for (side, fact), regions in person.cells.items():
        inside = [region for region, holds in enumerate(solver.holding(regions)) if holds]
        values[side, fact] = _sample(person, fact, inside[0]) if inside else None
    return values


def _sample(person: AnyPerson, fact: str, region: int) -> FactData:
    """A value of the region; a date that no rule compares is the index date."""
    regions = person.regions[fact]
    undated = regions.type.kind is ValueKind.DATE and regions.count == 1
    return person.index if undated else regions.sample(region)


def case_file(person: AnyPerson, values: Values, id_: str, title: str, purpose: str) -> str:
    """The case as text: every fact given, what is known first."""
    lines = [
        f"id: {id_}",
        f"title: {_quoted(title)}",
        f"purpose: {_quoted(purpose)}",
        f"on: {person.index.isoformat()}",
        "patient: {id: synthetic}",
        "facts:",
    ]
    for side in (Side.RIGHT, Side.LEFT, None):
        lines.append(f"  {'person' if side is None else side.value}:")
        lines += _facts_of(person, {fact: value for (where, fact), value in values.items() if where is side})
    return "\n".join(lines) + "\n"


def _facts_of(person: AnyPerson, values: Mapping[str, FactData | None]) -> Iterable[str]:
    facts = person.pathway.facts
    for fact, value in sorted(values.items(), key=lambda item: item[1] is None):
        yield f"    {fact}: {written(facts[fact], value)}"


def written(fact: Fact, value: FactData | None) -> str:
    """The value as a case file has it."""
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int) and fact.type.kind is ValueKind.NUMBER:
        amount = f"{fact.type.amount(value):f}"
        return amount if fact.type.unit == "1" else f"{amount} {fact.type.unit}"
    return str(value)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
