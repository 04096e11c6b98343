"""The triggers by which the databases refuse to change or delete a row: taken away and put back in one transaction."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection, bindparam, text


@contextmanager
def unlocked(connection: Connection, tables: Sequence[str]) -> Iterator[None]:
    """Rows of the tables may be changed and deleted during the block, by this transaction alone.

    If the block or the process ends in between, the transaction is taken back, and the triggers are as they were.
    """
    if connection.dialect.name == "sqlite":
        yield from _in_sqlite(connection, tables)
    else:
        yield from _in_postgresql(connection, tables)


def _in_sqlite(connection: Connection, tables: Sequence[str]) -> Iterator[None]:
    of_tables = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN :tables")
    found = connection.execute(of_tables.bindparams(bindparam("tables", list(tables), expanding=True))).all()
    for name, _ in found:
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
    yield
    for _, made_by in found:
        connection.exec_driver_sql(made_by)


def _in_postgresql(connection: Connection, tables: Sequence[str]) -> Iterator[None]:
    """USER: all but those that hold the foreign keys."""
    for change in ("DISABLE", "ENABLE"):
        for table in tables:
            connection.exec_driver_sql(f"ALTER TABLE {table} {change} TRIGGER USER")
        if change == "DISABLE":
            yield
