"""Small cells: which counts are hidden so that nobody can be told from them, also not by working back from totals.

A count from 1 to 4 is hidden. Where it could be worked back from the counts left visible, further ones are hidden too,
the smallest first. Zero is shown: it speaks of nobody.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

LEAST = 5
"""The smallest count that is shown, and the fewest values that a hidden one could still have."""

Span = tuple[int, float]
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


def hidden(counts: Mapping[str, int], totals: Iterable[Total], least: int = LEAST) -> frozenset[str]:
    """The keys of the counts to hide: small ones, and those from which a small one could be worked back.

    totals: every sum that a reader knows to hold between the counts, also across tables.
    """
    known = tuple(totals)
    found = {key for key, count in counts.items() if 0 < count < least}
    while exposed := _first_exposed(counts, known, found, least):
        further = _next_to_hide(counts, known, found, exposed)
        if further is None:  # everything that leads to it is hidden or zero
            break
        found.add(further)
    return frozenset(found)


def _next_to_hide(
    counts: Mapping[str, int], totals: Sequence[Total], found: set[str], exposed: str
) -> str | None:
    """The smallest visible count, zero aside, in a sum with the exposed one, or with what is hidden beside it."""
    reached, ahead = {exposed}, [exposed]
    while ahead:
        key = ahead.pop(0)
        beside = [each for total in totals if key in total.keys for each in total.keys]
        visible = [each for each in beside if each not in found and counts[each] > 0]
        if visible:
            return min(visible, key=lambda each: (counts[each], each))
        ahead += [each for each in dict.fromkeys(beside) if each in found and each not in reached]
        reached.update(beside)
    return None


# ---- what a reader could work back ------------------------------------------------------------------------------


def _first_exposed(
    counts: Mapping[str, int], totals: Sequence[Total], found: set[str], least: int
) -> str | None:
    """A hidden count that has fewer possible values than `least`, or one value only."""
    equations = [_equation(counts, total, found) for total in totals]
    equations = [(terms, rest) for terms, rest in equations if terms]
    spans = _spans(equations)
    for key in sorted(spans):
        low, high = spans[key]
        if high - low < least - 1:
            return key
    return min(_solved(equations), default=None)


Equation = tuple[dict[str, int], int]
"""The signed hidden counts of a sum, and what they add up to."""


def _equation(counts: Mapping[str, int], total: Total, found: set[str]) -> Equation:
    signs = {key: total.sign(key) for key in dict.fromkeys(total.keys)}
    terms = {key: sign for key, sign in signs.items() if key in found and sign}
    return terms, -sum(sign * counts[key] for key, sign in signs.items() if key not in found)


def _spans(equations: Sequence[Equation]) -> dict[str, Span]:
    """The values that each hidden count can have: at least 1, and what the sums leave. Repeated until nothing moves."""
    spans: dict[str, Span] = {key: (1, float("inf")) for terms, _ in equations for key in terms}
    moved = True
    while moved:
        moved = False
        for terms, rest in equations:
            for key, sign in terms.items():
                narrowed = _narrowed(spans, terms, rest, key, sign)
                if narrowed != spans[key]:
                    spans[key], moved = narrowed, True
    return spans


def _narrowed(spans: Mapping[str, Span], terms: Mapping[str, int], rest: int, key: str, sign: int) -> Span:
    """What one sum leaves for one of its counts."""
    lowest = highest = float(rest)
    for other, its in terms.items():
        if other != key:
            ends = (its * spans[other][0], its * spans[other][1])
            lowest, highest = lowest - max(ends), highest - min(ends)
    ends = (lowest / sign, highest / sign)
    low, high = spans[key]
    return int(max(low, min(ends))), min(high, max(ends))


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
