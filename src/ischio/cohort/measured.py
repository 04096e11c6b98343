"""The results of measures as a table, with the sums that hold between their counts."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ischio.cohort.called import Called
from ischio.cohort.cells import Total
from ischio.cohort.measures import Counted, MeasureResult
from ischio.cohort.tables import Cell, Count, Field, FieldType, Figure, Results, Shown, Table
from ischio.model.about import Side
from ischio.model.pathway import Pathway

TEXT, WHOLE, NUMBER = FieldType.TEXT, FieldType.WHOLE, FieldType.NUMBER
DIGITS = 4


def measured(pathway: Pathway, found: Iterable[MeasureResult]) -> Results:
    """One row for each measure; nothing for a pathway without measures."""
    totals: list[Total] = []
    found = tuple(found)
    rows = tuple(_row(each.id, each.all, totals) for each in found)
    sides = tuple(row for each in found for row in _side_rows(each, totals))
    titles = {name: each.about.title for name, each in pathway.measures.items()}
    called = Called.by(pathway)
    fields = (
        Field("measure", "Measure", TEXT, f"What is asked of {called.a_hip}.", codes=titles),
        Field("met", "Met", WHOLE, f"{called.Hips} that met it."),
        Field("not_met", "Not met", WHOLE, f"{called.Hips} that did not."),
        Field("unknown", "Not known", WHOLE, f"{called.Hips} of which it cannot be told whether they met it."),
        Field(
            "unclear",
            "Not known whether asked",
            WHOLE,
            f"{called.Hips} of which it cannot be told whether the measure asks.",
        ),
        Field("excluded", "Left out", WHOLE, f"{called.Hips} left out with a reason that the measure names."),
        Field("population", "All", WHOLE, f"All these {called.hips} together."),
        Field("share", "Share met", NUMBER, "Met, of those met and not met."),
        Field(
            "share_low",
            "95 % from",
            NUMBER,
            f"Lower end of the interval, after Wilson, as if {called.hips} were independent.",
        ),
        Field("share_high", "95 % to", NUMBER, "Upper end of the interval."),
        Field(
            "share_if_none", "Share if none of the not known met it", NUMBER, "Met, of those met, not met and unknown."
        ),
        Field("share_if_all", "Share if all of the not known met it", NUMBER, "Met and unknown, of the same."),
    )
    meaning = (
        f"Each measure over all {called.hips}. What is not known has its own columns, and is in no share but the last."
    )
    table = Table("measures", "Measures", meaning, fields, rows)
    by_side = Table(
        "measures_by_side",
        "Measures, each side apart",
        "The same counts for each side, as the MeasureReports have them.",
        (fields[0], Field("side", "Side", TEXT, f"Which {called.hip}.", codes=SIDES), *fields[1:6]),
        sides,
    )
    return Results((table, by_side) if rows else (), tuple(totals))


def measure_key(measure: str, what: str) -> str:
    return f"measure {measure}: {what}"


PARTS = ("met", "not_met", "unknown", "unclear", "excluded")


SIDES = {side.value: side.value.capitalize() for side in Side}


def _side_rows(each: MeasureResult, totals: list[Total]) -> Iterator[tuple[Cell, ...]]:
    """Each side apart; together they are all hips."""
    for side, counted in each.of_side.items():
        yield (
            each.id,
            side.value,
            *(Count(measure_key(each.id, f"{what} {side.value}"), getattr(counted, what)) for what in PARTS),
        )
    for what in PARTS:
        totals.append(
            Total(measure_key(each.id, what), tuple(measure_key(each.id, f"{what} {side}") for side in SIDES))
        )


@dataclass(frozen=True, slots=True)
class Visible:
    """The counts of one side that may be seen; none for a hidden one."""

    met: int | None
    not_met: int | None
    unknown: int | None
    unclear: int | None
    excluded: int | None


def visible(shown: Shown, measure: str) -> dict[Side, Visible]:
    """What of a measure may be seen of each side."""

    def seen(side: Side, what: str) -> int | None:
        count = shown.counts[measure_key(measure, f"{what} {side.value}")]
        return count if isinstance(count, int) else None

    return {side: Visible(*(seen(side, what) for what in PARTS)) for side in Side}


def _row(name: str, counted: Counted, totals: list[Total]) -> tuple[Cell, ...]:
    counts = {what: Count(measure_key(name, what), getattr(counted, what)) for what in (*PARTS, "population")}
    totals.append(Total(counts["population"].key, tuple(counts[what].key for what in PARTS)))
    known = tuple(counts[what].key for what in ("met", "not_met"))
    low, high = counted.interval or (None, None)
    least, most = counted.bounds or (None, None)
    asked = (*known, counts["unknown"].key)
    shares = (counted.share, low, high)
    return (
        name,
        *counts.values(),
        *(Figure(_rounded(each), known) for each in shares),
        *(Figure(_rounded(each), asked) for each in (least, most)),
    )


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, DIGITS)
