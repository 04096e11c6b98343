"""Whether the database itself is whole, and what is in it. The rows are looked at by the audit."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, func, select, text

from ischio.store.database import Database
from ischio.store.faults import shown
from ischio.store.schema import AUDIT, KEPT
from ischio.store.upgrades import version_of


@dataclass(frozen=True, slots=True)
class Health:
    """place: the file, or the URL without its password. tables: their version. rows: how many each table has.

    problems: what is wrong, in words; empty where nothing is.
    """

    place: str
    database: str
    tables: str
    rows: dict[str, int]
    problems: tuple[str, ...]


def health_of(database: Database) -> Health:
    with database.reading() as connection:
        version = connection.scalar(text("SELECT sqlite_version()" if database.is_sqlite else "SHOW server_version"))
        rows = {
            str(table.name): connection.scalar(select(func.count()).select_from(table)) or 0 for table in (*KEPT, AUDIT)
        }
        problems = (*_damage(database, connection), *_open_to_change(database, connection))
        name = f"{'SQLite' if database.is_sqlite else 'PostgreSQL'} {version}"
        return Health(shown(database.url), name, version_of(connection) or "", rows, problems)


def _damage(database: Database, connection: Connection) -> Iterator[str]:
    """PostgreSQL looks after its own pages (data checksums, pg_amcheck)."""
    if not database.is_sqlite:
        return
    for (found,) in connection.execute(text("PRAGMA integrity_check")):
        if found != "ok":
            yield f"SQLite finds damage: {found}. Put the newest backup in its place."
    for table, *_ in connection.execute(text("PRAGMA foreign_key_check")):
        yield f"A row of {table} names another that is not there: ischio audit verify tells which."


def _open_to_change(database: Database, connection: Connection) -> Iterator[str]:
    """Tables whose refusals to change or delete a row were taken away."""
    source = (
        "SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'"
        if database.is_sqlite
        else "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
    )
    there = {(table, name) for table, name in connection.execute(text(source))}
    for table in (*KEPT, AUDIT):
        for change in ("update", "delete", "replace" if database.is_sqlite else "truncate"):
            if (table.name, f"{table.name}_no_{change}") not in there:
                yield f"Rows of {table.name} can be changed: a trigger is gone. Go back to the newest backup."
