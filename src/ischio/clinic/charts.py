"""The chart of somebody: what is recorded, what the pathway says of it, and writing into it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256

import msgspec

from ischio.clinic.answers import ENTERED
from ischio.clinic.knowledge import Knowledge
from ischio.clinic.standings import Standings
from ischio.clinic.taken_over import entries_to_follow
from ischio.engine.assess import assess
from ischio.fhir.apply.answered import SOURCE
from ischio.model.assessment import Assessment
from ischio.record.events import Event, Record
from ischio.store.entries import Access, Answered, Known, Logged
from ischio.store.events import Entry, record_of, standing
from ischio.store.faults import Superseded
from ischio.store.store import Store


@dataclass(frozen=True, slots=True)
class Chart:
    """Somebody's chart on a date. seen: the number of the last entry of their event log; 0 for an empty one.

    logged: every entry, also those that were corrected or taken back. answered: id of the answer, to ask for it again.
    """

    known: Known
    record: Record
    assessment: Assessment
    seen: int
    logged: tuple[Logged, ...]
    answered: str


class Charts:
    def __init__(self, store: Store, knowledge: Knowledge, standings: Standings) -> None:
        self._store, self._knowledge, self._standings = store, knowledge, standings
        self._put_in = False

    def of(self, known: Known, on: date, by: Access) -> Chart:
        """The chart on an index date. That it was shown is kept, so that the same answer can be made again."""
        logged = self._store.events.history(known.whom, by)
        record = record_of(known.whom, logged)
        assessment = assess(self._knowledge.pathway, record, on)
        answered = self._keep_answer(known, last_of(logged), assessment, by)
        return Chart(known, record, assessment, last_of(logged), logged, answered)

    def record(self, known: Known, events: Iterable[Event], seen: int | None, by: Access) -> tuple[str, ...]:
        """Writes down what was answered, all or nothing. Returns the ids of the entries that were written.

        What was entered before for the same day, side and circumstances is corrected, and what is the same is not
        written twice: two values of one day would be a contradiction. Raises Superseded where somebody wrote about the
        person since `seen`; None: it is told without looking at the record, as a patient does.
        """
        logged = self._store.events.history(known.whom, by)
        ids = self._store.events.write(known.whom, entries_for(tuple(events), logged), by, seen)
        self._standings.bring_up_to_date([known], by.at.date())
        return ids

    def follow(self, known: Known, record: Record, by: Access) -> None:
        """Has the log say what a records system says now. Raises Superseded where others write and write.

        What it has by a push of ours is no second word: the original is here, as it stands.
        """
        pushed = self._store.completed_forms.of(known.whom)
        ours = {SOURCE + id for form in pushed for id in (form.id, form.there)}
        record = replace(record, events=tuple(event for event in record.events if event.source not in ours))
        for last in (False, False, True):
            logged = self._store.events.history(known.whom, by)
            entries = entries_to_follow(record, logged)
            try:
                if entries:
                    self._store.events.write(known.whom, entries, by, last_of(logged))
                break
            except Superseded:
                if last:
                    raise
        self._standings.bring_up_to_date([known], by.at.date())

    def withdraw(self, known: Known, id: str, seen: int, by: Access) -> None:
        """Takes back the event that an entry of this person added. Raises Superseded, EventRefused."""
        self.withdraw_all(known, [id], by, seen)

    def add_once(self, known: Known, events: Mapping[str, Event], by: Access) -> bool:
        """Writes down what was told under ids of its own, as a device that sends again does. Whether any was new."""
        new = self._store.events.append_once(known.whom, events, by)
        if new:
            self._standings.bring_up_to_date([known], by.at.date())
        return bool(new)

    def withdraw_all(self, known: Known, ids: Iterable[str], by: Access, seen: int | None = None) -> None:
        """Takes back what these entries of this person added. seen: None: whatever was written meanwhile.

        Raises Superseded, EventRefused.
        """
        self._store.events.write(known.whom, [Entry(None, id) for id in ids], by, seen)
        self._standings.bring_up_to_date([known], by.at.date())

    def _keep_answer(self, known: Known, seen: int, assessment: Assessment, by: Access) -> str:
        if not self._put_in:
            self._store.answers.put_in(self._knowledge.files, by)
            self._put_in = True
        digest = sha256(as_bytes(assessment)).hexdigest()
        shown = Answered("", known.whom, seen, assessment.index_date, self._knowledge.digest, digest, by)
        return self._store.answers.keep(shown).id


def as_bytes(assessment: Assessment) -> bytes:
    """The published contract as JSON, the same bytes for the same answer."""
    return msgspec.json.encode(assessment)


def last_of(logged: Sequence[Logged]) -> int:
    """The number of the last entry; 0 where there is none."""
    return logged[-1].number if logged else 0


# ---- what is entered twice ----------------------------------------------------------------------------------------

Key = tuple[object, ...]


def entries_for(events: Sequence[Event], logged: Sequence[Logged]) -> list[Entry]:
    """What has to be written so that these events stand, and no others that were entered for the same."""
    held: defaultdict[Key, list[Logged]] = defaultdict(list)
    for each in standing(logged):
        if each.event and each.event.source.startswith(ENTERED):
            held[_key(each.event)].append(each)
    told: defaultdict[Key, list[Event]] = defaultdict(list)
    for event in events:
        told[_key(event)].append(event)
    return [entry for key, new in told.items() for entry in _entries(new, held[key])]


def _entries(new: list[Event], held: list[Logged]) -> Iterator[Entry]:
    """Corrections as far as there is something to correct; then what is new, or what no longer stands."""
    said = {_content(event): event for event in new}
    left = [each for each in held if each.event and said.pop(_content(each.event), None) is None]
    fresh = list(said.values())
    for event, old in zip(fresh, left, strict=False):
        yield Entry(event, old.id)
    yield from (Entry(event) for event in fresh[len(left) :])
    yield from (Entry(None, old.id) for old in left[len(fresh) :])


def _key(event: Event) -> Key:
    """What two entries have in common if the one is there to correct the other."""
    circumstances = tuple(sorted(event.qualifiers.items()))
    return event.concept, event.side, event.start, event.kind, event.asserter, circumstances


def _content(event: Event) -> Key:
    return event.value, event.unit, event.end, event.unread
