"""An event as JSON text and back, exact: a number keeps its digits and a date the span in which it lies."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, assert_never

import msgspec

from ischio.model.dates import PartialDate
from ischio.record.events import Asserter, Event, EventSide, Gap, Kind, State

NOT_READ = "not_read"
"""In place of a concept: that something of the record could not be read. No pathway has a concept of this name."""


def text_of(event: Event) -> str:
    """What is not said is left out."""
    said = {
        "concept": event.concept,
        "source": event.source,
        "value": _value_form(event.value),
        "unit": event.unit,
        "start": _span_form(event.start),
        "end": _span_form(event.end),
        "recorded": _span_form(event.recorded),
        "kind": event.kind.value,
        "asserter": event.asserter.value,
        "side": event.side and event.side.value,
        "qualifiers": dict(event.qualifiers) or None,
        "unread": event.unread,
    }
    return msgspec.json.encode({name: value for name, value in said.items() if value is not None}).decode()


def event_of(text: str) -> Event:
    said: dict[str, Any] = msgspec.json.decode(text)
    return Event(
        said["concept"],
        said["source"],
        _value(said.get("value")),
        said.get("unit"),
        _span(said.get("start")),
        _span(said.get("end")),
        _span(said.get("recorded")),
        Kind(said["kind"]),
        Asserter(said["asserter"]),
        EventSide(said["side"]) if "side" in said else None,
        said.get("qualifiers", {}),
        said.get("unread"),
    )


def gap_event(state: State, concepts: Iterable[str], source: str) -> Event:
    """That these concepts could not be read, as one entry of an event log: unknown must stay so when it is kept."""
    return Event(NOT_READ, source, " ".join(sorted(concepts)), unread=state.value)


def gaps_in(event: Event) -> tuple[Gap, ...]:
    return tuple(Gap(concept, State(event.unread), event.source) for concept in str(event.value).split())


def _value_form(value: Decimal | str | bool | date | None) -> dict[str, Any] | None:
    match value:
        case None:
            return None
        case bool():
            return {"yes": value}
        case Decimal():
            return {"number": str(value)}
        case date():
            return {"date": value.isoformat()}
        case str():
            return {"code": value}
        case _:
            assert_never(value)


def _value(form: dict[str, Any] | None) -> Decimal | str | bool | date | None:
    match form:
        case None:
            return None
        case {"yes": bool(yes)}:
            return yes
        case {"number": number}:
            return Decimal(number)
        case {"date": day}:
            return date.fromisoformat(day)
        case {"code": str(code)}:
            return code
        case _:
            raise ValueError(f"{form} is no value of an event")


def _span_form(when: PartialDate | None) -> list[str] | None:
    return [when.earliest.isoformat(), when.latest.isoformat()] if when else None


def _span(form: list[str] | None) -> PartialDate | None:
    return PartialDate(*map(date.fromisoformat, form)) if form else None
