"""What was declined: an action that somebody who knows the person decided against, and why."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC

from sqlalchemy import ColumnElement, RowMapping, Select, select

from ischio.model.about import Side
from ischio.store.database import Database
from ischio.store.entries import Access, Action, Decline, Person
from ischio.store.moments import read_moment
from ischio.store.schema import AUDIT, DECLINE
from ischio.store.writing import writer_on


class Declines:
    """new_id: makes the ids of declines."""

    def __init__(self, database: Database, new_id: Callable[[], str]) -> None:
        self._database, self._new_id = database, new_id

    def keep(self, decline: Decline) -> str:
        """Keeps a decline (its own id is not looked at). Returns its id.

        The same words of the same account on one day are one decline: a form that was sent twice.
        """
        row = {
            "id": self._new_id(),
            "organisation": decline.organisation,
            "server": decline.whom.server,
            "person": decline.whom.id,
            "side": decline.side and decline.side.value,
            "rule": decline.rule,
            "reason": decline.reason,
            "comment": decline.comment,
            "pathway_id": decline.pathway_id,
            "pathway_version": decline.pathway_version,
        }
        with writer_on(self._database, on_disk=True) as writer:
            told = writer.connection.execute(_declines().where(*_about(decline.whom))).mappings()
            for one in map(_decline, told):
                if _said(one) == _said(decline):
                    return one.id
            writer.keep(DECLINE, row, decline.by, decline.whom)
        return str(row["id"])

    def of(self, person: Person, by: Access) -> tuple[Decline, ...]:
        """Those about a person, the newest first."""
        with writer_on(self._database) as writer:
            writer.note(by, Action.READ, "decline", person)
            rows = writer.connection.execute(_declines().where(*_about(person))).mappings().all()
        return tuple(map(_decline, rows))

    def all(self, organisation: str, by: Access) -> tuple[Decline, ...]:
        """Those of an organisation, the newest first."""
        with writer_on(self._database) as writer:
            writer.note(by, Action.READ, "decline", None)
            wanted = _declines().where(DECLINE.c.organisation == organisation)
            rows = writer.connection.execute(wanted).mappings().all()
        return tuple(map(_decline, rows))


def _about(person: Person) -> tuple[ColumnElement[bool], ...]:
    return DECLINE.c.server == person.server, DECLINE.c.person == person.id


def _said(decline: Decline) -> Decline:
    """What was said, by whom, on which day."""
    day = decline.by.at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return replace(decline, id="", by=replace(decline.by, at=day))


def _declines() -> Select[tuple[object, ...]]:
    joined = select(DECLINE, AUDIT.c.who, AUDIT.c.at).join(AUDIT, DECLINE.c.entry == AUDIT.c.number)
    return joined.order_by(DECLINE.c.entry.desc())


def _decline(row: RowMapping) -> Decline:
    return Decline(
        id=row["id"],
        organisation=row["organisation"],
        whom=Person(row["server"], row["person"]),
        side=Side(row["side"]) if row["side"] else None,
        rule=row["rule"],
        reason=row["reason"],
        comment=row["comment"],
        pathway_id=row["pathway_id"],
        pathway_version=row["pathway_version"],
        by=Access(row["who"], read_moment(row["at"])),
    )
