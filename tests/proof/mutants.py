"""The real pathway with one fault each, and what catches it.

caught_by: the property that is refuted, or CASE where no proof speaks of the fault and a case must differ.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from ischio.backends.smt import Finding, Outcome, findings
from ischio.engine.cases import run_case
from ischio.language.text import to_text
from ischio.model.dates import Duration
from ischio.model.expression import AllOf, AnyOf, Compare, Constant, Expression, Operator
from ischio.model.parameters import DatedValue, ParameterData, Quantity
from ischio.model.pathway import Pathway
from ischio.record.case_form import Case

CASE = "a case"
OPPOSITE = {
    Operator.EQUAL: Operator.NOT_EQUAL,
    Operator.LESS: Operator.AT_LEAST,
    Operator.AT_MOST: Operator.GREATER,
}
OPPOSITE |= {there: here for here, there in OPPOSITE.items()}

Change = Callable[[Pathway], Pathway]


@dataclass(frozen=True)
class Mutant:
    """One fault. fault: in words."""

    fault: str
    change: Change
    caught_by: str


@dataclass(frozen=True)
class Mistaken:
    """One mistake written into a knowledge file, and a part of what `check` says of it."""

    fault: str
    file: str
    was: str
    is_now: str
    told: str


# ---- the faults -------------------------------------------------------------------------------------------------


def dropped(condition: Expression, part: str) -> Expression:
    """The conjunction or disjunction, at any depth, without the part that is written so."""
    match condition:
        case AllOf(parts) | AnyOf(parts):
            kept = tuple(each for each in parts if to_text(each) != part)
            if len(kept) == len(parts):
                return replace(condition, parts=tuple(dropped(each, part) for each in parts))
            return replace(condition, parts=kept) if len(kept) > 1 else kept[0]
        case _:
            return condition


def flipped(condition: Expression, part: str) -> Expression:
    """The condition with one comparison turned round."""
    match condition:
        case AllOf(parts) | AnyOf(parts):
            return replace(condition, parts=tuple(flipped(each, part) for each in parts))
        case Compare(_, operator, _) if to_text(condition) == part:
            return replace(condition, operator=OPPOSITE[operator])
        case _:
            return condition


def criterion(name: str, change: Callable[[Expression, str], Expression], part: str) -> Change:
    def changed(pathway: Pathway) -> Pathway:
        old = pathway.criteria[name]
        new = replace(old, when=change(old.when, part))
        assert new != old, f"{name} has no part written `{part}`"
        return replace(pathway, criteria={**pathway.criteria, name: new})

    return changed


def action(name: str, **fields: object) -> Change:
    def changed(pathway: Pathway) -> Pathway:
        old = pathway.actions[name]
        new = replace(old, **fields)
        assert new != old, f"{name} is so already"
        return replace(pathway, actions={**pathway.actions, name: new})

    return changed


def action_without(name: str, part: str) -> Change:
    def changed(pathway: Pathway) -> Pathway:
        return action(name, when=dropped(pathway.actions[name].when, part))(pathway)

    return changed


def action_without_stop(name: str, stop: str) -> Change:
    def changed(pathway: Pathway) -> Pathway:
        kept = tuple(each for each in pathway.actions[name].stops if each.id != stop)
        return action(name, stops=kept)(pathway)

    return changed


def stop_without(name: str, stop: str, part: str) -> Change:
    """The action with a stop from which one part of its condition is lost."""

    def changed(pathway: Pathway) -> Pathway:
        stops = (
            replace(each, when=dropped(each.when, part)) if each.id == stop else each
            for each in pathway.actions[name].stops
        )
        return action(name, stops=tuple(stops))(pathway)

    return changed


def parameter(name: str, value: ParameterData) -> Change:
    def changed(pathway: Pathway) -> Pathway:
        old = pathway.parameters[name]
        new = replace(old, values=(DatedValue(None, value),))
        assert new != old, f"{name} has this value already"
        return replace(pathway, parameters={**pathway.parameters, name: new})

    return changed


def stages_swapped(first: str, second: str) -> Change:
    def changed(pathway: Pathway) -> Pathway:
        one, other = pathway.stage(first), pathway.stage(second)
        other_way = {first: other, second: one}
        return replace(pathway, stages=tuple(other_way.get(stage.id, stage) for stage in pathway.stages))

    return changed


def stage_without_review(name: str) -> Change:
    def changed(pathway: Pathway) -> Pathway:
        stages = (replace(stage, review=None) if stage.id == name else stage for stage in pathway.stages)
        return replace(pathway, stages=tuple(stages))

    return changed


def diversion_without_flag(flag: str) -> Change:
    return criterion("diversion_red_flag", dropped, f"{flag} = 'present'")


def without_enquiry(name: str) -> Change:
    def changed(pathway: Pathway) -> Pathway:
        return replace(pathway, enquiries={fact: each for fact, each in pathway.enquiries.items() if fact != name})

    return changed


def millimetres(number: str) -> Quantity:
    return Quantity(Decimal(number), "mm")


OPERATION = "endoscopic_lesser_trochanter_resection"
EGFR = "mL/min/{1.73_m2}"

MUTANTS: Sequence[Mutant] = (
    # A conjunct is lost on the way to an operation.
    Mutant(
        "gate_surgical_evaluation without the trial",
        criterion("gate_surgical_evaluation", dropped, "conservative_trial_adequate"),
        "operation_needs_adequate_trial",
    ),
    Mutant(
        "gate_surgical_evaluation without the injection",
        criterion(
            "gate_surgical_evaluation", dropped, "injection_tried or injection_not_possible or injection_declined"
        ),
        "operation_needs_an_injection_settled",
    ),
    Mutant(
        "surgery_gate without the alternatives",
        criterion("surgery_gate", dropped, "alternatives_considered"),
        "operation_needs_alternatives_considered",
    ),
    Mutant(
        "surgery_gate without the person's own word",
        criterion("surgery_gate", dropped, "not acceptable_now"),
        "operation_needs_a_state_not_acceptable",
    ),
    Mutant(
        "surgery_gate with a surgeon's reason alone",
        criterion("surgery_gate", dropped, "injection_response_substantial"),
        "operation_needs_concordant_imaging",
    ),
    Mutant(
        "an operation without the surgery gate",
        action_without(OPERATION, "surgery_gate"),
        "operation_needs_confirmed_diagnosis",
    ),
    Mutant(
        "a trial without position avoidance",
        criterion("trial_content_sufficient", dropped, "position_avoidance_taught"),
        "operation_needs_adequate_trial",
    ),
    Mutant(
        "hamstring disease not assessed counts as settled",
        criterion("hamstring_settled", dropped, "alternative_hamstring != 'not_assessed'"),
        "operation_needs_alternatives_considered",
    ),
    Mutant(
        "an injection counts on the day it is given",
        criterion("injection_tried", dropped, "first_injection_date on or before Index - injection_assess_after"),
        "operation_needs_an_injection_settled",
    ),
    # A comparison is turned round.
    Mutant(
        "a wide space counts as narrow for surgery",
        criterion("narrow_space_for_surgery", flipped, "ischiofemoral_space_for_surgery <= ifs_cutoff"),
        "operation_needs_concordant_imaging",
    ),
    Mutant(
        "too few days of exercise make a trial",
        criterion("conservative_trial_adequate", flipped, "exercise_days >= exercise_days_before_surgery"),
        "operation_needs_adequate_trial",
    ),
    Mutant(
        "the main cause counts as settled",
        criterion("lumbar_stenosis_settled", flipped, "alternative_lumbar_stenosis != 'main_cause'"),
        "operation_needs_alternatives_considered",
    ),
    Mutant(
        "a recent start of exercise makes a trial",
        criterion("conservative_trial_adequate", flipped, "exercise_start on or before Index - conservative_minimum"),
        "operation_needs_adequate_trial",
    ),
    # A red flag no longer holds everything up.
    Mutant(
        "chest symptoms divert nobody",
        diversion_without_flag("flag_chest_symptoms"),
        "red_flag_leaves_nothing_elective",
    ),
    Mutant(
        "an injection passes red flags",
        action("image_guided_injection", passes=("red_flag",)),
        "red_flag_leaves_nothing_elective",
    ),
    Mutant(
        "advice passes red flags",
        action("activity_modification", passes=("red_flag",)),
        "red_flag_leaves_nothing_elective",
    ),
    # A stop is lost, or a part of one.
    *(
        Mutant(f"{name} without the stop {stop}", action_without_stop(name, stop), caught_by)
        for name, stop, caught_by in (
            ("nsaid_course", "nsaid_reaction", "nsaid_only_where_nothing_forbids_it"),
            ("nsaid_course", "nsaid_bleed", "nsaid_only_where_nothing_forbids_it"),
            ("nsaid_course", "active_ulcer_or_bleeding", "nsaid_only_where_nothing_forbids_it"),
            ("nsaid_course", "severe_heart_failure", "nsaid_only_where_nothing_forbids_it"),
            ("nsaid_course", "kidney_function_too_low", "nsaid_only_with_sound_kidneys"),
            ("nsaid_course", "pregnant_from_20_weeks", "nsaid_not_from_20_weeks"),
            ("muscle_relaxant_course", "relaxant_with_mao_inhibitor", "relaxant_only_where_nothing_forbids_it"),
            ("muscle_relaxant_course", "relaxant_with_inhibitor", "relaxant_only_where_nothing_forbids_it"),
            ("image_guided_injection", "active_infection", "injection_only_where_nothing_forbids_it"),
            ("repeat_injection", "inr_not_in_range", "injection_only_where_nothing_forbids_it"),
            ("repeat_injection", "yearly_injections_reached", "steroid_within_its_limits"),
            (OPERATION, "operation_in_pregnancy", "operation_only_where_nothing_forbids_it"),
            (OPERATION, "steroid_before_surgery", "operation_only_where_nothing_forbids_it"),
            (OPERATION, "no_anticoagulant_plan", "operation_only_where_nothing_forbids_it"),
            (OPERATION, "other_leg_restricted", CASE),
            ("simple_analgesic", "other_paracetamol_in_use", CASE),
            ("radiograph_pelvis_hip", "radiation_in_pregnancy", CASE),
            ("mri_without_contrast", "mri_unsafe_implant", CASE),
        )
    ),
    Mutant(
        "a muscle relaxant in pregnancy and not while breastfeeding",
        stop_without("muscle_relaxant_course", "relaxant_in_pregnancy", "breastfeeding"),
        "relaxant_only_where_nothing_forbids_it",
    ),
    Mutant(
        "diabetes leaves kidney function out of doubt",
        criterion("kidney_function_in_doubt", dropped, "diabetes"),
        "nsaid_only_with_sound_kidneys",
    ),
    Mutant(
        "an old low filtration rate leaves kidney function out of doubt",
        criterion("kidney_function_in_doubt", dropped, "recorded_egfr and egfr_lowest < egfr_caution"),
        CASE,
    ),
    Mutant("a filtration rate of 29 is enough", parameter("egfr_stop", Quantity(Decimal(29), EGFR)), CASE),
    Mutant("a filtration rate of 30 is too low", parameter("egfr_stop", Quantity(Decimal(31), EGFR)), CASE),
    Mutant("of age from 66 on", parameter("older_age", Duration(months=66 * 12)), CASE),
    Mutant("a medicine counts for a day", parameter("medicine_counts_for", Duration(days=1)), CASE),
    # Someone is left alone.
    Mutant("no review in long-term care", stage_without_review("long_term_care"), "no_dead_end"),
    Mutant("nobody is asked about pain", without_enquiry("regional_pain"), "no_dead_end"),
    Mutant("nothing urgent under a red flag", action("urgent_referral", when=Constant(False)), "nothing_is_vacuous"),
    # Two next steps at once.
    Mutant(
        "the injection is due while the trial is extended",
        action("image_guided_injection", due_when=None),
        "exclusive_actions_are_never_both_due",
    ),
    Mutant("two operations are due", action(OPERATION, due_when=None), CASE),
    # Something can never happen.
    Mutant(
        "a criterion that cannot be true",
        criterion("symptoms_resolved", flipped, "pain_held < pain_persistent_from"),
        CASE,
    ),
    # The order of the stages, and numbers that are off by one.
    Mutant("recovery before closure", stages_swapped("closed", "recovery"), CASE),
    Mutant("after surgery before recovery", stages_swapped("recovery", "after_surgery"), CASE),
    Mutant("the injection stage before conservative care", stages_swapped("conservative_care", "injection"), CASE),
    Mutant("a cut-off of 16 mm", parameter("ifs_cutoff", millimetres("16")), CASE),
    Mutant("a cut-off of 14 mm", parameter("ifs_cutoff", millimetres("14")), CASE),
    Mutant("seven weeks before an injection", parameter("injection_after", Duration(days=49)), CASE),
    Mutant("two months before surgery", parameter("conservative_minimum", Duration(months=2)), CASE),
    Mutant(
        "83 days of exercise before surgery",
        parameter("exercise_days_before_surgery", Quantity(Decimal(83), "d")),
        CASE,
    ),
    Mutant(
        "85 days of exercise before surgery",
        parameter("exercise_days_before_surgery", Quantity(Decimal(85), "d")),
        CASE,
    ),
)


MISTAKES: Sequence[Mistaken] = (
    Mistaken("a cut-off outside its range", "parameters.yaml", "value: 15 mm\n", "value: 25 mm\n", "10 mm to 20 mm"),
    Mistaken("a cut-off in centimetres", "parameters.yaml", "value: 10 mm\n", "value: 10 kg\n", "kg"),
    Mistaken(
        "a rule that rests on a claim nobody verified",
        "criteria.yaml",
        "evidence: [ifi-symptoms, us-case-fast-walk]",
        "evidence: [ifi-symptoms, ito-aftercare-6wk]",
        "ito-aftercare-6wk",
    ),
    Mistaken(
        "a misspelt fact",
        "criteria.yaml",
        "when: ifi_test or long_stride_walking_test",
        "when: ifi_tset or long_stride_walking_test",
        "ifi_test",
    ),
    Mistaken(
        "a criterion that leans on itself",
        "criteria.yaml",
        "when: ifi_test or long_stride_walking_test",
        "when: ifi_test or provocation_positive",
        "provocation_positive",
    ),
    Mistaken(
        "a rule that asks whether something is unknown",
        "criteria.yaml",
        "when: ifi_test or long_stride_walking_test",
        "when: ifi_test is null",
        "may not ask whether something is unknown",
    ),
    Mistaken(
        "a flag of no known urgency",
        "safety.yaml",
        "urgency: emergency",
        "urgency: whenever",
        "whenever",
    ),
    Mistaken("a flag with another name", "safety.yaml", "  flag_sphincter:\n", "  flag_sphinxter:\n", "flag_sphinxter"),
    Mistaken(
        "a seed line that became a rule of another name",
        "source.yaml",
        "becomes: [gate_evaluation]",
        "becomes: [gate_valuation]",
        "gate_valuation",
    ),
)


# ---- catching them ----------------------------------------------------------------------------------------------


def refuted(pathway: Pathway, property_id: str) -> Finding | None:
    """The finding, if the property is refuted."""
    alone = replace(pathway, properties=tuple(each for each in pathway.properties if each.id == property_id))
    return next((finding for finding in findings(alone) if finding.outcome is Outcome.REFUTED), None)


def differing(pathway: Pathway, cases: Iterable[Case]) -> Iterator[Case]:
    """The cases that do not get the answer they expect."""
    return (case for case in cases if run_case(pathway, case).differences)
