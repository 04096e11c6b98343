"""Releasing: a clinician says what a patient may see. Each release and each taking back is kept."""

from collections.abc import Iterator

import msgspec

from ischio.clinic.knowledge import Knowledge
from ischio.clinic.released import Released
from ischio.model.about import Side
from ischio.model.mistake import IschioError, Mistake
from ischio.store.entries import Access, Known
from ischio.store.store import Store

LONGEST_MESSAGE = 500
LONGEST_DOSE = 200
"""Letters."""
MANY_EXERCISES = 4
"""More than so many are hard to keep up; who releases them is told so."""


class ReleaseRefused(IschioError):
    """What was to be released cannot be."""


class Releases:
    def __init__(self, store: Store, knowledge: Knowledge) -> None:
        self._store, self._knowledge = store, knowledge

    def release(self, known: Known, released: Released, by: Access) -> str:
        """Puts it in the place of what was released of that hip. Returns the id of the version.

        Raises ReleaseRefused with every mistake.
        """
        self.check(released)
        body = msgspec.json.encode(released).decode()
        return self._store.releases.keep(known, released.side, body, by)

    def check(self, released: Released) -> None:
        """Raises ReleaseRefused with every mistake."""
        if mistakes := tuple(_mistakes(released, self._knowledge)):
            raise ReleaseRefused(*mistakes)

    def withdraw(self, known: Known, side: Side, by: Access) -> None:
        """Takes back what was released of that hip; nothing where nothing is."""
        # What cannot be read may be of that hip.
        if any(one is None or one.side is side for one in map(_read, self._store.releases.of(known))):
            self._store.releases.keep(known, side, None, by)

    def of(self, known: Known) -> tuple[Released, ...]:
        """What is released of somebody, one of a hip, the newest first; without what cannot be read."""
        return tuple(one for one in map(_read, self._store.releases.of(known)) if one is not None)

    def unread(self, known: Known) -> bool:
        """Whether something is released that this release of the program cannot read: the patient is not shown it."""
        return None in map(_read, self._store.releases.of(known))


def _read(body: str) -> Released | None:
    try:
        return msgspec.json.decode(body, type=Released)
    except msgspec.DecodeError:
        return None


def _mistakes(released: Released, knowledge: Knowledge) -> Iterator[Mistake]:
    pathway = knowledge.pathway
    named = (*released.actions, *(one.component for one in released.exercises))
    if strange := [id for id in named if id not in pathway.actions]:
        yield Mistake(f"The pathway has no {', '.join(strange)}.", "Open the page anew, and choose again.")
    for one in released.exercises:
        if not one.dose:
            mend = "Write how much and how often, in your own words; or untick it."
            yield Mistake("An exercise is released without a dose.", mend, where=f"dose.{one.component}")
        if len(one.dose) > LONGEST_DOSE:
            mend = f"Shorten it to {LONGEST_DOSE} letters."
            yield Mistake(f"It has {len(one.dose)} letters.", mend, where=f"dose.{one.component}")
    if len(released.message) > LONGEST_MESSAGE:
        what, mend = f"It has {len(released.message)} letters.", f"Shorten it to {LONGEST_MESSAGE}."
        yield Mistake(what, mend, where="message")
    if released.next_visit is not None and released.next_visit < released.on:
        yield Mistake("The next visit lies in the past.", "Write the day of the coming visit.", where="next_visit")
