"""The store as its users see it: `open_store(url)`, then `.events`, `.cards`, `.feedback` and `.audit`.

Skeleton: the signatures stand, what they do comes next.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

from ischio.record.events import Event, Record
from ischio.store.entries import (
    Access,
    Action,
    AuditEntry,
    Card,
    Feedback,
    Head,
    Logged,
    Outcome,
    Person,
    Taken,
    Verdict,
)


class Events(Protocol):
    """Each method writes what was read or written to the audit too."""

    def append(self, person: Person, events: Sequence[Event], by: Access) -> tuple[str, ...]: ...
    def correct(self, id: str, event: Event, by: Access) -> str: ...
    def withdraw(self, id: str, by: Access) -> str: ...
    def of(self, person: Person, by: Access) -> Record: ...
    def history(self, person: Person, by: Access) -> tuple[Logged, ...]: ...


class Cards(Protocol):
    def show(self, *cards: Card) -> None: ...
    def card(self, uuid: str, by: Access) -> Card | None: ...
    def quieted(self, person: Person, key: str, digest: str, now: datetime) -> Card | None: ...


class Feedbacks(Protocol):
    def take(self, service: str, told: Sequence[Feedback], by: Access) -> tuple[Taken, ...]: ...


class Audit(Protocol):
    def write(
        self, by: Access, action: Action, what: str, whom: Person | None, outcome: Outcome, why: str = ""
    ) -> Head: ...
    def head(self) -> Head | None: ...
    def entries(self) -> Iterator[AuditEntry]: ...
    def verify(self, kept: Sequence[Head] = ()) -> Verdict: ...


class Store(Protocol):
    events: Events
    cards: Cards
    feedback: Feedbacks
    audit: Audit

    def close(self) -> None: ...


def open_store(url: str) -> Store:
    """Makes a store that is not there yet. Raises StoreUnusable with the mend."""
    raise NotImplementedError(url)
