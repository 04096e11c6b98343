"""Calendar arithmetic as HL7 CQL has it, and dates of which only the year or the month is known."""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache


@dataclass(frozen=True, slots=True, order=True)
class Duration:
    """A calendar duration: whole months (a year is 12) and whole days (a week is 7).

    Written with one unit in the knowledge files, so one of the two is zero there.
    """

    months: int = 0
    days: int = 0

    def __str__(self) -> str:
        number, unit = self.parts
        return f"{number} {unit if number != 1 else unit[:-1]}"

    @property
    def parts(self) -> tuple[int, str]:
        """The number and the plural unit, in the largest unit that divides it (12 months stay months)."""
        if self.months:
            return self.months, "months"
        if self.days and self.days % 7 == 0:
            return self.days // 7, "weeks"
        return self.days, "days"


def shift(day: date, duration: Duration, sign: int = 1) -> date:
    """`day` plus (sign 1) or minus (sign -1) the duration; a day past the month's end becomes its last day.

    2026-03-31 minus 1 month is 2026-02-28; 2024-02-29 minus 12 months is 2023-02-28. Months first, then days.
    Dates are held within 0001-01-01 to 9999-12-31.
    Source: HL7 CQL 1.5, Author's Guide, "Date/Time Arithmetic".
    """
    months = day.year * 12 + day.month - 1 + sign * duration.months
    year, month = divmod(months, 12)
    if year < 1:
        return date.min
    if year > 9999:
        return date.max
    moved = date(year, month + 1, min(day.day, _days_in(year, month + 1)))
    ordinal = moved.toordinal() + sign * duration.days
    return date.fromordinal(min(max(ordinal, date.min.toordinal()), date.max.toordinal()))


def _days_in(year: int, month: int) -> int:
    return 29 if month == 2 and calendar.isleap(year) else _DAYS[month]


_DAYS = (0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def first_index_reaching(day: date, duration: Duration, sign: int = -1) -> date:
    """The first date d with d moved by the duration >= day, found by looking: `day + duration` is wrong at month ends.

    2026-01-31 with 1 month gives 2026-03-01, because 2026-02-28 minus 1 month is 2026-01-28.
    sign: -1 for `d - duration`, 1 for `d + duration`.
    """
    candidate = shift(day, duration, -sign)
    while candidate > date.min and shift(candidate - timedelta(days=1), duration, sign) >= day:
        candidate -= timedelta(days=1)
    while candidate < date.max and shift(candidate, duration, sign) < day:
        candidate += timedelta(days=1)
    return candidate


@lru_cache(maxsize=256)
def days_spanned(months: int) -> tuple[int, int]:
    """Fewest and most days that this many months before a date can span, over every calendar position."""
    # Eight years around a century that is no leap year and eight around one that is show every month length.
    starts = (date(2096, 1, 1), date(2000, 1, 1))
    spans = [
        (day - shift(day, Duration(months=months), -1)).days
        for start in starts
        for day in (start + timedelta(days=offset) for offset in range(366 * 8))
    ]
    return min(spans), max(spans)


def order_is_fixed(first: Duration, second: Duration) -> bool:
    """Whether the two durations before one date fall in the same order (or together) on every date.

    Neighbouring dates do not count as ordered: `before` one and `on or before` the other would then mean the same on
    some dates and not on others.
    """
    months, days = first.months - second.months, second.days - first.days
    if months == 0 or (months > 0) != (days > 0):
        return True
    if not 28 * abs(months) - 1 <= abs(days) <= 31 * abs(months) + 1:  # no month is shorter or longer
        return True
    fewest, most = days_spanned(abs(months))
    return not fewest - 1 <= abs(days) <= most + 1


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A date known to the year, the month or the day: all that is known is that it lies in a span.

    earliest, latest: first and last day that it can be, both included.
    """

    earliest: date
    latest: date

    @classmethod
    def on(cls, day: date) -> "PartialDate":
        return cls(day, day)

    @classmethod
    def parse(cls, text: str) -> "PartialDate":
        """Reads `2026`, `2026-03`, `2026-03-31` or a dateTime, of which the first ten characters count.

        Raises ValueError for anything else.
        """
        parts = text[:10].split("-")
        if len(parts) == 3:
            return cls.on(date.fromisoformat(text[:10]))
        if len(parts) == 2 and len(text) == 7:
            year, month = int(parts[0]), int(parts[1])
            return cls(date(year, month, 1), date(year, month, _days_in(year, month)))
        if len(parts) == 1 and len(text) == 4:
            return cls(date(int(text), 1, 1), date(int(text), 12, 31))
        raise ValueError(f"{text!r} is not a date such as 2026-03-31, 2026-03 or 2026")

    @property
    def exact(self) -> bool:
        return self.earliest == self.latest

    def __str__(self) -> str:
        if self.exact:
            return self.earliest.isoformat()
        if self.earliest.month == self.latest.month:
            return self.earliest.isoformat()[:7]
        return self.earliest.isoformat()[:4]
