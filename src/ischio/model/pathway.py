"""The pathway as frozen data: what the knowledge files say, typed and linked, with nothing computed for a person."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING

from ischio.model.dates import Duration
from ischio.model.expression import Expression, ParameterValue

if TYPE_CHECKING:  # it names what stands here
    from ischio.model.measures import Measure, Outcomes

SIDE = "side"
"""The paired part of the body that a pathway is about, where it does not say which."""


class Side(Enum):
    """A hip. The unit of the pathway is one hip of one person."""

    __hash__ = object.__hash__  # members are single, and Enum's own hash is slow

    RIGHT = "right"
    LEFT = "left"

    @property
    def other(self) -> "Side":
        return Side.LEFT if self is Side.RIGHT else Side.RIGHT


class Scope(Enum):
    """Whether something belongs to one hip or to the person (and so counts for both hips)."""

    __hash__ = object.__hash__  # members are single, and Enum's own hash is slow

    HIP = "hip"
    PERSON = "person"


class Label(Enum):
    """On what a rule rests: measured in IFI, measured in something near, or no primary source found."""

    SUPPORTED = "supported"
    EXTRAPOLATED = "extrapolated"
    CONVENTION = "convention"


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is written: file name within the knowledge folder, and line (from 1)."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}"


@dataclass(frozen=True, slots=True)
class About:
    """What every rule carries, so that a reader can see who says so and on what."""

    title: str
    sentence: str
    label: Label
    evidence: tuple[str, ...]
    seed_lines: tuple[str, ...]
    author: str
    reviewer: str
    reviewed: date
    note: str | None
    place: Place


# ---- parameters -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its UCUM unit, such as 15 mm; unit "1" for a bare number."""

    value: Decimal
    unit: str

    def __str__(self) -> str:
        return f"{self.value.normalize():f} {self.unit}" if self.unit != "1" else f"{self.value.normalize():f}"


ParameterData = Quantity | Duration | tuple[Duration, ...]


@dataclass(frozen=True, slots=True)
class DatedValue:
    """A parameter's value from a date on; since None is "from the beginning"."""

    since: date | None
    value: ParameterData


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number or duration that rules name. A site may override it within its allowed range.

    low, high: allowed range, both included, of the same kind as the value; None where the file gives none.
    overridden: whether a site's overlay gave the values.
    """

    id: str
    about: About
    values: tuple[DatedValue, ...]
    low: Quantity | Duration | None = None
    high: Quantity | Duration | None = None
    overridden: bool = False

    def on(self, day: date) -> ParameterData:
        """The value in force on a day: the last one whose date is not after it."""
        current = self.values[0].value
        for dated in self.values:
            if dated.since is not None and dated.since <= day:
                current = dated.value
        return current


# ---- facts ------------------------------------------------------------------------------------------------------


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
    """Which events count for a hip."""

    THIS = "this"
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


Derivation = Latest | First | DateOf | Exists | Count | CourseLength | Compared


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
    """

    fact: str
    ask: str
    ask_patient: str | None
    burden: Burden
    order: int
    place: Place
    same_as: str | None = None


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


# ---- rules ------------------------------------------------------------------------------------------------------


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


# ---- sources, words and codes -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Source:
    id: str
    citation: str
    doi: str | None
    url: str | None
    design: str
    read: str


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement of the literature, its certainty and how it was read. Unverified: never shown as fact."""

    id: str
    statement: str
    certainty: str
    verified: str
    secondhand: bool
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SeedLine:
    """A line of the text the pathway grew from, and the rules and texts it became, or the gap it leaves."""

    id: str
    text: str
    becomes: tuple[str, ...]
    gap: str | None
    place: Place


@dataclass(frozen=True, slots=True)
class Code:
    """A code of a code system. prefix: every code that starts so. side: the side that the code itself carries."""

    system: str
    code: str
    display: str
    prefix: bool = False
    side: str | None = None
    licence: str = ""
    free: bool = True


@dataclass(frozen=True, slots=True)
class Concept:
    """What an event is about. unit: unit in which its values are held, None if it has no number."""

    id: str
    title: str
    codes: tuple[Code, ...]
    unit: str | None = None
    values: Mapping[str, tuple[Code, ...]] = field(default_factory=dict)
    place: Place = Place("terminology.yaml", 1)


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


# ---- the map ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """Where a box stands on the map: column and row, counted from 0 at the top left."""

    column: int
    row: int


@dataclass(frozen=True, slots=True)
class Way:
    """How a hip comes from one stage to another other than through a gate: `by` is the fact or criterion that tells.

    back: it returns to an earlier stage.
    """

    start: str
    to: str
    by: str
    back: bool = False


@dataclass(frozen=True, slots=True)
class PathwayMap:
    """The picture of a pathway: the frozen cell of every stage and diversion, and the ways beside the gates."""

    cells: Mapping[str, Cell]
    ways: tuple[Way, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Pathway:
    """One pathway, whole. Mappings keep the order of the files; criteria come after those they name.

    Compared and hashed by identity, so that what is computed once for a pathway can be kept with it.
    body_part: the paired part that it is about, in one word. What the code calls a hip is the right or the left of it.
    """

    id: str
    version: str
    title: str
    reviewed: date
    overlay: str | None
    statements: tuple[str, ...]
    parameters: Mapping[str, Parameter]
    facts: Mapping[str, Fact]
    criteria: Mapping[str, Criterion]
    stages: tuple[Stage, ...]
    diversions: tuple[Diversion, ...]
    flags: tuple[Flag, ...]
    actions: Mapping[str, Action]
    enquiries: Mapping[str, Enquiry]
    claims: Mapping[str, Claim]
    sources: Mapping[str, Source]
    seed: Mapping[str, SeedLine]
    concepts: Mapping[str, Concept]
    properties: tuple[Property, ...]
    review_fact: str
    deceased_fact: str
    map: PathwayMap | None = None
    body_part: str = SIDE
    measures: "Mapping[str, Measure]" = field(default_factory=dict)
    outcomes: "Outcomes | None" = None

    @property
    def one_body_part(self) -> str:
        """Such as `a hip` or `an ankle`."""
        return f"{'an' if self.body_part[0] in 'aeiou' else 'a'} {self.body_part}"

    def whose(self, scope: Scope) -> str:
        """To whom something belongs, in words: the body part, or the person."""
        return self.body_part if scope is Scope.HIP else scope.value

    def stage(self, stage_id: str) -> Stage:
        return next(stage for stage in self.stages if stage.id == stage_id)

    @property
    def ordered_stages(self) -> tuple[Stage, ...]:
        return tuple(stage for stage in self.stages if stage.ordered)
