"""What became of the cards, as clients tell it: kept once, however often it is told."""

from collections.abc import Collection, Iterator, Sequence

import msgspec
from sqlalchemy import Connection, RowMapping, Select, select

from ischio.store.chain import digest
from ischio.store.database import Database
from ischio.store.entries import Access, Action, CardOutcome, Feedback, Person, Taken
from ischio.store.moments import moment, read_moment
from ischio.store.schema import CARD, FEEDBACK
from ischio.store.writing import Values, as_written, writer_on

AT_ONCE = 900
"""Ids in one question: some builds of SQLite take 999 values."""


class Feedbacks:
    def __init__(self, database: Database) -> None:
        self._database = database

    def take(self, service: str, told: Sequence[Feedback], by: Access) -> tuple[Taken, ...]:
        """Keeps what is new. Returns what became of each, in their order; one that is refused stops no other.

        The same words about the same card are the same feedback. Another outcome told later is kept beside the first.
        Who tells of a card is the client to which it was shown: to another one it is unknown.
        """
        said = [_said(each) for each in told]
        taken = []
        with writer_on(self._database, on_disk=True) as writer:
            cards = _cards(writer.connection, {each["card"] for each in said}, by.who)
            rows = [each | {"id": _id(each, cards.get(each["card"]))} for each in said]
            known = _known(writer.connection, {row["id"] for row in rows})
            for row in rows:
                card = cards.get(row["card"])
                taken.append(_taken(card, service, row["id"] in known))
                if card and taken[-1] is Taken.NEW:
                    known.add(row["id"])
                    writer.keep(FEEDBACK, row, by, Person(card["server"], card["person"]))
        return tuple(taken)

    def about(self, card: str, by: Access) -> tuple[Feedback, ...]:
        """What was told of a card, by the moments that the clients gave."""
        told = select(FEEDBACK, CARD.c.server, CARD.c.person).join(CARD, FEEDBACK.c.card == CARD.c.id)
        with writer_on(self._database) as writer:
            ordered = told.where(CARD.c.id == card).order_by(FEEDBACK.c.at, FEEDBACK.c.entry)
            rows = writer.connection.execute(ordered).mappings().all()
            whom = Person(rows[0]["server"], rows[0]["person"]) if rows else None
            writer.note(by, Action.READ, "feedback", whom)
        return tuple(map(_feedback, rows))


def _taken(card: RowMapping | None, service: str, known: bool) -> Taken:
    if card is None:
        return Taken.UNKNOWN_CARD
    if card["service"] != service:
        return Taken.OTHER_SERVICE
    return Taken.SAME if known else Taken.NEW


def _cards(connection: Connection, uuids: Collection[str], client: str) -> dict[str, RowMapping]:
    """Of those that were shown to a client: whose service and person. A call without a card has none to tell of."""
    shown = select(CARD.c.id, CARD.c.salt, CARD.c.service, CARD.c.server, CARD.c.person)
    shown = shown.where(CARD.c.has_card == 1, CARD.c.client == client)
    asked = (shown.where(CARD.c.id.in_(some)) for some in _in_parts(uuids))
    return {row["id"]: row for row in _found(connection, asked)}


def _known(connection: Connection, ids: Collection[str]) -> set[str]:
    asked = (select(FEEDBACK.c.id).where(FEEDBACK.c.id.in_(some)) for some in _in_parts(ids))
    return {row["id"] for row in _found(connection, asked)}


def _found(connection: Connection, asked: Iterator[Select[*tuple[str, ...]]]) -> Iterator[RowMapping]:
    for each in asked:
        yield from connection.execute(each).mappings()


def _in_parts(ids: Collection[str]) -> Iterator[list[str]]:
    every = sorted(ids)
    return (every[start : start + AT_ONCE] for start in range(0, len(every), AT_ONCE))


def _id(said: Values, card: RowMapping | None) -> str:
    """The same of the same words. The card's salt is under it, because the audit keeps ids longer than rows."""
    return digest([card["salt"] if card else "", *said.values()])


def _said(told: Feedback) -> Values:
    system, code = told.reason or (None, None)
    said = {
        "card": told.card,
        "outcome": told.outcome.value,
        "at": moment(told.at),
        "suggestions": msgspec.json.encode(told.suggestions).decode(),
        "reason_system": system,
        "reason_code": code,
        "comment": told.comment,
    }
    return as_written(said)


def _feedback(row: RowMapping) -> Feedback:
    return Feedback(
        row["card"],
        CardOutcome(row["outcome"]),
        read_moment(row["at"]),
        tuple(msgspec.json.decode(row["suggestions"])),
        (row["reason_system"], row["reason_code"]) if row["reason_code"] is not None else None,
        row["comment"],
    )
