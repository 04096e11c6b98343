"""The event log: what was recorded about a person. A correction or a withdrawal is an entry of its own."""

from collections.abc import Callable, Iterable, Sequence

from sqlalchemy import Connection, RowMapping, select

from ischio.model.mistake import Mistake
from ischio.record.events import Event, Patient, Record
from ischio.store.database import Database
from ischio.store.entries import Access, Action, Change, Logged, Person
from ischio.store.event_form import event_of, text_of
from ischio.store.faults import EventRefused
from ischio.store.moments import read_moment
from ischio.store.schema import AUDIT, EVENT
from ischio.store.writing import Writer, writer_on


class Events:
    """new_id: makes the ids of entries."""

    def __init__(self, database: Database, new_id: Callable[[], str]) -> None:
        self._database, self._new_id = database, new_id

    def append(self, person: Person, events: Iterable[Event], by: Access) -> tuple[str, ...]:
        """Adds events, all or none. Returns the ids of their entries, in the order of the events."""
        with writer_on(self._database, on_disk=True) as writer:
            return tuple(self._add(writer, person, Change.ADDED, event, None, by) for event in events)

    def correct(self, id: str, event: Event, by: Access) -> str:
        """Puts an event in the place of the one that the entry added. Raises EventRefused if that is not current."""
        return self._replace(id, Change.CORRECTED, event, by)

    def withdraw(self, id: str, by: Access) -> str:
        """Takes back the event that the entry added. Raises EventRefused if that is not current."""
        return self._replace(id, Change.WITHDRAWN, None, by)

    def of(self, person: Person, by: Access) -> Record:
        """The events that stand, in the order in which they came."""
        logged = self.history(person, by)
        replaced = {each.replaces for each in logged}
        events = tuple(each.event for each in logged if each.event and each.id not in replaced)
        return Record(_patient(person.id, events), events)

    def history(self, person: Person, by: Access) -> tuple[Logged, ...]:
        """Every entry about the person, also those corrected and withdrawn, in the order in which they came."""
        with writer_on(self._database) as writer:
            writer.note(by, Action.READ, "event", person)
            joined = select(EVENT, AUDIT.c.who, AUDIT.c.at).join(AUDIT, EVENT.c.entry == AUDIT.c.number)
            about = (EVENT.c.server == person.server) & (EVENT.c.person == person.id)
            rows = writer.connection.execute(joined.where(about).order_by(EVENT.c.entry)).mappings().all()
        return tuple(map(_logged, rows))

    def _replace(self, id: str, change: Change, event: Event | None, by: Access) -> str:
        with writer_on(self._database, on_disk=True) as writer:
            return self._add(writer, _current(writer.connection, id), change, event, id, by)

    def _add(
        self, writer: Writer, person: Person, change: Change, event: Event | None, replaces: str | None, by: Access
    ) -> str:
        row = {
            "id": self._new_id(),
            "server": person.server,
            "person": person.id,
            "change": change.value,
            "body": event and text_of(event),
            "replaces": replaces,
        }
        writer.keep(EVENT, row, by, person, change.value)
        return str(row["id"])


def _current(connection: Connection, id: str) -> Person:
    """Whose event the entry holds. Raises EventRefused unless it holds one that still stands."""
    found = connection.execute(select(EVENT).where(EVENT.c.id == id)).mappings().one_or_none()
    if found is None:
        raise _refused(id, "There is no such entry in the event log.", "Look up its id in the person's history.")
    later = connection.execute(select(EVENT.c.id, EVENT.c.change).where(EVENT.c.replaces == id)).one_or_none()
    if later is not None:
        raise _refused(
            id, f"It was {later.change} already, by entry {later.id}.", "Read the history, then decide anew."
        )
    if found["body"] is None:
        raise _refused(id, "It takes an event back and holds none.", "Add the event again.")
    return Person(found["server"], found["person"])


def _refused(id: str, what: str, mend: str) -> EventRefused:
    return EventRefused(Mistake(what, mend, where=f"event {id}"))


def _logged(row: RowMapping) -> Logged:
    person, by = Person(row["server"], row["person"]), Access(row["who"], read_moment(row["at"]))
    event = event_of(row["body"]) if row["body"] is not None else None
    return Logged(row["id"], person, Change(row["change"]), event, row["replaces"], by)


def _patient(id: str, events: Sequence[Event]) -> Patient:
    """Birth date and sex as the newest events about them say."""
    newest = {event.concept: event for event in events}
    birth, sex = newest.get("birth_date"), newest.get("sex")
    return Patient(id, birth.start if birth else None, str(sex.value) if sex else None)
