"""The people whom an organisation looks after: each change of a name or identifier is a version of its own."""

from collections.abc import Callable

from sqlalchemy import Connection, RowMapping, Select, select

from ischio.model.mistake import Mistake
from ischio.store.database import Database
from ischio.store.entries import Access, Action, Known, Outcome, Person
from ischio.store.faults import PersonRefused
from ischio.store.schema import PERSON
from ischio.store.standings import unsettle
from ischio.store.writing import writer_on

ELSEWHERE = "not of this organisation"
"""Why somebody was refused, in the audit."""


class People:
    """new_id: makes the ids of versions."""

    def __init__(self, database: Database, new_id: Callable[[], str]) -> None:
        self._database, self._new_id = database, new_id

    def keep(self, known: Known, by: Access, *, new: bool = False) -> None:
        """Keeps somebody new, or a version of somebody. new: it must be somebody new.

        Raises PersonRefused where another of the organisation has the identifier, or the person is known under another
        id or to another organisation.
        """
        with writer_on(self._database, on_disk=True) as writer:
            _refuse_second(writer.connection, known, new)
            row = {
                "id": self._new_id(),
                "organisation": known.organisation,
                "known_as": known.id,
                "server": known.whom.server,
                "person": known.whom.id,
                "name": known.name,
                "identifier": known.identifier,
            }
            writer.keep(PERSON, row, by, known.whom)
            unsettle(writer.connection, known.whom)

    def find(self, id: str, organisation: str, by: Access) -> Known | None:
        """Somebody of the organisation. For anybody else it is as if they were not there, and the try is audited."""
        newest = _newest().where(PERSON.c.known_as == id)
        with self._database.reading() as connection:
            found = connection.execute(newest.where(PERSON.c.organisation == organisation)).mappings().one_or_none()
        if found is not None:
            return _known(found)
        with writer_on(self._database) as writer:
            elsewhere = writer.connection.execute(newest).mappings().first()
            whom = _known(elsewhere).whom if elsewhere else None
            writer.note(by, Action.READ, "person", whom, Outcome.REFUSED, ELSEWHERE if elsewhere else "unknown person")
        return None

    def named_by(self, whom: Person, organisation: str) -> Known | None:
        """Somebody of the organisation by what a records system calls them."""
        of_server = (PERSON.c.server == whom.server, PERSON.c.person == whom.id)
        with self._database.reading() as connection:
            newest = _newest().where(*of_server, PERSON.c.organisation == organisation)
            found = connection.execute(newest).mappings().one_or_none()
        return _known(found) if found else None

    def all(self, organisation: str | None = None) -> tuple[Known, ...]:
        """Everybody, or everybody of an organisation, in the order in which they came."""
        wanted = _newest() if organisation is None else _newest().where(PERSON.c.organisation == organisation)
        with self._database.reading() as connection:
            return tuple(map(_known, connection.execute(wanted).mappings()))


def _newest() -> Select[tuple[object, ...]]:
    """Of everybody the newest version."""
    later = PERSON.alias()
    same = (later.c.organisation == PERSON.c.organisation, later.c.known_as == PERSON.c.known_as)
    newer = select(later.c.id).where(*same, later.c.entry > PERSON.c.entry).exists()
    return select(PERSON).where(~newer).order_by(PERSON.c.entry)


def _refuse_second(connection: Connection, known: Known, new: bool) -> None:
    whom = connection.execute(
        select(PERSON.c.organisation, PERSON.c.known_as).where(
            PERSON.c.server == known.whom.server, PERSON.c.person == known.whom.id
        )
    ).all()
    if any(new or tuple(row) != (known.organisation, known.id) for row in whom):
        raise PersonRefused(Mistake("This person is known already.", "Look them up instead of adding them again."))
    if not known.identifier:
        return
    same = (PERSON.c.organisation == known.organisation, PERSON.c.identifier == known.identifier)
    others = connection.execute(_newest().where(*same, PERSON.c.known_as != known.id)).mappings().first()
    if others is not None:
        mend = "Look that person up, or correct the identifier."
        raise PersonRefused(Mistake("Somebody else has this identifier.", mend, where="identifier"))


def _known(row: RowMapping) -> Known:
    whom = Person(row["server"], row["person"])
    return Known(row["known_as"], row["organisation"], whom, row["name"], row["identifier"])
