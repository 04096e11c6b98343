"""The folder of a cohort's results: what is in it, and how it becomes whole only with its last file."""

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ischio.backends.sql.text import quoted
from ischio.cohort.judging import disk_told
from ischio.cohort.store import published
from ischio.cohort.tables import FieldType, Table, as_csv, dictionary, with_hidden
from ischio.model.mistake import IschioError, Mistake

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

PAGE, REPORT, RUN, PERSONS = "report.html", "report.json", "run.json", "persons"
UNFINISHED = "unfinished.txt"
UNFINISHED_SAYS = (
    "These results are not finished: the command is still running, or was stopped.\n"
    "Give the same command again: it goes on where it stopped.\n"
)
PERSONS_SAYS = (
    "The files of this folder name persons. They are for the clinic that keeps the records.\n"
    "Leave this folder out when you pass the report on; the report does not need it.\n"
)


def refuse_other(out: Path) -> None:
    """Raises IschioError where a file is in the place of the folder, or it holds something else than results."""
    if out.exists() and not out.is_dir():
        raise IschioError(Mistake("A file is in the place of the folder.", "Name a new folder.", str(out)))
    if out.is_dir() and any(out.iterdir()) and not any((out / name).exists() for name in (RUN, PERSONS)):
        mend = "Name a new or empty folder, or one that holds earlier results of this command."
        raise IschioError(Mistake("The folder holds something other than results of a cohort.", mend, str(out)))


def begin(out: Path) -> None:
    """Marks the folder as unfinished, and takes away the report of an earlier run."""
    put(out / UNFINISHED, UNFINISHED_SAYS)
    put(out / PERSONS / "README.txt", PERSONS_SAYS)
    for name in (PAGE, REPORT):
        (out / name).unlink(missing_ok=True)


def finish(out: Path, page: str, report: str, run: Mapping[str, Any]) -> None:
    """Writes what says how it was made, then the report as a page and for programs, and takes the mark away."""
    digests = {path: sha256((out / path).read_bytes()).hexdigest() for path in results(out)}
    put(out / RUN, json.dumps({**run, "files": digests}, indent=2, ensure_ascii=False) + "\n")
    put(out / REPORT, report)
    put(out / PAGE, page)
    (out / UNFINISHED).unlink()


def results(out: Path) -> list[str]:
    """The files that may be passed on, but for the report and what says how it was made."""
    found = (path.relative_to(out) for path in out.rglob("*") if path.is_file())
    apart = (UNFINISHED, PAGE, REPORT, RUN)
    return sorted(path.as_posix() for path in found if path.parts[0] != PERSONS and path.name not in apart)


def put(path: Path, text: str) -> None:
    """Writes a file whole or not at all."""
    make_folder(path.parent)
    with published(path) as unfinished:
        unfinished.write_text(text, encoding="utf-8", newline="")


def make_folder(folder: Path) -> None:
    """Raises IschioError where it cannot be made."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        mend = "Name a place that can be written to."
        raise IschioError(Mistake(f"It cannot be written: {error.strerror}.", mend, str(folder))) from None


def put_tables(connection: "DuckDBPyConnection", out: Path, tables: Iterable[Table]) -> None:
    """Each table as CSV and Parquet, and what their columns mean as a data dictionary."""
    written = tuple(map(with_hidden, tables))
    for table in written:
        put(out / "tables" / f"{table.name}.csv", as_csv(table))
        _parquet(connection, table, out / "tables" / f"{table.name}.parquet")
    put(out / "dictionary.csv", dictionary(written))


SQL_TYPES = {
    FieldType.TEXT: "varchar",
    FieldType.WHOLE: "bigint",
    FieldType.NUMBER: "double",
    FieldType.DATE: "date",
}


def _parquet(connection: "DuckDBPyConnection", table: Table, path: Path) -> None:
    columns = ", ".join(f'"{field.name}" {SQL_TYPES[field.type]}' for field in table.fields)
    connection.execute(f"create or replace temp table written ({columns})")
    if table.rows:
        places = ", ".join("?" for _ in table.fields)
        connection.executemany(f"insert into written values ({places})", [list(row) for row in table.rows])
    put_select(connection, "select * from written", path, "parquet")


def put_select(connection: "DuckDBPyConnection", select: str, path: Path, form: str) -> None:
    """The rows of a select as a file, whole or not at all. form: `parquet`, or `csv` with a line of names."""
    make_folder(path.parent)
    with disk_told(path.parent), published(path) as unfinished:
        connection.execute(f"copy ({select}) to {quoted(str(unfinished))} (format {form})")
