"""An event's value as a value of a fact's type, or the reason why it is refused."""

from datetime import date
from decimal import Decimal
from typing import assert_never

from ischio.language.units import UnitError, canonical, convert
from ischio.model.dates import PartialDate
from ischio.model.facts import Fact, FactType, First, Latest, ValueKind
from ischio.model.frozen import frozen
from ischio.record.events import Event, FactData, State
from ischio.record.occurrence import Occurrence


@frozen(eq=False)
class Reading:
    """A matching event. value: in the fact's type, None where the pattern needs none or where it is refused.

    maybe: whether it matches at all cannot be told.
    """

    when: Occurrence
    value: FactData | None = None
    refused: State | None = None
    why: str = ""
    maybe: bool = False

    @property
    def source(self) -> str:
        return self.when.event.source


def read(fact: Fact, derivation: Latest | First, when: Occurrence) -> Reading:
    """The reading of an event that has a value."""
    value, type_ = when.event.value, fact.type
    if when.event.unread is not None:
        return _refused(when, when.event.unread)
    match type_.kind:
        case ValueKind.BOOLEAN:
            return _yes_or_no(derivation, when)
        case ValueKind.NUMBER if isinstance(value, Decimal):
            return _number(type_, value, when)
        case ValueKind.CODE if isinstance(value, str) and value in type_.codes:
            return Reading(when, value)
        case ValueKind.DATE:
            return _date(when)
        case ValueKind.NUMBER | ValueKind.CODE:
            expected = "a number" if type_.kind is ValueKind.NUMBER else f"one of {', '.join(type_.codes)}"
            return _refused(when, f"{shown(when.event)} is not {expected}")
        case _:
            assert_never(type_.kind)


def _yes_or_no(derivation: Latest | First, when: Occurrence) -> Reading:
    value = when.event.value
    if isinstance(value, bool):
        return Reading(when, value)
    yes, no = derivation.yes or ("yes",), derivation.no or ("no",)
    if value in yes or value in no:
        return Reading(when, value in yes)
    return _refused(when, f"{shown(when.event)} means neither yes nor no")


def _number(type_: FactType, value: Decimal, when: Occurrence) -> Reading:
    event = when.event
    try:
        steps = type_.nearest_steps(convert(value, event.unit or "1", type_.unit, event.concept))
    except UnitError as error:
        return Reading(when, refused=State.WRONG_UNIT, why=error.mistakes[0].what)
    if (type_.low is not None and steps < type_.low) or (type_.high is not None and steps > type_.high):
        return _refused(when, f"{shown(event)} is outside {range_shown(type_)}")
    return Reading(when, steps)


def _date(when: Occurrence) -> Reading:
    value = when.event.value
    if isinstance(value, date):
        return Reading(when, value)
    try:
        span = PartialDate.parse(str(value))
    except ValueError:
        return _refused(when, f"{shown(when.event)} is not a date")
    if span.exact:
        return Reading(when, span.earliest)
    return Reading(when, refused=State.IMPRECISE_DATE, why=f"{value} is not known to the day")


def _refused(when: Occurrence, why: str) -> Reading:
    return Reading(when, refused=State.VALUE_REFUSED, why=why)


def doubt(type_: FactType, value: FactData | None) -> str | None:
    """The question that an allowed but unlikely number raises."""
    if type_.kind is not ValueKind.NUMBER or not isinstance(value, int):
        return None
    if type_.doubt_below is not None and value < type_.doubt_below:
        return f"unusually small: is {in_words(type_, value)} right?"
    if type_.doubt_above is not None and value > type_.doubt_above:
        return f"unusually large: is {in_words(type_, value)} right?"
    return None


def shown(event: Event) -> str:
    """An event's value as it was written down."""
    if isinstance(event.value, bool):
        return "yes" if event.value else "no"
    return f"{event.value} {event.unit}" if event.unit not in (None, "1") else str(event.value)


def in_words(type_: FactType, value: FactData | None) -> str:
    """A fact's value as a person reads it, with its unit."""
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{type_.amount(value):f}{_unit_shown(type_)}"
    return str(value)


def range_shown(type_: FactType) -> str:
    """The numbers that a fact may have, with their unit."""
    low, high = ("any" if end is None else f"{type_.amount(end):f}" for end in (type_.low, type_.high))
    return f"{low} to {high}{_unit_shown(type_)}"


def _unit_shown(type_: FactType) -> str:
    """The unit behind a number; none for a bare number or a score."""
    return "" if canonical(type_.unit) == "1" else f" {type_.unit}"
