"""Writes rows as Parquet, by way of DuckDB: the same rows give the same bytes."""

import csv
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from ischio.cohort.store import published

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_NULL = "\x01"
"""Stands for nothing: no text of a record is a control character alone."""
Cell = str | bool | int | date | Decimal | None
Columns = Sequence[tuple[str, str]]


def connect() -> "DuckDBPyConnection":
    """A connection with one thread: several processes work side by side, and one thread always writes the same file."""
    import duckdb

    return duckdb.connect(config={"threads": 1})


class RowFile:
    """Rows on their way to a Parquet file, on the disk and not in memory."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file, lineterminator="\n")

    def add(self, rows: Iterable[Sequence[Cell]]) -> None:
        self._writer.writerows([_NULL if cell is None else cell for cell in row] for row in rows)

    def close(self) -> None:
        self._file.close()


def rows_in(file: RowFile, columns: Columns) -> str:
    """The rows as a table for SQL."""
    typed = ", ".join(f"'{name}': '{kind}'" for name, kind in columns)
    return (
        f"read_csv('{quoted(file.path)}', columns = {{{typed}}}, header = false, delim = ',', quote = '\"', "
        f"escape = '\"', nullstr = '{_NULL}', auto_detect = false, max_line_size = 16777216)"
    )


def write_parquet(connection: "DuckDBPyConnection", select: str, folder: Path, stem: str) -> str:
    """Writes what a select gives, in its order. Returns the name of the file, which holds the digest of its bytes."""
    working = folder / f"{stem}.parquet"
    working.parent.mkdir(exist_ok=True)
    with published(working) as unfinished:
        connection.execute(f"copy ({select}) to '{quoted(unfinished)}' (format parquet, compression zstd)")
    name = f"{stem}-{sha256(working.read_bytes()).hexdigest()[:16]}.parquet"
    working.rename(folder / name)
    return name


def quoted(path: Path) -> str:
    """A path within the quotes of SQL."""
    return str(path).replace("'", "''")
