"""Which of several readings is the value (record/choice.py), from aggregates over the readings.

What decides between two readings is packed into one whole number of 64 bits, most telling part first, so that one
`max` finds the newest reading of the highest authority with its value. The oldest is the newest of mirrored time.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from ischio.backends.sql.dialect import Dialect
from ischio.backends.sql.matching import CERTAIN, MOST_STEPS, POSSIBLE
from ischio.backends.sql.numbering import PATIENT_FIRST
from ischio.backends.sql.text import FALSE, Column, all_of, any_of, case
from ischio.model.pathway import Conflict, Fact, First, Latest

MIRROR = (1 << 22) - 1
"""A day and its mirror image together; days take 22 bits."""

VALUE = 1 << 38
"""How many values there are: -2**37 to 2**37."""

USABLE = VALUE << 1
DAY_OF_VALUE, DAY_OF_TOP = 39, 41
"""By how many bits the day lies above the value: with whether it is usable, and with the authority as well."""


def pack(*parts: tuple[str, int]) -> str:
    """Several whole numbers as one. parts: the number and the bits that it takes, most telling first."""
    text = parts[0][0]
    for number, bits in parts[1:]:
        text = f"({text}) * {1 << bits} + {number}"
    return text


@dataclass(frozen=True)
class Readings:
    """The readings among which one is chosen. mark, value: columns of the events; keep: which of them take part."""

    fact: Fact
    name: str
    mark: str
    value: str
    keep: str
    wide: str

    @property
    def _certain(self) -> str:
        return all_of((f"{self.mark} = {CERTAIN}", self.keep))

    @property
    def _any(self) -> str:
        return all_of((f"{self.mark} in ({POSSIBLE}, {CERTAIN})", self.keep))

    @property
    def _time(self) -> tuple[str, str]:
        """First and last day on which it can have begun; mirrored where the oldest counts."""
        if isinstance(self.fact.derivation, First):
            return f"({MIRROR} - hi)", f"({MIRROR} - lo)"
        return "lo", "hi"

    @property
    def _rank(self) -> str:
        derivation = self.fact.derivation
        assert isinstance(derivation, Latest | First), "no other pattern chooses"
        return (
            case(("rank = 0", str(PATIENT_FIRST)), otherwise="rank") if derivation.selection.patient_first else "rank"
        )

    def aggregates(self, dialect: Dialect) -> Iterator[Column]:
        """What must be known of the readings to choose, as columns `<name>__<what>`."""
        lo, hi = self._time
        high = f"(coalesce({self.value}, 0) + {MOST_STEPS})"
        low = f"({MOST_STEPS} - coalesce({self.value}, 0))"
        usable = case((f"{self.value} is null", "0"), otherwise="1")
        refused = case((f"{self.value} is null", "1"), otherwise="0")
        wide = f"cast({lo} as bigint)"
        doubtful = all_of((self._any, f"not ({self.mark} = {CERTAIN} and lo = hi)"))
        # Of the newest day and the highest authority: the largest and the smallest value.
        yield self._most("top", pack((wide, 22), (self._rank, 2), (usable, 1), (high, 38)))
        yield self._most("low", pack((wide, 22), (self._rank, 2), (usable, 1), (low, 38)))
        # Of the newest day, whoever said it: the largest value that is usable; what is refused, else the smallest.
        yield self._most("all_high", pack((wide, 22), (usable, 1), (high, 38)))
        yield self._most("all_low", pack((wide, 22), (refused, 1), (low, 38)))
        # What may be as new: its date is not known to the day, or it may not match.
        item = pack((f"cast({hi} as bigint)", 22), (usable, 1), (high, 38))
        yield Column(f"{self.name}__doubts", dialect.gathered(item, doubtful))
        yield Column(f"{self.name}__doubt", f"max({case((doubtful, hi))})")
        if self.fact.conflict is Conflict.LATEST:
            for what, value in (("last_high", high), ("last_low", low)):
                wide = f"cast({lo} as {self.wide})"
                yield self._most(what, pack((wide, 22), (self._rank, 2), (usable, 1), ("recorded", 22), (value, 38)))

    def _most(self, what: str, packed: str) -> Column:
        return Column(f"{self.name}__{what}", f"max({case((self._certain, packed))})")


@dataclass(frozen=True)
class Chosen:
    """The choice among readings whose aggregates stand in columns `<name>__<what>`.

    cuts: after which values another region begins, as printed numbers. yes: the number of the value that any_yes
    looks for.
    """

    fact: Fact
    name: str
    dialect: Dialect
    cuts: tuple[str, ...]
    yes: int

    def column(self, what: str) -> str:
        return f"{self.name}__{what}"

    @property
    def edge(self) -> str:
        """The newest is of this day or later."""
        return f"({self.column('top')} >> {DAY_OF_TOP})"

    @property
    def reach(self) -> str:
        """The newest is of this day at the latest."""
        return f"greatest({self.edge}, coalesce({self.column('doubt')}, 0))"

    def value(self) -> str:
        """The value chosen, null where there is none. Of no readings it is null too."""
        return case((f"{self.column('doubt')} >= {self.edge}", self._unanimous()), otherwise=self._of_one_day())

    def _of_one_day(self) -> str:
        """All that can be newest is of one day: the highest authority, then the rule for conflicts."""
        top, high, low = self.column("top"), self._high("top"), self._low("low")
        branches = [(f"({top} & {VALUE}) = 0", "null")]
        if self.fact.conflict is Conflict.ANY_YES:
            branches.append((f"{high} = {self.yes}", high))
        apart = any_of(f"({low} <= {cut} and {cut} < {high})" for cut in self.cuts)
        branches.append((f"not {apart}" if apart != FALSE else "true", high))
        if self.fact.conflict is Conflict.LATEST:
            last_high, last_low = (self._part_of_wide(what) for what in ("last_high", "last_low"))
            branches.append((f"{last_high} - {MOST_STEPS} = {MOST_STEPS} - {last_low}", f"{last_high} - {MOST_STEPS}"))
        return case(*branches)

    def _part_of_wide(self, what: str) -> str:
        return f"cast({self.column(what)} % {VALUE} as bigint)"

    def _unanimous(self) -> str:
        """Who is newest cannot be told: all that can be must say the same, or one of them yes where any yes wins."""
        newest = f"({self.column('all_high')} & {USABLE - 1})"
        edge, doubts = self.edge, self.column("doubts")
        high, low = self._high("all_high"), self._low("all_low")
        as_new = f"(item >> {DAY_OF_VALUE}) >= {edge}"
        others = self.dialect.counted(doubts, f"{as_new} and (item & {USABLE - 1}) <> {newest}")
        refused = f"({self.column('all_low')} & {VALUE}) <> 0 or ({self.column('all_high')} & {VALUE}) = 0"
        branches = []
        if self.fact.conflict is Conflict.ANY_YES:
            yes = VALUE + self.yes + MOST_STEPS
            said = self.dialect.counted(doubts, f"{as_new} and (item & {USABLE - 1}) = {yes}")
            branches.append((f"{newest} = {yes} or {said} > 0", str(self.yes)))
        branches += [(refused, "null"), (f"{high} = {low} and {others} = 0", high)]
        return case(*branches)

    def _high(self, what: str) -> str:
        return f"(({self.column(what)} & {VALUE - 1}) - {MOST_STEPS})"

    def _low(self, what: str) -> str:
        return f"({MOST_STEPS} - ({self.column(what)} & {VALUE - 1}))"
