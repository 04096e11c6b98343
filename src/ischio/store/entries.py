"""What the store keeps: events of a person, cards, feedback on them, and the audit of who read and wrote what."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from ischio.model.about import Side
from ischio.record.events import Event


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as one records system knows them. server: its FHIR address or issuer; ids of two never mix."""

    server: str
    id: str


@dataclass(frozen=True, slots=True)
class Access:
    """Who reads or writes the store (a client, a user, a command; an id and never a name), and when, with the zone."""

    who: str
    at: datetime


class Change(Enum):
    """What an entry of the event log does: adds an event, puts one in another's place, takes one back."""

    ADDED = "added"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Logged:
    """One entry of the event log. event: None of a withdrawal. replaces: id of the entry it corrects or withdraws.

    number: of the audit entry that vouches for it, so that entries of one person are in order by it.
    """

    id: str
    person: Person
    change: Change
    event: Event | None
    replaces: str | None
    by: Access
    number: int


@dataclass(frozen=True, slots=True)
class Card:
    """A card that was shown, or a call of the service that gave none, so that "why no card" can be answered.

    key: what it is about, the same on each call (a gate, a hip's next step). digest: of what it says.
    rules: ids of the rules it rests on. why: a short reason for a machine to read. has_card: no for a call without one.
    """

    uuid: str
    service: str
    hook: str
    client: str
    person: Person
    key: str
    pathway_id: str
    pathway_version: str
    side: Side | None
    stage: str | None
    rules: tuple[str, ...]
    digest: str
    indicator: str | None
    shown_at: datetime
    why: str
    has_card: bool


class CardOutcome(Enum):
    """What became of a card."""

    ACCEPTED = "accepted"
    OVERRIDDEN = "overridden"


@dataclass(frozen=True, slots=True)
class Feedback:
    """What was done with a card. card: its uuid. at: when, by the client. suggestions: ids of those accepted.

    reason: system and code of why it was overridden. comment: in the user's words.
    """

    card: str
    outcome: CardOutcome
    at: datetime
    suggestions: tuple[str, ...] = ()
    reason: tuple[str, str] | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody whom an organisation looks after. id: as the organisation's pages know them; empty: not written down.

    whom: as the events know them. name, identifier: for people to read; the newest version of both counts.
    """

    id: str
    organisation: str
    whom: Person
    name: str
    identifier: str


@dataclass(frozen=True, slots=True)
class Decline:
    """Somebody who knows the person decided against an action. side: None of a person's action. rule: the action's id.

    reason: a code. comment: in their own words, or empty.
    """

    id: str
    organisation: str
    whom: Person
    side: Side | None
    rule: str
    reason: str
    comment: str
    pathway_id: str
    pathway_version: str
    by: Access


@dataclass(frozen=True, slots=True)
class Answered:
    """That an answer was shown, and what it rests on, so that it can be made again.

    seen: number of the last entry of the person's event log. index: the date that it was for. knowledge: digest of the
    knowledge files. digest: SHA-256 of the answer as JSON.
    """

    id: str
    whom: Person
    seen: int
    index: date
    knowledge: str
    digest: str
    by: Access


class Taken(Enum):
    """What became of feedback: kept, known already, or about a card that this service never showed."""

    NEW = "new"
    SAME = "same"
    UNKNOWN_CARD = "unknown card"
    OTHER_SERVICE = "other service"


class Action(Enum):
    """What was done, by the codes of FHIR's AuditEvent.action."""

    CREATE = "C"
    READ = "R"
    EXECUTE = "E"
    DELETE = "D"


class Outcome(Enum):
    """How it went, by the codes of FHIR's AuditEvent.outcome."""

    SUCCESS = "0"
    REFUSED = "4"
    FAILED = "8"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One link of the audit's chain. number: from 1, without gaps. what: the kind of thing (event, card, call ...).

    record: id of what was written; proof: the SHA-256 of what was written, so that the chain vouches for it too.
    why: a short reason for a machine to read. previous: the digest of the entry before. digest: of this one.
    """

    number: int
    by: Access
    action: Action
    what: str
    whom: Person | None
    outcome: Outcome
    why: str
    record: str
    proof: str
    previous: str
    digest: str


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry of the audit as it was once. Kept elsewhere, it shows whether the tail was cut off since."""

    number: int
    digest: str


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something that was tampered with. row: which one, such as "audit 12" or "event 0b6f..."; what: in words."""

    row: str
    what: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a look at the whole chain found. entries: how many were looked at; head: None of an empty audit.

    erased: rows that are gone because their person was erased, as entries of the audit tell.
    """

    entries: int
    head: Head | None
    flaws: tuple[Flaw, ...]
    erased: int = 0

    @property
    def sound(self) -> bool:
        return not self.flaws
