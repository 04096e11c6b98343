"""A copy of a store of SQLite while it is in use."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from ischio.model.mistake import Mistake
from ischio.store.database import Database
from ischio.store.faults import StoreUnusable, unusable

UNFINISHED = ".unfinished"
"""The end of the name of a copy that is still being written."""


def back_up(database: Database, to: Path) -> None:
    """Copies the store as it is at one moment; whoever reads or writes it meanwhile goes on.

    Raises StoreUnusable where it cannot, or where there is a file of that name.
    """
    if database.file is None:
        raise unusable(
            database.url,
            "Stores in PostgreSQL are copied by PostgreSQL.",
            f"Run: pg_dump --format=custom --file={to} DATABASE",
        )
    if to.exists():
        raise StoreUnusable(Mistake("There is such a file already.", "Name another.", str(to)))
    unfinished = to.with_name(to.name + UNFINISHED)
    try:
        _copy(database.file, unfinished)
        os.replace(unfinished, to)
    except (OSError, sqlite3.Error) as error:
        unfinished.unlink(missing_ok=True)
        mend = "Name a place that can be written to and has room."
        raise StoreUnusable(Mistake(f"The copy cannot be written: {error}.", mend, str(to))) from None


def _copy(store: Path, to: Path) -> None:
    with closing(sqlite3.connect(store)) as source, closing(sqlite3.connect(to)) as copy:
        source.backup(copy)
        # One file alone, which can be carried away: a log beside it would be left behind.
        copy.execute("PRAGMA journal_mode = DELETE")
    with to.open("rb") as file:
        os.fsync(file.fileno())
