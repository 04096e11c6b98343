"""The map as SVG: boxes in their cells, lines between them, every label wrapped to the room it has."""

from collections.abc import Iterator
from textwrap import wrap

from ischio.interfaces.drawing.map import APART, DIVERSIONS, Box, Edge, Picture, as_list
from ischio.interfaces.drawing.svg import drawing, element, text
from ischio.interfaces.look.sheets import sheet
from ischio.interfaces.words import capital

BOX_WIDTH, BOX_HEIGHT = 220, 62
PITCH_X, PITCH_Y = 400, 152
MARGIN = 24
TITLE_LINE, LABEL_LINE = 19, 16
TITLE_LETTER, LABEL_LETTER = 8.8, 6.7
"""The width of a letter, in pixels; a little more than the mean, so that wrapped lines stay within their room."""
GAP = 8
ASIDE = 13
"""How far from the middle two lines between the same boxes run."""
HEAD = 72
"""Above the first row: room for the words over a lane that begins there."""
FOOT = 72
"""Below the last row: room for words under a box, and for what the lines mean."""
Point = tuple[float, float]


def map_svg(shown: Picture, *, alone: bool = True) -> str:
    """The map. alone: with its own style sheet, as a file of its own; otherwise the page's sheet has the say."""
    boxes = {box.id: box for box in (*shown.stages, *shown.diversions)}
    columns, rows = (1 + max(side) for side in zip(*((b.cell.column, b.cell.row) for b in boxes.values()), strict=True))
    size = (2 * MARGIN + (columns - 1) * PITCH_X + BOX_WIDTH, HEAD + (rows - 1) * PITCH_Y + BOX_HEIGHT + FOOT)
    inner = (
        element("rect", {"class": "ground", "width": size[0], "height": size[1]}),
        *_lane(shown.diversions),
        *(part for edge in shown.edges for part in _edge(edge, boxes, shown.edges, columns)),
        *(part for box in boxes.values() for part in _box(box)),
        text(MARGIN, size[1] - 12, "Solid line: on. Dashed line: back. Rounded box: no review is owed.", "label"),
    )
    style = sheet("tokens", "map") if alone else ""
    title = f"{shown.title}, version {shown.version}: the map"
    return drawing(size, title, as_list(shown), style, element("g", {"class": "map"}, *inner), name="map-")


def _wrapped(words: str, room: float, letter: float, most: int | None = None) -> list[str]:
    """Lines within so many pixels. What does not fit into the most lines is cut; the list has it whole."""
    return wrap(words, int(room / letter), break_on_hyphens=False, max_lines=most, placeholder=" ...")


def _corner(box: Box) -> Point:
    return MARGIN + box.cell.column * PITCH_X, HEAD + box.cell.row * PITCH_Y


def _middle(box: Box) -> Point:
    x, y = _corner(box)
    return x + BOX_WIDTH / 2, y + BOX_HEIGHT / 2


def _lane(diversions: tuple[Box, ...]) -> Iterator[str]:
    """The ground under the diversions, which stand apart from the stages."""
    if not diversions:
        return
    corners = [_corner(box) for box in diversions]
    left, top = min(x for x, _ in corners), min(y for _, y in corners)
    width = max(x for x, _ in corners) - left + BOX_WIDTH + 24
    heading = _wrapped(DIVERSIONS, width - 24, TITLE_LETTER)
    head = top - 16 - LABEL_LINE * len(heading)
    height = max(y for _, y in corners) + BOX_HEIGHT + 16 - head
    yield element("rect", {"class": "lane", "x": left - 12, "y": head, "width": width, "height": height, "rx": 8})
    yield from _lines(heading, left, head + LABEL_LINE, LABEL_LINE, "heading")


def _box(box: Box) -> Iterator[str]:
    (x, y), (across, down) = _corner(box), _middle(box)
    looks = f"box {'diversion' if box.diversion else 'stage'}{' end' if box.ends else ''}"
    size = {"x": x, "y": y, "width": BOX_WIDTH, "height": BOX_HEIGHT, "rx": BOX_HEIGHT / 2 if box.ends else 6}
    yield element("rect", {"class": looks, **size})
    lines = _wrapped(box.title, BOX_WIDTH - 24, TITLE_LETTER, most=3)
    first = down - TITLE_LINE * (len(lines) - 1) / 2 + 5
    yield from _lines(lines, across, first, TITLE_LINE, "title", anchor="middle")
    if box.apart:
        told = _wrapped(capital(APART), BOX_WIDTH, LABEL_LETTER)
        yield from _lines(told, across, y + BOX_HEIGHT + 18, LABEL_LINE, "label", anchor="middle")


def _edge(edge: Edge, boxes: dict[str, Box], edges: tuple[Edge, ...], columns: int) -> Iterator[str]:
    start, to = boxes[edge.start], boxes[edge.to]
    paired = any((other.start, other.to) == (edge.to, edge.start) for other in edges)
    aside = ASIDE * (1 if edge.back else -1) if paired else 0
    if start.cell.column == to.cell.column:
        yield from _upright(edge, start, to, aside, last=start.cell.column == columns - 1)
    elif start.cell.row == to.cell.row:
        yield from _level(edge, start, to, aside)
    else:
        yield from _bent(edge, start, to)


def _upright(edge: Edge, start: Box, to: Box, aside: float, *, last: bool) -> Iterator[str]:
    """Down or up within a column; the label stands beside the line, that of a way back on its left."""
    down = to.cell.row > start.cell.row
    x = _middle(start)[0] - aside
    begin = _corner(start)[1] + (BOX_HEIGHT if down else 0)
    end = _corner(to)[1] + (0 if down else BOX_HEIGHT)
    yield from _line(edge, [(x, begin), (x, end)])
    room = BOX_WIDTH / 2 if last or edge.back else BOX_WIDTH / 2 + PITCH_X - BOX_WIDTH - 2 * GAP
    lines = _wrapped(edge.label, room - GAP, LABEL_LETTER)
    between = begin + (PITCH_Y - BOX_HEIGHT) / 2 * (1 if down else -1)
    first = between - LABEL_LINE * (len(lines) - 1) / 2 + 4
    side, anchor = (-GAP, "end") if edge.back else (GAP, "start")
    yield from _lines(lines, x + side, first, LABEL_LINE, "label", anchor=anchor)


def _level(edge: Edge, start: Box, to: Box, aside: float) -> Iterator[str]:
    """Along a row; the label stands above the line, that of a way back below it."""
    right = to.cell.column > start.cell.column
    y = _middle(start)[1] + aside
    begin = _corner(start)[0] + (BOX_WIDTH if right else 0)
    end = _corner(to)[0] + (0 if right else BOX_WIDTH)
    yield from _line(edge, [(begin, y), (end, y)])
    yield from _beside(edge, begin + (PITCH_X - BOX_WIDTH) / 2 * (1 if right else -1), y)


def _bent(edge: Edge, start: Box, to: Box) -> Iterator[str]:
    """Along the row of the start to the column of the end, and then up or down to it."""
    right, down = to.cell.column > start.cell.column, to.cell.row > start.cell.row
    begin, y = _corner(start)[0] + (BOX_WIDTH if right else 0), _middle(start)[1]
    x = _middle(to)[0] + BOX_WIDTH / 4 * (-1 if right else 1)
    end = _corner(to)[1] + (0 if down else BOX_HEIGHT)
    yield from _line(edge, [(begin, y), (x, y), (x, end)])
    yield from _beside(edge, begin + (PITCH_X - BOX_WIDTH) / 2 * (1 if right else -1), y)


def _beside(edge: Edge, x: float, y: float) -> Iterator[str]:
    lines = _wrapped(edge.label, PITCH_X - BOX_WIDTH - 2 * GAP, LABEL_LETTER)
    first = y + LABEL_LINE if edge.back else y - GAP - LABEL_LINE * (len(lines) - 1)
    yield from _lines(lines, x, first, LABEL_LINE, "label", anchor="middle")


def _line(edge: Edge, points: list[Point]) -> Iterator[str]:
    """A line with its tip at the last point."""
    looks = " back" if edge.back else ""
    yield element("polyline", {"class": f"line{looks}", "points": " ".join(f"{x:g},{y:g}" for x, y in points)})
    (fx, fy), (x, y) = points[-2:]
    dx, dy = (x > fx) - (x < fx), (y > fy) - (y < fy)
    wings = ((x - 11 * dx - 6 * dy, y - 11 * dy - 6 * dx), (x - 11 * dx + 6 * dy, y - 11 * dy + 6 * dx))
    yield element("polygon", {"class": f"tip{looks}", "points": " ".join(f"{a:g},{b:g}" for a, b in ((x, y), *wings))})


def _lines(
    lines: list[str], x: float, first: float, height: float, looks: str, *, anchor: str = "start"
) -> Iterator[str]:
    for number, line in enumerate(lines):
        yield text(x, first + number * height, line, looks, **{"text-anchor": anchor})
