"""A score of one hip over the weeks, as a drawing of phone width: each reading a dot, borrowed thresholds dashed.

Dots are joined where no score is missing between them; a missing one is a cross on the ground line. The table beside
the drawing says the same.
"""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from itertools import pairwise

from ischio.interfaces.drawing.svg import drawing, element, text
from ischio.interfaces.scores import Began, Reading, ScoreChart, ThresholdShown
from ischio.interfaces.words import number

WIDTH, PLOT, LEFT, RIGHT, ROW = 360, 150, 30, 56, 15
STEPS = 5
"""Parts of the scale between its lines."""
SHORTEST = 12 * 7
"""Days that the ground line spans at least."""
TICKS = (0, 6, 12, 26, 52, 78, 104, 156, 208, 260, 520, 1040)
"""Weeks that may be named on the ground line: those of the usual reviews."""
APART = 24
"""Pixels between two things named side by side."""


def score_svg(
    chart: ScoreChart, name: str, weeks: str, described: str, *, number: Callable[[Decimal], str] = number
) -> str:
    """The drawing of a score that was read. name: makes its ids single; weeks: that word; described: for the blind;
    number: how one is written where it is read.
    """
    return _Plot(chart, number).drawn(name, weeks, described)


class _Plot:
    def __init__(self, chart: ScoreChart, number: Callable[[Decimal], str]) -> None:
        self._chart, self._number = chart, number
        self._top = 12 + ROW * len(chart.began)
        self._ground = self._top + PLOT
        self._days = max(SHORTEST, chart.readings[-1].days, *(one.days for one in chart.began), 0)

    def drawn(self, name: str, weeks: str, described: str) -> str:
        chart = self._chart
        inner = (
            *self._scale(),
            *self._weeks(weeks),
            *(piece for row, one in enumerate(chart.began) for piece in self._beginning(row, one)),
            *self._thresholds(),
            *self._joined(),
            *(piece for one in chart.readings for piece in self._reading(one)),
            *self._named(),
        )
        whole = element("g", {"class": "score"}, *inner)
        return drawing((WIDTH, self._ground + 36), chart.title, described, "", whole, name=f"{name}-")

    # ---- where ----

    def _x(self, days: float) -> float:
        return round(LEFT + 6 + days * (WIDTH - LEFT - RIGHT - 12) / self._days, 1)

    def _y(self, value: Decimal) -> float:
        low, high = self._chart.low, self._chart.high
        return round(self._ground - PLOT * float((value - low) / (high - low)), 1)

    # ---- the ground ----

    def _scale(self) -> Iterator[str]:
        low, high = self._chart.low, self._chart.high
        for step in range(STEPS + 1):
            value = low + (high - low) * step / STEPS
            yield _line(LEFT, self._y(value), WIDTH - RIGHT, self._y(value), "ground" if step == 0 else "grid")
            yield text(LEFT - 5, self._y(value) + 4, self._number(value), "soft end")

    def _weeks(self, weeks: str) -> Iterator[str]:
        last = -float(APART)
        for week in TICKS:
            x = self._x(week * 7)
            if week * 7 <= self._days and x - last >= APART:
                yield _line(x, self._ground, x, self._ground + 4, "ground")
                yield text(x, self._ground + 17, str(week), "soft middle")
                last = x
        yield text(WIDTH - RIGHT, self._ground + 31, weeks, "soft end")

    def _beginning(self, row: int, one: Began) -> Iterator[str]:
        """A dotted line down from its name, which stands where there is room for it."""
        x, y = self._x(one.days), 10 + ROW * row
        left = x < WIDTH / 2
        yield _line(x, y - 8, x, self._ground, "began")
        yield text(x + 4 if left else x - 4, y, one.title, "soft" if left else "soft end")

    # ---- thresholds ----

    def _thresholds(self) -> Iterator[str]:
        """Those that lie on the scale, named at the right so that no two names touch."""
        shown = sorted(self._on_scale(), key=lambda one: self._y(one.at))
        for one, y in zip(shown, _spread([self._y(one.at) for one in shown]), strict=True):
            at = self._y(one.at)
            yield _line(LEFT, at, WIDTH - RIGHT, at, "borrowed")
            yield _line(WIDTH - RIGHT, at, WIDTH - RIGHT + 5, y, "lead-in")
            yield text(WIDTH - RIGHT + 7, y + 4, f"{one.letter} {self._number(one.at)}", "strong")

    def _on_scale(self) -> Sequence[ThresholdShown]:
        return [one for one in self._chart.thresholds if self._chart.low <= one.at <= self._chart.high]

    # ---- readings ----

    def _joined(self) -> Iterator[str]:
        for one, other in pairwise(self._chart.readings):
            if one.value is not None and other.value is not None:
                yield _line(self._x(one.days), self._y(one.value), self._x(other.days), self._y(other.value), "joined")

    def _reading(self, one: Reading) -> Iterator[str]:
        x = self._x(one.days)
        if one.value is None:
            y = self._ground
            yield element("path", {"d": f"M{x - 4:g} {y - 4:g}l8 8m0-8l-8 8", "class": "missing"})
        else:
            yield element("circle", {"cx": x, "cy": self._y(one.value), "r": 4.5, "class": "dot"})

    def _named(self) -> Iterator[str]:
        """The first and the last value beside their dots."""
        known = self._chart.known
        for one in {known[0].days: known[0], known[-1].days: known[-1]}.values():
            y = self._y(one.score)
            above = y - 9 if y - 20 > self._top else y + 19
            yield text(self._x(one.days), above, self._number(one.score), "value middle")


def _line(x: float, y: float, x2: float, y2: float, look: str) -> str:
    return element("line", {"x1": float(x), "y1": float(y), "x2": float(x2), "y2": float(y2), "class": look})


def _spread(heights: Sequence[float]) -> list[float]:
    """The heights of names, from the top down, moved so far down that each has its row."""
    placed: list[float] = []
    for height in heights:
        placed.append(max(height, placed[-1] + ROW) if placed else height)
    return placed
