"""What is on the map of a pathway, and its twins without a picture: a list to read and Mermaid text."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from ischio.interfaces.words import RECORDED, capital, title_of
from ischio.model.expression import FactHolds
from ischio.model.map import Cell, PathwayMap
from ischio.model.pathway import Pathway
from ischio.model.rules import NOT_ON_PATHWAY, Diversion

STAGE_COLUMN, DIVERSION_COLUMN, OTHER_COLUMN = 1, 0, 2


@dataclass(frozen=True, slots=True)
class Box:
    """A stage or diversion on the map.

    ends: no review is owed there, or the person has died. apart: a stage of its own condition to which no way is drawn.
    """

    id: str
    title: str
    sentence: str
    cell: Cell
    diversion: bool = False
    ends: bool = False
    apart: bool = False


@dataclass(frozen=True, slots=True)
class Edge:
    """From stage to stage. rule: the gate, criterion or fact that tells; label: it in words."""

    start: str
    to: str
    rule: str
    label: str
    back: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything on the map. stages: the ordered ones in their order, then those of their own condition."""

    title: str
    version: str
    stages: tuple[Box, ...]
    diversions: tuple[Box, ...]
    edges: tuple[Edge, ...]

    def leaving(self, box: Box) -> tuple[Edge, ...]:
        return tuple(edge for edge in self.edges if edge.start == box.id)

    def title_of(self, stage: str) -> str:
        return next(box.title for box in self.stages if box.id == stage)


def picture(pathway: Pathway) -> Picture:
    """What the map of a pathway shows; without cells of its own it is laid out by its order."""
    drawn = pathway.map or laid_out(pathway)
    ordered = [NOT_ON_PATHWAY, *(stage.id for stage in pathway.ordered_stages)]
    gates = {stage.id: pathway.criteria[stage.criterion] for stage in pathway.ordered_stages}
    edges = [Edge(start, to, gates[to].id, gates[to].about.sentence) for start, to in pairwise(ordered)]
    edges += [Edge(way.start, way.to, way.by, _label(pathway, way.by), way.back) for way in drawn.ways]
    return Picture(
        pathway.title, pathway.version, tuple(_stages(pathway, drawn)), tuple(_diversions(pathway, drawn)), tuple(edges)
    )


def laid_out(pathway: Pathway) -> PathwayMap:
    """Stages from top to bottom in their order, beside them those of their own condition, and the diversions."""
    ordered = [NOT_ON_PATHWAY, *(stage.id for stage in pathway.ordered_stages)]
    others = [stage.id for stage in pathway.stages if not stage.ordered]
    cells = {stage: Cell(STAGE_COLUMN, row) for row, stage in enumerate(ordered)}
    cells |= {stage: Cell(OTHER_COLUMN, row) for row, stage in enumerate(others, start=1)}
    cells |= {each.id: Cell(DIVERSION_COLUMN, row) for row, each in enumerate(pathway.diversions, start=1)}
    return PathwayMap(cells)


def _stages(pathway: Pathway, drawn: PathwayMap) -> Iterator[Box]:
    nothing = "There is no complaint, or none is known."
    yield Box(NOT_ON_PATHWAY, "Not on the pathway", nothing, drawn.cells[NOT_ON_PATHWAY], ends=True)
    # The others stand in the file by precedence, the last place first.
    others = reversed([stage for stage in pathway.stages if not stage.ordered])
    for stage in (*pathway.ordered_stages, *others):
        title, sentence = stage.about.title, stage.about.sentence
        apart = not stage.ordered and stage.id not in {way.to for way in drawn.ways}
        yield Box(stage.id, title, sentence, drawn.cells[stage.id], ends=stage.review is None, apart=apart)


def _diversions(pathway: Pathway, drawn: PathwayMap) -> Iterator[Box]:
    for each in pathway.diversions:
        ends = is_death(pathway, each)
        yield Box(each.id, each.about.title, each.about.sentence, drawn.cells[each.id], diversion=True, ends=ends)


def is_death(pathway: Pathway, diversion: Diversion) -> bool:
    """Whether the diversion is that of the dead, which no action passes, whatever its file says."""
    return pathway.criteria[diversion.criterion].when == FactHolds(pathway.deceased_fact)


def _label(pathway: Pathway, rule: str) -> str:
    return capital(title_of(pathway, rule).removeprefix(RECORDED))


# ---- twins ------------------------------------------------------------------------------------------------------

ENDS = " (no review is owed)"
APART = "entered from anywhere, by its own condition"
DIVERSIONS = "Diversions, checked in this order; the stage stays as it is"


def as_list(shown: Picture) -> str:
    """The map as plain text: each stage with the ways that leave it, then the diversions."""
    lines = [f"{shown.title}, version {shown.version}: the map", "", "Stages"]
    for number, box in enumerate(shown.stages, start=1):
        lines.append(f"{number:2}. {box.title}{ENDS if box.ends else ''}: {box.sentence}")
        lines += [f"    {APART}"] if box.apart else []
        lines += [f"    {_leads(edge)} {shown.title_of(edge.to)}: {edge.label}" for edge in shown.leaving(box)]
    lines += ["", DIVERSIONS] if shown.diversions else []
    lines += [
        f"{number:2}. {box.title}{ENDS if box.ends else ''}: {box.sentence}"
        for number, box in enumerate(shown.diversions, start=1)
    ]
    return "\n".join([*lines, ""])


def _leads(edge: Edge) -> str:
    return "<- back to" if edge.back else "-> to"


def as_mermaid(shown: Picture) -> str:
    """The map as a Mermaid flowchart."""
    lines = ["flowchart TD", f"  accTitle: {_line(shown.title)}, version {_line(shown.version)}"]
    lines += [f"  {_node(box)}" for box in shown.stages]
    for edge in shown.edges:
        arrow = "-.->" if edge.back else "-->"
        lines.append(f'  stage_{edge.start} {arrow}|"{_escaped(edge.label)}"| stage_{edge.to}')
    if shown.diversions:
        lines += [f'  subgraph lane["{_escaped(DIVERSIONS)}"]', *(f"    {_node(box)}" for box in shown.diversions)]
        lines.append("  end")
    return "\n".join([*lines, ""])


def _node(box: Box) -> str:
    # The prefix keeps words that Mermaid reserves, such as `end`, from being ids.
    name = f"{'diversion' if box.diversion else 'stage'}_{box.id}"
    return f'{name}(["{_escaped(box.title)}"])' if box.ends else f'{name}["{_escaped(box.title)}"]'


def _escaped(text: str) -> str:
    """Text within quotation marks: letters with a meaning to Mermaid or HTML as entities."""
    return "".join(f"#{ord(letter)};" if letter in '"#;&<>`\\|[]{}' else letter for letter in _line(text))


def _line(text: str) -> str:
    return " ".join(text.split())
