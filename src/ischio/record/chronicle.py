"""The matching events of a fact in order of time, so that on any date those that cannot count are not looked at."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import accumulate

from ischio.record.bounds import Bounds
from ischio.record.reading import Reading


class Chronicle:
    """Readings by the first day on which they can have begun.

    reached: for each reading, the last day on which it or any before it can have ended.
    """

    def __init__(self, readings: Iterable[Reading] = ()) -> None:
        self.readings = sorted(readings, key=_first_day)
        self.reached = list(accumulate([reading.when.ends.latest for reading in self.readings], max))
        self._planned = any(reading.when.planned for reading in self.readings)

    def __iter__(self) -> Iterator[Reading]:
        return iter(self.readings)

    def __len__(self) -> int:
        return len(self.readings)

    def newest_first(self, bounds: Bounds | None) -> Iterable[tuple[Reading, date]]:
        """Each reading with the last day that it or any earlier one can have reached.

        bounds: leave out what cannot lie within them, as far as the order shows it; None for all readings.
        """
        if not self.readings:  # as of most facts
            return ()
        low, high = (0, len(self.readings)) if bounds is None else self._reach(bounds)
        return zip(reversed(self.readings[low:high]), reversed(self.reached[low:high]), strict=True)

    def _reach(self, bounds: Bounds) -> tuple[int, int]:
        if bounds.nothing:
            return 0, 0
        low = 0 if bounds.since is None else bisect_left(self.reached, bounds.since)
        until = bounds.until
        if not self._planned:  # what is planned may lie after Index
            until = bounds.index if until is None else min(until, bounds.index)
        return low, len(self) if until is None else bisect_right(self.readings, until, key=_first_day)


def _first_day(reading: Reading) -> date:
    return reading.when.starts.earliest


EMPTY = Chronicle()


def in_order(readings: list[Reading]) -> Chronicle:
    """The readings as a chronicle; most facts have none, and share the empty one."""
    return Chronicle(readings) if readings else EMPTY
