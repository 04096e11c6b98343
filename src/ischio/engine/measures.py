"""How the hips of one person stand to the measures: what a cohort counts, for one, in plain steps."""

from collections.abc import Iterator, Mapping
from datetime import date

from ischio.engine.judge import Judge, judges_of
from ischio.model.about import Side
from ischio.model.expression import Expression
from ischio.model.measures import Days, Measure, Standing
from ischio.model.pathway import Pathway
from ischio.model.truth import FALSE, TRUE, UNKNOWN, Truth
from ischio.record.derivation import derive, derive_one
from ischio.record.dossier import dossier_of
from ischio.record.events import FactData, Record


def standings(pathway: Pathway, record: Record, on: date) -> Mapping[Side, Mapping[str, Standing]]:
    """How each hip stands to each measure by the date of the cohort."""
    return {
        side: {name: standing(pathway, measure, record, on, side) for name, measure in pathway.measures.items()}
        for side in Side
    }


def standing(pathway: Pathway, measure: Measure, record: Record, on: date, side: Side) -> Standing:
    """How a hip stands to a measure by the date of the cohort.

    Of several days the worst decides: a measure is met on every day only if it is met on each. A hip for which the
    thing is recorded and its day is not known is unclear.
    """
    judges = [_judge(pathway, record, day, side) for day in _days(pathway, measure, record, on, side)]
    if judges:
        found = {standing_on_day(judge, measure) for judge in judges}
        return next(each for each in Standing if each in found)
    return Standing.UNCLEAR if _undated(pathway, measure, record, on, side) else Standing.NOT_COUNTED


def standing_on_day(judge: Judge, measure: Measure) -> Standing:
    """How the hip stands to the measure on the day of the judge."""
    counts, left_out = _truth(judge, measure.counts), _truth(judge, measure.leaves_out)
    if counts is FALSE:
        return Standing.NOT_COUNTED
    if left_out is TRUE:
        return Standing.EXCLUDED
    if UNKNOWN in (counts, left_out):
        return Standing.UNCLEAR
    met = _truth(judge, measure.met)
    return Standing.MET if met is TRUE else Standing.NOT_MET if met is FALSE else Standing.UNKNOWN


def index_days(record: Record, on: date) -> tuple[date, ...]:
    """Every day up to the date on which an event begins, ends or was written down; of a span its last day.

    And the date itself. A cohort is judged on these days.
    """
    spans = (span for event in record.events for span in (event.start, event.end, event.recorded) if span is not None)
    return tuple(sorted({on, *(span.latest for span in spans if span.latest <= on)}))


def _truth(judge: Judge, condition: Expression | None) -> Truth:
    return FALSE if condition is None else judge.judge(condition).truth


def _judge(pathway: Pathway, record: Record, day: date, side: Side) -> Judge:
    return judges_of(pathway, derive(pathway, record, day), day)[side]


def _days(pathway: Pathway, measure: Measure, record: Record, on: date, side: Side) -> tuple[date, ...]:
    """The days on which the measure is asked of the hip."""
    if measure.on is None:
        return (on,)
    days = tuple(day for day, held in _held(pathway, measure.on, record, on, side) if held == day)
    return days if measure.days is Days.EVERY else days[-1:]


def _undated(pathway: Pathway, measure: Measure, record: Record, on: date, side: Side) -> bool:
    """Whether what the measure is about is recorded on some day."""
    recorded = measure.recorded
    return recorded is not None and any(held is True for _, held in _held(pathway, recorded, record, on, side))


def _held(pathway: Pathway, fact: str, record: Record, on: date, side: Side) -> Iterator[tuple[date, FactData | None]]:
    """The value of a fact on every index day."""
    dossier, definition = dossier_of(pathway, record), pathway.facts[fact]
    return ((day, derive_one(dossier, definition, side, day).value) for day in index_days(record, on))
