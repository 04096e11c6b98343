"""An event as JSON text and back, exact: a number keeps its digits and a date the span in which it lies."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, assert_never

import msgspec

from ischio.fhir.routes import exact
from ischio.model.dates import PartialDate
from ischio.record.events import EVERYTHING, Asserter, Event, EventSide, Gap, Kind, State

NOT_READ = "not_read"
"""In place of a concept: that something of the record could not be read. No pathway has a concept of this name."""


class _Form(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What lies in the store. What is not known may change what the rest means, so it is not passed over."""

    concept: str
    source: str
    kind: Kind
    asserter: Asserter
    value: dict[str, bool | str] | None = None
    unit: str | None = None
    start: tuple[date, date] | None = None
    end: tuple[date, date] | None = None
    recorded: tuple[date, date] | None = None
    side: EventSide | None = None
    qualifiers: dict[str, str] = msgspec.field(default_factory=dict)
    unread: str | None = None


class _Concept(msgspec.Struct):
    """All that is looked for in what cannot be read whole."""

    concept: str


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
    """Raises ValueError for what is no event as this release writes one."""
    try:
        said = msgspec.json.decode(text, type=_Form)
    except msgspec.MsgspecError as error:
        raise ValueError(str(error)) from None
    return Event(
        said.concept,
        said.source,
        _value(said.value),
        said.unit,
        _span(said.start),
        _span(said.end),
        _span(said.recorded),
        said.kind,
        said.asserter,
        said.side,
        said.qualifiers,
        said.unread,
    )


def event_or_gap(text: str, id: str) -> Event:
    """The same; of what a later release wrote, or what was damaged, that it could not be read. id: of the entry.

    Left out, what it says would count as absent. Where not even its concept can be read, nothing can be told.
    """
    try:
        return event_of(text)
    except ValueError:
        return gap_event(State.QUERY_FAILED, [_concept_in(text)], f"entry/{id}")


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


def _value(form: dict[str, bool | str] | None) -> Decimal | str | bool | date | None:
    match form:
        case None:
            return None
        case {"yes": bool(yes)}:
            return yes
        case {"number": str(number)}:
            return _number(number)
        case {"date": str(day)}:
            return date.fromisoformat(day)
        case {"code": str(code)}:
            return code
        case _:
            raise ValueError(f"{form} is no value of an event")


def _number(text: str) -> Decimal:
    """One that can be reckoned with: neither endless nor beyond all measuring."""
    number = exact(text)
    if isinstance(number, str) or not number.is_finite():
        raise ValueError("a value is no number")
    return number


def _concept_in(text: str) -> str:
    try:
        return msgspec.json.decode(text, type=_Concept).concept
    except msgspec.MsgspecError:
        return EVERYTHING


def _span_form(when: PartialDate | None) -> list[str] | None:
    return [when.earliest.isoformat(), when.latest.isoformat()] if when else None


def _span(form: tuple[date, date] | None) -> PartialDate | None:
    return PartialDate(*form) if form else None
