"""Links by which a patient is let in. What happens to one is a row each; the secret in its address is kept nowhere."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum

from sqlalchemy import Connection, RowMapping, Select, select

from ischio.store.database import Database
from ischio.store.entries import Access, Known, Person
from ischio.store.moments import moment, read_moment
from ischio.store.schema import AUDIT, LINK
from ischio.store.writing import Writer, writer_on


class Purpose(Enum):
    """What a link was made for: by a clinician for a patient, by a patient for a further device of their own, or for a
    reminder to somebody who is let in nowhere."""

    INVITATION = "invitation"
    DEVICE = "device"
    REMINDER = "reminder"


class LinkChange(Enum):
    """What happens to a link."""

    MADE = "made"
    WRONG_DATE = "wrong date"
    LOCKED = "locked"
    USED = "used"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Link:
    """A link as its rows tell it. id: names it; it opens nothing. known_as: whom it lets in, in their organisation.

    last: what happened to it last; wrong: how often the date of birth was wrong; made: by whom, and when.
    """

    id: str
    organisation: str
    known_as: str
    whom: Person
    digest: str = field(repr=False)
    purpose: Purpose
    until: datetime
    made: Access
    last: LinkChange = LinkChange.MADE
    wrong: int = 0

    def after(self, change: LinkChange) -> "Link":
        wrong = change in (LinkChange.WRONG_DATE, LinkChange.LOCKED)
        return replace(self, last=change, wrong=self.wrong + wrong)


Judge = Callable[[Link], LinkChange | None]
"""What happens to a link next; None: nothing."""


class Links:
    """new_id: makes the ids of rows."""

    def __init__(self, database: Database, new_id: Callable[[], str]) -> None:
        self._database, self._new_id = database, new_id

    def keep(self, link: Link) -> None:
        """A new link."""
        with writer_on(self._database, on_disk=True) as writer:
            self._row(writer, link, LinkChange.MADE, link.made)

    def of_digest(self, digest: str) -> Link | None:
        with self._database.reading() as connection:
            return _link(connection, digest)

    def of(self, known: Known) -> tuple[Link, ...]:
        """Those of somebody, the newest first."""
        whose = (LINK.c.organisation == known.organisation, LINK.c.known_as == known.id)
        with self._database.reading() as connection:
            rows = connection.execute(_rows().where(*whose)).mappings().all()
        told: dict[str, Link] = {}
        for row in rows:
            told[row["link"]] = _after(told.get(row["link"]), row)
        return tuple(reversed(told.values()))

    def tried(self, digest: str, judge: Judge, at: datetime) -> LinkChange | None:
        """Somebody tries a link; of many at once each is judged by what the others did. Returns what it came to."""
        return self._step(digest, judge, lambda link: Access(f"link {link.id}", at))

    def revoke(self, digest: str, judge: Judge, by: Access) -> LinkChange | None:
        return self._step(digest, judge, lambda _: by)

    def _step(self, digest: str, judge: Judge, by: Callable[[Link], Access]) -> LinkChange | None:
        with writer_on(self._database, on_disk=True) as writer:
            link = _link(writer.connection, digest)
            change = judge(link) if link else None
            if link is not None and change is not None:
                self._row(writer, link, change, by(link))
        return change

    def _row(self, writer: Writer, link: Link, change: LinkChange, by: Access) -> None:
        row = {
            "id": self._new_id(),
            "link": link.id,
            "organisation": link.organisation,
            "known_as": link.known_as,
            "server": link.whom.server,
            "person": link.whom.id,
            "digest": link.digest,
            "purpose": link.purpose.value,
            "until": moment(link.until),
            "change": change.value,
        }
        writer.keep(LINK, row, by, link.whom, change.value)


def _rows() -> Select[tuple[object, ...]]:
    joined = select(LINK, AUDIT.c.who, AUDIT.c.at).join(AUDIT, LINK.c.entry == AUDIT.c.number)
    return joined.order_by(LINK.c.entry)


def _link(connection: Connection, digest: str) -> Link | None:
    link = None
    for row in connection.execute(_rows().where(LINK.c.digest == digest)).mappings():
        link = _after(link, row)
    return link


def _after(link: Link | None, row: RowMapping) -> Link:
    """The link after a row of it."""
    change = LinkChange(row["change"])
    if link is not None:
        return link.after(change)
    return Link(
        id=row["link"],
        organisation=row["organisation"],
        known_as=row["known_as"],
        whom=Person(row["server"], row["person"]),
        digest=row["digest"],
        purpose=Purpose(row["purpose"]),
        until=read_moment(row["until"]),
        made=Access(row["who"], read_moment(row["at"])),
        last=change,
    )
