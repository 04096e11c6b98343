"""What differs between two answers, told so that nothing appears that does not differ. Part of two published contracts.

Dates are ISO 8601 dates; `before` and `after` are null where there is nothing on that side.
"""

from dataclasses import dataclass
from datetime import date

from ischio.model.assessment import Shown
from ischio.model.truth import Truth


@dataclass(frozen=True, slots=True)
class Named:
    """An id with its words."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class GateAt:
    """The gate ahead and its truth. to: the stage it leads to."""

    to: str
    truth: Truth


@dataclass(frozen=True, slots=True)
class ActionAt:
    id: str
    title: str
    status: str


@dataclass(frozen=True, slots=True)
class Position:
    """Where one part of an answer stands, without its reasons. part: right, left, or person, who has no stage."""

    part: str
    stage: Named | None
    diversion: Named | None
    next_gate: GateAt | None
    alerts: tuple[Named, ...]
    actions: tuple[ActionAt, ...]


@dataclass(frozen=True, slots=True)
class NamedChange:
    before: Named | None
    after: Named | None


@dataclass(frozen=True, slots=True)
class GateChange:
    before: GateAt | None
    after: GateAt | None


@dataclass(frozen=True, slots=True)
class DateChange:
    before: date | None
    after: date | None


@dataclass(frozen=True, slots=True)
class StatusChange:
    """An action whose status differs; null where that pathway has no such action."""

    action: str
    title: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class TruthChange:
    """A criterion, gate or diversion whose truth differs."""

    rule: str
    title: str
    before: Truth
    after: Truth


@dataclass(frozen=True, slots=True)
class FactChange:
    """A fact whose value differs. unit: of both values."""

    fact: str
    before: Shown
    after: Shown
    unit: str | None


@dataclass(frozen=True, slots=True)
class Changes:
    """What differs in one part of an answer. part: right, left or person. What does not differ is null or empty."""

    part: str
    stage: NamedChange | None = None
    diversion: NamedChange | None = None
    next_gate: GateChange | None = None
    alerts_gone: tuple[Named, ...] = ()
    alerts_new: tuple[Named, ...] = ()
    actions: tuple[StatusChange, ...] = ()
    rules: tuple[TruthChange, ...] = ()
    review: DateChange | None = None
    valid_until: DateChange | None = None
    questions_gone: tuple[Named, ...] = ()
    questions_new: tuple[Named, ...] = ()
    facts: tuple[FactChange, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between two answers. parts: those that differ, the hips first; empty where the answers are alike."""

    parts: tuple[Changes, ...]
