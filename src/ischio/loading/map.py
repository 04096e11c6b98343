"""The map of a pathway: a cell for every stage and diversion, no two in one, and ways between stages."""

from collections.abc import Iterable

from ischio.loading.draft import Draft
from ischio.loading.entries import MapEntry, StagesEntry, WayEntry
from ischio.model.map import Cell, PathwayMap, Way
from ischio.model.rules import NOT_ON_PATHWAY


def pathway_map(stages: StagesEntry, draft: Draft) -> PathwayMap | None:
    """The map as written; None where the file gives none. Mistakes are told to the draft."""
    if stages.map is None:
        return None
    _check_cells(stages.map, (NOT_ON_PATHWAY, *stages.stages, *stages.diversions), draft)
    staged = (NOT_ON_PATHWAY, *stages.stages)
    cells = {str(name): Cell(cell.column, cell.row) for name, cell in stages.map.cells.items()}
    return PathwayMap(cells, tuple(_way(way, staged, draft) for way in stages.map.ways))


def _check_cells(entry: MapEntry, asked: tuple[str, ...], draft: Draft) -> None:
    """Every stage and diversion has a cell of its own, and nothing else has one."""
    reading = draft.reading("stages.yaml", "map")
    for name in asked:
        if name not in {*entry.cells, *draft.broken}:
            mend = f"Add `{name}: {{column: 0, row: {_free_row(entry)}}}`, or the cell where it should stand."
            reading.mistake(entry.at("cells"), f"`{name}` has no cell on the map.", mend)
    taken: dict[tuple[int, int], str] = {}
    for name, cell in entry.cells.items():
        draft.known(name, asked, "a stage or diversion", reading)
        first = taken.setdefault((cell.column, cell.row), name)
        if first != name:
            what = f"`{name}` stands in the same cell as `{first}`."
            reading.mistake(cell.line, what, f"Row {_free_row(entry)} is free in every column.")
        if min(cell.column, cell.row) < 0:
            reading.mistake(cell.line, f"`{name}` stands outside the map.", "Columns and rows count from 0.")


def _free_row(entry: MapEntry) -> int:
    return max((cell.row for cell in entry.cells.values()), default=-1) + 1


def _way(entry: WayEntry, staged: Iterable[str], draft: Draft) -> Way:
    reading = draft.reading("stages.yaml", f"map, way from {entry.from_} to {entry.to}")
    for end in (entry.from_, entry.to):
        draft.known(end, staged, "a stage", reading)
    draft.known(entry.by, {*draft.types, *draft.criteria}, "a fact or criterion", reading)
    return Way(str(entry.from_), str(entry.to), str(entry.by), entry.back)
