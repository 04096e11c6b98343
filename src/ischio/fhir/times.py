"""When something was: moments, periods, and orders whose end is only implied."""

from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from ischio.fhir.bindings import Binding
from ischio.fhir.routes import Json, Route, text_at
from ischio.model.dates import PartialDate

# A month and a year as UCUM has them, on average: an order is not filled to the day.
_UCUM_DAYS: dict[str | None, Decimal] = {
    "d": Decimal(1),
    "wk": Decimal(7),
    "mo": Decimal("30.4375"),
    "a": Decimal("365.25"),
}


class Span(NamedTuple):
    """start, end: as in an event. unreadable: what was written where a date should stand, and was none."""

    start: PartialDate | None
    end: PartialDate | None
    unreadable: str | None = None


def span_of(resource: dict[str, Json], binding: Binding, going_on: bool, ended: bool) -> Span:
    """The time of an event: a moment, a period, or what lasts until something ends it.

    Ended without a date: the end lies between the start and the furthest that it can lie.
    """
    moment, bad = first_date(resource, binding.moment)
    if moment is not None:
        return Span(moment, None if going_on else moment)
    start, bad_start = first_date(resource, binding.start)
    end, bad_end = first_date(resource, binding.end)
    if end is None and start is not None:
        end = _implied_end(resource, binding, start, ended)
    return Span(start, end, bad or bad_start or bad_end)


def going_on_when_recorded(span: Span, recorded: PartialDate | None) -> Span:
    """What went on when it was written down, and does not say since when, began on that day or before."""
    if span.start is None and span.end is None and recorded is not None:
        return span._replace(start=PartialDate(date.min, recorded.latest))
    return span


def first_date(resource: dict[str, Json], routes: tuple[Route, ...]) -> tuple[PartialDate | None, str | None]:
    """The date at the first route that leads to one, and a text found there that is no date."""
    unreadable = None
    for route in routes:
        if route.top in resource:  # a resource has few of the keys that it could have
            for written in route.found(resource):
                when = partial_date(written)
                if when is not None:
                    return when, None
                unreadable = unreadable or str(written)
    return None, unreadable


def partial_date(written: Json) -> PartialDate | None:
    """The date in a FHIR date or dateTime: its first ten characters; None if it is not one."""
    return _parsed(written[:10]) if type(written) is str else None


@lru_cache(maxsize=40_000)
def _parsed(text: str) -> PartialDate | None:
    try:
        return PartialDate.parse(text)
    except ValueError:
        return None


def _implied_end(resource: Json, binding: Binding, start: PartialDate, ended: bool) -> PartialDate | None:
    days = _supply_days(resource, binding)
    if days is not None and not ended:
        return PartialDate(_later(start.earliest, days), _later(start.latest, days))
    if not ended:
        return None
    return PartialDate(start.earliest, _later(start.latest, days) if days is not None else date.max)


def _supply_days(resource: Json, binding: Binding) -> int | None:
    """Days that an order lasts: its supply times one plus the repeats, else what the binding says."""
    supply = binding.supply.found(resource) if binding.supply else []
    each = _days(supply[0]) if supply else None
    if each is None:
        return binding.lasts
    repeats = binding.repeats.found(resource) if binding.repeats else []
    times = 1 + repeats[0] if repeats and type(repeats[0]) is int and 0 <= repeats[0] < 1000 else 1
    return int(each * times)


def _days(quantity: Json) -> Decimal | None:
    """A duration in days; None if it is not a number from 0 to 100,000 of a unit of time."""
    value: Json = quantity.get("value") if type(quantity) is dict else None
    unit = text_at(quantity, "code") or text_at(quantity, "unit")
    if type(value) not in (int, Decimal) or not 0 <= value < 100_000 or unit not in _UCUM_DAYS:
        return None
    return Decimal(value) * _UCUM_DAYS[unit]


def _later(day: date, days: int) -> date:
    return date.fromordinal(min(day.toordinal() + days, date.max.toordinal()))
