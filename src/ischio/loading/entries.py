"""The knowledge files as declared: which keys each entry has, of what kind, and what they mean."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar
from typing import Literal as Choice

from ischio.loading.shapes import Entry, Id, Loose, Name
from ischio.loading.yaml_lines import Written
from ischio.model.about import Label, Scope
from ischio.model.facts import Burden, Conflict, SideRule, ValueKind
from ischio.model.rules import ActionKind

Names = tuple[Name, ...]
Ids = tuple[Written, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Entry):
    """What every rule carries."""

    title: Annotated[Written, "A few words."]
    sentence: Annotated[Written, "One plain sentence."]
    label: Annotated[Label, "On what the rule rests. Default: convention."] = Label.CONVENTION
    evidence: Annotated[Ids, "Claims of evidence.yaml; required unless the label is convention."] = ()
    seed_lines: Annotated[Ids, "Lines of source.yaml."] = ()
    author: Written | None = None
    reviewer: Written | None = None
    reviewed: date | None = None
    note: Annotated[Written | None, "Disagreement, gap, remark."] = None


# ---- pathway.yaml and parameters.yaml ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PathwayEntry(Entry):
    """The pathway as a whole."""

    id: Name
    version: Loose
    title: Written
    author: Written
    reviewer: Written
    reviewed: Annotated[date, "When the pathway was last reviewed."]
    review_fact: Annotated[Name, "The date fact of the last recorded review of this side."]
    deceased_fact: Annotated[Name, "The yes-or-no fact after which nobody has actions."]
    statements: Annotated[Ids, "Shown on every entry page."] = ()
    body_part: Annotated[Written | None, "The paired part of the body, in a word: hip, ankle. Default: side."] = None
    next_review: Annotated[date | None, "By when the content is to be reviewed again."] = None
    funding: Annotated[Written | None, "Who paid for the work. Default: none yet."] = None
    conflicts: Annotated[Written | None, "Interests of its people that may bear on it. Default: none yet."] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedEntry(Entry):
    """A value from a date on."""

    from_: Annotated[date | None, "The first day of the value; left out for the first value."] = None
    value: Annotated[Loose | tuple[Loose, ...], "15 mm, 6 weeks, or a list of durations."]


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterEntry(Rule):
    """A number or duration that rules name."""

    KIND: ClassVar[str] = "parameter"
    value: Annotated[Loose | tuple[Loose, ...] | None, "15 mm, 6 weeks, or a list of durations."] = None
    values: Annotated[tuple[DatedEntry, ...], "Dated values, in order, in place of `value`."] = ()
    range: Annotated[Written | None, "What a site may set: 10 mm to 20 mm."] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideEntry(Entry):
    """A site's own value of a parameter."""

    KIND: ClassVar[str] = "parameter"
    value: Loose | tuple[Loose, ...] | None = None
    values: tuple[DatedEntry, ...] = ()
    note: Annotated[Written | None, "Why."] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OverlayEntry(Entry):
    """What a site sets otherwise."""

    id: Written
    parameters: Mapping[Name, OverrideEntry] = field(default_factory=dict)


# ---- facts.yaml -------------------------------------------------------------------------------------------------

EventKind = Choice["done", "planned", "stated", "declined"]
Asserter = Choice["patient", "clinician", "device"]
PatientSet = Choice["pain", "symptoms", "red_flags", "after_surgery"]
AnyYesOf = Choice["readings", "concepts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StaleEntry(Entry):
    """After how long which values are no longer used."""

    after: Annotated[Written, "A duration, or a parameter that is one."]
    values: Annotated[Ids, "The codes that go stale."] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectionEntry(Entry):
    """Which events of a record a fact looks at."""

    concept: Annotated[Names, "Any of these concepts of terminology.yaml."]
    kind: Annotated[tuple[EventKind, ...], "Default: done and stated."] = ()
    values: Annotated[Ids, "Only events with one of these codes."] = ()
    side: Annotated[SideRule | None, "Default: this for a fact of the hip, person for one of the person."] = None
    unsided_when: Annotated[Name | None, "The yes-or-no fact that lets unsided events count for this hip."] = None
    unsided_unless: Annotated[Names, "Yes-or-no facts; while one is true they do not count."] = ()
    unsided_values: Annotated[Ids, "Unsided events with one of these codes count for both hips."] = ()
    begun_values: Annotated[Ids, "With one of these codes an event has begun as soon as its date allows it."] = ()
    qualifiers: Annotated[Mapping[Id, Ids], 'Accepted values; "*" for any, but recorded.'] = field(default_factory=dict)
    asserter: tuple[Asserter, ...] = ()
    patient_first: Annotated[bool, "On one date the patient outranks the clinician."] = False
    in_force: Annotated[Written | None, "How long what is written with one date may last: a duration."] = None
    lifted_by: Annotated[Ids, "Codes that, said later of the same concept, take an event back."] = ()
    while_it_lasts: Annotated[bool, "What is over counts no longer."] = False
    window: Annotated[Written | None, "A duration back from Index, or a parameter that is one."] = None
    after: Annotated[Written | None, "Only events on or after FACT, FACT + DURATION or FACT - DURATION."] = None
    until: Annotated[Written | None, "Only events on or before FACT, FACT + DURATION or FACT - DURATION."] = None
    otherwise: Annotated[Written | None, "The window to use if that date is not recorded."] = None
    back_from: Annotated[Name | None, "A date fact from which windows reach back, once it is recorded."] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LatestEntry(SelectionEntry):
    """The newest value."""

    pattern: Choice["latest"]
    stale_after: Annotated[Written | StaleEntry | None, "A duration, or a parameter that is one."] = None
    yes: Annotated[Ids, "For a yes-or-no fact: the codes that mean yes."] = ()
    no: Annotated[Ids, "For a yes-or-no fact: the codes that mean no."] = ()
    corrected_by: Annotated[Asserter | None, "Only their word, or a higher one, ends a yes."] = None
    any_yes_of: Annotated[AnyYesOf | None, "One yes among them is a yes."] = None
    largest: Annotated[bool, "The largest number instead of the newest."] = False
    smallest: Annotated[bool, "The smallest number instead of the newest."] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstEntry(SelectionEntry):
    """The oldest value."""

    pattern: Choice["first"]
    yes: Annotated[Ids, "For a yes-or-no fact: the codes that mean yes."] = ()
    no: Annotated[Ids, "For a yes-or-no fact: the codes that mean no."] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DateOfEntry(SelectionEntry):
    """The date of the newest match, or of the oldest."""

    pattern: Choice["date_of"]
    which: Choice["newest", "oldest"] = "newest"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExistsEntry(SelectionEntry):
    """Whether there is a match."""

    pattern: Choice["exists"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CountEntry(SelectionEntry):
    """How many matches there are."""

    pattern: Choice["count"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseLengthEntry(SelectionEntry):
    """Days of treatment up to Index."""

    pattern: Choice["course_length"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TermEntry(Entry):
    """times * parameter * fact."""

    fact: Name
    times: Decimal = Decimal(1)
    parameter: Name | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedEntry(Entry):
    """Whether the sum of the terms is at least the limit."""

    pattern: Choice["compared"]
    terms: tuple[TermEntry, ...]
    at_least: Annotated[Loose, "A number, or a parameter."]


SelectingEntry = LatestEntry | FirstEntry | DateOfEntry | ExistsEntry | CountEntry | CourseLengthEntry
DeriveEntry = SelectingEntry | ComparedEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class ImpliesEntry(Entry):
    """What always follows, as conditions over facts."""

    when: Loose
    then: Loose


@dataclass(frozen=True, slots=True, kw_only=True)
class FactEntry(Rule):
    """One value, or unknown, of one hip or person on the index date."""

    KIND: ClassVar[str] = "fact"
    type: ValueKind
    unit: Annotated[Loose | None, "Of a number, in UCUM; 1 for a bare number."] = None
    step: Annotated[Decimal | None, "Of a number: the resolution in which values are held. Default: 1."] = None
    range: Annotated[Written | None, "Of a number: 0 to 60; refused outside."] = None
    doubt: Annotated[Written | None, "Of a number: below 5, above 40; questioned there."] = None
    codes: Annotated[Mapping[Id, Written], "Of a fact of codes: each code with its words."] = field(
        default_factory=dict
    )
    scope: Scope = Scope.HIP
    derive: DeriveEntry
    absent: Annotated[Loose | None, "What no event means: unknown (default), no, or `no when FACT`."] = None
    absent_code: Annotated[Id | None, "Of a fact of codes: the code that stands for absent."] = None
    conflict: Annotated[Conflict, "What two values of one day and equal authority mean. Default: unknown."] = (
        Conflict.UNKNOWN
    )
    changeable: Annotated[bool, "Whether the future can change it. Default: yes."] = True
    uncertainty: Annotated[Written | None, "Of a measurement: the parameter by which a repeated one may differ."] = None
    implies: tuple[ImpliesEntry, ...] = ()


# ---- criteria.yaml, stages.yaml, safety.yaml, actions.yaml, enquiries.yaml --------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionEntry(Rule):
    """A named condition."""

    KIND: ClassVar[str] = "criterion"
    when: Annotated[Loose, "The condition, a line of the CQL subset."]


@dataclass(frozen=True, slots=True, kw_only=True)
class GateEntry(Rule):
    """The gate of an ordered stage; it means every earlier gate too."""

    when: Annotated[Loose, "The gate's own condition, a line of the CQL subset."]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewEntry(Entry):
    """When the next review is owed: `every`, or a `schedule` and `then`."""

    every: Annotated[Written | None, "A duration, or a parameter that is one."] = None
    schedule: Annotated[
        tuple[Written, ...], "Durations after `since`, or parameters that are durations or lists of them."
    ] = ()
    then: Annotated[Written | None, "A duration, or a parameter that is one."] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StageEntry(Rule):
    """A stage, with its own condition or with a gate."""

    KIND: ClassVar[str] = "stage"
    when: Annotated[Loose | None, "The condition of a stage outside the order."] = None
    gate: Annotated[GateEntry | None, "The gate of an ordered stage."] = None
    since: Annotated[Names, "The date fact that tells when the stage began; of several the latest."] = ()
    review: ReviewEntry | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DiversionEntry(Rule):
    """A reason to leave the stepwise path."""

    KIND: ClassVar[str] = "diversion"
    when: Loose
    only_ordered: Annotated[bool, "Not checked in stages with their own condition."] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CellEntry(Entry):
    """Where a box stands on the map, counted from 0 at the top left."""

    KIND: ClassVar[str] = "cell"
    column: int
    row: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WayEntry(Entry):
    """How a hip comes from one stage to another other than through a gate."""

    from_: Name
    to: Name
    by: Annotated[Name, "The fact or criterion that tells."]
    back: Annotated[bool, "It returns to an earlier stage."] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MapEntry(Entry):
    """The picture of the pathway."""

    cells: Annotated[Mapping[Name, CellEntry], "Every stage, `not_on_pathway` and every diversion."]
    ways: tuple[WayEntry, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StagesEntry(Entry):
    """Stages, those with their own condition first, and diversions in the order in which they are checked."""

    stages: Mapping[Name, StageEntry]
    diversions: Mapping[Name, DiversionEntry] = field(default_factory=dict)
    map: Annotated[MapEntry | None, "Where each stands in the picture; left out: drawn by its order."] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagEntry(Rule):
    """A red flag; its id is that of its fact."""

    KIND: ClassVar[str] = "flag"
    urgency: Choice["emergency", "same day", "urgent"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DueEntry(Entry):
    """A date fact, plus an interval."""

    after: Name
    plus: Annotated[Written | None, "A duration, or a parameter that is one."] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyEntry(Rule):
    """A stop, strong caution or caution."""

    KIND: ClassVar[str] = "safety rule"
    when: Loose
    until: Annotated[DueEntry | None, "When a stop lifts."] = None
    actions: Annotated[Names, "The actions it is attached to."]


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyFileEntry(Entry):
    """Red flags, stops and cautions."""

    flags: Mapping[Name, FlagEntry] = field(default_factory=dict)
    stops: Mapping[Name, SafetyEntry] = field(default_factory=dict)
    strong_cautions: Mapping[Name, SafetyEntry] = field(default_factory=dict)
    cautions: Mapping[Name, SafetyEntry] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class MustKnowEntry(Entry):
    """A fact or criterion that must be known under a condition."""

    name: Name
    needed_when: Loose | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionEntry(Rule):
    """Something that can be done."""

    KIND: ClassVar[str] = "action"
    kind: ActionKind
    scope: Scope = Scope.HIP
    low_risk: Annotated[bool, "Offered while diversions are unknown."] = False
    when: Annotated[Loose, "It applies."]
    due_when: Annotated[Loose | None, "Due while this is true, else optional; `false`: never due."] = None
    done: Loose | None = None
    in_progress: Loose | None = None
    passes: Annotated[Names, "Diversions that do not block it, or all."] = ()
    must_know: Annotated[tuple[Name | MustKnowEntry, ...], "Facts or criteria that must be known."] = ()
    exclusive: Annotated[Names, "Groups of which never two members are due."] = ()
    due: DueEntry | None = None
    shows: Annotated[Names, "Facts told beside it, though no condition has to use them."] = ()
    texts: Mapping[Id, Written] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnquiryEntry(Entry):
    """How to ask for a fact."""

    KIND: ClassVar[str] = "enquiry"
    ask: Annotated[Written, "Words for the clinician."]
    ask_patient: Annotated[Written | None, "Words for the patient."] = None
    burden: Burden
    same_as: Annotated[
        Id | None, "The fact that is asked for instead while it is unknown too: one answer serves both."
    ] = None
    patient_set: Annotated[PatientSet | None, "The set of questions for patients that it belongs to."] = None
    patient_after: Annotated[Id | None, "The fact of the same set without whose yes it is not asked."] = None


# ---- evidence.yaml, source.yaml, terminology.yaml, properties.yaml ----------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceEntry(Entry):
    """Something that was read."""

    KIND: ClassVar[str] = "source"
    citation: Written
    doi: Loose | None = None
    url: Written | None = None
    design: Written
    read: Annotated[Written, "How much of it was read."]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimEntry(Entry):
    """One statement of the literature."""

    KIND: ClassVar[str] = "claim"
    statement: Written
    certainty: Choice["high", "moderate", "low", "very-low"]
    verified: Choice["full-text", "abstract", "unverified"]
    secondhand: bool = False
    sources: Ids


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceEntry(Entry):
    """The literature."""

    sources: Mapping[Id, SourceEntry]
    claims: Mapping[Id, ClaimEntry]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedLineEntry(Entry):
    """A line of the text the pathway grew from."""

    KIND: ClassVar[str] = "line"
    text: Written
    becomes: Annotated[Names, "The rules it became."] = ()
    gap: Annotated[Written | None, "What it leaves open."] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedEntry(Entry):
    """The text the pathway grew from."""

    lines: Mapping[Id, SeedLineEntry]


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeEntry(Entry):
    """A code of a code system."""

    system: Choice["snomed", "loinc", "icd10cm", "icd10pcs", "rxnorm", "atc", "opcs4", "hpo", "ischio"]
    code: Loose
    display: Loose
    prefix: Annotated[bool, "Every code that starts so."] = False
    side: Annotated[Choice["right", "left", "both"] | None, "The side that the code itself carries."] = None
    licence: Written | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LicensedEntry(Entry):
    """Codes that a licence covers, of a concept of terminology.yaml."""

    KIND: ClassVar[str] = "concept"
    codes: tuple[CodeEntry, ...] = ()
    values: Mapping[Id, tuple[CodeEntry, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConceptEntry(LicensedEntry):
    """What an event is about."""

    title: Written
    unit: Annotated[Loose | None, "The unit in which values are held."] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyEntry(Rule):
    """Something proved for all patients."""

    KIND: ClassVar[str] = "property"
    number: int
    check: Choice[
        "offered_only_if",
        "offered_only_when_cleared",
        "nothing_offered_under",
        "exactly_one_stage",
        "no_dead_end",
        "exclusive",
        "forgetting_is_safe",
        "nothing_vacuous",
    ]
    actions: Names = ()
    kinds: tuple[ActionKind, ...] = ()
    except_: Annotated[Names, "Actions that the property spares."] = ()
    under: Annotated[Loose | None, "The condition under which it is claimed."] = None
    then: Annotated[Loose | None, "What must be true."] = None
    asks: Annotated[Names, "Facts that must be asked for."] = ()
    waits_for: Annotated[Written | None, "Why it is not proved yet."] = None
