"""The course of one hip as rows: what was done, planned, missed and declined, and the stages that it entered."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import Enum

from ischio.interfaces.timeline_rows import rows
from ischio.model.about import Side
from ischio.model.facts import Compared
from ischio.model.pathway import Pathway
from ischio.model.timeline import Timeline
from ischio.record.events import Event, EventSide, Kind, Record


class Look(Enum):
    """What a row tells of. AHEAD: owed on a day to come; MISSED: owed on a day that went by."""

    STAGE = "stage"
    DONE = "done"
    ENDED = "ended"
    PLANNED = "planned"
    DECLINED = "declined"
    MISSED = "missed"
    AHEAD = "ahead"


@dataclass(frozen=True, slots=True)
class CourseRow:
    """on: the day; of a date that is not known to the day, its first, and `dated` says how it was written."""

    on: date
    look: Look
    title: str
    more: str = ""
    dated: str = ""


@dataclass(frozen=True, slots=True)
class Owed:
    """Something that is owed on a day: a review, a score. missed: the day went by without it."""

    on: date
    title: str
    missed: bool


def course_rows(
    pathway: Pathway, record: Record, side: Side, course: Timeline, owed: Iterable[Owed]
) -> tuple[CourseRow, ...]:
    """The newest first. What is told of the record is what the pathway counts from, and the reviews.

    course: of both hips, up to today.
    """
    found = [*_stages(pathway, side, course), *_happened(pathway, record, side)]
    found += [CourseRow(one.on, Look.MISSED if one.missed else Look.AHEAD, one.title) for one in owed]
    return tuple(sorted(found, key=lambda row: (row.on, row.look is not Look.STAGE), reverse=True))


def reviews_done(pathway: Pathway, record: Record, side: Side) -> tuple[date, ...]:
    """The days of the reviews of a hip that are recorded; of a day that is not known, the last that it can be."""
    concepts = _read_by(pathway, pathway.review_fact)
    events = (event for event in record.events if event.concept in concepts and _is_of(event, side))
    return tuple(
        sorted({event.start.latest for event in events if event.start and event.kind in (Kind.DONE, Kind.STATED)})
    )


def _stages(pathway: Pathway, side: Side, course: Timeline) -> Iterator[CourseRow]:
    for row in rows(course, pathway, side.value):
        if row.staged:
            yield CourseRow(row.date, Look.STAGE, row.stage)


def _happened(pathway: Pathway, record: Record, side: Side) -> Iterator[CourseRow]:
    told = _told(pathway)
    for event in record.events:
        if event.concept in told and event.start and _is_of(event, side):
            yield from _rows(pathway, event)


def _rows(pathway: Pathway, event: Event) -> Iterator[CourseRow]:
    assert event.start is not None
    title, start, end = pathway.concepts[event.concept].title, event.start, event.end
    words = [event.value] if isinstance(event.value, str) else []
    more = ", ".join(word.replace("_", " ") for word in (*words, *event.qualifiers.values()))
    looks = {Kind.PLANNED: Look.PLANNED, Kind.DECLINED: Look.DECLINED}
    yield CourseRow(start.earliest, looks.get(event.kind, Look.DONE), title, more, "" if start.exact else str(start))
    if end is not None and end != start:
        yield CourseRow(end.earliest, Look.ENDED, title, "", "" if end.exact else str(end))


def _told(pathway: Pathway) -> frozenset[str]:
    """The concepts of what the pathway counts from, and of reviews."""
    milestones = pathway.outcomes.milestones.values() if pathway.outcomes else ()
    facts = (pathway.review_fact, *(milestone.day_of for milestone in milestones if milestone.day_of))
    return frozenset(concept for fact in facts for concept in _read_by(pathway, fact))


def _read_by(pathway: Pathway, fact: str) -> tuple[str, ...]:
    derivation = pathway.facts[fact].derivation
    return () if isinstance(derivation, Compared) else derivation.selection.concepts


def _is_of(event: Event, side: Side) -> bool:
    return event.side in (None, EventSide.BOTH, EventSide(side.value))
