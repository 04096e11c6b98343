"""A record: the dated events of one person, as they were written down, before any rule looks at them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum

from ischio.model.about import Side
from ischio.model.dates import PartialDate
from ischio.model.frozen import frozen


class Kind(Enum):
    """What the event says happened."""

    DONE = "done"
    PLANNED = "planned"
    STATED = "stated"
    DECLINED = "declined"


class Asserter(Enum):
    """Who said it."""

    CLINICIAN = "clinician"
    DEVICE = "device"
    PATIENT = "patient"


class EventSide(Enum):
    """The side an event names. An unsided event has none (None)."""

    RIGHT = "right"
    LEFT = "left"
    BOTH = "both"


@frozen()
class Event:
    """One thing recorded about a person.

    concept: id in terminology.yaml. value: a number in `unit`, a code of ours, yes or no, a date, or None.
    start, end: both the same for what happens at a moment; end None for what goes on or whose end is not known;
    both None for undated. recorded: when it was written down. qualifiers: modality, leg position, method ...
    source: where it came from ("Observation/ifs-1", "case.yaml, line 12").
    unread: why it cannot be told what it says, whatever its kind and value; then it has no value.
    """

    concept: str
    source: str
    value: Decimal | str | bool | date | None = None
    unit: str | None = None
    start: PartialDate | None = None
    end: PartialDate | None = None
    recorded: PartialDate | None = None
    kind: Kind = Kind.DONE
    asserter: Asserter = Asserter.CLINICIAN
    side: EventSide | None = None
    qualifiers: Mapping[str, str] = field(default_factory=dict)
    unread: str | None = None


class State(Enum):
    """How available a fact is, in words. All but known and known absent are unknown in logic."""

    KNOWN = "known"
    KNOWN_ABSENT = "known absent"
    NOT_ASKED = "not asked"
    QUERY_FAILED = "query failed"
    NOT_AUTHORISED = "not authorised"
    TRUNCATED = "page truncated"
    STALE = "stale"
    WRONG_UNIT = "wrong unit"
    VALUE_REFUSED = "value refused"
    IMPRECISE_DATE = "imprecise date"
    SIDE_NOT_GIVEN = "side not given"
    CONFLICTING = "conflicting"
    INPUTS_UNKNOWN = "inputs unknown"


EVERYTHING = "*"


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that could not be read: every fact that looks at the concept is unknown, in the words of `state`.

    concept: EVERYTHING, where it is not known what it was about.
    """

    concept: str
    state: State
    source: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """Something of the record that was not used, and why."""

    source: str
    why: str


@dataclass(frozen=True, slots=True)
class Patient:
    """Who the record is about. birth_date: day, month or year known; None if not recorded."""

    id: str
    birth_date: PartialDate | None = None
    sex: str | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """All events of one person, with what could not be read and what was not used.

    Birth date and death are events as well (concepts `birth_date`, `death`), so that facts derive from them alike.
    given: facts set directly, per side (None for the person): fact id -> value, or None for unknown.
    """

    patient: Patient
    events: tuple[Event, ...] = ()
    gaps: tuple[Gap, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    given: Mapping[Side | None, Mapping[str, bool | int | str | date | None]] = field(default_factory=dict)


FactData = bool | int | str | date

Day = date
"""The type, for a class that has a field named `date`."""


@frozen()
class FactValue:
    """What is known of one fact of one hip (or the person) on the index date.

    value: None when unknown; numbers in whole steps of the fact's type. date: of the event it came from.
    source: where it came from ("given" for facts set directly). note: for a person to read, such as both of two
    conflicting values. ignored: events passed over in its favour, with the reason. between: of a date that is not known
    to the day, the first and last day that it can be.
    """

    fact: str
    value: FactData | None
    state: State
    date: Day | None = None
    source: str | None = None
    note: str | None = None
    ignored: tuple[Ignored, ...] = ()
    between: tuple[Day, Day] | None = None


Facts = Mapping[str, FactValue]
"""All facts of one hip on one date, person facts included, by id, in the order of facts.yaml."""
