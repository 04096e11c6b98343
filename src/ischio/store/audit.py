"""The audit: who read and wrote what of whom, each entry chained to the one before, and looked through as a whole."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, Table, and_, func, select

from ischio.store.chain import ANCHOR, Row, chain_flaws, cut_flaws, row_digest
from ischio.store.database import Database
from ischio.store.entries import Access, Action, AuditEntry, Flaw, Head, Outcome, Person, Verdict
from ischio.store.moments import read_moment
from ischio.store.schema import AUDIT, KEPT
from ischio.store.writing import head_of, writer_on

AT_A_TIME = 1000
"""Rows held in memory while a table is looked through."""


class Audit:
    def __init__(self, database: Database) -> None:
        self._database = database

    def write(
        self, by: Access, action: Action, what: str, whom: Person | None, outcome: Outcome, why: str = ""
    ) -> Head:
        """Adds an entry of what was done past the store: a call, a launch, an export. Returns the new head.

        what, why: short words for a machine to read. Never put anything about the person into them but ids.
        """
        with writer_on(self._database) as writer:
            writer.note(by, action, what, whom, outcome, why)
        return writer.head

    def head_to_keep(self, by: Access) -> Head:
        """Adds an entry that says so, and sees that all up to it is on the disk: to be kept in another place."""
        with writer_on(self._database, on_disk=True) as writer:
            writer.note(by, Action.READ, "audit", None, why="head kept")
        return writer.head

    def head(self) -> Head | None:
        with self._database.reading() as connection:
            return head_of(connection)

    def entries(self) -> Iterator[AuditEntry]:
        """All, by number, read while they are asked for."""
        with self._database.reading() as connection:
            yield from map(_entry, _streamed(connection, select(AUDIT).order_by(AUDIT.c.number)))

    def newest(
        self,
        who: Collection[str],
        most: int,
        *,
        person: str | None = None,
        refused: bool = False,
        before: int | None = None,
    ) -> tuple[AuditEntry, ...]:
        """What these did, the newest first. person: of this id; refused: only what was refused; before: this number."""
        asked = select(AUDIT).where(AUDIT.c.who.in_(who)).order_by(AUDIT.c.number.desc()).limit(most)
        asked = asked if person is None else asked.where(AUDIT.c.person == person)
        asked = asked.where(AUDIT.c.outcome == Outcome.REFUSED.value) if refused else asked
        asked = asked if before is None else asked.where(AUDIT.c.number < before)
        with self._database.reading() as connection:
            return tuple(map(_entry, _streamed(connection, asked)))

    def verify(self, kept: Sequence[Head] = ()) -> Verdict:
        """Looks through all tables as they are at one moment. kept: heads that were kept elsewhere."""
        with self._database.reading() as connection:
            flaws, erased = looked_through(connection, KEPT)
            head = head_of(connection)
            found = {each.number: _digest_at(connection, each.number) for each in kept}
            flaws += cut_flaws(kept, found, head.number if head else 0)
            count = connection.scalar(select(func.count()).select_from(AUDIT)) or 0
        return Verdict(count, head, tuple(flaws), erased)


def looked_through(connection: Connection, tables: Iterable[Table]) -> tuple[list[Flaw], int]:
    """What is wrong with the chain and the rows that it vouches for, and how many rows are rightly gone."""
    entries = _streamed(connection, select(AUDIT).order_by(AUDIT.c.number))
    flaws, erased, erasures = list(chain_flaws(entries, lambda: _places(connection))), 0, _erasures(connection)
    for table in tables:
        flaws += _unvouched(connection, table, erasures)
        for row in _gone(connection, table):
            if erasures.get((str(table.name), row.server, row.person), 0) > row.number:
                erased += 1
            else:
                flaws.append(_missing(table, row.record, row.number))
    return flaws, erased


Erasures = Mapping[tuple[str, str | None, str | None], int]
"""The table, and whose rows of it were erased (server, id) -> the number of the last entry that says so."""


def _erasures(connection: Connection) -> Erasures:
    told = select(AUDIT.c.what, AUDIT.c.server, AUDIT.c.person, func.max(AUDIT.c.number).label("number"))
    erased = told.where(AUDIT.c.action == Action.DELETE.value, AUDIT.c.outcome == Outcome.SUCCESS.value)
    found = connection.execute(erased.group_by(AUDIT.c.what, AUDIT.c.server, AUDIT.c.person))
    return {(row.what, row.server, row.person): row.number for row in found}


def _streamed(connection: Connection, asked: Select[Any]) -> Iterator[Row]:
    """Rows by plain names: SQLAlchemy's own are of a kind that has no JSON."""
    found = connection.execute(asked, execution_options={"yield_per": AT_A_TIME})
    names = list(map(str, found.keys()))
    return (dict(zip(names, row, strict=True)) for row in found)


def _places(connection: Connection) -> Mapping[str, int]:
    return {row.digest: row.number for row in connection.execute(select(AUDIT.c.digest, AUDIT.c.number))}


def _digest_at(connection: Connection, number: int) -> str:
    return connection.execute(select(AUDIT.c.digest).where(AUDIT.c.number == number)).scalar() or ANCHOR


def _unvouched(connection: Connection, table: Table, erasures: Erasures) -> Iterator[Flaw]:
    """Rows that are not what the audit says was written, or that it says were erased."""
    of_entry = ("what", "record", "proof", "server", "person")
    vouched = (AUDIT.c[name].label(f"vouched_{name}") for name in of_entry)
    joined = select(table, *vouched).outerjoin(AUDIT, table.c.entry == AUDIT.c.number).order_by(table.c.id)
    for row in _streamed(connection, joined):
        name = f"{table.name} {row['id']}"
        kept = {column: value for column, value in row.items() if not column.startswith("vouched_")}
        by = erasures.get((str(table.name), row["vouched_server"], row["vouched_person"]), 0)
        if (row["vouched_what"], row["vouched_record"]) != (table.name, row["id"]):
            yield Flaw(name, f"It was put in past the audit, or moved: audit {row['entry']} tells of something else.")
        elif row["vouched_proof"] != row_digest(kept):
            yield Flaw(name, f"It was changed: audit {row['entry']} vouches for another content.")
        elif by > row["entry"]:
            yield Flaw(name, f"It was put back: audit {by} tells that it was erased.")


def _gone(connection: Connection, table: Table) -> Iterator[Any]:
    """Entries of rows that were written, and that are not there."""
    columns = (AUDIT.c[name] for name in ("record", "number", "server", "person"))
    joined = select(*columns).outerjoin(table, table.c.id == AUDIT.c.record)
    gone = and_(AUDIT.c.what == table.name, AUDIT.c.proof != "", table.c.id.is_(None))
    yield from connection.execute(joined.where(gone).order_by(AUDIT.c.number))


def _missing(table: Table, id: str, number: int) -> Flaw:
    return Flaw(f"{table.name} {id}", f"It is missing: audit {number} tells that it was written.")


def _entry(row: Row) -> AuditEntry:
    return AuditEntry(
        number=row["number"],
        by=Access(row["who"], read_moment(row["at"])),
        action=Action(row["action"]),
        what=row["what"],
        whom=Person(row["server"], row["person"]) if row["person"] is not None else None,
        outcome=Outcome(row["outcome"]),
        why=row["why"],
        record=row["record"],
        proof=row["proof"],
        previous=row["previous"],
        digest=row["digest"],
    )
