"""Events that come as tables: CSV with a data dictionary, and Parquet with the columns of the store."""

import csv
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import msgspec

from ischio.backends.sql.columns import EVENTS, event_columns
from ischio.backends.sql.rows import Row, event_rows
from ischio.backends.sql.text import quoted
from ischio.cohort.intake.dictionary import Column, Dictionary, load_dictionary
from ischio.cohort.intake.not_understood import Tally
from ischio.cohort.intake.rows import connect, path_in_sql
from ischio.cohort.intake.sifted import ROW, Head, SiftedWriter
from ischio.cohort.intake.sources import DICTIONARY
from ischio.fhir.routes import shown
from ischio.model.dates import PartialDate
from ischio.model.pathway import Pathway
from ischio.model.terminology import Concept
from ischio.record.events import Asserter, Event, Kind, Patient, Record

WHOSE = "does not say whose it is"
NO_CONCEPT = "is of a concept that the pathway does not have"
NO_CELL = "has a cell that cannot be read"
_NO = ("0", "no", "n", "false", "f", "")
_YES = ("1", "yes", "y", "true", "t", "x", "checked")
_UNREAD = [column.name for column in EVENTS].index("unread")
_AT_ONCE = 10_000
_SNIFFED = 1 << 16
_PYTHON_TYPES: Mapping[str, type] = {"varchar": str, "date": date, "boolean": bool}


def row_decoder(pathway: Pathway) -> "msgspec.json.Decoder[tuple[Any, ...]]":
    """Reads a row of events, without the person, as it was kept."""
    kinds = [_PYTHON_TYPES.get(column.sql, Decimal) | None for column in event_columns(pathway)[1:]]
    return msgspec.json.Decoder(tuple[*kinds])  # type: ignore[valid-type]  # made as it runs


# ---- CSV -------------------------------------------------------------------------------------------------------------


def sift_table(path: Path, pathway: Pathway, writer: SiftedWriter) -> None:
    """The cells of a CSV file as events, by the dictionary beside it."""
    dictionary, tally, number = load_dictionary(path.parent / DICTIONARY, pathway), Tally(), 1
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file, dialect=_dialect(file.read(_SNIFFED)))
            file.seek(0)
            _note_heads(rows.fieldnames or (), dictionary, tally)
            for row in rows:
                number = rows.line_num
                person = _cell(row, dictionary.person, dictionary)
                if person is None:
                    tally.add("row", WHOSE, number)
                    continue
                for event in _events(row, dictionary, pathway, number, tally):
                    _keep(person, number, next(event_rows(pathway, Record(Patient(person), (event,)))), writer)
    except UnicodeDecodeError:
        tally.add("file", "holds text that is not UTF-8; what comes after it is not read", number)
    except csv.Error as error:
        tally.add("file", f"is not a table: {error}", number)
    writer.finish(number, None, tuple(tally.counts()))


def _dialect(start: str) -> type[csv.Dialect]:
    """Commas, semicolons or tabs, whichever the heads hold most of."""
    heads = start.partition("\n")[0]

    class Separated(csv.excel):
        delimiter = max(",;\t", key=heads.count)

    return Separated


def _note_heads(heads: Any, dictionary: Dictionary, tally: Tally) -> None:
    """Columns of the table that the dictionary does not name."""
    named = {dictionary.person, dictionary.date, *dictionary.columns}
    named |= {name for one in dictionary.columns.values() for name in (one.side_from, one.date, one.end)}
    for head in heads:
        if head not in named:
            tally.add("column", "is not in the data dictionary", detail=shown(head))


def _cell(row: Mapping[str, Any], name: str | None, dictionary: Dictionary) -> str | None:
    """What a cell holds; None if it is empty, says that something is missing, or is not there."""
    written = row.get(name) if name else None
    text = written.strip() if isinstance(written, str) else ""
    return None if not text or text in dictionary.missing else text


def _events(
    row: Mapping[str, Any], dictionary: Dictionary, pathway: Pathway, number: int, tally: Tally
) -> Iterator[Event]:
    for name, column in dictionary.columns.items():
        cell = _cell(row, name, dictionary)
        if cell is not None:
            event = _event(cell, column, row, dictionary, pathway.concepts[column.concept])
            if event is not None:
                if event.unread:
                    tally.add(str(name), event.unread, number)
                yield event


def _event(cell: str, column: Column, row: Mapping[str, Any], dictionary: Dictionary, concept: Concept) -> Event | None:
    """The event that a cell tells of; None if it says that nothing was. What cannot be read makes it unread."""
    unread: list[str] = []
    start = _date(_cell(row, column.date or dictionary.date, dictionary), unread)
    end = _date(_cell(row, column.end, dictionary), unread) if column.end else start
    value = _value(column.values.get(cell, cell), concept, unread)
    if value is _NOTHING:
        return None
    if isinstance(value, PartialDate):
        start = end = value
        value = value.earliest if value.exact and concept.id in ("birth_date", "death") else None
    side = column.side
    if column.side_from:
        given = _cell(row, column.side_from, dictionary)
        side = dictionary.sides.get(given or "")
        if given is not None and side is None:
            unread.append("has a side that the dictionary does not name")
    return Event(
        str(concept.id),
        "table",
        None if unread else value,
        column.unit or concept.unit,
        start,
        end,
        None,
        column.kind,
        column.asserter,
        side,
        dict(column.qualifiers),
        unread[0] if unread else None,
    )


_NOTHING = object()


def _value(text: str, concept: Concept, unread: list[str]) -> Any:
    """A number, a value of the concept, yes or no; of what has no value a date, or that it was."""
    if concept.unit is not None:
        return _number(text, unread)
    if concept.values.keys() == {"yes", "no"} and text.lower() in (*_YES, *_NO):
        return text.lower() in _YES
    if concept.values:
        if text not in concept.values:
            unread.append("has a value that the concept does not have")
        return text
    if text.lower() in _NO:
        return _NOTHING
    return None if text.lower() in _YES else _date(text, unread)


def _number(text: str, unread: list[str]) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("nan")
    if number.is_finite():
        return number
    unread.append("has a number that cannot be read")
    return None


def _date(text: str | None, unread: list[str]) -> PartialDate | None:
    try:
        return None if text is None else PartialDate.parse(text)
    except ValueError:
        unread.append("has a date that is not written as 2026-03-31")
        return None


# ---- Parquet ---------------------------------------------------------------------------------------------------------


def sift_rows(path: Path, pathway: Pathway, writer: SiftedWriter) -> None:
    """The rows of a Parquet file of events. A cell that does not fit leaves what its row says unknown."""
    import duckdb

    tally, number = Tally(), 0
    source = f"read_parquet({path_in_sql(path)})"
    try:
        with connect() as connection:
            there = {name for name, *_ in connection.execute(f"describe select * from {source}").fetchall()}
            lacking = [column.name for column in EVENTS if column.name not in there]
            if lacking:
                tally.add("file", f"holds no events: the column {lacking[0]} is missing")
            else:
                number = _rows(connection.execute(_select(pathway, there, source)), pathway, writer, tally)
    except duckdb.Error as error:
        tally.add("file", f"is no Parquet file that can be read ({type(error).__name__})")
    writer.finish(number, None, tuple(tally.counts()))


def _select(pathway: Pathway, there: set[str], source: str) -> str:
    """All columns in their types, and whether a cell does not fit. Qualifiers that are not there are empty."""
    columns = [column for column in event_columns(pathway) if column.name in there]
    cells = {column.name: f"try_cast({column.name} as {column.sql})" for column in columns}
    unfit = [f"({name} is not null and {cell} is null)" for name, cell in cells.items()]
    unfit += [f"(({name}_first is null) <> ({name}_last is null))" for name in ("start", "end", "recorded")]
    for name, words in (("kind", Kind), ("asserter", Asserter)):
        first, *_ = listed = [quoted(word.value) for word in words]
        unfit.append(f"({name} is null or {name} not in ({', '.join(listed)}))")
        cells[name] = f"case when {name} in ({', '.join(listed)}) then {name} else {first} end"
    for name in ("unread", "unavailable"):
        cells[name] = f"coalesce({cells[name]}, false)"
    all_cells = ", ".join(cells.get(column.name, "null") for column in event_columns(pathway))
    return f"select {all_cells}, {' or '.join(unfit)} from {source}"


def _rows(found: Any, pathway: Pathway, writer: SiftedWriter, tally: Tally) -> int:
    number = 0
    while rows := found.fetchmany(_AT_ONCE):
        for *row, unfit in rows:
            number += 1
            person, concept = row[0], row[1]
            if person is None:
                tally.add("row", WHOSE, number)
            elif concept not in pathway.concepts:
                tally.add("row", NO_CONCEPT, number, detail=shown(concept))
            else:
                if unfit:
                    tally.add("row", NO_CELL, number)
                    row[_UNREAD] = True
                _keep(person, number, tuple(row), writer)
    return number


def _keep(person: str, number: int, row: Row, writer: SiftedWriter) -> None:
    writer.add(Head(person, number, ROW), msgspec.json.encode(row[1:]))
