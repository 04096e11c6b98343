"""One writing of the store: rows that are kept, and for each an audit entry that vouches for it, all or nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Any

from sqlalchemy import Connection, Table, insert, select

from ischio.store.chain import ANCHOR, entry_digest, row_digest
from ischio.store.database import Database
from ischio.store.entries import Access, Action, Head, Outcome, Person
from ischio.store.moments import moment
from ischio.store.schema import AUDIT, KEPT, storable

Values = dict[str, Any]

SALT = 16
"""Random bytes of a row's salt."""


@dataclass(slots=True)
class Writer:
    """Collects rows and writes them at the end. head: the newest entry, those collected included."""

    connection: Connection
    head: Head
    _entries: list[Values] = field(default_factory=list)
    _rows: dict[Table, list[Values]] = field(default_factory=lambda: {table: [] for table in KEPT})

    def note(
        self,
        by: Access,
        action: Action,
        what: str,
        whom: Person | None,
        outcome: Outcome = Outcome.SUCCESS,
        why: str = "",
        record: str = "",
        proof: str = "",
    ) -> None:
        """Adds an entry to the audit."""
        entry = as_written(
            {
                "at": moment(by.at),
                "who": by.who,
                "action": action.value,
                "what": what,
                "server": whom and whom.server,
                "person": whom and whom.id,
                "outcome": outcome.value,
                "why": why,
                "record": record,
                "proof": proof,
                "previous": self.head.digest,
            }
        )
        self.head = Head(self.head.number + 1, entry_digest(entry))
        self._entries.append(entry | {"number": self.head.number, "digest": self.head.digest})

    def keep(self, table: Table, row: Values, by: Access, whom: Person | None, why: str = "") -> None:
        """Keeps a row, with the entry that vouches for it. row: every column but `entry` and `salt`.

        why: never anything of the row's content: the entry outlives an erasure.
        """
        whole = as_written(row | {"entry": self.head.number + 1, "salt": token_hex(SALT)})
        self.note(by, Action.CREATE, str(table.name), whom, why=why, record=whole["id"], proof=row_digest(whole))
        self._rows[table].append(whole)

    def write(self) -> None:
        for table, rows in ((AUDIT, self._entries), *self._rows.items()):
            if rows:
                self.connection.execute(insert(table), rows)


@contextmanager
def writer_on(database: Database, *, on_disk: bool = False) -> Iterator[Writer]:
    """Writes what was collected when the block ends well. Nobody else writes during the block.

    on_disk: for what somebody told us, who may forget it once they hear that it is kept.
    """
    with database.writing(on_disk=on_disk) as connection:
        writer = writer_in(connection)
        yield writer
        writer.write()


def writer_in(connection: Connection) -> Writer:
    """For a transaction during which nobody else writes; to be written by whoever made it."""
    return Writer(connection, head_of(connection) or Head(0, ANCHOR))


def head_of(connection: Connection) -> Head | None:
    newest = select(AUDIT.c.number, AUDIT.c.digest).order_by(AUDIT.c.number.desc()).limit(1)
    found = connection.execute(newest).one_or_none()
    return Head(*found) if found else None


def as_written(row: Values) -> Values:
    """As the database will give it back: digests are of that."""
    return {name: storable(value) if isinstance(value, str) else value for name, value in row.items()}
