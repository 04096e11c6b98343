"""Measures over a judged table: how many hips meet each, how many do not, and of how many it cannot be told.

The unit is the hip. Two hips of one person count twice and are not independent of each other, which the interval, made
for independent ones, does not know.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from ischio.backends.sql.conditions import Conditions
from ischio.backends.sql.dialect import DUCKDB
from ischio.backends.sql.index import DateColumn
from ischio.backends.sql.names import criterion_column, fact_column
from ischio.backends.sql.setting import Setting
from ischio.backends.sql.text import case, quoted
from ischio.cohort.intervals import wilson
from ischio.model.about import Side
from ischio.model.expression import Expression, criteria_named, facts_named
from ischio.model.measures import Days, Measure, Standing
from ischio.model.pathway import Pathway

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

RANKS: Mapping[Standing, int] = {standing: rank for rank, standing in enumerate(Standing)}
"""Of several days the one with the lowest rank decides."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Hips by how they stand to a measure. unclear: it cannot be told whether the measure asks of them."""

    met: int = 0
    not_met: int = 0
    unknown: int = 0
    unclear: int = 0
    excluded: int = 0

    def __add__(self, other: Self) -> "Counted":
        return Counted(
            self.met + other.met,
            self.not_met + other.not_met,
            self.unknown + other.unknown,
            self.unclear + other.unclear,
            self.excluded + other.excluded,
        )

    @property
    def population(self) -> int:
        """All hips that the measure asks of, or may ask of."""
        return self.denominator + self.unknown + self.unclear + self.excluded

    @property
    def denominator(self) -> int:
        """Those of whom the answer is known."""
        return self.met + self.not_met

    @property
    def share(self) -> float | None:
        """Met, of those of whom the answer is known; None of nobody."""
        return self.met / self.denominator if self.denominator else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """95 %, after Wilson."""
        return wilson(self.met, self.denominator)

    @property
    def bounds(self) -> tuple[float, float] | None:
        """The share if none, and if all, of the unknown met it."""
        asked = self.denominator + self.unknown
        return (self.met / asked, (self.met + self.unknown) / asked) if asked else None


@dataclass(frozen=True, slots=True)
class MeasureResult:
    """A measure and its counts: of all hips, and of those on each side."""

    measure: Measure
    of_side: Mapping[Side, Counted]

    @property
    def id(self) -> str:
        return self.measure.id

    @property
    def title(self) -> str:
        return self.measure.about.title

    @property
    def all(self) -> Counted:
        return sum(self.of_side.values(), Counted())


def measure(connection: "DuckDBPyConnection", pathway: Pathway, judged: str) -> tuple[MeasureResult, ...]:
    """Every measure of the pathway, in its order.

    judged: a table or view with one row for each hip and index date: person, hip, index_date, at_end (whether the date
    is the cohort's) and the columns of `columns_needed`. A person's rows must all be in it, those of other persons may
    be counted apart and the results `added`.
    """
    found: dict[str, dict[Side, Counted]] = {name: {} for name in pathway.measures}
    if pathway.measures:
        counts = ", ".join(f"count(*) filter (where standing = {quoted(each.value)})" for each in _COUNTED)
        rows = connection.execute(f"select measure, hip, {counts} from ({standings(pathway, judged)}) group by all")
        for name, hip, *counted in rows.fetchall():
            found[name][Side(hip)] = Counted(*counted)
    nobody = Counted()
    return tuple(
        MeasureResult(each, {side: found[name].get(side, nobody) for side in Side})
        for name, each in pathway.measures.items()
    )


_COUNTED = (Standing.MET, Standing.NOT_MET, Standing.UNKNOWN, Standing.UNCLEAR, Standing.EXCLUDED)
"""In the order of `Counted`."""


def added(parts: Iterable[Sequence[MeasureResult]]) -> tuple[MeasureResult, ...]:
    """The results of parts of a cohort as those of the whole. Each part holds the same measures in the same order."""
    return tuple(
        MeasureResult(
            results[0].measure,
            {side: sum((each.of_side[side] for each in results), Counted()) for side in Side},
        )
        for results in zip(*parts, strict=True)
    )


def standings(pathway: Pathway, judged: str) -> str:
    """A select of who stands how to what: measure, person, hip, day (null where none is known), standing.

    Hips of which a measure does not ask are left out.
    """
    printer = Conditions(Setting(pathway, DUCKDB, DateColumn()))
    return "\nunion all\n".join(_standings(printer, each, judged) for each in pathway.measures.values())


def columns_needed(pathway: Pathway) -> tuple[str, ...]:
    """The columns of facts and criteria that the measures read."""
    named: dict[str, None] = {}
    for each in pathway.measures.values():
        days = (name for name in (each.on, each.recorded) if name)
        conditions = (condition for condition in (each.counts, each.leaves_out, each.met) if condition is not None)
        named.update(dict.fromkeys(map(fact_column, days)))
        for condition in conditions:
            named.update(dict.fromkeys(condition_columns(condition)))
    return tuple(named)


def condition_columns(condition: Expression) -> Iterator[str]:
    """The columns that a condition without comparisons reads."""
    yield from map(fact_column, facts_named(condition))
    yield from map(criterion_column, criteria_named(condition))


def _standings(printer: Conditions, measure: Measure, judged: str) -> str:
    """A measure's rows. Its days are those of the rows that bear the date of its fact, or the cohort's date."""
    rank = _rank(printer, measure)
    if measure.on is None:
        rows = f"select person, hip, index_date as day, {rank} as rank from {judged} where at_end"
    else:
        assert measure.recorded is not None, "loading asks for both"
        asked = f"{fact_column(measure.on)} = index_date"
        recorded = f"coalesce({fact_column(measure.recorded)}, false)"
        decides = "index_date desc" if measure.days is Days.NEWEST else "rank, index_date"
        first = f"first({{}} order by {decides}) filter (where asked)"
        # Where no row bears the date, the thing is recorded and its day is not known.
        rows = (
            f"select person, hip, {first.format('index_date')} as day, "
            f"coalesce({first.format('rank')}, {RANKS[Standing.UNCLEAR]}) as rank\n"
            f"from (select person, hip, index_date, coalesce({asked}, false) as asked, {rank} as rank from {judged}\n"
            f"  where {asked} or {recorded})\n"
            "group by person, hip"
        )
    words = case(*((f"rank = {number}", quoted(standing.value)) for standing, number in RANKS.items()))
    return (
        f"select {quoted(measure.id)} as measure, person, hip, day, {words} as standing\n"
        f"from ({rows}) where rank <> {RANKS[Standing.NOT_COUNTED]}"
    )


def _rank(printer: Conditions, measure: Measure) -> str:
    """How a hip stands on one day, as engine/measures.py has it."""
    counts, met = printer.truth(measure.counts), printer.truth(measure.met)
    left_out = "false" if measure.leaves_out is None else printer.truth(measure.leaves_out)
    return case(
        (f"not ({counts})", str(RANKS[Standing.NOT_COUNTED])),
        (left_out, str(RANKS[Standing.EXCLUDED])),
        (f"({counts}) is null or ({left_out}) is null", str(RANKS[Standing.UNCLEAR])),
        (met, str(RANKS[Standing.MET])),
        (f"not ({met})", str(RANKS[Standing.NOT_MET])),
        otherwise=str(RANKS[Standing.UNKNOWN]),
    )
