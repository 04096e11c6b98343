"""Devices on which a patient is let in. Only what is needed while it lasts: no part of what is kept."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, RowMapping, delete, insert, select, update

from ischio.store.database import Database
from ischio.store.entries import Known
from ischio.store.moments import moment, read_moment
from ischio.store.schema import PATIENT_SESSION as SESSION


@dataclass(frozen=True, slots=True)
class PatientSession:
    """digest: SHA-256, in hex, of the token that the device holds. id: names the session in the audit.

    known_as: who is let in, in their organisation. secret: for the forms' tokens.
    """

    digest: str = field(repr=False)
    id: str
    organisation: str
    known_as: str
    began: datetime
    seen: datetime
    secret: str = field(repr=False)


class PatientSessions:
    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, session: PatientSession, dropped_before: datetime) -> None:
        """dropped_before: sessions that began earlier are over, and go."""
        row = {
            "digest": session.digest,
            "id": session.id,
            "organisation": session.organisation,
            "known_as": session.known_as,
            "began": moment(session.began),
            "seen": moment(session.seen),
            "secret": session.secret,
        }
        with self._database.writing(on_disk=True) as connection:
            connection.execute(delete(SESSION).where(SESSION.c.began < moment(dropped_before)))
            connection.execute(insert(SESSION), row)

    def of(self, digest: str) -> PatientSession | None:
        with self._database.reading() as connection:
            row = connection.execute(select(SESSION).where(SESSION.c.digest == digest)).mappings().one_or_none()
        return _session(row) if row else None

    def of_person(self, known: Known) -> tuple[PatientSession, ...]:
        """Those of somebody, the newest first."""
        wanted = select(SESSION).where(*_whose(known)).order_by(SESSION.c.began.desc())
        with self._database.reading() as connection:
            return tuple(map(_session, connection.execute(wanted).mappings()))

    def see(self, digest: str, at: datetime) -> None:
        with self._database.writing(on_disk=False) as connection:
            connection.execute(update(SESSION).where(SESSION.c.digest == digest).values(seen=moment(at)))

    def end(self, digest: str) -> None:
        with self._database.writing(on_disk=True) as connection:
            connection.execute(delete(SESSION).where(SESSION.c.digest == digest))

    def end_all(self, known: Known) -> int:
        """Ends every session of somebody. Returns how many there were."""
        with self._database.writing(on_disk=True) as connection:
            return connection.execute(delete(SESSION).where(*_whose(known))).rowcount


def _whose(known: Known) -> tuple[ColumnElement[bool], ...]:
    return SESSION.c.organisation == known.organisation, SESSION.c.known_as == known.id


def _session(row: RowMapping) -> PatientSession:
    began, seen = read_moment(row["began"]), read_moment(row["seen"])
    return PatientSession(row["digest"], row["id"], row["organisation"], row["known_as"], began, seen, row["secret"])
