"""The cards that were shown and the calls that gave none."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, RowMapping, Select, and_, bindparam, exists, func, or_, select

from ischio.model.about import Side
from ischio.store.database import Database
from ischio.store.entries import Access, Action, Card, CardOutcome, Outcome, Person
from ischio.store.moments import moment, read_moment
from ischio.store.schema import CARD, FEEDBACK, Words
from ischio.store.writing import Values, writer_on


def _quieted(*feedback: ColumnElement[bool]) -> Select[Any]:
    """feedback: what must hold of it."""
    server, person, key, digest, now = (
        bindparam(name, type_=Words) for name in ("server", "person", "key", "digest", "now")
    )
    shown = CARD.alias()
    of_whom = (shown.c.server == server, shown.c.person == person, shown.c.key == key, shown.c.has_card == 1)
    others = select(shown.c.entry).where(*of_whom, shown.c.digest != digest).order_by(shown.c.entry.desc())
    other = others.limit(1).scalar_subquery()
    told = exists().where(FEEDBACK.c.card == CARD.c.id, *feedback)
    about = (CARD.c.server == server, CARD.c.person == person, CARD.c.key == key, CARD.c.digest == digest)
    since = (CARD.c.shown_at <= now, CARD.c.entry > func.coalesce(other, 0))
    return select(CARD).where(*about, *since, told).order_by(CARD.c.entry.desc()).limit(1)


def _reasoned() -> ColumnElement[bool]:
    """A code, or words that are more than spaces."""
    words = func.trim(func.coalesce(FEEDBACK.c.comment, "")) != ""
    return and_(FEEDBACK.c.outcome == CardOutcome.OVERRIDDEN.value, or_(FEEDBACK.c.reason_code.is_not(None), words))


_QUIETED, _QUIETED_BY_REASON = _quieted(), _quieted(_reasoned())
"""Made once, because making one takes longer than asking it."""


class Cards:
    def __init__(self, database: Database) -> None:
        self._database = database

    def show(self, *cards: Card) -> None:
        """Keeps what one call gave: its cards, or why it gave none. Call it before the answer goes out."""
        with writer_on(self._database) as writer:
            for card in cards:
                writer.keep(CARD, _row(card), Access(card.client, card.shown_at), card.person)

    def card(self, uuid: str, by: Access, may_see: Callable[[Card], bool] = lambda _: True) -> Card | None:
        """None where there is none, or it may not be seen."""
        with writer_on(self._database) as writer:
            found = writer.connection.execute(select(CARD).where(CARD.c.id == uuid)).mappings().one_or_none()
            card = _card(found) if found else None
            seen = card is not None and may_see(card)
            outcome, why = (Outcome.SUCCESS, "") if seen else (Outcome.REFUSED, "not shown" if card else "unknown card")
            writer.note(by, Action.READ, "card", card.person if card else None, outcome, why)
        return card if seen else None

    def quieted(self, person: Person, key: str, digest: str, now: datetime, *, by_reason: bool = False) -> Card | None:
        """The card of which somebody told what became of it, if it said the same and no other was shown since.

        by_reason: nothing quiets it but that it was overridden with a reason.
        A card that says something else ends the quiet, and so does one that says the same again after it. What comes
        of the question is kept by `show`, with the same person; so this look has no audit entry of its own.
        """
        asked = {"server": person.server, "person": person.id, "key": key, "digest": digest, "now": moment(now)}
        with self._database.reading() as connection:
            found = connection.execute(_QUIETED_BY_REASON if by_reason else _QUIETED, asked).mappings().one_or_none()
        return _card(found) if found else None


def _row(card: Card) -> Values:
    return {
        "id": card.uuid,
        "service": card.service,
        "hook": card.hook,
        "client": card.client,
        "server": card.person.server,
        "person": card.person.id,
        "key": card.key,
        "pathway_id": card.pathway_id,
        "pathway_version": card.pathway_version,
        "side": card.side and card.side.value,
        "stage": card.stage,
        "rules": msgspec.json.encode(card.rules).decode(),
        "digest": card.digest,
        "indicator": card.indicator,
        "shown_at": moment(card.shown_at),
        "why": card.why,
        "has_card": int(card.has_card),
    }


def _card(row: RowMapping) -> Card:
    return Card(
        uuid=row["id"],
        service=row["service"],
        hook=row["hook"],
        client=row["client"],
        person=Person(row["server"], row["person"]),
        key=row["key"],
        pathway_id=row["pathway_id"],
        pathway_version=row["pathway_version"],
        side=Side(row["side"]) if row["side"] else None,
        stage=row["stage"],
        rules=tuple(msgspec.json.decode(row["rules"])),
        digest=row["digest"],
        indicator=row["indicator"],
        shown_at=read_moment(row["shown_at"]),
        why=row["why"],
        has_card=bool(row["has_card"]),
    )
