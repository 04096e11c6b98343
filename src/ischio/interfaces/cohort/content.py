"""What a report holds, before it is a page: sections of sentences, pictures and tables."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from ischio.cohort.tables import HIDDEN, Cell, FieldType, Table
from ischio.interfaces.words import day

NONE = "-"
"""Stands where there is nothing to tell, such as a median that was not reached."""


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column. number: whether its cells stand at the right."""

    title: str
    number: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table to read; the first cell of a row names it. folded: opened on wish. pictures: one a row, or none."""

    caption: str
    heads: tuple[Head, ...]
    rows: tuple[tuple[str, ...], ...]
    folded: bool = False
    note: str = ""
    pictures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """A picture with its twin as a table beside it; either may be alone."""

    picture: str = ""
    sheet: Sheet | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """id: of its place on the page."""

    id: str
    title: str
    lines: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = ()
    items: tuple[str, ...] = ()


def told(cell: Cell) -> str:
    """A cell in words: hidden, or with thousands apart."""
    match cell:
        case None:
            return NONE
        case bool():
            return "yes" if cell else "no"
        case int():
            return f"{cell:,}"
        case float():
            return f"{cell:g}"
        case date():
            return day(cell)
        case _ if cell is HIDDEN:
            return "hidden"
        case _:
            return str(cell)


def share(cell: Cell) -> str:
    """A share as a percentage; what is not quite none or all does not look so."""
    if not isinstance(cell, float | int):
        return told(cell)
    if 0 < cell < 0.005 or 0.995 < cell < 1:
        return "< 1 %" if cell < 0.5 else "> 99 %"
    return f"{100 * cell:.0f} %"


def between(low: Cell, high: Cell, tell: Callable[[Cell], str]) -> str:
    """An interval or a range in words."""
    ends = tell(low), tell(high)
    return ends[0] if ends[0] in (NONE, "hidden") else " to ".join(ends)


def count_of(count: Cell, whole: Cell) -> str:
    """So many of so many."""
    return told(HIDDEN) if count is HIDDEN else f"{told(count)} of {told(whole)}"


def sheet(table: Table, leave_out: Sequence[str] = (), rows: int | None = None, folded: bool = False) -> Sheet:
    """A table of results as it is read: codes in words, shares as percentages. rows: only the first so many."""
    fields = [field for field in table.fields if field.name not in leave_out]
    places = [table.fields.index(field) for field in fields]
    numeric = (FieldType.WHOLE, FieldType.NUMBER)
    heads = tuple(Head(field.title, field.type in numeric) for field in fields)
    lines = []
    for row in table.rows[:rows]:
        cells = [(table.fields[place], row[place]) for place in places]
        lines.append(
            tuple(
                share(cell)
                if field.name.startswith("share")
                else field.codes.get(cell, cell)
                if isinstance(cell, str)
                else told(cell)
                for field, cell in cells
            )
        )
    return Sheet(table.title, heads, tuple(lines), folded, table.meaning)
