"""What truly happened to a person, as the events that a complete and faultless record would hold."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache

from ischio.model.dates import PartialDate
from ischio.record.events import Asserter, Event, EventSide, Kind

Value = Decimal | str | bool | None


@lru_cache(maxsize=20_000)
def exactly(day: date) -> PartialDate:
    return PartialDate.on(day)


@dataclass
class Chart:
    """The true events of one person, in the order in which they are told. visits: day -> what for."""

    events: list[Event] = field(default_factory=list)
    visits: dict[date, str] = field(default_factory=dict)

    def add(
        self,
        concept: str,
        on: date,
        value: Value = None,
        *,
        side: EventSide | None = None,
        unit: str | None = None,
        kind: Kind = Kind.DONE,
        by: Asserter = Asserter.CLINICIAN,
        **qualifiers: str,
    ) -> None:
        """Something of one day."""
        when = exactly(on)
        source = f"t{len(self.events) + 1}"
        self.events.append(Event(concept, source, value, unit, when, when, None, kind, by, side, qualifiers))

    def lasts(self, concept: str, start: date, end: date | None, *, side: EventSide | None = None) -> None:
        """Something that began on a day and ended on another, or goes on."""
        source = f"t{len(self.events) + 1}"
        ended = None if end is None else exactly(end)
        self.events.append(Event(concept, source, start=exactly(start), end=ended, side=side))

    def states(self, concept: str, on: date, value: Value, side: EventSide | None, unit: str | None = None) -> None:
        """Something that the person says in a form."""
        self.add(concept, on, value, side=side, unit=unit, kind=Kind.STATED, by=Asserter.PATIENT)

    def visit(self, on: date, what_for: str) -> None:
        self.visits.setdefault(on, what_for)

    def cut(self, last: date) -> None:
        """Takes away what lies after a day; what lasts beyond it goes on."""
        kept = (event for event in self.events if event.start is not None and event.start.latest <= last)
        self.events = [_open_at(event, last) for event in kept]
        self.visits = {day: what_for for day, what_for in self.visits.items() if day <= last}


def _open_at(event: Event, last: date) -> Event:
    return replace(event, end=None) if event.end is not None and event.end.latest > last else event


def weeks(number: int) -> timedelta:
    return timedelta(days=7 * number)
