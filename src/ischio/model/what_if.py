"""The answer to "what if": the published contract 1.0 of `ischio what-if --json`. Nothing of it is saved.

Dates are ISO 8601 dates; numbers are in the unit given beside them; null stands for unknown.
"""

from dataclasses import dataclass
from datetime import date

from ischio.model.assessment import PathwayShown, PatientShown, Shown
from ischio.model.comparison import Comparison, GateAt, Position


@dataclass(frozen=True, slots=True)
class Supposed:
    """A fact with the value supposed of it. part: right, left or person. differs: whether it was otherwise before.

    follows: it was not asked for, but always follows from what was.
    """

    part: str
    fact: str
    before: Shown
    after: Shown
    unit: str | None
    differs: bool
    follows: bool


@dataclass(frozen=True, slots=True)
class Stretch:
    """Values, both ends included, throughout which the position is the same. comparison: with the value measured."""

    low: float
    high: float
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """What the uncertainty of a measurement means. facts: those that hold the measured value; they move together.

    uncertainty: by how much a repeated measurement may differ, as the parameter says. stretches: from low to high.
    """

    side: str
    facts: tuple[str, ...]
    value: float
    unit: str
    parameter: str
    uncertainty: float
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class Range:
    """Numbers or dates from low to high, both included; null where it has no end."""

    low: Shown
    high: Shown


@dataclass(frozen=True, slots=True)
class Allowed:
    """A fact that would have to be otherwise, or known, and the values that would do: one of `values` or `ranges`."""

    fact: str
    now: Shown
    unit: str | None
    values: tuple[Shown, ...]
    ranges: tuple[Range, ...]


@dataclass(frozen=True, slots=True)
class Ahead:
    """What would decide the next gate of a hip.

    opens_with, closes_with: smallest sets of facts that are unknown now and alone could make it true, or false.
    changes: smallest changes that would open it, in which known facts may change as well. more: there are others.
    """

    side: str
    gate: GateAt
    opens_with: tuple[tuple[str, ...], ...]
    closes_with: tuple[tuple[str, ...], ...]
    changes: tuple[tuple[Allowed, ...], ...]
    more: bool


@dataclass(frozen=True, slots=True)
class WhatIf:
    """now, then: without and with what is supposed. sensitivity and ahead are of `then`. saved: always false."""

    contract: str
    saved: bool
    pathway: PathwayShown
    index_date: date
    patient: PatientShown
    supposed: tuple[Supposed, ...]
    now: tuple[Position, ...]
    then: tuple[Position, ...]
    comparison: Comparison
    sensitivity: tuple[Sensitivity, ...]
    ahead: tuple[Ahead, ...]
