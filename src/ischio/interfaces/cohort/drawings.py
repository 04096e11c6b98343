"""The pictures of a report: each 360 pixels wide, as a telephone is, and never without its table beside it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import wrap

from ischio.interfaces.drawing.svg import drawing, element, text

WIDTH = 360
LETTER = 7.1
"""The width of a letter of 13 pixels, a little more than the mean, so that wrapped lines stay within their room."""
LINE = 17
Drawn = list[str]


# ---- flow -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the flow. here: who does not go on, label and count. share: of all, for the bar; none if hidden."""

    title: str
    count: str
    share: float | None
    here: tuple[tuple[str, str], ...]


BOX, SIDE, GAP = 166, 178, 16


def flow(title: str, steps: Sequence[Step]) -> str:
    """From all hips down to the last stage; at the right those who stay at each step."""
    inner: Drawn = []
    y = 4.0
    for step in steps:
        lines = wrap(step.title, int((BOX - 20) / LETTER))
        height = 42 + LINE * len(lines)
        inner.append(_rect(0, y, BOX, height, "box"))
        inner += [text(10, y + 20 + LINE * place, line, "strong") for place, line in enumerate(lines)]
        inner.append(text(10, y + height - 14, step.count, "number"))
        if step.share is not None:
            inner.append(_rect(0, y + height - 5, BOX * step.share, 5, "go"))
        below = max(height, 12 + LINE * len(step.here)) + 22
        if step.here:
            inner += _beside(step, y, height)
        if step is not steps[-1]:
            x, end = BOX / 2, y + below
            inner.append(_path(f"M{x:g} {y + height:g}V{end - 7:g}", "line"))
            inner.append(_path(f"M{x - 5:g} {end - 8:g}h10l-5 8z", "tip"))
        y += below
    spoken = " ".join(f"{step.title}: {step.count}. {_spoken(step)}" for step in steps)
    return _drawing(y - 18, title, spoken, inner, "flow-")


def _beside(step: Step, y: float, height: float) -> Iterator[str]:
    left = BOX + GAP
    yield _path(f"M{BOX} {y + min(height, 30) / 2 + 6:g}h{GAP}", "line")
    yield _rect(left, y, SIDE, 12 + LINE * len(step.here), "side")
    for place, (label, number) in enumerate(step.here):
        base = y + 19 + LINE * place
        yield text(left + 8, base, label)
        yield text(WIDTH - 8, base, number, "strong", **{"text-anchor": "end"})


def _spoken(step: Step) -> str:
    return f"Of these {'; '.join(f'{label}: {number}' for label, number in step.here)}." if step.here else ""


# ---- bars -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bar:
    """share: of the whole width; none if it is hidden."""

    label: str
    count: str
    share: float | None


def bars(title: str, rows: Sequence[Bar], name: str) -> str:
    """A label, its count, and a bar below them."""
    inner: Drawn = []
    y = 0.0
    for row in rows:
        lines = wrap(row.label, int((WIDTH - 20 - LETTER * len(row.count)) / LETTER))
        inner += [text(0, y + 15 + LINE * place, line, "") for place, line in enumerate(lines)]
        inner.append(text(WIDTH, y + 15, row.count, "strong", **{"text-anchor": "end"}))
        y += LINE * len(lines) + 3
        inner.append(_rect(0, y, WIDTH, 8, "track"))
        if row.share is not None:
            inner.append(_rect(0, y, max(WIDTH * row.share, 1), 8, "ask"))
        y += 20
    spoken = "; ".join(f"{row.label}: {row.count}" for row in rows)
    return _drawing(y, title, spoken, inner, f"{name}-")


# ---- how long ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Spread:
    """Quartiles in days; none where they were not reached or are hidden. words: what is told at the right."""

    label: str
    words: str
    low: int | None
    middle: int | None
    high: int | None


YEAR = 365


def spreads(title: str, rows: Sequence[Spread], name: str) -> str:
    """For each row a box from the lower to the upper quartile with the median in it; dashed if that was not reached."""
    inner: Drawn = []
    longest = max((each for row in rows for each in (row.low, row.middle, row.high) if each is not None), default=YEAR)
    years = max(1, -(-longest // YEAR))
    scale = WIDTH / (years * YEAR)
    y = 0.0
    for row in rows:
        inner.append(text(0, y + 15, row.label, "strong"))
        inner.append(text(WIDTH, y + 15, row.words, "", **{"text-anchor": "end"}))
        y += 24
        inner.append(_rect(0, y + 6, WIDTH, 2, "track"))
        if row.low is not None:
            end = row.high if row.high is not None else years * YEAR
            look = "box" if row.high is not None else "box open"
            inner.append(_rect(row.low * scale, y, max((end - row.low) * scale, 2), 14, look))
        if row.middle is not None:
            inner.append(_rect(row.middle * scale - 1.5, y, 3, 14, "go"))
        y += 30
    for year in range(years + 1):
        anchor = "start" if year == 0 else "end" if year == years else "middle"
        inner.append(_path(f"M{year * YEAR * scale:g} {y - 10:g}v5", "line"))
        words = f"{year} years" if year == years and years > 1 else str(year) if years > 1 else f"{year * 12} months"
        inner.append(text(year * YEAR * scale, y + 8, words, "soft", **{"text-anchor": anchor}))
    spoken = "; ".join(f"{row.label}: {row.words}" for row in rows)
    return _drawing(y + 14, title, spoken, inner, f"{name}-")


# ---- measures ---------------------------------------------------------------------------------------------------

MEASURE = (160, 24)


def measure_bar(met: int, not_met: int, unknown: int, low: float | None, high: float | None) -> str:
    """Of those asked: met filled, not met empty, unknown hatched; below, the interval of the share."""
    width, height = MEASURE
    asked = met + not_met + unknown
    if not asked:
        return ""
    scale = width / asked
    inner = [
        _rect(0, 1, width, 12, "open frame"),
        _rect(0, 1, met * scale, 12, "go"),
        *(_path(f"M{x:g} 13l6-12", "hatch") for x in _strokes((met + not_met) * scale, width)),
    ]
    if low is not None and high is not None:
        known = (met + not_met) * scale
        inner.append(_path(f"M{low * known:g} 16v6m0-3H{high * known:g}m0-3v6", "line"))
    shape = {"viewBox": f"0 0 {width} {height}", "width": width, "height": height, "aria-hidden": "true"}
    return element("svg", shape, element("g", {"class": "chart"}, *inner))


def _strokes(start: float, end: float) -> Iterator[float]:
    """Where the strokes of the hatch begin."""
    x = start + 1
    while x + 6 <= end:
        yield x
        x += 5


# ---- parts ------------------------------------------------------------------------------------------------------


def _rect(x: float, y: float, width: float, height: float, look: str) -> str:
    return element("rect", {"x": x, "y": y, "width": float(width), "height": height, "class": look})


def _path(shape: str, look: str) -> str:
    return element("path", {"d": shape, "class": look})


def _drawing(height: float, title: str, spoken: str, inner: Drawn, name: str) -> str:
    return drawing((WIDTH, height), title, spoken, "", element("g", {"class": "chart"}, *inner), name=name)
