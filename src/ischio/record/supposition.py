"""What is supposed of a person for the sake of a question, without touching the record that it is asked of."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from ischio.language.names import suggestion
from ischio.model.about import Scope, Side
from ischio.model.mistake import Mistake, RecordError
from ischio.model.pathway import Pathway
from ischio.record.case_values import Unfit, given_value
from ischio.record.events import FactData, Record


@dataclass(frozen=True, slots=True)
class Supposition:
    """One fact with the value supposed of it. side: None for a fact of the person; value: None for unknown."""

    fact: str
    side: Side | None
    value: FactData | None


def read_suppositions(pathway: Pathway, written: Iterable[str], side: Side | None) -> tuple[Supposition, ...]:
    """Reads `fact=value` or `right.fact=value`, the value as in a case file. side: of the facts that name none.

    Raises RecordError with all mistakes.
    """
    found: list[Supposition] = []
    mistakes: list[Mistake] = []
    for text in written:
        try:
            found.append(_read(pathway, text, side))
        except Unfit as unfit:
            mistakes.append(Mistake(unfit.what, unfit.mend, where=f"supposed `{text}`"))
    mistakes += _contradictions(found)
    if mistakes:
        raise RecordError(*mistakes)
    return tuple(found)


def _contradictions(suppositions: Iterable[Supposition]) -> Iterator[Mistake]:
    """Two values for one fact: neither is more meant than the other."""
    values: dict[tuple[str, Side | None], list[FactData | None]] = {}
    for one in suppositions:
        values.setdefault((one.fact, one.side), []).append(one.value)
    for (fact, side), supposed in values.items():
        if any(value != supposed[0] for value in supposed):
            name = fact if side is None else f"{side.value}.{fact}"
            yield Mistake("It is supposed to have two values at once.", "Give it one.", where=f"supposed `{name}`")


def _read(pathway: Pathway, text: str, side: Side | None) -> Supposition:
    named, equals, value = (part.strip() for part in text.partition("="))
    if not (named and equals and value):
        raise Unfit("It is not a fact, `=` and a value.", "Write one such as ischiofemoral_space=12mm.")
    part, _, name = named.rpartition(".")
    if name not in pathway.facts:
        near = suggestion(name, pathway.facts)
        raise Unfit(f"`{name}` is no fact of this pathway.", near or "`ischio assess --json` lists all facts by id.")
    fact = pathway.facts[name]
    stated = _side(part, name) or side
    if fact.scope is Scope.HIP and stated is None:
        raise Unfit(f"{name} is a fact of one hip.", f"Say which: --side right, or right.{name}={value}.")
    if fact.scope is Scope.PERSON and part:
        raise Unfit(f"{name} belongs to the person and has no side.", f"Write {name}={value}.")
    return Supposition(name, stated if fact.scope is Scope.HIP else None, given_value(fact, fact.scope, value))


def _side(part: str, fact: str) -> Side | None:
    if not part:
        return None
    if part not in {side.value for side in Side}:
        raise Unfit(f"`{part}` is no side.", f"Write right.{fact} or left.{fact}.")
    return Side(part)


def suppose(record: Record, suppositions: Iterable[Supposition]) -> Record:
    """A record in which the facts are set directly, whatever its events say; the given record stays as it is."""
    given = {side: dict(facts) for side, facts in record.given.items()}
    for supposition in suppositions:
        given.setdefault(supposition.side, {})[supposition.fact] = supposition.value
    return replace(record, given=given)
