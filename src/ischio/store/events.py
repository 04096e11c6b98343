"""The event log: what was recorded about a person. A correction or a withdrawal is an entry of its own."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, Select, func, select

from ischio.model.mistake import Mistake
from ischio.record.events import Event, Patient, Record
from ischio.store.completed_forms import changed, complete
from ischio.store.database import Database
from ischio.store.entries import Access, Action, Change, Logged, Person
from ischio.store.event_form import NOT_READ, event_or_gap, gaps_in, text_of
from ischio.store.faults import EventRefused, Superseded
from ischio.store.moments import read_moment
from ischio.store.schema import AUDIT, EVENT
from ischio.store.standings import unsettle
from ischio.store.writing import Writer, writer_on


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry that is to be written. event: None takes back, in place of the entry `replaces`."""

    event: Event | None
    replaces: str | None = None

    @property
    def change(self) -> Change:
        if self.replaces is None:
            return Change.ADDED
        return Change.CORRECTED if self.event else Change.WITHDRAWN


class Events:
    """new_id: makes the ids of entries."""

    def __init__(self, database: Database, new_id: Callable[[], str]) -> None:
        self._database, self._new_id = database, new_id

    def append(self, person: Person, events: Iterable[Event], by: Access) -> tuple[str, ...]:
        """Adds events, all or none. Returns the ids of their entries, in the order of the events."""
        return self.write(person, map(Entry, events), by)

    def write(
        self,
        person: Person,
        entries: Iterable[Entry],
        by: Access,
        seen: int | None = None,
        form: str | None = None,
        beside: Callable[[Connection], object] | None = None,
    ) -> tuple[str, ...]:
        """Writes entries, all or none. Returns their ids, in their order.

        seen: the number of the person's last entry when it was decided to write; raises Superseded where there is
        a newer one. form: the id of the form that they complete. beside: what is kept with them or not at all; where
        it raises, nothing is written. Raises EventRefused where what is to be replaced is not current, or is of
        somebody else.
        """
        with writer_on(self._database, on_disk=True) as writer:
            if seen is not None:
                _refuse_superseded(writer.connection, person, seen)
            if beside is not None:
                beside(writer.connection)
            ids = tuple([self._add(writer, person, entry, by) for entry in entries])
            if form is not None:
                complete(writer.connection, form, person, by.at)
            unsettle(writer.connection, person)
        return ids

    def append_once(self, person: Person, events: Mapping[str, Event], by: Access) -> tuple[str, ...]:
        """Adds events under ids that were made where they were told, so that what is sent again is kept once.

        events: by the id of their entry. Returns the ids that were new. Raises EventRefused where an id is somebody
        else's.
        """
        with writer_on(self._database, on_disk=True) as writer:
            rows = writer.connection.execute(select(EVENT).where(EVENT.c.id.in_(events))).mappings().all()
            foreign = [row["id"] for row in rows if Person(row["server"], row["person"]) != person]
            if foreign:
                raise _refused(foreign[0], "It is the id of an entry about somebody else.", "Make another id.")
            new = tuple(id for id in events if id not in {row["id"] for row in rows})
            for id in new:
                self._add(writer, person, Entry(events[id]), by, id)
            unsettle(writer.connection, person)
        return new

    def correct(self, id: str, event: Event, by: Access) -> str:
        """Puts an event in the place of the one that the entry added. Raises EventRefused if that is not current."""
        return self._replace(Entry(event, id), by)

    def withdraw(self, id: str, by: Access) -> str:
        """Takes back the event that the entry added. Raises EventRefused if that is not current."""
        return self._replace(Entry(None, id), by)

    def of(self, person: Person, by: Access) -> Record:
        """The events that stand, in the order in which they came."""
        return record_of(person, self.history(person, by))

    def history(self, person: Person, by: Access, until: int | None = None) -> tuple[Logged, ...]:
        """Every entry about the person, also those corrected and withdrawn, in the order in which they came.

        until: the number of the last entry that is wanted; None: all.
        """
        with writer_on(self._database) as writer:
            writer.note(by, Action.READ, "event", person)
            wanted = _entries(person) if until is None else _entries(person).where(EVENT.c.entry <= until)
            rows = writer.connection.execute(wanted).mappings().all()
        # Read out only now: a long log would keep others from writing.
        return tuple(map(_logged, rows))

    def unaudited(self, person: Person) -> tuple[Logged, ...]:
        """The same, for what is worked out and not shown: whoever is shown what comes of it is in the audit then."""
        with self._database.reading() as connection:
            return _logged_all(connection, _entries(person))

    def _replace(self, entry: Entry, by: Access) -> str:
        assert entry.replaces is not None
        with writer_on(self._database, on_disk=True) as writer:
            person, _ = _current(writer.connection, entry.replaces)
            id = self._add(writer, person, entry, by)
            unsettle(writer.connection, person)
        return id

    def _add(self, writer: Writer, person: Person, entry: Entry, by: Access, id: str | None = None) -> str:
        if entry.replaces is not None:
            whose, replaced = _current(writer.connection, entry.replaces)
            if whose != person:
                raise _refused(entry.replaces, "It is an entry about somebody else.", "Open the person's own chart.")
            changed(writer.connection, replaced.source, person)
        row = {
            "id": id or self._new_id(),
            "server": person.server,
            "person": person.id,
            "change": entry.change.value,
            "body": entry.event and text_of(entry.event),
            "replaces": entry.replaces,
        }
        writer.keep(EVENT, row, by, person, entry.change.value)
        return str(row["id"])


def standing(logged: Sequence[Logged]) -> tuple[Logged, ...]:
    """The entries whose events stand: neither corrected nor withdrawn."""
    replaced = {each.replaces for each in logged}
    return tuple(each for each in logged if each.event and each.id not in replaced)


def record_of(person: Person, logged: Sequence[Logged]) -> Record:
    """The events that stand after these entries, and what they say could not be read."""
    told = [each.event for each in standing(logged) if each.event]
    events = tuple(event for event in told if event.concept != NOT_READ)
    gaps = tuple(gap for event in told if event.concept == NOT_READ for gap in gaps_in(event))
    return Record(_patient(person.id, events), events, gaps)


def _entries(person: Person) -> Select[tuple[object, ...]]:
    joined = select(EVENT, AUDIT.c.who, AUDIT.c.at).join(AUDIT, EVENT.c.entry == AUDIT.c.number)
    return joined.where(EVENT.c.server == person.server, EVENT.c.person == person.id).order_by(EVENT.c.entry)


def _logged_all(connection: Connection, wanted: Select[tuple[object, ...]]) -> tuple[Logged, ...]:
    return tuple(map(_logged, connection.execute(wanted).mappings().all()))


def _refuse_superseded(connection: Connection, person: Person, seen: int) -> None:
    of_person = (EVENT.c.server == person.server, EVENT.c.person == person.id)
    last = connection.scalar(select(func.max(EVENT.c.entry)).where(*of_person)) or 0
    # Below it where what was seen was erased since: then nothing may be written about the person again.
    if last != seen:
        since = _logged_all(connection, _entries(person).where(EVENT.c.entry > seen))
        raise Superseded(since)


def _current(connection: Connection, id: str) -> tuple[Person, Event]:
    """The event that the entry holds, and whose it is. Raises EventRefused unless it holds one that still stands."""
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
    return Person(found["server"], found["person"]), event_or_gap(found["body"], id)


def _refused(id: str, what: str, mend: str) -> EventRefused:
    return EventRefused(Mistake(what, mend, where=f"event {id}"))


def _logged(row: RowMapping) -> Logged:
    person, by = Person(row["server"], row["person"]), Access(row["who"], read_moment(row["at"]))
    event = event_or_gap(row["body"], row["id"]) if row["body"] is not None else None
    return Logged(row["id"], person, Change(row["change"]), event, row["replaces"], by, row["entry"])


def _patient(id: str, events: Sequence[Event]) -> Patient:
    """Birth date and sex as the newest events about them say."""
    newest = {event.concept: event for event in events}
    birth, sex = newest.get("birth_date"), newest.get("sex")
    return Patient(id, birth.start if birth else None, str(sex.value) if sex else None)
