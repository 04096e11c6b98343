"""When an event was, as far as its dates tell."""

from dataclasses import replace
from datetime import date

from ischio.model.dates import Duration, PartialDate, shift
from ischio.model.frozen import frozen
from ischio.record.events import Event, Kind

EVER = PartialDate(date.min, date.max)
NEVER = PartialDate(date.max, date.max)


@frozen(eq=False)
class Occurrence:
    """An event and the spans in which it began and ended.

    What goes on ends on 9999-12-31. undated: neither a date nor a recorded date; it may have been at any time.
    kind, side, code: the event's, as the words that facts.yaml uses; code: its value, if it is a code, yes or no.
    """

    event: Event
    starts: PartialDate
    ends: PartialDate
    kind: str
    side: str | None
    undated: bool
    planned: bool
    code: str | None

    @property
    def day(self) -> date | None:
        """The day on which it began, if it is known to the day."""
        return self.starts.earliest if self.starts.exact else None

    @property
    def dated(self) -> str:
        if self.undated:
            return "without a date"
        if self.starts.earliest == date.min:
            return f"on or before {min(self.starts.latest, self.ends.latest)}"
        return f"on {self.starts}"


def occurrence_of(event: Event) -> Occurrence:
    """When an event was."""
    starts, ends = _spans(event)
    side = None if event.side is None else event.side.value
    undated = event.start is None and event.end is None and event.recorded is None
    planned = event.kind is Kind.PLANNED
    return Occurrence(event, starts, ends, event.kind.value, side, undated, planned, _code_of(event))


def _code_of(event: Event) -> str | None:
    if isinstance(event.value, bool):
        return "yes" if event.value else "no"
    return event.value if isinstance(event.value, str) else None


def lasting(when: Occurrence, longest: Duration | None) -> Occurrence:
    """What was written with one date although it lasts: it ended on some day of the longest time that it may last."""
    if longest is None or when.undated or when.event.start != when.event.end:
        return when
    return replace(when, ends=PartialDate(when.starts.earliest, shift(when.starts.latest, longest)))


def _spans(event: Event) -> tuple[PartialDate, PartialDate]:
    """The spans in which it began and ended. Without a date, the date on which it was recorded stands for it."""
    if event.start is None and event.end is None:
        return (event.recorded or EVER,) * 2
    starts = event.start or EVER
    if event.recorded is not None and event.kind is not Kind.PLANNED:
        starts = _at_latest(starts, event.recorded.latest)  # what is done or stated had begun when it was written down
    if event.start == event.end:
        return starts, starts
    ends = event.end or NEVER
    return _at_latest(starts, ends.latest), _at_earliest(ends, starts.earliest)


def inverted(event: Event) -> bool:
    """Whether the event ends before it starts, whatever its dates can mean."""
    return event.start is not None and event.end is not None and event.end.latest < event.start.earliest


def _at_latest(span: PartialDate, day: date) -> PartialDate:
    return PartialDate(span.earliest, day) if span.earliest <= day < span.latest else span


def _at_earliest(span: PartialDate, day: date) -> PartialDate:
    return PartialDate(day, span.latest) if span.earliest < day <= span.latest else span
