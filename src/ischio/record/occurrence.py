"""When an event was, as far as its dates tell."""

from dataclasses import dataclass
from datetime import date

from ischio.model.dates import PartialDate
from ischio.record.events import Event, Kind

EVER = PartialDate(date.min, date.max)
NEVER = PartialDate(date.max, date.max)


@dataclass(frozen=True, slots=True, eq=False)
class Occurrence:
    """An event and the spans in which it began and ended.

    What goes on ends on 9999-12-31. undated: neither a date nor a recorded date; it may have been at any time.
    """

    event: Event
    starts: PartialDate
    ends: PartialDate
    undated: bool = False

    @property
    def planned(self) -> bool:
        return self.event.kind is Kind.PLANNED

    @property
    def day(self) -> date | None:
        """The day on which it began, if it is known to the day."""
        return self.starts.earliest if self.starts.exact else None

    @property
    def dated(self) -> str:
        return "without a date" if self.undated else f"on {self.starts}"


def occurrence_of(event: Event) -> Occurrence:
    """The spans of an event. Without a date, the date on which it was recorded stands for it."""
    starts, ends = event.start, event.end
    if starts is None and ends is None:
        if event.recorded is None:
            return Occurrence(event, EVER, EVER, undated=True)
        starts = ends = event.recorded
    if starts is None:
        starts = EVER
    starts = _recorded_by(event, starts)
    if event.start == event.end:
        return Occurrence(event, starts, starts)
    ends = ends or NEVER
    return Occurrence(event, _at_latest(starts, ends.latest), _at_earliest(ends, starts.earliest))


def inverted(event: Event) -> bool:
    """Whether the event ends before it starts, whatever its dates can mean."""
    return event.start is not None and event.end is not None and event.end.latest < event.start.earliest


def _recorded_by(event: Event, starts: PartialDate) -> PartialDate:
    """What is done or stated began at the latest on the day on which it was written down."""
    if event.kind is Kind.PLANNED or event.recorded is None:
        return starts
    return _at_latest(starts, event.recorded.latest)


def _at_latest(span: PartialDate, day: date) -> PartialDate:
    return PartialDate(span.earliest, day) if span.earliest <= day < span.latest else span


def _at_earliest(span: PartialDate, day: date) -> PartialDate:
    return PartialDate(day, span.latest) if span.earliest < day <= span.latest else span
