"""The people whom an organisation looks after: taken in, renamed, found."""

from dataclasses import replace

from ischio.clinic.standings import Standings
from ischio.model.dates import PartialDate
from ischio.model.mistake import Mistake
from ischio.record.events import Event
from ischio.store.entries import Access, Known, Person
from ischio.store.faults import PersonRefused
from ischio.store.store import Store

SEXES = ("female", "male", "other", "unknown")
"""FHIR's administrative genders."""
LONGEST = 200
"""Letters of a name or an identifier."""


class People:
    def __init__(self, store: Store, standings: Standings) -> None:
        self._store, self._standings = store, standings

    def register(
        self,
        name: str,
        identifier: str,
        organisation: str,
        by: Access,
        born: PartialDate | None = None,
        sex: str | None = None,
        id: str | None = None,
    ) -> Known:
        """Takes in somebody who is in no other records system. Raises PersonRefused.

        identifier: as the organisation numbers people, or empty. born, sex: left out where not known. id: made with
        the form, so that one that is sent twice takes in one person; None: a new one.
        """
        id = id or self._store.new_id()
        known = Known(id, organisation, Person(server_of(organisation), id), _text(name), _text(identifier))
        _refuse(known, born, sex, by)
        try:
            self._store.people.keep(known, by, new=True)
        except PersonRefused:
            before = self._store.people.named_by(known.whom, organisation)
            if before == known:
                return known
            if before is not None:
                mend = "If this is another person, send it once more."
                raise PersonRefused(Mistake("With this form somebody was added already.", mend)) from None
            raise
        events = _of_the_person(born, sex, by)
        if events:
            self._store.events.append(known.whom, events, by)
        self.settle(known, by)
        return known

    def take_over(self, whom: Person, name: str, identifier: str, organisation: str, by: Access) -> Known:
        """Takes in somebody whom a records system knows; who is known already is given back, renamed if need be."""
        known = self._store.people.named_by(whom, organisation)
        if known is not None:
            same = (known.name, known.identifier) == (_text(name), _text(identifier))
            return known if same else self.rename(known, name, identifier, by)
        known = Known(self._store.new_id(), organisation, whom, _text(name), _text(identifier))
        _refuse(known, None, None, by)
        self._store.people.keep(known, by)
        self.settle(known, by)
        return known

    def rename(self, known: Known, name: str, identifier: str, by: Access) -> Known:
        """Another name or identifier; what it was before is kept. Raises PersonRefused."""
        changed = replace(known, name=_text(name), identifier=_text(identifier))
        _refuse(changed, None, None, by)
        self._store.people.keep(changed, by)
        self.settle(changed, by)
        return changed

    def settle(self, known: Known, by: Access) -> None:
        """Has the list say what is recorded by now."""
        self._standings.bring_up_to_date([known], by.at.date())

    def find(self, id: str, organisation: str, by: Access) -> Known | None:
        """Somebody of the organisation; None for anybody else, whether they are there or not. A try is audited."""
        return self._store.people.find(id, organisation, by)


def server_of(organisation: str) -> str:
    """The `server` of those who are in no other records system than this one."""
    return f"urn:ischio:organisation:{organisation}"


def _text(text: str) -> str:
    return " ".join(text.split())


def _refuse(known: Known, born: PartialDate | None, sex: str | None, by: Access) -> None:
    """Raises PersonRefused with every mistake."""
    mistakes = []
    if not known.name:
        mistakes.append(Mistake("The name is missing.", "Write it, or a word that stands for it.", where="name"))
    for where, text in (("name", known.name), ("identifier", known.identifier)):
        if len(text) > LONGEST:
            mistakes.append(Mistake(f"It has {len(text)} letters.", f"Shorten it to {LONGEST}.", where=where))
    if born is not None and born.earliest > by.at.date():
        mistakes.append(Mistake("The date of birth lies ahead.", "Correct it.", where="born"))
    if sex is not None and sex not in SEXES:
        mistakes.append(Mistake("This is no sex that can be chosen.", f"Choose {', '.join(SEXES)}.", where="sex"))
    if mistakes:
        raise PersonRefused(*mistakes)


def _of_the_person(born: PartialDate | None, sex: str | None, by: Access) -> list[Event]:
    now = PartialDate.on(by.at.date())
    events = []
    if born is not None:
        events.append(Event("birth_date", "registered", start=born, end=born, recorded=now))
    if sex is not None:
        events.append(Event("sex", "registered", sex, recorded=now))
    return events
