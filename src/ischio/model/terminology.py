"""Concepts and their codes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ischio.model.about import Place

UNPLACED = Place("terminology.yaml", 1)


@dataclass(frozen=True, slots=True)
class Code:
    """A code of a code system. prefix: every code that starts so. side: the side that the code itself carries."""

    system: str
    code: str
    display: str
    prefix: bool = False
    side: str | None = None
    licence: str = ""
    free: bool = True


@dataclass(frozen=True, slots=True)
class Concept:
    """What an event is about. unit: unit in which its values are held, None if it has no number."""

    id: str
    title: str
    codes: tuple[Code, ...]
    unit: str | None = None
    values: Mapping[str, tuple[Code, ...]] = field(default_factory=dict)
    place: Place = UNPLACED
