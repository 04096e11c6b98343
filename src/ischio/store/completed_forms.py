"""Completed forms: whose each is, and how far it is on its way into the record that the person is known from.

What was answered lies in the event log; here is only what it takes to find a form again, and to push it once.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from sqlalchemy import ColumnElement, Connection, insert, select, update

from ischio.store.database import Database
from ischio.store.entries import Person
from ischio.store.moments import moment
from ischio.store.schema import COMPLETED_FORM

LOST_AFTER = timedelta(minutes=10)
"""A process that has had a form in hand for so long is gone, and another takes it: the same push twice is one."""


class Pushing(Enum):
    """How far a form is: WAITING for a push, its first or that of a change; TAKEN by a process; PUSHED; REFUSED."""

    WAITING = "waiting"
    TAKEN = "taken"
    PUSHED = "pushed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class CompletedForm:
    """id: of its QuestionnaireResponse. there: the id that the record gave it; empty where it has none yet.

    why: it was refused, in the words of the record.
    """

    id: str
    person: Person
    there: str = ""
    why: str = ""


class CompletedForms:
    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, id: str, server: str) -> CompletedForm | None:
        """server: under which the person is kept: nobody finds a form of another's person."""
        found = self._where(COMPLETED_FORM.c.id == id, COMPLETED_FORM.c.server == server)
        return found[0] if found else None

    def of(self, person: Person) -> tuple[CompletedForm, ...]:
        """Those of somebody, by the moment at which something last became of each."""
        return self._where(COMPLETED_FORM.c.server == person.server, COMPLETED_FORM.c.person == person.id)

    def in_state(self, server: str, *states: Pushing) -> tuple[CompletedForm, ...]:
        """Of the people of a server."""
        return self._where(
            COMPLETED_FORM.c.server == server, COMPLETED_FORM.c.state.in_([state.value for state in states])
        )

    def take(self, form: CompletedForm, at: datetime) -> bool:
        """Takes one in hand: nobody else has it then. False: another has."""
        free = (COMPLETED_FORM.c.state != Pushing.TAKEN.value) | (COMPLETED_FORM.c.at < moment(at - LOST_AFTER))
        due = (_is(form), COMPLETED_FORM.c.state != Pushing.PUSHED.value, free)
        with self._database.writing(on_disk=True) as connection:
            taken = {"state": Pushing.TAKEN.value, "at": moment(at)}
            return connection.execute(update(COMPLETED_FORM).where(*due).values(taken)).rowcount == 1

    def settle(self, form: CompletedForm, state: Pushing, at: datetime) -> None:
        """What came of one that is in hand. What changed meanwhile waits all the same."""
        mine = (_is(form), COMPLETED_FORM.c.state == Pushing.TAKEN.value)
        with self._database.writing(on_disk=True) as connection:
            connection.execute(update(COMPLETED_FORM).where(_is(form)).values(there=form.there))
            changed = {"state": state.value, "at": moment(at), "why": form.why}
            connection.execute(update(COMPLETED_FORM).where(*mine).values(changed))

    def _where(self, *which: ColumnElement[bool]) -> tuple[CompletedForm, ...]:
        wanted = select(COMPLETED_FORM).where(*which).order_by(COMPLETED_FORM.c.at, COMPLETED_FORM.c.id)
        with self._database.reading() as connection:
            rows = connection.execute(wanted).mappings().all()
        return tuple(
            CompletedForm(row["id"], Person(row["server"], row["person"]), row["there"], row["why"]) for row in rows
        )


def complete(connection: Connection, id: str, person: Person, at: datetime) -> None:
    """With the writing of its answers, so that none is ever without the other."""
    row = {"id": id, "server": person.server, "person": person.id, "state": Pushing.WAITING.value, "at": moment(at)}
    connection.execute(insert(COMPLETED_FORM), row | {"there": "", "why": ""})


def changed(connection: Connection, source: str, person: Person) -> None:
    """An answer of this source no longer stands. If it is of a completed form, that waits to be pushed anew."""
    form = (COMPLETED_FORM.c.id == source.rpartition("/")[2], COMPLETED_FORM.c.person == person.id)
    of_server = COMPLETED_FORM.c.server == person.server
    connection.execute(update(COMPLETED_FORM).where(*form, of_server).values(state=Pushing.WAITING.value))


def _is(form: CompletedForm) -> ColumnElement[bool]:
    whose = (COMPLETED_FORM.c.server == form.person.server) & (COMPLETED_FORM.c.person == form.person.id)
    return (COMPLETED_FORM.c.id == form.id) & whose
