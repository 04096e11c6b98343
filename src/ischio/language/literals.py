"""Constants as they are written: durations and dates."""

import re
from datetime import date

from ischio.model.dates import Duration

_DURATION = re.compile(r"(\d+) +(day|week|month|year)s?")


def duration(text: str) -> Duration | None:
    """`6 weeks` or `1 month` as a duration; None if the text is none."""
    found = _DURATION.fullmatch(text.strip())
    return duration_of(int(found[1]), found[2]) if found else None


def duration_of(number: int, unit: str) -> Duration:
    """A whole number of days, weeks, months or years (singular or plural) as a duration."""
    match unit.removesuffix("s"):
        case "day":
            return Duration(days=number)
        case "week":
            return Duration(days=7 * number)
        case "month":
            return Duration(months=number)
        case _:
            return Duration(months=12 * number)


def day(text: str) -> date | None:
    """`2026-01-31` as a date; None if the text is none (there is no 30 February)."""
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
