"""Days as a calendar file: RFC 5545, with whole days, and with short times that come again."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum
from typing import assert_never
from unicodedata import category

PRODUCT = "-//ischio project//ischio//EN"
LONGEST = 75
"""Octets of a line before it is folded (RFC 5545, 3.1)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Something on a day. uid: the same each time that the same thing is told."""

    uid: str
    day: date
    summary: str


class Every(Enum):
    """How often something comes again, as RFC 5545 calls it."""

    DAY = "DAILY"
    WEEK = "WEEKLY"


@dataclass(frozen=True, slots=True)
class Repeated:
    """Something short that comes again, with an alarm. begins: by the clock of whoever reads it, so without a zone.

    last: the last day on which it may come.
    """

    uid: str
    begins: datetime
    every: Every
    last: date
    summary: str


def calendar(entries: Iterable[Entry | Repeated], made: datetime) -> str:
    """The file, with its line ends. made: the moment at which it is made, with its zone."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODUCT}", "CALSCALE:GREGORIAN", "METHOD:PUBLISH"]
    for entry in entries:
        lines += ["BEGIN:VEVENT", f"UID:{escaped(entry.uid)}", f"DTSTAMP:{made.astimezone(UTC):%Y%m%dT%H%M%SZ}"]
        lines += [*_when(entry), f"SUMMARY:{escaped(entry.summary)}"]
        # It takes no time from anybody's day (3.8.2.7).
        lines += ["TRANSP:TRANSPARENT", *_alarm(entry), "END:VEVENT"]
    return "".join(f"{folded(line)}\r\n" for line in (*lines, "END:VCALENDAR"))


def _when(entry: Entry | Repeated) -> Iterator[str]:
    match entry:
        case Entry():
            yield f"DTSTART;VALUE=DATE:{_day(entry.day)}"
            # Not its end, which is the day after: the last day of the calendar (9999-12-31) has none.
            yield "DURATION:P1D"
        case Repeated():
            last = datetime.combine(entry.last, entry.begins.time())
            yield f"DTSTART:{_clock(entry.begins)}"
            yield "DURATION:PT15M"
            yield f"RRULE:FREQ={entry.every.value};UNTIL={_clock(last)}"
        case _:
            assert_never(entry)


def _alarm(entry: Entry | Repeated) -> Iterator[str]:
    if isinstance(entry, Repeated):
        yield from ("BEGIN:VALARM", "ACTION:DISPLAY", f"DESCRIPTION:{escaped(entry.summary)}")
        yield from ("TRIGGER:PT0S", "END:VALARM")


def _clock(at: datetime) -> str:
    """Without a zone: by the clock of the reader (3.3.5, form 1)."""
    return f"{at:%Y%m%dT%H%M%S}"


def _day(day: date) -> str:
    return day.isoformat().replace("-", "")


def escaped(text: str) -> str:
    """A text as a value (3.3.11). Control characters, which it may not hold, become blanks."""
    written = (
        text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\r\n", "\n").replace("\n", "\\n")
    )
    return "".join(" " if category(letter) == "Cc" else letter for letter in written)


def folded(line: str) -> str:
    """A line in pieces of at most 75 octets, each but the first after a blank; no letter is cut in two (3.1)."""
    pieces, piece, size = [], "", 0
    for letter in line:
        octets = len(letter.encode())
        if size + octets > LONGEST:
            pieces.append(piece)
            piece, size = " ", 1
        piece, size = piece + letter, size + octets
    return "\r\n".join((*pieces, piece))
