"""A hip's timeline as a drawing of phone width, from top to bottom, with the same rows in words for who cannot see it.

A filled square is a new stage, a ring an entry, a dash the mere passing of time: told by shape and word, not by colour.
"""

from collections.abc import Iterator, Sequence
from textwrap import wrap

from ischio.interfaces.drawing.svg import drawing, element, text
from ischio.interfaces.telling import at_most
from ischio.interfaces.timeline_rows import Row, changed_words, footing, happened_words, rows, span_words
from ischio.interfaces.words import day, side_title
from ischio.model.pathway import Pathway
from ischio.model.timeline import Timeline

WIDTH, LINE, RAIL, LEFT = 360, 18, 14, 34
LETTERS = 41
"""How many letters of 14 pixels fit in a line."""
LEGEND = "Square: new stage. Ring: entry. Dash: only time went by."
STYLE = """
svg{max-width:100%;height:auto;font:14px system-ui,sans-serif;background:#fff}
text{fill:#1b1b1b}.big{font-size:16px;font-weight:700}.stage{font-weight:700}.soft{fill:#4a4a4a}
.rail{stroke:#767676;stroke-width:2}.new{fill:#1b1b1b}.entry{fill:#fff;stroke:#1b1b1b;stroke-width:2}
.time{stroke:#1b1b1b;stroke-width:3}.held{font-weight:700;fill:#8a1c00}
@media (prefers-color-scheme:dark){svg{background:#161616}text{fill:#f2f2f2}.soft{fill:#c4c4c4}
.rail{stroke:#9a9a9a}.new{fill:#f2f2f2}.entry{fill:#161616;stroke:#f2f2f2}.time{stroke:#f2f2f2}.held{fill:#ffb59e}}
@media print{svg{background:#fff}text,.soft,.held,.new{fill:#000}.rail,.time,.entry{stroke:#000}.entry{fill:#fff}}
"""
Line = tuple[str, str]


def timeline_svg(timeline: Timeline, pathway: Pathway, side: str) -> str:
    """The drawing of one hip as a file of its own. side: right or left."""
    found = tuple(rows(timeline, pathway, side))
    title = f"{side_title(pathway, side)} of {timeline.patient.id}, {span_words(timeline)}"
    head = [*((line, "big") for line in wrap(title, 34)), *((line, "soft") for line in wrap(LEGEND, LETTERS))]
    top = y = 40 + LINE * len(head)
    pieces, marks = [_lines(head, 26, RAIL)], []
    for row in found:
        lines = _row_lines(row)
        marks.append(_mark(row, y - 5))
        pieces.append(_lines(lines, y, LEFT))
        y += LINE * len(lines) + 12
    foot = [(line, "soft") for sentence in footing(timeline) for line in wrap(sentence, LETTERS)]
    rail = element("line", {"x1": RAIL, "y1": top - 5, "x2": RAIL, "y2": y - 24, "class": "rail"})
    height = y + LINE * len(foot) + 8
    return (
        drawing((WIDTH, height), title, _in_words(found), STYLE, rail, *marks, *pieces, _lines(foot, y + 6, RAIL))
        + "\n"
    )


def _row_lines(row: Row) -> list[Line]:
    """The lines of a row with their looks: date and stage, what holds it, what happened, the next step."""
    told = [(f"{day(row.date)}  {row.stage}", "stage")]
    told += [(held, "held") for held in row.held]
    told.append((happened_words(row), "soft"))
    if row.step:
        told.append((f"Next: {row.step}", ""))
    return [(line, look) for words, look in told for line in wrap(words, LETTERS)]


def _lines(lines: Sequence[Line], y: float, x: float) -> str:
    return "".join(text(x, y + LINE * number, words, look or None) for number, (words, look) in enumerate(lines))


def _mark(row: Row, y: float) -> str:
    if row.staged:
        return element("rect", {"x": RAIL - 6, "y": y - 6, "width": 12, "height": 12, "class": "new"})
    if row.by_time:
        return element("line", {"x1": RAIL - 7, "y1": y, "x2": RAIL + 7, "y2": y, "class": "time"})
    return element("circle", {"cx": RAIL, "cy": y, "r": 5, "class": "entry"})


def _in_words(found: Sequence[Row]) -> str:
    """The table as sentences, a row each."""
    return " ".join(_sentence(row) for row in found)


def _sentence(row: Row) -> str:
    parts: Iterator[str] = iter((row.stage, *row.held, happened_words(row)))
    step = f" Next: {row.step}." if row.step else ""
    changed = f" Changed: {changed_words(row)}." if row.changed else ""
    return f"{day(row.date)}: {at_most(list(parts), 9)}.{step}{changed}"
