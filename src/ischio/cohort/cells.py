"""Small cells: which counts are hidden so that nobody can be told from them, also not by working back from totals.

A count from 1 to 4 is hidden. Where it could be worked back from the counts left visible, further ones are hidden too:
parts before sums, and the smallest first. Zero is shown: it speaks of nobody.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

LEAST = 5
"""The smallest count that is shown, and the fewest values that a hidden one could still have."""

Span = tuple[float, float]
"""The smallest and the largest value that a hidden count can have, as far as the visible ones tell."""


@dataclass(frozen=True, slots=True)
class Total:
    """A count that is the sum of others. whole, parts: keys of counts."""

    whole: str
    parts: tuple[str, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        return (self.whole, *self.parts)

    def sign(self, key: str) -> int:
        """How often the count stands in `whole - parts = 0`."""
        return (key == self.whole) - self.parts.count(key)


def hidden(
    counts: Mapping[str, int],
    totals: Iterable[Total],
    least: int = LEAST,
    spared: Iterable[str] = (),
    unlisted: Iterable[str] = (),
) -> frozenset[str]:
    """The keys of the counts to hide: small ones, and those from which a small one could be worked back.

    totals: every sum that a reader knows to hold between the counts, also across tables. spared: keys of counts without
    which a reader learns little, hidden last. unlisted: keys of counts that are shown nowhere; they may be worked back
    unless they are small.
    """
    system = _System(counts, tuple(totals), frozenset(spared), frozenset(unlisted))
    small = frozenset(key for key, count in counts.items() if 0 < count < least)
    found = {*small, *system.unlisted}
    while exposed := _alone(system, found, small) or _worked_back(system, found, small, least):
        further = system.next_to_hide(found, *exposed)
        if further is None:  # everything that leads to it is hidden or zero
            break
        found.add(further)
    return frozenset(found - (system.unlisted - small))


@dataclass(frozen=True)
class _System:
    """Counts and the sums between them."""

    counts: Mapping[str, int]
    totals: tuple[Total, ...]
    spared: frozenset[str]
    unlisted: frozenset[str]

    @cached_property
    def with_key(self) -> Mapping[str, tuple[Total, ...]]:
        found: dict[str, list[Total]] = {}
        for total in self.totals:
            for key in total.keys:
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

    def next_to_hide(self, found: set[str], key: str, telling: Iterable[Total]) -> str | None:
        """The visible count, zero aside, that is to be hidden next because sums tell a hidden one.

        It stands in one of them, or beside what else is hidden there. Where one may choose, it is none of the spared
        ones and no sum itself.
        """
        beside, reached = {each for total in telling for each in total.keys}, {key}
        choices: list[tuple[bool, int, int, int, str]] = []
        distance = 0
        while beside - reached:
            choices += [self._reluctance(each, distance) for each in beside - found if self.counts[each]]
            ahead = (beside & found) - reached
            if choices and (min(choices)[:2] == (False, 0) or not ahead):
                break
            reached |= beside
            beside = {each for one in ahead for total in self.with_key[one] for each in total.keys}
            distance += 1
        return min(choices)[-1] if choices else None

    def _reluctance(self, key: str, distance: int) -> tuple[bool, int, int, int, str]:
        """The smaller the sooner it is hidden."""
        return key in self.spared, self.height[key], distance, self.counts[key], key


# ---- what a reader could work back ------------------------------------------------------------------------------


Exposed = tuple[str, tuple[Total, ...]]
"""A hidden count that can be told, and the sums that tell it."""


def _alone(system: _System, found: set[str], small: frozenset[str]) -> Exposed | None:
    """A count that is the only one hidden in a sum."""
    for total in system.totals:
        covered = [key for key in dict.fromkeys(total.keys) if key in found]
        if len(covered) == 1 and (covered[0] in small or covered[0] not in system.unlisted):
            return covered[0], (total,)
    return None


def _worked_back(system: _System, found: set[str], small: frozenset[str], least: int) -> Exposed | None:
    """A hidden count that several sums tell: a small one has fewer possible values than `least`, another one alone."""
    equations = {total: _equation(system.counts, total, found) for total in system.totals}
    open_ones = {total: equation for total, equation in equations.items() if equation[0]}
    spans, told_by = _spans(open_ones, system.unlisted)
    covered = sorted(key for key in spans if key in small or key not in system.unlisted)
    for key in covered:
        width = least - 1 if key in small else 1
        if _width(spans[key]) < width:
            by_itself = {total: _by_itself(spans, *open_ones[total], key) for total in system.with_key[key]}
            tight = tuple(total for total, span in by_itself.items() if _width(span) < width)
            return key, tight or (told_by[key],)
    solved = min(set(_solved(list(open_ones.values()))).intersection(covered), default=None)
    return None if solved is None else (solved, system.with_key[solved])


def _width(span: Span) -> float:
    return span[1] - span[0]


def _by_itself(spans: Mapping[str, Span], terms: Mapping[str, int], rest: int, key: str) -> Span:
    """What one sum leaves for a count of which nothing else is known."""
    return _narrowed({**spans, key: (0, float("inf"))}, terms, rest, key, terms[key])


Equation = tuple[dict[str, int], int]
"""The signed hidden counts of a sum, and what they add up to."""


def _equation(counts: Mapping[str, int], total: Total, found: set[str]) -> Equation:
    signs = {key: total.sign(key) for key in dict.fromkeys(total.keys)}
    terms = {key: sign for key, sign in signs.items() if key in found and sign}
    return terms, -sum(sign * counts[key] for key, sign in signs.items() if key not in found)


def _spans(equations: Mapping[Total, Equation], unlisted: frozenset[str]) -> tuple[dict[str, Span], dict[str, Total]]:
    """The values that each hidden count can have, and the sum that narrowed them last.

    What is hidden in a table is not zero; what stands in none may be.
    """
    keys = {key for terms, _ in equations.values() for key in terms}
    spans: dict[str, Span] = {key: (0 if key in unlisted else 1, float("inf")) for key in keys}
    told_by: dict[str, Total] = {}
    moved = True
    while moved:
        moved = False
        for total, (terms, rest) in equations.items():
            for key, sign in terms.items():
                narrowed = _narrowed(spans, terms, rest, key, sign)
                if narrowed != spans[key]:
                    spans[key], told_by[key], moved = narrowed, total, True
    return spans, told_by


def _narrowed(spans: Mapping[str, Span], terms: Mapping[str, int], rest: int, key: str, sign: int) -> Span:
    """What one sum leaves for one of its counts."""
    lowest = highest = float(rest)
    for other, its in terms.items():
        if other != key:
            ends = its * spans[other][0], its * spans[other][1]
            lowest, highest = lowest - max(ends), highest - min(ends)
    low, high = spans[key]
    return max(low, min(lowest / sign, highest / sign)), min(high, max(lowest / sign, highest / sign))


def _solved(equations: Sequence[Equation]) -> Iterator[str]:
    """The hidden counts that the sums together determine, by elimination."""
    rows: list[tuple[str, dict[str, Fraction]]] = []
    for terms, _ in equations:
        row = {key: Fraction(sign) for key, sign in terms.items()}
        for pivot, reduced in rows:
            _take_away(row, reduced, pivot)
        if row:
            pivot = min(row)
            row = {key: value / row[pivot] for key, value in row.items()}
            for _, reduced in rows:
                _take_away(reduced, row, pivot)
            rows.append((pivot, row))
    return (pivot for pivot, row in rows if len(row) == 1)


def _take_away(row: dict[str, Fraction], other: Mapping[str, Fraction], pivot: str) -> None:
    """Subtracts a multiple of the other row so that the pivot vanishes from this one."""
    if times := row.get(pivot):
        for key, value in other.items():
            left = row.get(key, Fraction(0)) - times * value
            if left:
                row[key] = left
            else:
                row.pop(key, None)
