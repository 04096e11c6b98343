"""What every rule carries: its place, sentence, sources, label; and the sides and scopes of a person."""

from dataclasses import dataclass
from datetime import date
from enum import Enum

SIDE = "side"
"""The paired part of the body that a pathway is about, where it does not say which."""


NONE_YET = "none yet"
"""Stands for a reviewer, or for what authors have to state, as long as there is none."""


class Side(Enum):
    """A hip. The unit of the pathway is one hip of one person."""

    __hash__ = object.__hash__  # members are single, and Enum's own hash is slow

    RIGHT = "right"
    LEFT = "left"

    @property
    def other(self) -> "Side":
        return Side.LEFT if self is Side.RIGHT else Side.RIGHT


class Scope(Enum):
    """Whether something belongs to one hip or to the person (and so counts for both hips)."""

    __hash__ = object.__hash__  # members are single, and Enum's own hash is slow

    HIP = "hip"
    PERSON = "person"


class Label(Enum):
    """On what a rule rests: measured in IFI, measured in something near, or no primary source found."""

    SUPPORTED = "supported"
    EXTRAPOLATED = "extrapolated"
    CONVENTION = "convention"


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is written: file name within the knowledge folder, and line (from 1)."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}"


@dataclass(frozen=True, slots=True)
class About:
    """What every rule carries, so that a reader can see who says so and on what."""

    title: str
    sentence: str
    label: Label
    evidence: tuple[str, ...]
    seed_lines: tuple[str, ...]
    author: str
    reviewer: str
    reviewed: date
    note: str | None
    place: Place
