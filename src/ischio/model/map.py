"""Where the stages and diversions stand on the map of the pathway."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """Where a box stands on the map: column and row, counted from 0 at the top left."""

    column: int
    row: int


@dataclass(frozen=True, slots=True)
class Way:
    """How a hip comes from one stage to another other than through a gate: `by` is the fact or criterion that tells.

    back: it returns to an earlier stage.
    """

    start: str
    to: str
    by: str
    back: bool = False


@dataclass(frozen=True, slots=True)
class PathwayMap:
    """The picture of a pathway: the frozen cell of every stage and diversion, and the ways beside the gates."""

    cells: Mapping[str, Cell]
    ways: tuple[Way, ...] = ()
