"""The connection to SQLite or PostgreSQL: many may read at once, one writes at a time over all processes."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError

from ischio.model.mistake import Mistake
from ischio.store.faults import HELD, StoreUnusable, told, unusable

BUSY = 5_000
"""Milliseconds to wait for another writer."""

_WRITER = 0x15C4_10
"""The advisory lock of PostgreSQL that a writer holds until its transaction ends."""


class Database:
    """url: sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE."""

    def __init__(self, url: str) -> None:
        self.url = _understood(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._next = Lock()
        self._engine = _sqlite(self.url) if self.is_sqlite else _postgresql(self.url)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees the store as it is at its first look, whoever writes meanwhile."""
        with told(self.url), self._engine.connect() as connection:
            if not self.is_sqlite:
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin():
                yield connection

    @contextmanager
    def writing(self, *, on_disk: bool) -> Iterator[Connection]:
        """A transaction during which nobody else writes; all of it is kept at its end, or nothing.

        on_disk: it is on the disk when the block ends. Else it is kept if the program or the machine's programs die,
        and may be lost, with all after it and never with a part of it, if the power fails in the same second.
        """
        with told(self.url), self._turn(), self._engine.connect() as connection:
            if self.is_sqlite:
                connection.execution_options(ischio_writes="FULL" if on_disk else "NORMAL")
            else:
                # Whoever waited for the lock must see what the writer before wrote.
                connection.execution_options(isolation_level="READ COMMITTED")
            with connection.begin():
                if not self.is_sqlite:
                    _take_turn(connection, on_disk)
                yield connection

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """The turn of one thread to write.

        A thread that waits for SQLite naps, longer each time it looks, and so sleeps through moments of a free store.
        """
        if not self._next.acquire(timeout=BUSY / 1000):
            raise unusable(self.url, *HELD)
        try:
            yield
        finally:
            self._next.release()

    @property
    def file(self) -> Path | None:
        """Of SQLite: the file."""
        return Path(str(self.url.database)) if self.is_sqlite and "uri" not in self.url.query else None

    def prepare(self) -> None:
        """Has SQLite write to a log beside the file, so that nobody who reads waits for a writer. It stays so."""
        if self.is_sqlite:
            with told(self.url), closing(self._engine.raw_connection()) as connection:
                connection.cursor().execute("PRAGMA journal_mode = WAL")

    def sweep(self, tables: Iterable[str]) -> bool:
        """Sees that nothing of deleted rows is left in free pages or in SQLite's log beside the file.

        tables: those of PostgreSQL from which rows were deleted. Says whether it was done: it cannot be while others
        read or write, and needs as much room again as the store has.
        """
        try:
            return self._sweep_sqlite() if self.is_sqlite else self._sweep_postgresql(tables)
        except (DBAPIError, sqlite3.Error):
            return False

    def _sweep_sqlite(self) -> bool:
        with closing(self._engine.raw_connection()) as connection:
            cursor = connection.cursor()
            cursor.execute("VACUUM")
            busy, *_ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            return not busy

    def _sweep_postgresql(self, tables: Iterable[str]) -> bool:
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for table in tables:
                connection.execute(text(f"VACUUM FULL {table}"))
        return True

    def close(self) -> None:
        self._engine.dispose()


def _take_turn(connection: Connection, on_disk: bool) -> None:
    """PostgreSQL waits for the disk, or for as many disks as it was told to, unless told that it need not."""
    if not on_disk:
        connection.execute(text("SET LOCAL synchronous_commit = off"))
    connection.execute(text("SELECT pg_advisory_xact_lock(:writer)"), {"writer": _WRITER})


def _understood(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise _no_store() from None
    match parsed.get_backend_name():
        case "sqlite" if parsed.database and parsed.database != ":memory:":
            return parsed.set(drivername="sqlite+pysqlite")
        case "postgresql" if find_spec("psycopg") is None:
            raise unusable(parsed, "psycopg is not installed.", "Install it: pip install 'ischio[postgres]'")
        case "postgresql":
            return parsed.set(drivername="postgresql+psycopg")
        case _:
            raise _no_store()


def _no_store() -> StoreUnusable:
    """It does not repeat the URL, which may hold a password."""
    mend = "Write sqlite:///FILE (a path from the root has four slashes) or postgresql://USER:PASSWORD@HOST/DATABASE."
    return StoreUnusable(Mistake("The store's URL names no database in which a store can be.", mend))


def _sqlite(url: URL) -> Engine:
    engine = create_engine(url, connect_args={"check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _set_up(connection: Any, _: Any) -> None:
        # Python's module would begin a transaction by itself, and too late for a lock: see `_begin`.
        connection.isolation_level = None
        # secure_delete: what is deleted is overwritten with zeros, in drafts and lists too.
        for setting in (f"busy_timeout = {BUSY}", "foreign_keys = ON", "secure_delete = ON"):
            connection.execute(f"PRAGMA {setting}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if writes := connection.get_execution_options().get("ischio_writes"):
            connection.exec_driver_sql(f"PRAGMA synchronous = {writes}")
        # A writer that began as a reader could not become one once somebody else has written.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgresql(url: URL) -> Engine:
    told_once = {"connect_timeout": 5, "options": f"-c lock_timeout={BUSY}"}
    return create_engine(url, pool_pre_ping=True, connect_args=told_once)
