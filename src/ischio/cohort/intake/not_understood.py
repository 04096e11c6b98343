"""What of the sources was not understood: counted by reason, with a few examples, and nothing of a person but ids.

Of corrupt lines each is listed, up to a thousand for each reason.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from ischio.cohort.store import published

EXAMPLES = 5
LINE, LISTED = "line", 1000
"""What a corrupt line is called in the report, and how many are listed for each reason: they are to be mended one by
one, and those of a file that is no NDJSON at all would fill the memory.
"""
_DETAILS = 1000
"""Different details kept for each reason of a part, the most frequent ones."""
_PARTICULARS = re.compile(r"\([^()]*\)")
_NO_DATE = re.compile(r"^.* (is not a date)")


@dataclass(frozen=True, slots=True)
class Example:
    """file: relative to the folder of sources. line: from 1; None for the whole file. source: `Observation/7`."""

    file: str
    line: int | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """what: a type of resource, `line`, `file`, `person` ... why: the reason in words. count: how many of them.

    often: the most frequent details, such as codes that nobody reads, each with its count.
    """

    what: str
    why: str
    count: int
    examples: tuple[Example, ...] = ()
    often: tuple[tuple[str, int], ...] = ()


@dataclass(slots=True)
class _Counted:
    count: int = 0
    places: list[tuple[int, str]] = field(default_factory=list)
    details: Counter[str] = field(default_factory=Counter)


class Tally:
    """Counts reasons while one part is read; a place is a line of it."""

    def __init__(self) -> None:
        self._counted: dict[tuple[str, str], _Counted] = {}

    def add(self, what: str, why: str, line: int = 0, source: str = "", detail: str = "", count: int = 1) -> None:
        one = self._counted.setdefault((what, why), _Counted())
        one.count += count
        if detail:
            one.details[detail] += count
        elif len(one.places) < shown_of(what):
            one.places.append((line, source))

    def counts(self) -> "list[Counted]":
        return [
            Counted(what, why, one.count, tuple(one.places), _most_frequent(one.details, _DETAILS))
            for (what, why), one in sorted(self._counted.items())
        ]


def shown_of(what: str) -> int:
    """How many of a reason the report shows."""
    return LISTED if what == LINE else EXAMPLES


class Counted(msgspec.Struct, frozen=True):
    """A reason as a part counts it. places: line and source of the first examples."""

    what: str
    why: str
    count: int
    places: tuple[tuple[int, str], ...] = ()
    details: tuple[tuple[str, int], ...] = ()


def in_general(why: str) -> str:
    """A reason without the particulars of one record, so that like reasons are counted together."""
    return _PARTICULARS.sub("(...)", _NO_DATE.sub(r"a date \1", why.partition(": ")[0]))


def placed(counted: Counted, file: str, before: int) -> Reason:
    """The reason with its examples in the file, of which so many lines come before the part. Line 0: the whole file."""
    examples = tuple(Example(file, line + before if line else None, source) for line, source in counted.places)
    return Reason(counted.what, counted.why, counted.count, examples, counted.details)


def combined(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """The reasons of several parts together, the most frequent first, with the first examples of each."""
    counts: Counter[tuple[str, str]] = Counter()
    examples: dict[tuple[str, str], list[Example]] = {}
    details: dict[tuple[str, str], Counter[str]] = {}
    for one in reasons:
        key = one.what, one.why
        counts[key] += one.count
        examples.setdefault(key, []).extend(one.examples)
        details.setdefault(key, Counter()).update(dict(one.often))
    return tuple(
        Reason(*key, counts[key], tuple(examples[key][: shown_of(key[0])]), _most_frequent(details[key], EXAMPLES))
        for key in sorted(counts, key=lambda key: (-counts[key], key))
    )


def write_report(path: Path, reasons: tuple[Reason, ...]) -> None:
    with published(path) as unfinished:
        unfinished.write_bytes(msgspec.json.format(msgspec.json.encode(reasons), indent=1) + b"\n")


def read_report(path: Path) -> tuple[Reason, ...]:
    """What `write_report` wrote."""
    return msgspec.json.decode(path.read_bytes(), type=tuple[Reason, ...])


def _most_frequent(details: Counter[str], most: int) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(details.items(), key=lambda item: (-item[1], item[0]))[:most])
