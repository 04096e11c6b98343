"""Tables of results: what each column means, which of their counts are hidden, and how they are written to files."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import Enum
from typing import Final, Self

from ischio.cohort.cells import LEAST, Total, hidden


class Hidden(Enum):
    """Stands where a count would speak of too few, or would let one be worked back that does."""

    HIDDEN = "hidden"


HIDDEN: Final = Hidden.HIDDEN


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are. key: what is counted, the same wherever it is shown."""

    key: str
    number: int


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that rests on counts: shown only where all of them are. on: their keys."""

    value: float | int | str | None
    on: tuple[str, ...]


Plain = str | int | float | date | None
Cell = Plain | Count | Figure | Hidden


class FieldType(Enum):
    TEXT = "text"
    WHOLE = "integer"
    NUMBER = "number"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class Field:
    """A column. meaning: one sentence; unit: as UCUM writes it, or none; codes: the words that may stand in it."""

    name: str
    title: str
    type: FieldType
    meaning: str
    unit: str | None = None
    codes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Table:
    """name: of its files. rows: a cell for each field."""

    name: str
    title: str
    meaning: str
    fields: tuple[Field, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def column(self, name: str) -> tuple[Cell, ...]:
        place = [each.name for each in self.fields].index(name)
        return tuple(row[place] for row in self.rows)

    def as_mappings(self) -> Iterator[dict[str, Cell]]:
        for row in self.rows:
            yield {each.name: cell for each, cell in zip(self.fields, row, strict=True)}


@dataclass(frozen=True, slots=True)
class Results:
    """All tables of a cohort before anything is hidden. totals: the sums that a reader knows to hold.

    unlisted: counts that stand in no table, and could be worked back by one of the totals. spared: keys of
    counts that are hidden only where nothing else helps.
    """

    tables: tuple[Table, ...]
    totals: tuple[Total, ...]
    unlisted: tuple[Count, ...] = ()
    spared: tuple[str, ...] = ()

    def __add__(self, other: Self) -> "Results":
        return Results(
            self.tables + other.tables,
            self.totals + other.totals,
            self.unlisted + other.unlisted,
            self.spared + other.spared,
        )


@dataclass(frozen=True, slots=True)
class Shown:
    """What may be seen: the tables with plain cells, and each of their counts by its key.

    least: none if nothing is hidden.
    """

    tables: Mapping[str, Table]
    counts: Mapping[str, int | Hidden]
    least: int | None

    @property
    def any_hidden(self) -> bool:
        return any(count is HIDDEN for count in self.counts.values())


def shown(results: Results, least: int | None = LEAST) -> Shown:
    """The tables as they may be seen. least: the smallest count that is shown; none to show all."""
    cells = [cell for table in results.tables for row in table.rows for cell in row]
    listed = {cell.key: cell.number for cell in cells if isinstance(cell, Count)}
    counts = {count.key: count.number for count in results.unlisted} | listed
    beside = counts.keys() - listed.keys()
    carried = Counter(key for cell in cells if isinstance(cell, Figure) and cell.value is not None for key in cell.on)
    covered = hidden(counts, results.totals, least, results.spared, beside, carried) if least else frozenset[str]()
    visible = {key: HIDDEN if key in covered else number for key, number in listed.items()}
    tables = {
        table.name: replace(table, rows=tuple(tuple(_seen(cell, visible) for cell in row) for row in table.rows))
        for table in results.tables
    }
    return Shown(tables, visible, least)


def _seen(cell: Cell, visible: Mapping[str, int | Hidden]) -> Cell:
    match cell:
        case Count(key):
            return visible[key]
        case Figure(value, on):
            return HIDDEN if any(visible[key] is HIDDEN for key in on) else value
        case _:
            return cell


def ranked(rows: Iterable[Sequence[Cell]], place: int) -> list[Sequence[Cell]]:
    """Rows by the count in one of their columns, the largest first; hidden ones last, in the order they come.

    Only what may be seen is put in order: the place of a hidden count between two others would tell it.
    """
    return sorted(rows, key=lambda row: -cell if isinstance(cell := row[place], int) else 1)


# ---- files ------------------------------------------------------------------------------------------------------

HIDDEN_FIELD = Field(
    "hidden",
    "Hidden columns",
    FieldType.TEXT,
    "The columns of this row that are hidden because they speak of too few, by name; such a cell is empty.",
)


def with_hidden(table: Table) -> Table:
    """The table for a file: hidden cells empty, and named in a column of their own."""
    rows = tuple((*(None if cell is HIDDEN else cell for cell in row), _hidden_names(table, row)) for row in table.rows)
    return replace(table, fields=(*table.fields, HIDDEN_FIELD), rows=rows)


def _hidden_names(table: Table, row: Sequence[Cell]) -> str | None:
    names = (each.name for each, cell in zip(table.fields, row, strict=True) if cell is HIDDEN)
    return " ".join(names) or None


def as_csv(table: Table) -> str:
    """The table as CSV (RFC 4180) with one line of names; dates as ISO 8601."""
    return csv_text([each.name for each in table.fields], table.rows)


def csv_text(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows(["" if cell is None else cell for cell in row] for row in rows)
    return text.getvalue()


DICTIONARY_HEAD = (
    "Variable / Field Name",
    "Form Name",
    "Section Header",
    "Field Type",
    "Field Label",
    "Choices, Calculations, OR Slider Labels",
    "Field Note",
    "Text Validation Type OR Show Slider Number",
    "Text Validation Min",
    "Text Validation Max",
    "Identifier?",
    "Branching Logic (Show field only if...)",
    "Required Field?",
    "Custom Alignment",
    "Question Number (surveys only)",
    "Matrix Group Name",
    "Matrix Ranking?",
    "Field Annotation",
)
"""The columns of a REDCap data dictionary."""

VALIDATION = {FieldType.TEXT: "", FieldType.WHOLE: "integer", FieldType.NUMBER: "number", FieldType.DATE: "date_ymd"}


def dictionary(tables: Iterable[Table]) -> str:
    """What each column of each table means, as a data dictionary that REDCap imports: a form for each table.

    A variable is the table's name and the column's name; the annotation names file and column.
    """
    rows = [_variable("rows", Field("record_id", "Number of the row", FieldType.WHOLE, ""), "record_id", "")]
    for table in tables:
        for each in table.fields:
            rows.append(
                _variable(table.name, each, f"{table.name}_{each.name}", f"tables/{table.name}.csv: {each.name}")
            )
    return csv_text(DICTIONARY_HEAD, rows)


def _variable(form: str, each: Field, name: str, annotation: str) -> tuple[str, ...]:
    note = f"{each.meaning} Unit: {each.unit}." if each.unit else each.meaning
    choices = " | ".join(f"{code}, {words}" for code, words in each.codes.items())
    kind = "radio" if each.codes else "text"
    filled = {0: name, 1: form, 3: kind, 4: each.title, 5: choices, 6: note, 7: VALIDATION[each.type], 17: annotation}
    return tuple(filled.get(place, "") for place in range(len(DICTIONARY_HEAD)))
