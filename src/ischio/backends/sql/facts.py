"""Every fact of every person and hip: one wide pivot for each family of concepts and each level.

A pivot costs rows times columns, so the events are not pivoted for all facts at once: the facts are dealt into families
that read few concepts, and each pivot sees only the events of its own. What a fact rests on must be known before its
events are sorted, so facts come in levels.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ischio.backends.sql.bounds import Bounds, bounds_of
from ischio.backends.sql.events import EVENT, HIP_EVENT, hips
from ischio.backends.sql.matching import deciding_unsided
from ischio.backends.sql.numbering import selection_of
from ischio.backends.sql.patterns import Derived, compared, derived
from ischio.backends.sql.setting import Setting, fact_column, table
from ischio.backends.sql.text import Column, layered, listed, names_in, one_of
from ischio.model.pathway import Compared, Fact, Scope
from ischio.record.plan import plan_of

CONCEPTS_IN_A_FAMILY = 6
"""Fewer make many joins, more make wide pivots."""


@dataclass(frozen=True)
class Select:
    """A table and the select that fills it."""

    name: str
    sql: str


def facts(setting: Setting, scope: Scope, start: str) -> Iterator[Select]:
    """The selects that derive all facts of a scope; the last of them has them all. start: the table of the rows."""
    previous, before = start, _facts_of_person(setting) if scope is Scope.HIP else []
    for number, level in enumerate(levels(setting, scope)):
        place = f"{scope.value}_{number}"
        looking = [fact for fact in level if selection_of(fact) is not None]
        bounds = _Bounds(setting, looking)
        families = [[derived(setting, fact, bounds.of(fact)) for fact in family] for family in _families(looking)]
        names = [table(f"{place}_{k}") for k, _ in enumerate(families)]
        for name, family in zip(names, families, strict=True):
            yield Select(name, _family(setting, scope, family, previous, before, bounds))
        keys = setting.keys(scope)
        joined = "".join(f"\njoin {name} using ({', '.join(keys)})" for name in names)
        comparing = [
            compared(setting, fact, fact.derivation) for fact in level if isinstance(fact.derivation, Compared)
        ]
        found = [name for family in families for one in family for name in one.columns]
        yield Select(table(place), f"select {listed([*keys, *before, *found, *comparing])}\nfrom {previous}{joined}")
        previous, before = table(place), [*before, *found, *(column.name for column in comparing)]


def _facts_of_person(setting: Setting) -> list[str]:
    """The columns of the person's facts."""
    found = [fact for level in levels(setting, Scope.PERSON) for fact in level]
    looking = [
        derived(setting, fact, _NONE).columns if selection_of(fact) else [fact_column(fact.id)] for fact in found
    ]
    return [name for names in looking for name in names]


def facts_table(setting: Setting, scope: Scope, start: str) -> str:
    """The table with all facts of a scope."""
    count = len(levels(setting, scope))
    return table(f"{scope.value}_{count - 1}") if count else start


def levels(setting: Setting, scope: Scope) -> list[list[Fact]]:
    """The facts of a scope, each in a level behind those that it is derived from."""
    plan, found = plan_of(setting.pathway), dict[str, int]()
    for fact in plan.person if scope is Scope.PERSON else plan.hip:
        found[fact.id] = max((found[name] + 1 for name in plan.inputs[fact.id] if name in found), default=0)
    deepest = max(found.values(), default=-1)
    return [[setting.pathway.facts[name] for name, at in found.items() if at == n] for n in range(deepest + 1)]


def _families(level: Sequence[Fact]) -> list[list[Fact]]:
    """The facts dealt so that each concept is read in few families."""
    families: list[tuple[set[str], list[Fact]]] = []
    for fact in sorted(level, key=_concepts):
        concepts = set(_concepts(fact))
        if not families or len(families[-1][0] | concepts) > CONCEPTS_IN_A_FAMILY:
            families.append((set(), []))
        families[-1][0].update(concepts)
        families[-1][1].append(fact)
    return [family for _, family in families]


def _concepts(fact: Fact) -> tuple[str, ...]:
    selection = selection_of(fact)
    return () if selection is None else selection.concepts


class _Bounds:
    """The bounds of the facts of a level; those that are no constants as columns, each kind once."""

    def __init__(self, setting: Setting, level: Iterable[Fact]) -> None:
        self._of: dict[str, Bounds] = {}
        prefixes: dict[Bounds, str] = {}
        for fact in level:
            selection = selection_of(fact)
            assert selection is not None, "only these have bounds"
            bounds = bounds_of(selection, setting.calendar)
            if not bounds.constant:
                prefix = prefixes.setdefault(bounds, f"bounds_{len(prefixes)}")
                named = {column.name.removeprefix(f"{prefix}_"): column.name for column in bounds.columns(prefix)}
                # A part that is a constant stays one, so that what is not bounded is not compared.
                parts = {part: name for part, name in named.items() if not getattr(bounds, part).isdigit()}
                bounds = replace(bounds, **parts)
            self._of[fact.id] = bounds
        self._prefixes = prefixes

    def of(self, fact: Fact) -> Bounds:
        return self._of[fact.id]

    def columns(self, used: Iterable[Bounds]) -> list[Column]:
        """The columns that these bounds name."""
        names = {part for bounds in used for part in (bounds.since, bounds.surely, bounds.until, bounds.state)}
        every = (column for bounds, prefix in self._prefixes.items() for column in bounds.columns(prefix))
        return [column for column in every if column.name in names]


def _pivot(setting: Setting, scope: Scope, family: Sequence[Derived], previous: str, bounds: _Bounds) -> str:
    """One row for each hip (or person) that has an event of the family, with what the facts need of it."""
    keys = setting.keys(scope)
    concepts = sorted({concept for one in family for concept in one.match.concepts})
    events = EVENT if scope is Scope.PERSON else HIP_EVENT
    source = f"(\nselect * from {events}\nwhere {one_of('concept', concepts)}) as event"
    beside = bounds.columns(one.bounds for one in family)
    beside += [Column(name, name) for name in _beside(family)]
    if beside:
        known = f"(select {', '.join(keys)},\n  {listed(beside)}\nfrom {previous}) as known"
        source = f"(select * from {source}\njoin {known} using ({', '.join(keys)})) as seen"
    rows = layered(source, [column for one in family for column in one.rows()])
    aggregates = [column for one in family for column in one.aggregates()]
    return f"select {', '.join(keys)},\n  {listed(aggregates)}\nfrom {rows}\ngroup by {', '.join(keys)}"


def _beside(family: Sequence[Derived]) -> list[str]:
    return sorted({fact_column(name) for one in family for name in deciding_unsided(one.selection)})


def _family(
    setting: Setting,
    scope: Scope,
    family: Sequence[Derived],
    previous: str,
    before: Sequence[str],
    bounds: _Bounds,
) -> str:
    """The facts of a family for everyone, also for those who have no event of it."""
    keys = ", ".join(setting.keys(scope))
    columns = [column for one in family for column in one.values()]
    needed = sorted(names_in(columns).intersection(before))
    known = f"(select {', '.join([keys, *needed])} from {previous}) as known"
    pivoted = f"(\n{_pivot(setting, scope, family, previous, bounds)}) as pivoted"
    source = layered(f"(select * from {known}\nleft join {pivoted} using ({keys})) as joined", columns)
    found = [name for one in family for name in one.columns]
    return f"select {listed([keys, *found])}\nfrom {source}"


_NONE = Bounds("0", "0", "0", "0")


def person_rows(setting: Setting) -> str:
    """One row for each person on each index date."""
    return f"select distinct {listed(setting.index.of_people(setting.dialect))}\nfrom people{setting.among('person')}"


def hip_rows(setting: Setting) -> str:
    """One row for each hip, with the facts of the person."""
    return f"select *\nfrom {facts_table(setting, Scope.PERSON, table('person'))}\ncross join {hips()}"
