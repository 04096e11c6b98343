"""Rules: criteria, stages, diversions, red flags, safety rules, actions, and the properties that must hold."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from ischio.model.about import About, Scope
from ischio.model.expression import Expression
from ischio.model.facts import Interval


@dataclass(frozen=True, slots=True)
class Criterion:
    """A named condition. Gates are criteria named `gate_<stage>`. text: the line as written."""

    id: str
    about: About
    when: Expression
    text: str


@dataclass(frozen=True, slots=True)
class Review:
    """When the next review is owed: at the scheduled times after `since`, then every `then`."""

    schedule: tuple[Interval, ...]
    then: Interval


NOT_ON_PATHWAY = "not_on_pathway"
"""The stage of a hip without complaint. It is in no file, because every pathway has it."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage. ordered: entered when its gate and all earlier gates are true; the others stand on their own condition.

    criterion: the gate (ordered stages) or the condition. since: the date facts of which the latest tells when
    the stage began.
    """

    id: str
    about: About
    ordered: bool
    criterion: str
    review: Review | None
    since: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Diversion:
    """A reason to leave the stepwise path; acts on true. only_ordered: not checked in stages of their own condition."""

    id: str
    about: About
    criterion: str
    only_ordered: bool


@dataclass(frozen=True, slots=True)
class Flag:
    """A red flag: a fact of the codes present, absent, assessed_explained. Its presence is an alert."""

    fact: str
    about: About
    urgency: str


class ActionKind(Enum):
    ADVICE = "advice"
    ASSESSMENT = "assessment"
    IMAGING = "imaging"
    THERAPY = "therapy"
    MEDICINE = "medicine"
    INJECTION = "injection"
    OPERATION = "operation"
    REFERRAL = "referral"
    REVIEW = "review"
    RECORD = "record"


@dataclass(frozen=True, slots=True)
class MustKnow:
    """A fact or criterion that must be known before the action; needed_when: only if this is not false."""

    name: str
    needed_when: Expression | None = None


@dataclass(frozen=True, slots=True)
class SafetyRule:
    """A stop, strong caution or caution: when it holds. until: a date fact plus an interval after which it lifts."""

    id: str
    about: About
    when: Expression
    text: str
    until: "DueDate | None" = None


@dataclass(frozen=True, slots=True)
class DueDate:
    """A date fact plus an interval."""

    fact: str
    plus: Interval | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """Something that can be done. Conditions are None where the file gives none.

    when: it applies. due_when: it is due rather than optional (None: always; Constant(False): never).
    done, in_progress: it is behind us, or under way. passes: diversions that do not block it.
    exclusive: names of groups of which never two members are due. shows: facts told beside it.
    """

    id: str
    about: About
    kind: ActionKind
    scope: Scope
    low_risk: bool
    when: Expression
    due_when: Expression | None = None
    done: Expression | None = None
    in_progress: Expression | None = None
    passes: tuple[str, ...] = ()
    stops: tuple[SafetyRule, ...] = ()
    strong_cautions: tuple[SafetyRule, ...] = ()
    cautions: tuple[SafetyRule, ...] = ()
    must_know: tuple[MustKnow, ...] = ()
    exclusive: tuple[str, ...] = ()
    due: DueDate | None = None
    shows: tuple[str, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Property:
    """Something proved for all patients. check names the kind of proof; the rest are its readable parts.

    actions, kinds: what it speaks of (both empty: every action); except_actions: what it spares. under: the condition
    under which it is claimed; then: what must be true; text: `then` as written. asks: facts that must be asked for.
    """

    id: str
    about: About
    number: int
    check: str
    actions: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    except_actions: tuple[str, ...] = ()
    under: Expression | None = None
    then: Expression | None = None
    text: str = ""
    asks: tuple[str, ...] = ()
    waits_for: str | None = None
