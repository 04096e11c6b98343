"""The answer: one frozen object, the published contract 1.0. Its field names change only with a major version.

Dates are ISO 8601 dates, truths `true`, `false`, `unknown`; values of numbers are in the unit given beside them.
"""

from dataclasses import dataclass
from datetime import date

from ischio.model.frozen import frozen
from ischio.model.truth import Truth

Shown = bool | float | int | str | None
"""A value as shown: numbers in their unit, codes by id, dates in ISO form, null for unknown."""


@frozen()
class Judgement:
    """One node of a reason. A named criterion is written out where it is first met, and by id alone afterwards.

    id: of the criterion, or null inside one. text: the condition as written. values: the facts it read.
    """

    id: str | None
    text: str
    truth: Truth
    values: tuple["UsedValue", ...] = ()
    because: tuple["Judgement", ...] = ()


@frozen()
class UsedValue:
    """A fact as the rule read it."""

    fact: str
    value: Shown
    unit: str | None
    date: date | None
    source: str | None
    state: str


@frozen()
class FactShown:
    id: str
    value: Shown
    unit: str | None
    date: date | None
    source: str | None
    state: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class ParameterShown:
    id: str
    value: str
    unit: str | None
    overridden: bool


@dataclass(frozen=True, slots=True)
class PathwayShown:
    id: str
    version: str
    overlay: str | None


@dataclass(frozen=True, slots=True)
class PatientShown:
    id: str
    age: int | None
    sex: str | None


@dataclass(frozen=True, slots=True)
class StageShown:
    id: str
    title: str
    since: date | None
    because: tuple[Judgement, ...]


@dataclass(frozen=True, slots=True)
class DiversionShown:
    id: str
    title: str
    because: tuple[Judgement, ...]


@dataclass(frozen=True, slots=True)
class GateShown:
    """The gate ahead. opens_with: smallest sets of unknown facts that alone can make it true; closes_with: false."""

    to: str
    truth: Truth
    because: tuple[Judgement, ...]
    opens_with: tuple[tuple[str, ...], ...]
    closes_with: tuple[tuple[str, ...], ...]
    more: bool


@dataclass(frozen=True, slots=True)
class AlertShown:
    id: str
    title: str
    urgency: str
    because: tuple[Judgement, ...]


@frozen()
class Reason:
    """A safety rule, diversion or must-know named by an action: its id and title."""

    id: str
    title: str


@frozen()
class ActionShown:
    id: str
    title: str
    sentence: str
    kind: str
    low_risk: bool
    status: str
    label: str
    certainty: str
    evidence: tuple[str, ...]
    seed_lines: tuple[str, ...]
    because: tuple[Judgement, ...]
    blocked_by: tuple[Reason, ...]
    cautions: tuple[Reason, ...]
    check_first: tuple[Reason, ...]
    opens_with: tuple[tuple[str, ...], ...]
    due: date | None
    until: date | None
    valid_until: date | None


@frozen()
class Question:
    """A fact to ask for. why: the targets it bears on, such as `gate:injection`. rank: from 1."""

    fact: str
    ask: str
    type: str
    unit: str | None
    range: tuple[float, float] | None
    options: tuple[str, ...]
    burden: str
    why: tuple[str, ...]
    rank: int


@dataclass(frozen=True, slots=True)
class ReviewShown:
    date: date
    why: str
    overdue: bool


@dataclass(frozen=True, slots=True)
class Hip:
    side: str
    stage: StageShown
    diversion: DiversionShown | None
    next_gate: GateShown | None
    alerts: tuple[AlertShown, ...]
    actions: tuple[ActionShown, ...]
    questions: tuple[Question, ...]
    review: ReviewShown | None
    valid_until: date | None
    facts: tuple[FactShown, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """What belongs to the person and so appears once, for both hips."""

    alerts: tuple[AlertShown, ...]
    actions: tuple[ActionShown, ...]
    questions: tuple[Question, ...]
    facts: tuple[FactShown, ...]


@dataclass(frozen=True, slots=True)
class IgnoredShown:
    source: str
    why: str


@dataclass(frozen=True, slots=True)
class Assessment:
    contract: str
    pathway: PathwayShown
    index_date: date
    parameters: tuple[ParameterShown, ...]
    patient: PatientShown
    person: Person
    hips: tuple[Hip, ...]
    ignored: tuple[IgnoredShown, ...]
