"""What is remembered for browsers, in every process: sealed words that nobody reads who has the store alone.

Only what is needed while it lasts: no part of what is kept.
"""

from datetime import datetime

from sqlalchemy import delete, insert, select, update

from ischio.store.database import Database
from ischio.store.moments import moment
from ischio.store.schema import SEALED

MOST = 20_000
"""Of one kind: where there are more, those that end first go. One address may ask a process for fewer in 10 minutes."""


class Sealed:
    """digest: of the name under which something is remembered, which lies nowhere here."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, digest: str, kind: str, body: str, until: datetime, now: datetime) -> None:
        row = {"digest": digest, "kind": kind, "body": body, "until": moment(until)}
        same = SEALED.c.kind == kind
        newest = select(SEALED.c.until).where(same).order_by(SEALED.c.until.desc())
        first_to_go = newest.offset(MOST - 1).limit(1).scalar_subquery()
        with self._database.writing(on_disk=False) as connection:
            connection.execute(delete(SEALED).where(SEALED.c.until <= moment(now)))
            connection.execute(delete(SEALED).where(same, SEALED.c.until <= first_to_go))
            connection.execute(insert(SEALED), row)

    def of(self, digest: str, now: datetime) -> str | None:
        """None where it has ended, too."""
        wanted = select(SEALED.c.body).where(SEALED.c.digest == digest, SEALED.c.until > moment(now))
        with self._database.reading() as connection:
            return connection.scalar(wanted)

    def replace(self, digest: str, body: str) -> None:
        """Other words for the same time; nothing where it has been ended."""
        with self._database.writing(on_disk=False) as connection:
            connection.execute(update(SEALED).where(SEALED.c.digest == digest).values(body=body))

    def end(self, digest: str) -> bool:
        """Whether it was there until now: of several that end it at once, in whatever processes, one hears yes."""
        with self._database.writing(on_disk=False) as connection:
            return connection.execute(delete(SEALED).where(SEALED.c.digest == digest)).rowcount == 1
