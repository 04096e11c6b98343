"""What is due of somebody and will be: reviews and scores as the pathway computes them, missed ones, a calendar."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import NAMESPACE_URL, uuid5

from ischio.clinic.calendar import Entry, calendar
from ischio.clinic.charts import Chart
from ischio.clinic.knowledge import Knowledge
from ischio.clinic.standings import REVIEW
from ischio.engine.answer import Answer
from ischio.engine.review import reviews_ahead
from ischio.engine.steps import having
from ischio.model.about import Side
from ischio.store.entries import Known

DATED = ("due", "optional", "check_first")
"""Of these an action's day is told; of one that is done, under way or not wanted it is not."""


@dataclass(frozen=True, slots=True)
class Appointment:
    """Something that is owed on a day. what: `review`, or the id of an action. missed: the day is over.

    side: None of what belongs to the person. day: None of what is due now and has no day of its own.
    """

    what: str
    title: str
    side: Side | None
    day: date | None
    missed: bool


def appointments(knowledge: Knowledge, chart: Chart) -> tuple[Appointment, ...]:
    """What is owed, the missed first, then by day; what is due now and has no day stands between."""
    on = chart.assessment.index_date
    found = [*_reviews(knowledge, chart), *_actions(chart)]
    return tuple(sorted(found, key=lambda each: (each.day or on, each.what != REVIEW, each.what, str(each.side))))


def _reviews(knowledge: Knowledge, chart: Chart) -> Iterator[Appointment]:
    on = chart.assessment.index_date
    answer = Answer(knowledge.pathway, chart.record, on)
    for side, hip in answer.hips.items():
        if hip.stage is not None:
            for day in reviews_ahead(knowledge.pathway, hip.stage, hip.facts, on):
                yield Appointment(REVIEW, f"Review: {hip.stage.about.title}", side, day, day < on)


def _actions(chart: Chart) -> Iterator[Appointment]:
    on, assessment = chart.assessment.index_date, chart.assessment
    sided = [(assessment.person.actions, None), *((hip.actions, Side(hip.side)) for hip in assessment.hips)]
    for actions, side in sided:
        for action in (each for status in DATED for each in having(actions, status)):
            if action.due is not None or (action.status == "due" and action.kind == "record"):
                missed = action.due is not None and action.due < on
                yield Appointment(action.id, action.title, side, action.due, missed)


# ---- the calendar -------------------------------------------------------------------------------------------------


def calendar_file(known: Known, appointments: Iterable[Appointment], made: datetime, body_part: str) -> str:
    """The coming appointments as a calendar (.ics). It names nobody: a calendar is shared more freely than a chart."""
    entries = (
        Entry(_uid(known, each), each.day, _summary(each, body_part))
        for each in appointments
        if each.day is not None and not each.missed
    )
    return calendar(entries, made)


def _uid(known: Known, each: Appointment) -> str:
    """The same for the same appointment, so that a calendar that takes the file again has it once."""
    name = f"{known.organisation} {known.id} {each.what} {each.side and each.side.value} {each.day}"
    return f"{uuid5(NAMESPACE_URL, name)}@ischio"


def _summary(each: Appointment, body_part: str) -> str:
    return f"{each.title}, {each.side.value} {body_part}" if each.side else each.title
