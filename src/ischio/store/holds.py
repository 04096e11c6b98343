"""Holds: people whom nobody may erase for the time being, such as for a lawsuit. The newest row about each counts."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, select

from ischio.store.database import Database
from ischio.store.entries import Access, Person
from ischio.store.moments import read_moment
from ischio.store.schema import AUDIT, HOLD
from ischio.store.writing import writer_on


@dataclass(frozen=True, slots=True)
class Hold:
    """That somebody may not be erased. reason: in a few words; it is erased with the person."""

    whom: Person
    reason: str
    by: Access


class Holds:
    """new_id: makes the ids of rows."""

    def __init__(self, database: Database, new_id: Callable[[], str]) -> None:
        self._database, self._new_id = database, new_id

    def put(self, whom: Person, reason: str, by: Access, *, holds: bool = True) -> None:
        """Holds somebody, or (holds False) ends the hold; either with a reason."""
        row = {"id": self._new_id(), "server": whom.server, "person": whom.id, "reason": reason, "holds": int(holds)}
        with writer_on(self._database, on_disk=True) as writer:
            writer.keep(HOLD, row, by, whom)

    def all(self) -> tuple[Hold, ...]:
        """Everybody who is held, in the order in which they came."""
        with self._database.reading() as connection:
            return tuple(holds_in(connection).values())

    def of(self, whom: Person) -> Hold | None:
        with self._database.reading() as connection:
            return hold_of(connection, whom)


def hold_of(connection: Connection, whom: Person) -> Hold | None:
    return holds_in(connection).get(whom)


def holds_in(connection: Connection) -> dict[Person, Hold]:
    """Everybody who is held; they are few."""
    joined = select(HOLD, AUDIT.c.who, AUDIT.c.at).join(AUDIT, HOLD.c.entry == AUDIT.c.number)
    newest: dict[Person, Hold | None] = {}
    for row in connection.execute(joined.order_by(HOLD.c.entry)).mappings():
        whom = Person(row["server"], row["person"])
        by = Access(row["who"], read_moment(row["at"]))
        newest[whom] = Hold(whom, row["reason"], by) if row["holds"] else None
    return {whom: hold for whom, hold in newest.items() if hold}
