"""How both hips moved through the pathway: the published contract 1.0 of `ischio timeline --json`.

Dates are ISO 8601 dates. Every event counts from the date on which it was, whenever it was written down.
"""

from dataclasses import dataclass
from datetime import date

from ischio.model.assessment import PathwayShown, PatientShown
from ischio.model.comparison import Changes, Position


@dataclass(frozen=True, slots=True)
class Happening:
    """What a record holds of a day. text: what it is, with its value. side: right, left, both or null.

    ends: this day is its end.
    """

    concept: str
    text: str
    side: str | None
    ends: bool
    source: str


@dataclass(frozen=True, slots=True)
class Moment:
    """A day on which the answer became another one, and how it stood from then on.

    happened: what the record holds of the day; empty where the answer changed only because time went by.
    positions: of right hip, left hip and person. changes: against the moment before, by part; empty for the first.
    quiet: how many entries of the days since the moment before changed nothing.
    """

    date: date
    happened: tuple[Happening, ...]
    positions: tuple[Position, ...]
    changes: tuple[Changes, ...]
    quiet: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """since, until: the first and last day looked at; since is null if no entry has a date.

    valid_until: when the last answer changes by time alone, at the
    earliest for either hip; null if not within 24 months. quiet: entries after the last moment that changed nothing.
    undated: entries that the pathway reads and that have no date.
    """

    contract: str
    pathway: PathwayShown
    patient: PatientShown
    since: date | None
    until: date
    moments: tuple[Moment, ...]
    quiet: int
    undated: int
    valid_until: date | None
