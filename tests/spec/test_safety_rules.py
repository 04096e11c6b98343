"""Every stop, strong caution and caution, one row each: what it does while it holds, is ruled out, or is not known.

Each row starts from a case in which all is known and nothing stands against the action, and changes what is named.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import pytest

from ischio.engine.assess import assess
from ischio.interfaces.inputs import read_cases
from ischio.loading.pathway import load_pathway
from ischio.model.about import Scope, Side
from ischio.model.assessment import ActionShown
from ischio.model.pathway import Pathway
from ischio.record.case_form import Case
from ischio.record.case_values import given_value

# short name -> the action, and the case from which its rows start
ACTIONS = {
    "nsaid": ("nsaid_course", "nsaid-everything-known"),
    "relaxant": ("muscle_relaxant_course", "relaxant-everything-known"),
    "analgesic": ("simple_analgesic", "nsaid-after-a-reaction"),
    "injection": ("image_guided_injection", "injection-everything-known"),
    "resection": ("endoscopic_lesser_trochanter_resection", "operation-everything-known"),
    "osteotomy": ("lateralizing_intertrochanteric_osteotomy", "osteotomy-everything-known"),
    "radiograph": ("radiograph_pelvis_hip", "imaging-everything-known"),
    "mri": ("mri_without_contrast", "imaging-everything-known"),
    "diagnostic": ("diagnostic_injection", "diagnostic-injection-everything-known"),
    "further": ("repeat_injection", "further-injection"),
    "decompression": ("open_decompression_with_neurolysis", "surgical-options-none-ranked"),
    "measurement": ("measure_version_and_neck", "deformity-suspected-early"),
    "before_load": ("radiograph_before_loading", "osteotomy-at-six-weeks"),
}
ALSO = {
    "injection": ("diagnostic", "further"),
    "resection": ("osteotomy", "decompression"),
    "radiograph": ("measurement", "before_load"),
}
"""Actions for which the rows of another are run as well, where they share the rule."""
PREGNANT = "pregnancy_status=pregnant, recorded_pregnancy=yes"

# rule | action | what makes it hold | the fact without which it cannot be told (it: the first of these; -: none)
STOPS = """
nsaid_reaction                      | nsaid      | nsaid_reaction                                         | it
nsaid_bleed                         | nsaid      | nsaid_bleed                                            | it
active_ulcer_or_bleeding            | nsaid      | active_ulcer_or_bleeding, past_ulcer                   | it
severe_heart_failure                | nsaid      | heart_failure, heart_failure_severe                    | it
severe_liver_failure                | nsaid      | liver_disease, liver_disease_severe                    | it
kidney_function_too_low             | nsaid      | kidney_disease, egfr=29                                | it
intercurrent_illness                | nsaid      | intercurrent_illness                                   | it
coronary_bypass_near                | nsaid      | coronary_bypass_near                                   | it
pregnant_from_20_weeks              | nsaid      | PREGNANT, pregnancy_start=2026-01-12                   | it
other_nsaid_in_use                  | nsaid      | other_nsaid_in_use                                     | it
relaxant_with_mao_inhibitor         | relaxant   | mao_inhibitor_in_use                                   | it
relaxant_with_heart_rhythm_disorder | relaxant   | heart_rhythm_disorder                                  | it
relaxant_after_infarction           | relaxant   | recent_infarction                                      | it
relaxant_with_heart_failure         | relaxant   | heart_failure                                          | it
relaxant_with_hyperthyroidism       | relaxant   | hyperthyroidism                                        | it
relaxant_with_inhibitor             | relaxant   | fluvoxamine_or_ciprofloxacin_in_use                    | it
relaxant_with_liver_disease         | relaxant   | liver_disease                                          | it
relaxant_in_pregnancy               | relaxant   | breastfeeding                                          | it
other_paracetamol_in_use            | analgesic  | other_paracetamol_in_use                               | it
injection_has_to_wait               | injection  | injection_on_hold                                      | it
active_infection                    | injection  | active_infection                                       | it
injectate_allergy                   | injection  | injectate_allergy                                      | it
bleeding_not_corrected              | injection  | bleeding_disorder                                      | it
inr_not_in_range                    | injection  | warfarin_in_use, anticoagulant_in_use, inr_in_range=no | it
ct_in_pregnancy                     | injection  | ct_guidance_intended, PREGNANT                         | -
unable_to_keep_still                | injection  | unable_to_keep_still                                   | it
steroid_close_to_surgery            | injection  | hip_surgery_planned                                    | it
yearly_injections_reached           | injection  | injections_in_year=3                                   | it
other_steroid_recent                | injection  | other_steroid_recent                                   | it
radiation_in_pregnancy              | radiograph | PREGNANT                                               | it
mri_unsafe_implant                  | mri        | mri_unsafe_implant                                     | it
operation_in_pregnancy              | resection  | PREGNANT                                               | it
active_infection                    | resection  | active_infection                                       | it
steroid_before_surgery              | resection  | steroid_before_surgery                                 | it
no_anticoagulant_plan               | resection  | anticoagulant_in_use                                   | it
valgus_knee_on_this_side            | osteotomy  | valgus_knee                                            | it
other_leg_restricted                | resection  | other_side_restricted                                  | it
other_leg_restricted                | resection  | other_side_operated_lately                             | it
"""

STRONG_CAUTIONS = """
nsaid_with_anticoagulant          | nsaid     | anticoagulant_in_use                                  | it
nsaid_with_lithium                | nsaid     | lithium_in_use                                        | it
nsaid_with_methotrexate           | nsaid     | methotrexate_in_use                                   | it
nsaid_with_two_kidney_medicines   | nsaid     | ace_inhibitor_or_arb_in_use, diuretic_in_use, egfr=80 | it
nsaid_with_low_kidney_function    | nsaid     | kidney_disease, egfr=59.9                             | it
nsaid_after_ulcer                 | nsaid     | past_ulcer                                            | it
nsaid_with_cardiovascular_disease | nsaid     | cardiovascular_disease                                | it
nsaid_before_20_weeks             | nsaid     | PREGNANT, pregnancy_start=2026-01-13                  | pregnancy_status
relaxant_in_older_person          | relaxant  | birth_date=1961-06-01                                 | it
relaxant_with_opioid              | relaxant  | opioid_in_use                                         | it
relaxant_with_benzodiazepine      | relaxant  | benzodiazepine_in_use                                 | it
relaxant_with_sedative            | relaxant  | sedative_or_alcohol_in_use                            | alcohol_use_high
paracetamol_with_liver_disease    | analgesic | liver_disease, liver_disease_severe=no                | it
paracetamol_with_alcohol          | analgesic | alcohol_use_high                                      | it
injection_in_pregnancy            | injection | PREGNANT                                              | pregnancy_status
steroid_with_cyp3a4_inhibitor     | injection | cyp3a4_inhibitor_in_use                               | it
steroid_elsewhere_recent          | injection | steroid_elsewhere_recent                              | it
earlier_surgery_here              | resection | earlier_surgery                                       | it
operation_on_fragile_bone         | resection | bone_fragility                                        | it
osteotomy_in_smoker               | osteotomy | smoker                                                | it
"""

CAUTIONS = """
nsaid_in_older_person                 | nsaid     | birth_date=1961-06-01, egfr=80
nsaid_with_antiplatelet               | nsaid     | antiplatelet_in_use
nsaid_with_corticosteroid             | nsaid     | corticosteroid_in_use
nsaid_with_ssri                       | nsaid     | ssri_in_use
nsaid_with_hypertension               | nsaid     | hypertension, egfr=80
nsaid_with_one_kidney_medicine        | nsaid     | diuretic_in_use, egfr=80
nsaid_with_asthma                     | nsaid     | asthma
nsaid_and_conception                  | nsaid     | trying_to_conceive
nsaid_and_breastfeeding               | nsaid     | breastfeeding
nsaid_with_bowel_disease              | nsaid     | inflammatory_bowel_disease
protect_the_stomach                   | nsaid     | corticosteroid_in_use
relaxant_and_serotonin                | relaxant  | serotonergic_in_use
relaxant_and_glaucoma                 | relaxant  | glaucoma_or_urinary_retention
relaxant_and_blood_pressure           | relaxant  | low_blood_pressure
steroid_in_diabetes                   | injection | diabetes
steroid_in_poorly_controlled_diabetes | injection | diabetes, hba1c=7.1
injection_on_anticoagulant            | injection | anticoagulant_in_use
operation_in_diabetes                 | resection | diabetes
operation_with_thrombosis_risk        | resection | thrombosis_risk
"""


def rows(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()]


def for_each_action(table: str) -> list[list[str]]:
    """The rows, and those of other actions that have the same rule."""
    return [
        [rule, name, *rest]
        for rule, action, *rest in rows(table)
        for name in (action, *ALSO.get(action, ()))
        if rule in _rules_of(ACTIONS[name][0])
    ]


def _rules_of(action: str) -> set[str]:
    found = pathway().actions[action]
    return {rule.id for rule in (*found.stops, *found.strong_cautions, *found.cautions)}


def written_out(changes: str) -> str:
    return changes.replace("PREGNANT", PREGNANT)


def first_of(changes: str) -> str:
    """The first fact that is named."""
    return re.split("[,=]", written_out(changes))[0]


@cache
def pathway() -> Pathway:
    return load_pathway()


@cache
def cases() -> Mapping[str, Case]:
    return {case.id: case for case in read_cases(pathway(), None)[0]}


def shown(action: str, changes: str, whole: Pathway | None = None) -> ActionShown:
    """The action as it is shown in its base case, with the changes: `fact` (yes) or `fact=value`.

    whole: another pathway than that of the knowledge, with a fault put in.
    """
    action_id, base = ACTIONS[action]
    case = cases()[base]
    given: dict[Side | None, dict[str, object]] = {
        side: dict(case.record.given.get(side, {})) for side in (None, *Side)
    }
    for change in filter(None, written_out(changes).split(", ")):
        name, _, text = change.partition("=")
        fact = pathway().facts[name]
        value = given_value(fact, fact.scope, text or "yes")
        for side in (None,) if fact.scope is Scope.PERSON else (Side.RIGHT,):
            given[side][name] = value
    answer = assess(whole or pathway(), replace(case.record, given=given), case.index_date)
    everywhere = (*answer.person.actions, *(each for hip in answer.hips if hip.side == "right" for each in hip.actions))
    return next(each for each in everywhere if each.id == action_id)


def told_otherwise(action_id: str, faulty: Pathway) -> str | None:
    """The first row about an action, by its rule, for which a faulty pathway tells something else than the sound."""
    rules = [row for table in (STOPS, STRONG_CAUTIONS, CAUTIONS) for row in for_each_action(table)]
    for rule, action, changes, *deciding in (*rules, *(["a way out", *row] for row in rows(LET_OUT))):
        if ACTIONS[action][0] != action_id:
            continue
        unknown = [f"{first_of(changes) if each == 'it' else each}=unknown" for each in deciding if each != "-"]
        if any(_told(shown(action, each)) != _told(shown(action, each, faulty)) for each in (changes, *unknown)):
            return rule
    return None


def _told(action: ActionShown) -> tuple[object, ...]:
    return action.status, action.blocked_by, action.cautions, action.check_first


@pytest.mark.parametrize("action", ACTIONS)
def test_nothing_stands_against_the_action_in_its_base_case(action: str) -> None:
    base = shown(action, "")
    assert base.status in ("due", "optional")
    assert [reason.id for reason in (*base.blocked_by, *base.cautions)] == []


@pytest.mark.parametrize(("rule", "action", "changes", "deciding"), for_each_action(STOPS), ids=lambda cell: cell)
def test_a_stop_blocks_and_has_to_be_known(rule: str, action: str, changes: str, deciding: str) -> None:
    stopped = shown(action, changes)
    assert (stopped.status, [reason.id for reason in stopped.blocked_by]) == ("blocked", [rule])
    if deciding != "-":
        assert shown(action, f"{first_of(changes) if deciding == 'it' else deciding}=unknown").status == "check_first"


@pytest.mark.parametrize(
    ("rule", "action", "changes", "deciding"), for_each_action(STRONG_CAUTIONS), ids=lambda cell: cell
)
def test_a_strong_caution_is_never_due_and_has_to_be_known(rule: str, action: str, changes: str, deciding: str) -> None:
    cautioned = shown(action, changes)
    assert cautioned.status == "optional"
    assert rule in [reason.id for reason in cautioned.cautions]
    assert shown(action, f"{first_of(changes) if deciding == 'it' else deciding}=unknown").status == "check_first"


@pytest.mark.parametrize(("rule", "action", "changes"), for_each_action(CAUTIONS), ids=lambda cell: cell)
def test_a_caution_is_shown_and_changes_nothing(rule: str, action: str, changes: str) -> None:
    cautioned = shown(action, changes)
    assert rule in [reason.id for reason in cautioned.cautions]
    others = {row[0] for row in rows(STRONG_CAUTIONS)} & {reason.id for reason in cautioned.cautions}
    assert others or cautioned.status == shown(action, "").status


LET_OUT = """
relaxant   | mao_inhibitor_in_use, not_cyclobenzaprine
relaxant   | heart_rhythm_disorder, not_cyclobenzaprine
relaxant   | recent_infarction, not_cyclobenzaprine
relaxant   | heart_failure, not_cyclobenzaprine
relaxant   | hyperthyroidism, not_cyclobenzaprine
relaxant   | serotonergic_in_use, not_cyclobenzaprine
relaxant   | fluvoxamine_or_ciprofloxacin_in_use, not_tizanidine
relaxant   | low_blood_pressure, not_tizanidine
radiograph | PREGNANT, imaging_in_pregnancy_accepted
measurement | PREGNANT, imaging_in_pregnancy_accepted
before_load | PREGNANT, imaging_in_pregnancy_accepted
resection   | other_side_restricted, surgeon_accepts_both_sides
osteotomy   | other_side_restricted, surgeon_accepts_both_sides
decompression | other_side_restricted, surgeon_accepts_both_sides
"""


@pytest.mark.parametrize(("action", "changes"), rows(LET_OUT), ids=lambda cell: cell)
def test_a_rule_that_names_a_way_out_stands_against_nothing_there(action: str, changes: str) -> None:
    let_out, base = shown(action, changes), shown(action, "")
    assert (let_out.status, let_out.blocked_by, let_out.cautions) == (base.status, base.blocked_by, base.cautions)


def test_every_rule_has_its_row() -> None:
    actions = pathway().actions.values()
    assert {row[0] for row in rows(STOPS)} == {rule.id for each in actions for rule in each.stops}
    assert {row[0] for row in rows(STRONG_CAUTIONS)} == {rule.id for each in actions for rule in each.strong_cautions}
    assert {row[0] for row in rows(CAUTIONS)} == {rule.id for each in actions for rule in each.cautions}
