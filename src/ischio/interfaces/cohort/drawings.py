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


BOX, SIDE, GAP = 146, 202, 12


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


# ---- change and waiting -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Change:
    """Quartiles of a change; words: what is told at the right."""

    label: str
    words: str
    low: float
    middle: float
    high: float


def changes(title: str, rows: Sequence[Change], name: str) -> str:
    """For each row a box from the lower to the upper quartile with the median in it, and a line at no change."""
    inner: Drawn = []
    least = min(0.0, *(row.low for row in rows))
    most = max(0.0, *(row.high for row in rows))
    scale = (WIDTH - 8) / ((most - least) or 1)

    def x(value: float) -> float:
        return 4 + (value - least) * scale

    y = 0.0
    for row in rows:
        inner.append(text(0, y + 15, row.label, "strong"))
        inner.append(text(WIDTH, y + 15, row.words, "", **{"text-anchor": "end"}))
        inner.append(_rect(0, y + 30, WIDTH, 2, "track"))
        inner.append(_rect(x(row.low), y + 24, max((row.high - row.low) * scale, 2), 14, "box"))
        inner.append(_rect(x(row.middle) - 1.5, y + 24, 3, 14, "go"))
        inner.append(_path(f"M{x(0):g} {y + 22:g}v18", "zero"))
        y += 50
    inner.append(text(x(0), y + 14, "no change", "soft", **{"text-anchor": _anchor(x(0))}))
    for value in {least, most} - {0.0}:
        if abs(x(value) - x(0)) > 70:
            inner.append(text(x(value), y + 14, f"{value:+g}", "soft", **{"text-anchor": _anchor(x(value))}))
    spoken = "; ".join(f"{row.label}: {row.words}" for row in rows)
    return _drawing(y + 20, title, spoken, inner, f"{name}-")


def _anchor(x: float) -> str:
    return "start" if x < 40 else "end" if x > WIDTH - 40 else "middle"


@dataclass(frozen=True, slots=True)
class Point:
    """After so many days: the share that had come to it, its interval, and the share to which other things came."""

    days: int
    share: float
    low: float
    high: float
    between: float


PLOT, LEFT = 170, 42


def incidence(title: str, points: Sequence[Point], words: tuple[str, str], name: str) -> str:
    """Two rising curves, the first with its interval as a band. words: what each is, told below."""
    last = points[-1].days
    across = (WIDTH - LEFT - 4) / last

    def at(day: int, share: float) -> str:
        return f"{LEFT + day * across:.1f} {8 + PLOT * (1 - share):.1f}"

    band = [at(point.days, point.low) for point in points] + [at(point.days, point.high) for point in reversed(points)]
    inner = [_path(f"M{'L'.join(band)}z", "band")]
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = 8 + PLOT * (1 - share)
        inner.append(_path(f"M{LEFT} {y:g}H{WIDTH}", "rule"))
        inner.append(text(LEFT - 5, y + 4, f"{100 * share:g} %", "soft small", **{"text-anchor": "end"}))
    for months in range(0, last // 30 + 1, _months_apart(last)):
        place = LEFT + months * 30 * across
        inner.append(text(place, PLOT + 24, str(months), "soft", **{"text-anchor": "middle"}))
    inner.append(text(WIDTH, PLOT + 40, "months of 30 days", "soft", **{"text-anchor": "end"}))
    for look, shares in (("curve", [p.share for p in points]), ("curve other", [p.between for p in points])):
        drawn = [at(point.days, share) for point, share in zip(points, shares, strict=True)]
        inner.append(_path(f"M{at(0, 0)}L{'L'.join(drawn)}", look))
    for place, (look, line) in enumerate(zip(("curve", "curve other"), words, strict=True)):
        inner.append(_path(f"M{LEFT} {PLOT + 58 + place * 19:g}h24", look))
        inner.append(text(LEFT + 32, PLOT + 62 + place * 19, line, ""))
    spoken = f"{words[0]}: {points[-1].share:.0%} after {last} days; {words[1]}: {points[-1].between:.0%}."
    return _drawing(PLOT + 92, title, spoken, inner, f"{name}-")


def _months_apart(days: int) -> int:
    return next(step for step in (1, 3, 6, 12, 24, 60, 1200) if days / 30 / step <= 8)


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
