"""Drafts: what somebody answered of a form and has not sent yet. They lie outside what is kept."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from ischio.store.database import Database
from ischio.store.entries import Known
from ischio.store.moments import moment, read_moment
from ischio.store.schema import DRAFT

NONE = "{}"
"""The answers of a draft that holds none."""


@dataclass(frozen=True, slots=True)
class Draft:
    """The answers to one form. fits: the digest of the form that was answered. answers: a JSON text.

    changed: when last. sent: when it was sent in; from then on it holds no answers. alert: how urgent a red
    flag is that was among what was sent.
    """

    id: str
    organisation: str
    known_as: str
    form: str
    fits: str
    answers: str
    changed: datetime
    sent: datetime | None = None
    alert: str | None = None


class DraftOver(Exception):
    """There is no such draft, or it was sent."""


class Drafts:
    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, known: Known) -> tuple[Draft, ...]:
        """The newest draft of each form of somebody, those that were sent included."""
        own = (DRAFT.c.organisation == known.organisation, DRAFT.c.known_as == known.id)
        with self._database.reading() as connection:
            rows = connection.execute(select(DRAFT).where(*own).order_by(DRAFT.c.form)).mappings().all()
        return tuple(map(_draft, rows))

    def empty(self, before: datetime) -> None:
        """Deletes the answers of every draft, whosever it is, that has lain since before then."""
        lain = (DRAFT.c.changed < moment(before), DRAFT.c.answers != NONE)
        with self._database.writing(on_disk=True) as connection:
            connection.execute(update(DRAFT).where(*lain).values(answers=NONE))

    def begin(self, draft: Draft, is_over: Callable[[Draft], bool]) -> Draft:
        """The draft to go on with: this one, or the one that was begun for the same form and is not over."""
        with self._database.writing(on_disk=True) as connection:
            found = _same(connection, draft)
            if found is not None and not is_over(found):
                return found
            if found is not None:
                connection.execute(delete(DRAFT).where(DRAFT.c.id == found.id))
            connection.execute(insert(DRAFT), _row(draft))
        return draft

    def change(self, id: str, step: Callable[[Draft], Draft]) -> Draft | None:
        """The draft after a step; nobody else changes it meanwhile. None: there is no such draft, or it was sent."""
        with self._database.writing(on_disk=True) as connection:
            return _changed(connection, id, step)

    def change_beside(self, id: str, step: Callable[[Draft], Draft]) -> Callable[[Connection], None]:
        """The same, to be done in one writing with something else: both are kept, or neither is. Raises DraftOver."""

        def beside(connection: Connection) -> None:
            if _changed(connection, id, step) is None:
                raise DraftOver

        return beside


def _changed(connection: Connection, id: str, step: Callable[[Draft], Draft]) -> Draft | None:
    found = connection.execute(select(DRAFT).where(DRAFT.c.id == id)).mappings().one_or_none()
    if found is None or found["sent"] is not None:
        return None
    draft = step(_draft(found))
    connection.execute(update(DRAFT).where(DRAFT.c.id == id).values(_row(draft)))
    return draft


def _same(connection: Connection, draft: Draft) -> Draft | None:
    """What there is of the same form of the same person."""
    names = ("organisation", "known_as", "form")
    own = (DRAFT.c[name] == getattr(draft, name) for name in names)
    row = connection.execute(select(DRAFT).where(*own)).mappings().one_or_none()
    return _draft(row) if row else None


def _row(draft: Draft) -> dict[str, object]:
    return {
        "id": draft.id,
        "organisation": draft.organisation,
        "known_as": draft.known_as,
        "form": draft.form,
        "fits": draft.fits,
        "answers": draft.answers,
        "changed": moment(draft.changed),
        "sent": draft.sent and moment(draft.sent),
        "alert": draft.alert,
    }


def _draft(row: RowMapping) -> Draft:
    sent = read_moment(row["sent"]) if row["sent"] else None
    return Draft(
        row["id"],
        row["organisation"],
        row["known_as"],
        row["form"],
        row["fits"],
        row["answers"],
        read_moment(row["changed"]),
        sent,
        row["alert"],
    )
