"""Writes rows as Parquet, by way of DuckDB: the same rows give the same bytes."""

import csv
import errno
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from ischio.backends.sql.text import quoted
from ischio.cohort.store import published

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

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
        """Nothing is written as nothing: no cell of a row is an empty text."""
        self._writer.writerows(rows)

    def close(self) -> None:
        self._file.close()


def rows_in(file: RowFile, columns: Columns) -> str:
    """The rows as a table for SQL."""
    typed = ", ".join(f"'{name}': '{kind}'" for name, kind in columns)
    return (
        f"read_csv({path_in_sql(file.path)}, columns = {{{typed}}}, header = false, delim = ',', quote = '\"', "
        f"escape = '\"', nullstr = '', auto_detect = false, max_line_size = 16777216)"
    )


def write_parquet(connection: "DuckDBPyConnection", select: str, folder: Path, stem: str) -> str:
    """Writes what a select gives, in its order. Returns the name of the file, which holds the digest of its bytes."""
    import duckdb

    working = folder / f"{stem}.parquet"
    working.parent.mkdir(exist_ok=True)
    with published(working) as unfinished:
        try:
            connection.execute(f"copy ({select}) to {path_in_sql(unfinished)} (format parquet, compression zstd)")
        except duckdb.IOException as error:
            full = "No space left" in str(error)
            raise OSError(errno.ENOSPC if full else errno.EIO, str(error).splitlines()[0]) from None
    name = f"{stem}-{sha256(working.read_bytes()).hexdigest()[:16]}.parquet"
    working.rename(folder / name)
    return name


def path_in_sql(path: Path) -> str:
    return quoted(str(path))
