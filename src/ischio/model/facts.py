"""Facts: their types, how each is derived from a record, and how it is asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum

from ischio.model.about import About, Place, Scope
from ischio.model.dates import Duration
from ischio.model.expression import Expression, ParameterValue


class ValueKind(Enum):
    __hash__ = object.__hash__  # members are single, and Enum's own hash is slow

    BOOLEAN = "boolean"
    NUMBER = "number"
    CODE = "code"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class FactType:
    """The type of a fact's values.

    number: held as a whole number of steps (step 0.1 mm: 14.5 mm is 145), so that comparison is exact;
    low, high: range outside of which a value is refused; doubt_below, doubt_above: range outside of which the
    value is questioned. All four in steps. codes: the declared codes with their words.
    """

    kind: ValueKind
    unit: str = "1"
    step: Decimal = Decimal(1)
    low: int | None = None
    high: int | None = None
    doubt_below: int | None = None
    doubt_above: int | None = None
    codes: Mapping[str, str] = field(default_factory=dict)

    def steps(self, value: Decimal) -> int | None:
        """A number in this type's unit as whole steps; None if it does not fall on a step."""
        count = value / self.step
        return int(count) if count == count.to_integral_value() else None

    def nearest_steps(self, value: Decimal) -> int:
        """A measured number as whole steps, rounded half to even."""
        return int((value / self.step).to_integral_value())

    def amount(self, steps: int) -> Decimal:
        """The number that this many steps mean, in the type's unit."""
        return (steps * self.step).normalize()


Interval = Duration | ParameterValue


class SideRule(Enum):
    """Which events count for a hip. THIS_OR_UNSIDED: those of this hip, and those that name no side."""

    THIS = "this"
    THIS_OR_UNSIDED = "this_or_unsided"
    OTHER = "other"
    PERSON = "person"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Anchor:
    """Only events on or after a date fact moved by an offset count; otherwise: the window if that date is not recorded.

    `until` anchors the other end: only events on or before the date count.
    """

    fact: str
    offset: Interval | None = None
    sign: int = 1
    otherwise: Interval | None = None
    until: bool = False


@dataclass(frozen=True, slots=True)
class Selection:
    """Which events of a record a fact looks at.

    concepts: any of these. kinds: done, planned, stated, declined (empty: done and stated). values: only events with
    one of these codes (empty: all). qualifiers: per name the accepted values; ("*",) asks only that it is recorded.
    in_force: how long something may last that was written with one date only. lifted_by: an event is passed over once
    a later one on its concept, and of its side, has one of these codes.
    unsided_when: a yes-or-no fact that lets unsided events count for this hip, unless one of `unsided_unless` is true.
    unsided_values: unsided events with one of these codes count for both hips, whatever else is known.
    begun_values: events with one of these codes have begun as soon as their date allows it.
    asserters: who said it (empty: anyone).
    back_from: the date fact from which `window` and `otherwise` reach back once it is recorded; until then, from Index.
    while_it_lasts: a period counts on no day after its end.
    patient_first: on equal dates the patient outranks the clinician (pain, acceptability); otherwise the clinician.
    """

    concepts: tuple[str, ...]
    kinds: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    side: SideRule = SideRule.THIS
    unsided_when: str | None = None
    unsided_unless: tuple[str, ...] = ()
    unsided_values: tuple[str, ...] = ()
    begun_values: tuple[str, ...] = ()
    in_force: Duration | None = None
    lifted_by: tuple[str, ...] = ()
    qualifiers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    asserters: tuple[str, ...] = ()
    patient_first: bool = False
    window: Interval | None = None
    back_from: str | None = None
    while_it_lasts: bool = False
    anchors: tuple[Anchor, ...] = ()


@dataclass(frozen=True, slots=True)
class StaleAfter:
    """A value older than the interval is no longer used. values: only these codes go stale (empty: all)."""

    interval: Interval
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Latest:
    """The newest value. yes, no: for a yes-or-no fact, the codes that mean so.

    corrected_by: who must speak before a yes (of codes, the one declared first) gives way to another value.
    any_yes_of: "readings": one yes among them all is a yes. "concepts": one yes among the newest of each concept is a
    yes, and only a no of each is a no. largest, smallest: that number
    instead of the newest.
    """

    selection: Selection
    stale_after: StaleAfter | None = None
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()
    corrected_by: str | None = None
    any_yes_of: str | None = None
    largest: bool = False
    smallest: bool = False


@dataclass(frozen=True, slots=True)
class First:
    """The oldest value. yes, no: as of Latest."""

    selection: Selection
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DateOf:
    """The date of the newest (or oldest) matching event."""

    selection: Selection
    oldest: bool = False


@dataclass(frozen=True, slots=True)
class Exists:
    """Whether a matching event is recorded."""

    selection: Selection


@dataclass(frozen=True, slots=True)
class Count:
    """How many matching events are recorded."""

    selection: Selection


@dataclass(frozen=True, slots=True)
class CourseLength:
    """Days of treatment up to Index: overlapping periods merged, inverted ones dropped."""

    selection: Selection


@dataclass(frozen=True, slots=True)
class Term:
    """times * parameter * fact, in the fact's unit."""

    fact: str
    times: Decimal
    parameter: str | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """Whether the sum of the terms is at least the limit, exactly; unknown while one of the facts is unknown."""

    terms: tuple[Term, ...]
    at_least: Decimal | ParameterValue


Selecting = Latest | First | DateOf | Exists | Count | CourseLength
Derivation = Selecting | Compared


@dataclass(frozen=True, slots=True)
class Absent:
    """What the absence of a matching event means.

    no_when: None and no False: unknown. no True: known absent ("recorded ..." facts). no_when: known absent while
    that yes-or-no fact (an attestation) is true. code: the code that stands for absent in a fact of codes.
    """

    no: bool = False
    no_when: str | None = None
    code: str | None = None


class Conflict(Enum):
    """What two values of one date and equal authority in different regions mean."""

    UNKNOWN = "unknown"
    LATEST = "latest"
    ANY_YES = "any_yes"


@dataclass(frozen=True, slots=True)
class Implication:
    """What always follows when the fact's condition holds: `when` and `then` are conditions over facts."""

    when: Expression
    then: Expression


class Burden(Enum):
    """What it costs a person to supply a fact, lightest first."""

    ASK = "ask"
    EXAMINE = "examine"
    LABORATORY = "laboratory"
    IMAGING = "imaging"
    PROCEDURE = "procedure"


@dataclass(frozen=True, slots=True)
class Enquiry:
    """How to ask for a fact. order: position in enquiries.yaml, the last tie-breaker of the ranking.

    same_as: the fact that is asked for instead while it is unknown too, because one answer serves both.
    patient_set: the set of questions for patients that it belongs to. patient_after: the fact of that set without whose
    yes it is not asked.
    """

    fact: str
    ask: str
    ask_patient: str | None
    burden: Burden
    order: int
    place: Place
    same_as: str | None = None
    patient_set: str | None = None
    patient_after: str | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """One value, or unknown, of one hip or person on the index date.

    changeable: whether the future can change it (false for age, sex and past events): what a counterfactual may move.
    uncertainty: of a measured number, the parameter that says by how much a repeated measurement may differ.
    """

    id: str
    about: About
    type: FactType
    scope: Scope
    derivation: Derivation
    absent: Absent = Absent()
    conflict: Conflict = Conflict.UNKNOWN
    changeable: bool = True
    implies: tuple[Implication, ...] = ()
    uncertainty: str | None = None
