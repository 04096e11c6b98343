"""Where somebody wants to be reminded, and of what: of each person the newest version counts, and each is kept."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import msgspec
from sqlalchemy import ColumnElement, RowMapping, Select, delete, insert, select

from ischio.store.database import Database
from ischio.store.entries import Access, Known, Person
from ischio.store.moments import moment, read_moment
from ischio.store.schema import AUDIT, CONTACT, STOP_TOKEN
from ischio.store.writing import writer_on


@dataclass(frozen=True, slots=True)
class Contact:
    """Where somebody is reminded. address: of their e-mail. wants: of what. rhythm: how often of exercises, or empty.

    language: in which they are written to. given: by whom, and when.
    """

    organisation: str
    known_as: str
    whom: Person
    address: str = field(repr=False)
    wants: tuple[str, ...]
    rhythm: str
    language: str
    given: Access


class Contacts:
    """new_id: makes the ids of versions."""

    def __init__(self, database: Database, new_id: Callable[[], str]) -> None:
        self._database, self._new_id = database, new_id

    def keep(self, contact: Contact) -> None:
        """A new version, in the place of the one before."""
        told = {"address": contact.address, "folded": contact.address.casefold()}
        wants = msgspec.json.encode(contact.wants).decode()
        rest = {"wants": wants, "rhythm": contact.rhythm, "language": contact.language}
        self._row(contact, told | rest, contact.given, "reminders given")

    def stop(self, contact: Contact, why: str, by: Access) -> None:
        """why: by which way it was stopped, for the audit."""
        nothing = {"address": None, "folded": None, "wants": "[]", "rhythm": "", "language": contact.language}
        self._row(contact, nothing, by, f"reminders stopped: {why}")

    def of(self, known: Known) -> Contact | None:
        """None of somebody who never wanted any, or stopped."""
        return self._one(CONTACT.c.organisation == known.organisation, CONTACT.c.known_as == known.id)

    def of_address(self, address: str) -> tuple[Contact, ...]:
        """Everybody who is reminded there now, in whichever organisation; letters large or small."""
        return self._found(CONTACT.c.folded == address.casefold())

    def all(self) -> tuple[Contact, ...]:
        """Everybody who is reminded, in the order in which they said so."""
        return self._found()

    def _one(self, *which: ColumnElement[bool]) -> Contact | None:
        return next(iter(self._found(*which)), None)

    def _found(self, *which: ColumnElement[bool]) -> tuple[Contact, ...]:
        with self._database.reading() as connection:
            return tuple(map(_contact, connection.execute(_newest().where(*which)).mappings()))

    def _row(self, contact: Contact, values: Mapping[str, str | None], by: Access, why: str) -> None:
        row = {
            "id": self._new_id(),
            "organisation": contact.organisation,
            "known_as": contact.known_as,
            "server": contact.whom.server,
            "person": contact.whom.id,
            **values,
        }
        with writer_on(self._database, on_disk=True) as writer:
            writer.keep(CONTACT, row, by, contact.whom, why)

    # ---- what a mail carries ----------------------------------------------------------------------------------------

    def keep_stop(self, digest: str, contact: Contact, at: datetime, dropped_before: datetime) -> None:
        """dropped_before: those that were made earlier go."""
        row = {"digest": digest, "organisation": contact.organisation, "known_as": contact.known_as, "made": moment(at)}
        with self._database.writing(on_disk=True) as connection:
            connection.execute(delete(STOP_TOKEN).where(STOP_TOKEN.c.made < moment(dropped_before)))
            connection.execute(insert(STOP_TOKEN), row)

    def of_stop(self, digest: str) -> Contact | None:
        """Whom a mail was written to, as long as they are reminded."""
        with self._database.reading() as connection:
            row = connection.execute(select(STOP_TOKEN).where(STOP_TOKEN.c.digest == digest)).mappings().one_or_none()
        if row is None:
            return None
        return self._one(CONTACT.c.organisation == row["organisation"], CONTACT.c.known_as == row["known_as"])


def _newest() -> Select[tuple[object, ...]]:
    """Of everybody who is reminded the newest version."""
    later = CONTACT.alias()
    same = (later.c.organisation == CONTACT.c.organisation, later.c.known_as == CONTACT.c.known_as)
    newer = select(later.c.id).where(*same, later.c.entry > CONTACT.c.entry).exists()
    joined = select(CONTACT, AUDIT.c.who, AUDIT.c.at).join(AUDIT, CONTACT.c.entry == AUDIT.c.number)
    return joined.where(~newer, CONTACT.c.address.is_not(None)).order_by(CONTACT.c.entry)


def _contact(row: RowMapping) -> Contact:
    return Contact(
        row["organisation"],
        row["known_as"],
        Person(row["server"], row["person"]),
        row["address"],
        msgspec.json.decode(row["wants"], type=tuple[str, ...]),
        row["rhythm"],
        row["language"],
        Access(row["who"], read_moment(row["at"])),
    )
