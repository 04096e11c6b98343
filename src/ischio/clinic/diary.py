"""The exercise diary: what a patient did on which day, as their phone tells it, perhaps days later and more than once.

A day without an entry is unknown: nobody said that nothing was done.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from ischio.clinic.answers import ENTERED, Answer, asks_for, events_of
from ischio.clinic.charts import Charts
from ischio.clinic.knowledge import Knowledge
from ischio.clinic.released import diary_of
from ischio.model.mistake import IschioError, Mistake
from ischio.model.patient import DiaryOf
from ischio.record.events import Asserter, Event, Record
from ischio.store.entries import Access, Known
from ischio.store.events import standing
from ischio.store.store import Store

LOOKED_BACK = 60
"""Days for which an entry is taken: a phone may have been without a network for as long."""
ASKED_EVERY = timedelta(days=7)
"""How often it is asked whether the programme was kept."""
IN_DIARY = "diary/"
"""With this goes on the source of what comes from the diary."""
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class DiaryRefused(IschioError):
    """An entry that cannot be: its day, its exercises, or its id."""


@dataclass(frozen=True, slots=True)
class DiaryEntry:
    """What was done on a day. id: a UUID made where it was written. done: ids of components of physiotherapy."""

    id: str
    day: date
    done: tuple[str, ...]


class Diary:
    def __init__(self, store: Store, knowledge: Knowledge, charts: Charts) -> None:
        self._store, self._knowledge, self._charts = store, knowledge, charts

    @property
    def of(self) -> DiaryOf:
        """What the diary is kept of. Raises DiaryRefused where the pathway has none."""
        found = diary_of(self._knowledge.pathway)
        if found is None:
            raise DiaryRefused(Mistake("This pathway has no diary.", "Tell its author, if it should have one."))
        return found

    def write(self, known: Known, entry: DiaryEntry, by: Access) -> bool:
        """Keeps an entry once, however often it is sent. Returns whether it was new. Raises DiaryRefused.

        Any exercise of the pathway is taken, also one that is no longer in the patient's programme: a phone may tell
        late what was right on its day.
        """
        on = by.at.date()
        _refuse(entry, self.of.exercises, on)
        # East of the clinic it may be another day already.
        day = min(entry.day, on).isoformat()
        answers = [Answer(component, "yes", day=day) for component in entry.done]
        answers.append(Answer(self.of.counts_as, day, until=day))
        events = events_of(self._knowledge, answers, on, lambda: IN_DIARY + entry.id, Asserter.PATIENT)
        return self._charts.add_once(known, {f"{entry.id}/{event.concept}": event for event in events}, by)

    def take_back(self, known: Known, day: date, by: Access) -> None:
        """Takes back what the diary holds of a day."""
        logged = standing(self._store.events.history(known.whom, by))
        kept = [each.id for each in logged if each.event and _is_of_diary(each.event) and _day(each.event) == day]
        self._charts.withdraw_all(known, kept, by)

    def days(self, record: Record) -> Mapping[date, tuple[str, ...]]:
        """What was done, as the diary tells it, by day, the newest first."""
        found: defaultdict[date, set[str]] = defaultdict(set)
        for event in record.events:
            if _is_of_diary(event) and event.concept != self.of.counts_as:
                found[_day(event)].add(event.concept)
        return {day: tuple(sorted(found[day])) for day in sorted(found, reverse=True)}

    def answer(self, known: Known, kept: bool, by: Access) -> None:
        """Whether the programme was kept of late, in the patient's own judgement; of one day the last word counts."""
        answer = Answer(self._concept(), "yes" if kept else "no")
        events = events_of(self._knowledge, [answer], by.at.date(), self._store.new_id, Asserter.PATIENT)
        self._charts.record(known, events, None, by)

    def answered(self, record: Record) -> date | None:
        """When the patient last said whether the programme was kept; None: never."""
        concept = self._concept()
        return max((_day(event) for event in record.events if _is_told(event, concept)), default=None)

    def _concept(self) -> str:
        (ask,) = asks_for(self._knowledge, self.of.asks)
        return ask.concept


def _is_of_diary(event: Event) -> bool:
    return event.source.startswith(ENTERED + IN_DIARY)


def _is_told(event: Event, concept: str) -> bool:
    return event.concept == concept and event.asserter is Asserter.PATIENT and event.start is not None


def _day(event: Event) -> date:
    assert event.start is not None
    return event.start.earliest


def _refuse(entry: DiaryEntry, exercises: Collection[str], on: date) -> None:
    mistakes = []
    if not _ID.fullmatch(entry.id):
        mistakes.append(Mistake("The entry has no id.", "Open the diary anew and enter it again.", where="id"))
    if entry.day > on + timedelta(days=1):
        mistakes.append(Mistake("The day lies ahead.", "Check the date of your device.", where="day"))
    if entry.day < on - timedelta(days=LOOKED_BACK):
        mend = "Tell it at your next visit."
        mistakes.append(Mistake(f"The day is more than {LOOKED_BACK} days back.", mend, where="day"))
    if not entry.done:
        mistakes.append(Mistake("No exercise is ticked.", "Tick what you did.", where="done"))
    if strange := sorted(set(entry.done) - set(exercises)):
        mistakes.append(Mistake(f"These are no exercises: {', '.join(strange)}.", "Open the diary anew.", where="done"))
    if mistakes:
        raise DiaryRefused(*mistakes)
