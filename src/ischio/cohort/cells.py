"""Small cells: which counts are hidden so that nobody can be told from them, also not by working back from totals.

A count from 1 to 4 is hidden. Where it could be worked back from the counts left visible, others are hidden too, as few
as may be: parts rather than sums, and small ones rather than large. Zero is shown: it speaks of nobody.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from ischio.cohort.alternatives import Question, two_others

LEAST = 5
"""The smallest count that is shown, and the fewest values that a hidden small one could still have."""


@dataclass(frozen=True, slots=True)
class Total:
    """A count that is the sum of others. whole, parts: keys of counts."""

    whole: str
    parts: tuple[str, ...]

    @property
    def terms(self) -> dict[str, int]:
        """How often each count stands in `whole - parts = 0`."""
        signs = {key: (key == self.whole) - self.parts.count(key) for key in (self.whole, *self.parts)}
        return {key: sign for key, sign in signs.items() if sign}


def hidden(
    counts: Mapping[str, int],
    totals: Iterable[Total],
    least: int = LEAST,
    spared: Iterable[str] = (),
    unlisted: Iterable[str] = (),
    carried: Mapping[str, int] | None = None,
) -> frozenset[str]:
    """The keys of the counts to hide: small ones, and those from which a small one could be worked back.

    totals: every sum that a reader knows to hold between the counts, also across tables. spared: keys of counts without
    which a reader learns little, hidden last. unlisted: keys of counts that are shown nowhere; they may be worked back
    unless they are small. carried: how many figures (shares, medians) are hidden along with a count.
    """
    small = frozenset(key for key, count in counts.items() if 0 < count < least)
    system = _System(counts, tuple(totals), frozenset(spared), frozenset(unlisted), carried or {})
    cover = _Cover(system, small, least)
    cover.protect()
    cover.show_again()
    return frozenset(cover.hidden - (system.unlisted - small))


@dataclass(frozen=True)
class _System:
    """Counts and the sums between them."""

    counts: Mapping[str, int]
    totals: tuple[Total, ...]
    spared: frozenset[str]
    unlisted: frozenset[str]
    carried: Mapping[str, int]

    @cached_property
    def with_key(self) -> Mapping[str, tuple[Total, ...]]:
        found: dict[str, list[Total]] = {}
        for total in self.totals:
            for key in total.terms:
                found.setdefault(key, []).append(total)
        return {key: tuple(its) for key, its in found.items()}

    @cached_property
    def height(self) -> Mapping[str, int]:
        """How many sums lie below a count: 0 for one that is no sum."""
        found: dict[str, int] = {}

        def visit(key: str) -> int:
            if key not in found:
                found[key] = 0  # a sum that leads back to itself ends here
                below = [part for total in self.with_key.get(key, ()) if total.whole == key for part in total.parts]
                found[key] = 1 + max(map(visit, below)) if below else 0
            return found[key]

        for key in self.counts:
            visit(key)
        return found

    @cached_property
    def prices(self) -> Mapping[str, int]:
        """What it costs a reader that a count is hidden. No two cost the same, so that there is one best choice."""
        order = sorted(self.counts, key=lambda key: (self.counts[key], key))
        rank = {key: place for place, key in enumerate(order)}
        dear = {key: 1 + self.height[key] + self.carried.get(key, 0) + 10 * (key in self.spared) for key in order}
        return {key: dear[key] * CELL + rank[key] * CELL // (2 * len(order)) for key in order}

    def lowest(self, key: str) -> int:
        """The smallest change of a hidden count: what is hidden in a table is not zero; what stands in none may be."""
        return (0 if key in self.unlisted else 1) - self.counts[key]

    def may_be_hidden(self, key: str) -> bool:
        return self.counts[key] > 0 or key in self.unlisted

    def piece(self, start: str, shown: frozenset[str]) -> tuple[tuple[Total, ...], frozenset[str]]:
        """The sums that hang together with a count by others than these, and those others."""
        totals: dict[Total, None] = {}
        reached, ahead = {start}, [start]
        while ahead:
            for total in self.with_key.get(ahead.pop(), ()):
                totals[total] = None
                new = {key for key in total.terms if self.may_be_hidden(key)} - shown - reached
                reached |= new
                ahead += sorted(new)
        return tuple(totals), frozenset(reached)


CELL = 1 << 16
"""The price of one cell that is no sum and carries no figure; the largest of such costs half as much again."""


class _Cover:
    """What is hidden, and for each small count the others by which nobody can tell it."""

    def __init__(self, system: _System, small: frozenset[str], least: int) -> None:
        self._system, self._small, self._width = system, small, least - 1
        self.hidden = set(small | system.unlisted)
        self._by: dict[str, frozenset[str]] = {}

    def protect(self) -> None:
        """Hides what is needed, for one small count after the other."""
        for key in sorted(self._small, key=lambda key: (self._system.counts[key], key)):
            self._by[key] = self._by_hidden_ones(key) or next(self._ways(key))
            self.hidden |= self._by[key]

    def _ways(self, key: str) -> Iterator[frozenset[str]]:
        """The cheapest way to protect a count; then a sure one: where all of a piece is hidden, so is its scale."""
        system = self._system
        for shown in (system.spared - self.hidden, frozenset[str]()):
            totals, keys = system.piece(key, shown)
            if (found := self._two_others(key, totals, keys, keys - self.hidden)) is not None:
                yield found
        yield keys

    def _two_others(
        self, key: str, totals: tuple[Total, ...], keys: frozenset[str], priced: frozenset[str]
    ) -> frozenset[str] | None:
        lowest = {each: self._system.lowest(each) for each in keys}
        prices = {each: self._system.prices[each] for each in priced}
        return two_others(Question(key, self._width, [total.terms for total in totals], lowest, prices))

    def show_again(self) -> None:
        """Shows each further count again, the dearest first, where all small ones stay protected without it."""
        further = sorted(self.hidden - self._small - self._system.unlisted, key=self._system.prices.__getitem__)
        for key in reversed(further):
            self.hidden.remove(key)
            others = {each: self._by_hidden_ones(each) for each, by in self._by.items() if key in by}
            if all(by is not None for by in others.values()):
                self._by |= {each: by for each, by in others.items() if by is not None}
            else:
                self.hidden.add(key)

    def _by_hidden_ones(self, key: str) -> frozenset[str] | None:
        """How a count is protected by what is hidden now; none if it is not."""
        totals, keys = self._system.piece(key, frozenset(self._system.counts.keys() - self.hidden))
        return self._two_others(key, totals, keys, frozenset())
