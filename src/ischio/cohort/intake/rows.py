"""Writes rows as Parquet, by way of DuckDB: the same rows give the same bytes."""

import errno
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ischio.backends.sql.text import quoted
from ischio.cohort.store import published

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Cell = str | bool | int | date | Decimal | None
Columns = Sequence[tuple[str, str]]
_encode_lines = msgspec.json.Encoder().encode_lines  # a decimal as text, which keeps it exact


def connect() -> "DuckDBPyConnection":
    """A connection with one thread: several processes work side by side, and one thread always writes the same file."""
    import duckdb

    return duckdb.connect(config={"threads": 1})


class RowFile:
    """Rows on their way to a Parquet file, on the disk and not in memory: JSON without what is nothing."""

    def __init__(self, path: Path, columns: Columns) -> None:
        self.path, self._columns = path, columns
        self._row = msgspec.defstruct("Row", [(f"c{n}", Cell, None) for n in range(len(columns))], omit_defaults=True)
        self._file = path.open("wb")

    def add(self, rows: Iterable[Sequence[Cell]]) -> None:
        self._file.write(_encode_lines([self._row(*row) for row in rows]))

    def close(self) -> None:
        self._file.close()

    @property
    def in_sql(self) -> str:
        """The rows as a table for SQL."""
        typed = ", ".join(f"'c{n}': '{kind}'" for n, (_, kind) in enumerate(self._columns))
        names = ", ".join(f'c{n} as "{name}"' for n, (name, _) in enumerate(self._columns))
        source = f"read_json({path_in_sql(self.path)}, format = 'newline_delimited', columns = {{{typed}}})"
        return f"(select {names} from {source})"


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
