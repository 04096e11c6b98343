"""Erasing a person: all that is kept of them goes, but for the audit, which says what went and on what ground.

Which rows are about a person is read off the tables themselves, so that a table made later is not forgotten: those
with a person's server and id, those of somebody known to an organisation, and those that refer to such rows.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, Table, case, delete, func, select, tuple_

from ischio.model.mistake import IschioError, Mistake
from ischio.store.database import Database
from ischio.store.entries import Access, Action, Known, Person
from ischio.store.holds import Hold, hold_of, holds_in
from ischio.store.moments import moment, read_moment
from ischio.store.schema import (
    ACCOUNT,
    AUDIT,
    FAILED_SIGN_IN,
    HOLD,
    IDENTITY,
    KEPT,
    KNOWLEDGE,
    METADATA,
    ORGANISATION,
    PERSON,
    SEALED,
    SESSION,
    USED_TOKEN,
)
from ischio.store.unlocking import unlocked
from ischio.store.writing import writer_in

OF_NOBODY = (ORGANISATION, ACCOUNT, IDENTITY, KNOWLEDGE, SESSION, FAILED_SIGN_IN, USED_TOKEN, SEALED)
"""Tables in which nobody finds anything about a person who is looked after. A table is here, or its rows can be found
by whom."""

LONGEST = 200
"""Letters of a ground."""


class NotErased(IschioError):
    """Somebody cannot be erased: they are held, or no ground is given."""


@dataclass(frozen=True, slots=True)
class Extent:
    """What an erasure of somebody takes. known: under which names they are listed; rows: how many of each table go.

    audit: entries that name them and stay. hold: why they may not be erased.
    """

    whom: Person
    known: tuple[Known, ...]
    rows: Mapping[str, int]
    audit: int
    hold: Hold | None


@dataclass(frozen=True, slots=True)
class Erasure:
    """One that was done, as the audit tells it. rows: how many of each kept table went. first: its first entry."""

    whom: Person
    by: Access
    ground: str
    rows: Mapping[str, int]
    first: int


@dataclass(frozen=True, slots=True)
class Past:
    """Somebody about whom nothing was written for long. last: when something was, and number: as which entry of the
    audit. hold: why they stay."""

    whom: Person
    known: tuple[Known, ...]
    last: datetime
    number: int
    hold: Hold | None


class Erasures:
    """new_id: makes the ids of erasures."""

    def __init__(self, database: Database, new_id: Callable[[], str]) -> None:
        self._database, self._new_id = database, new_id

    def named(self, id: str) -> tuple[Person, ...]:
        """Who is known to an organisation by this id; several only where organisations share one by chance."""
        wanted = select(PERSON.c.server, PERSON.c.person).where(PERSON.c.known_as == id).distinct()
        with self._database.reading() as connection:
            return tuple(Person(*row) for row in connection.execute(wanted))

    def extent(self, whom: Person, by: Access) -> Extent:
        """Looks what an erasure would take, and takes nothing."""
        with self._database.writing(on_disk=False) as connection:
            writer = writer_in(connection)
            writer.note(by, Action.READ, "erasure", whom)
            writer.write()
            return _extent(connection, whom)

    def erase(self, whom: Person, ground: str, by: Access, last: int | None = None) -> Extent:
        """Erases all that is kept of somebody, all or nothing. Returns what went; then see to `sweep`.

        ground: in a few words, without names: the audit keeps it. last: the number of the last entry of which it was
        known when it was decided. Raises NotErased, also where something was written after that.
        """
        ground = _usable(ground)
        with self._database.writing(on_disk=True) as connection:
            extent = _extent(connection, whom)
            if extent.hold is not None:
                mend = "End the hold first: ischio store hold --help"
                raise NotErased(Mistake(f"This person is held: {extent.hold.reason}.", mend))
            if last is not None and _count(connection, AUDIT, _about(AUDIT, whom), _TOLD, AUDIT.c.number > last):
                raise NotErased(Mistake("Something was written about this person meanwhile.", "Look once more."))
            writer, id = writer_in(connection), self._new_id()
            with unlocked(connection, [table.name for table in KEPT if extent.rows.get(table.name)]):
                for table in tables_about_people():
                    if extent.rows.get(table.name):
                        connection.execute(delete(table).where(_about(table, whom)))
                        writer.note(by, Action.DELETE, table.name, whom, why=ground, record=id)
            writer.write()
        return extent

    def sweep(self) -> bool:
        """Sees that nothing of what was erased is left in the database's files; False: not now, somebody is at it."""
        return self._database.sweep(table.name for table in tables_about_people())

    def done(self) -> tuple[Erasure, ...]:
        """All that were done, the newest first."""
        with self._database.reading() as connection:
            entries = connection.execute(
                select(AUDIT).where(AUDIT.c.action == Action.DELETE.value).order_by(AUDIT.c.number.desc())
            )
            of_each: dict[str, list[RowMapping]] = {}
            for row in entries.mappings():
                of_each.setdefault(row["record"], []).append(row)
            return tuple(_erasure(connection, rows) for rows in of_each.values())

    def untouched_since(self, moment_: datetime) -> tuple[Past, ...]:
        """Everybody about whom nothing was written since, the longest ago first. A hold counts for no writing."""
        last = func.max(case((_TOLD, AUDIT.c.at)))
        written = func.max(case((_TOLD, AUDIT.c.number)))
        erased = func.coalesce(func.max(case((AUDIT.c.action == Action.DELETE.value, AUDIT.c.number))), 0)
        columns = (AUDIT.c.server, AUDIT.c.person, last.label("last"), written.label("number"))
        of_person = select(*columns).where(AUDIT.c.person.is_not(None))
        wanted = of_person.group_by(AUDIT.c.server, AUDIT.c.person).having(written > erased, last < moment(moment_))
        with self._database.reading() as connection:
            found, holds = connection.execute(wanted.order_by(last)).mappings().all(), holds_in(connection)
            return tuple(_past(connection, row, holds) for row in found)


_TOLD = (AUDIT.c.proof != "") & (AUDIT.c.what != HOLD.name)
"""Entries of something that was written about somebody; that they are held is not about them."""


def _past(connection: Connection, row: RowMapping, holds: Mapping[Person, Hold]) -> Past:
    whom = Person(row["server"], row["person"])
    return Past(whom, _known(connection, whom), read_moment(row["last"]), row["number"], holds.get(whom))


def tables_about_people() -> tuple[Table, ...]:
    """All that an erasure looks into, each before those that it refers to or by which its rows are found."""
    every = [table for table in reversed(METADATA.sorted_tables) if table is not AUDIT and is_about_people(table)]
    return (*(table for table in every if table is not PERSON), PERSON)


def is_about_people(table: Table) -> bool:
    return _by_person(table) or _by_known(table) or _referred(table) is not None


def _by_person(table: Table) -> bool:
    return {"server", "person"} <= set(table.c.keys())


def _by_known(table: Table) -> bool:
    return {"organisation", "known_as"} <= set(table.c.keys())


def _referred(table: Table) -> tuple[ColumnElement[str], ColumnElement[str]] | None:
    """The column that refers to a row about a person, and what it refers to."""
    for key in table.foreign_keys:
        to = key.column.table
        if to not in (table, AUDIT) and is_about_people(to):
            return key.parent, key.column
    return None


def _about(table: Table, whom: Person) -> ColumnElement[bool]:
    """What holds of the table's rows about somebody."""
    if _by_person(table):
        return (table.c.server == whom.server) & (table.c.person == whom.id)
    if _by_known(table):
        own = select(PERSON.c.organisation, PERSON.c.known_as).where(_about(PERSON, whom))
        return tuple_(table.c.organisation, table.c.known_as).in_(own)
    referred = _referred(table)
    assert referred is not None, f"{table.name} is about nobody"
    column, to = referred
    return column.in_(select(to).where(_about(to.table, whom)))


def _extent(connection: Connection, whom: Person) -> Extent:
    tables = tables_about_people()
    rows = {str(table.name): _count(connection, table, _about(table, whom)) for table in tables}
    audit = _count(connection, AUDIT, _about(AUDIT, whom))
    some = {name: count for name, count in rows.items() if count}
    return Extent(whom, _known(connection, whom), some, audit, hold_of(connection, whom))


def _erasure(connection: Connection, entries: Sequence[RowMapping]) -> Erasure:
    """entries: of one erasure, the newest first."""
    first = entries[-1]
    whom, by = Person(first["server"], first["person"]), Access(first["who"], read_moment(first["at"]))
    kept = {str(table.name) for table in KEPT}
    rows = {
        str(row["what"]): _written(connection, row["what"], whom, row["number"])
        for row in entries
        if row["what"] in kept
    }
    return Erasure(whom, by, first["why"], rows, first["number"])


def _count(connection: Connection, table: Table, *which: ColumnElement[bool]) -> int:
    return connection.scalar(select(func.count()).select_from(table).where(*which)) or 0


def _written(connection: Connection, what: str, whom: Person, before: int) -> int:
    """How many rows of a kept table went with an erasure: those written before it and after the one before."""
    of_table = (AUDIT.c.what == what, _about(AUDIT, whom), AUDIT.c.number < before)
    earlier = connection.scalar(
        select(func.max(AUDIT.c.number)).where(*of_table, AUDIT.c.action == Action.DELETE.value)
    )
    return _count(connection, AUDIT, *of_table, AUDIT.c.proof != "", AUDIT.c.number > (earlier or 0))


def _known(connection: Connection, whom: Person) -> tuple[Known, ...]:
    """By the newest version of each of their names."""
    rows = connection.execute(select(PERSON).where(_about(PERSON, whom)).order_by(PERSON.c.entry)).mappings()
    newest = {
        (row["organisation"], row["known_as"]): Known(
            row["known_as"], row["organisation"], whom, row["name"], row["identifier"]
        )
        for row in rows
    }
    return tuple(newest.values())


def _usable(ground: str) -> str:
    ground = " ".join(ground.split())
    if not ground or len(ground) > LONGEST:
        mend = f'Say it in at most {LONGEST} letters and without names, such as: "request of the person".'
        raise NotErased(Mistake("An erasure needs a ground.", mend))
    return ground
