"""The outbox: reminders that are to be sent, each once, by whichever process takes it first."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from sqlalchemy import RowMapping, delete, insert, select, update

from ischio.store.database import Database
from ischio.store.entries import Known
from ischio.store.moments import moment, read_moment
from ischio.store.schema import OUTBOX


class Sending(Enum):
    """How far a reminder is.

    WAITING: to be tried, perhaps again. TAKEN: a process has it in hand. SENT: the mail server has it. DROPPED: it was
    no longer wanted. GIVEN_UP: it could not be sent. UNCLEAR: it may have been sent, and is not sent again.
    """

    WAITING = "waiting"
    TAKEN = "taken"
    SENT = "sent"
    DROPPED = "dropped"
    GIVEN_UP = "given up"
    UNCLEAR = "unclear"


OPEN = (Sending.WAITING, Sending.TAKEN)


@dataclass(frozen=True, slots=True)
class Reminder:
    """One thing of which somebody is reminded once. key: names it among theirs. what: its kind.

    tries: that were begun. next: not before; of one that is taken or done, when that was. why: of a failure, in short.
    """

    id: str
    organisation: str
    known_as: str
    key: str
    what: str
    state: Sending
    tries: int
    made: datetime
    next: datetime
    why: str = ""


class Outbox:
    """new_id: makes the ids of reminders."""

    def __init__(self, database: Database, new_id: Callable[[], str]) -> None:
        self._database, self._new_id = database, new_id

    def of(self, known: Known) -> tuple[Reminder, ...]:
        """Those of somebody, the oldest first."""
        whose = (OUTBOX.c.organisation == known.organisation, OUTBOX.c.known_as == known.id)
        with self._database.reading() as connection:
            rows = connection.execute(select(OUTBOX).where(*whose).order_by(OUTBOX.c.made, OUTBOX.c.key)).mappings()
            return tuple(map(_reminder, rows))

    def in_state(self, states: Collection[Sending]) -> tuple[Reminder, ...]:
        wanted = select(OUTBOX).where(OUTBOX.c.state.in_([one.value for one in states]))
        with self._database.reading() as connection:
            rows = connection.execute(wanted.order_by(OUTBOX.c.made, OUTBOX.c.id)).mappings()
            return tuple(map(_reminder, rows))

    def add(self, known: Known, things: Iterable[tuple[str, str]], at: datetime) -> None:
        """things: key and kind of each. Those that are there stay as they are, but what was dropped waits anew."""
        begun = {"state": Sending.WAITING.value, "tries": 0, "why": "", "made": moment(at), "next": moment(at)}
        whose = (OUTBOX.c.organisation == known.organisation, OUTBOX.c.known_as == known.id)
        with self._database.writing(on_disk=True) as connection:
            rows = connection.execute(select(OUTBOX.c.key, OUTBOX.c.state).where(*whose))
            there = {row.key: row.state for row in rows}
            for key, what in things:
                if key not in there:
                    row = {"id": self._new_id(), "organisation": known.organisation, "known_as": known.id, "key": key}
                    connection.execute(insert(OUTBOX), row | begun | {"what": what})
                elif there[key] == Sending.DROPPED.value:
                    connection.execute(update(OUTBOX).where(*whose, OUTBOX.c.key == key).values(begun))

    def take(self, id: str, at: datetime) -> Reminder | None:
        """Takes one in hand: nobody else has it then. None: another has, or it is not its time."""
        mine = (OUTBOX.c.id == id, OUTBOX.c.state == Sending.WAITING.value, OUTBOX.c.next <= moment(at))
        changed = {"state": Sending.TAKEN.value, "tries": OUTBOX.c.tries + 1, "next": moment(at)}
        with self._database.writing(on_disk=True) as connection:
            if connection.execute(update(OUTBOX).where(*mine).values(changed)).rowcount == 0:
                return None
            return _reminder(connection.execute(select(OUTBOX).where(OUTBOX.c.id == id)).mappings().one())

    def settle(self, id: str, state: Sending, next: datetime, why: str = "") -> None:
        """What came of one."""
        changed = {"state": state.value, "next": moment(next), "why": why}
        with self._database.writing(on_disk=True) as connection:
            connection.execute(update(OUTBOX).where(OUTBOX.c.id == id).values(changed))

    def forget(self, before: datetime) -> None:
        """Drops those that were made earlier and are no longer open."""
        old = (OUTBOX.c.made < moment(before), OUTBOX.c.state.not_in([one.value for one in OPEN]))
        with self._database.writing(on_disk=False) as connection:
            connection.execute(delete(OUTBOX).where(*old))

    def lost(self, before: datetime, why: str) -> tuple[Reminder, ...]:
        """Those that were taken earlier and of which nothing came: their process is gone. They are unclear from now."""
        gone = (OUTBOX.c.state == Sending.TAKEN.value, OUTBOX.c.next < moment(before))
        with self._database.writing(on_disk=True) as connection:
            found = tuple(map(_reminder, connection.execute(select(OUTBOX).where(*gone)).mappings().all()))
            connection.execute(update(OUTBOX).where(*gone).values(state=Sending.UNCLEAR.value, why=why))
        return found


def _reminder(row: RowMapping) -> Reminder:
    return Reminder(
        row["id"],
        row["organisation"],
        row["known_as"],
        row["key"],
        row["what"],
        Sending(row["state"]),
        row["tries"],
        read_moment(row["made"]),
        read_moment(row["next"]),
        row["why"],
    )
