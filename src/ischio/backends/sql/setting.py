"""What every part of the printer looks up: the pathway, the dialect, the index date and the numbers of things."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from ischio.backends.sql.bounds import Bounds, bounded_by_facts, bounds_of
from ischio.backends.sql.dialect import Dialect
from ischio.backends.sql.index import Calendar, Index
from ischio.backends.sql.numbering import Numbering
from ischio.backends.sql.packing import Slot, slots_of
from ischio.backends.sql.readers import Reader, readers_of
from ischio.backends.sql.text import quoted
from ischio.backends.sql.topics import Topics
from ischio.model.dates import Duration
from ischio.model.facts import Interval, Selection
from ischio.model.pathway import Pathway

Thing = TypeVar("Thing")

Unsided = tuple[str | None, tuple[str, ...]]
"""The fact that lets what names no side count, and those that forbid it."""

Demand = tuple[tuple[str, tuple[str, ...]], ...]
"""Qualifiers, and for each what it may be."""


@dataclass(frozen=True)
class Setting:
    """persons: the first and the last of those spoken of, in order of `person`; None for all."""

    pathway: Pathway
    dialect: Dialect
    index: Index
    persons: tuple[str, str] | None = None

    def among(self, person: str) -> str:
        """The end of a select that keeps those persons. person: the column."""
        if self.persons is None:
            return ""
        first, last = map(quoted, self.persons)
        return f"\nwhere {person} between {first} and {last}"

    @cached_property
    def numbers(self) -> Numbering:
        return Numbering(self.pathway)

    @cached_property
    def calendar(self) -> Calendar:
        return Calendar(self.pathway, self.dialect, self.index)

    @cached_property
    def readers(self) -> tuple[Reader, ...]:
        return readers_of(self.pathway)

    @cached_property
    def topics(self) -> Topics:
        return Topics(self.readers, self.numbers)

    @cached_property
    def slots(self) -> Mapping[int, Slot]:
        """By the number of the reader."""
        return slots_of(self.readers)

    # ---- what several readers ask for alike has one number; 0 is none ----

    @cached_property
    def bounds(self) -> Mapping[Bounds | None, int]:
        """The days looked at that depend on facts."""
        return _numbered(map(self.bounds_of, self._selections))

    def bounds_of(self, selection: Selection) -> Bounds | None:
        return bounds_of(selection, self.calendar) if bounded_by_facts(selection) else None

    @cached_property
    def unsided(self) -> Mapping[Unsided | None, int]:
        """The conditions on which what names no side counts."""
        return _numbered(map(unsided_of, self._selections))

    @cached_property
    def demands(self) -> Mapping[Demand | None, int]:
        """The qualifiers asked for."""
        return _numbered(map(demand_of, self._selections))

    @cached_property
    def in_force(self) -> Mapping[Duration | None, int]:
        """How long what was written with one date lasts."""
        return _numbered(selection.in_force for selection in self._selections)

    @cached_property
    def intervals(self) -> Mapping[Interval | None, int]:
        """Windows and limits of freshness, back from Index."""
        every: list[Interval | None] = [*map(window_of, self.readers), *map(freshness_of, self.readers)]
        return _numbered(every)

    @property
    def _selections(self) -> list[Selection]:
        return [reader.selection for reader in self.readers]


def unsided_of(selection: Selection) -> Unsided | None:
    return None if selection.unsided_when is None else (selection.unsided_when, selection.unsided_unless)


def demand_of(selection: Selection) -> Demand | None:
    return tuple(selection.qualifiers.items()) or None


def window_of(reader: Reader) -> Interval | None:
    return reader.selection.window


def freshness_of(reader: Reader) -> Interval | None:
    stale = reader.latest.stale_after if reader.latest else None
    return None if stale is None else stale.interval


def _numbered(things: Iterable[Thing]) -> Mapping[Thing, int]:
    """Each different thing with its number; None is 0."""
    different = dict.fromkeys(things)
    return {thing: 0 if thing is None else number for number, thing in enumerate(different, 1)}
