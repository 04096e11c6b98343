"""What a rule uses and what uses it: from conditions, and from all else that a rule names."""

from pathlib import Path

import pytest

from ischio.engine.explain import Explanation, explain, explanations, ids, properties_about
from ischio.loading.pathway import load_pathway
from ischio.model.pathway import Pathway


@pytest.fixture(scope="module")
def shipped() -> Pathway:
    return load_pathway()


def found(pathway: Pathway, kind: str, rule: str) -> Explanation:
    return next(each for each in explanations(pathway) if (each.kind, each.id) == (kind, rule))


@pytest.mark.parametrize(
    ("kind", "rule", "uses"),
    [
        ("criterion", "narrow_space", {"ischiofemoral_space", "ifs_cutoff"}),
        ("fact", "ischiofemoral_space", {"fresh_mri"}),
        ("fact", "pain_fell_points", {"pain_baseline", "pain_now", "pain_change_points"}),
        ("stage", "after_surgery", {"stage_after_surgery", "ifi_surgery_date", "reviews_after_surgery"}),
        ("stage", "injection", {"gate_injection", "injection_date", "injection_assess_after"}),
        ("action", "image_guided_injection", {"gate_injection", "red_flag_screen_before_procedure"}),
        ("property", "osteotomy_only_for_deformity", {"deformity_judged_cause", "valgus_knee"}),
    ],
)
def test_a_rule_uses_what_it_names(shipped: Pathway, kind: str, rule: str, uses: set[str]):
    assert uses <= set(found(shipped, kind, rule).uses)


def test_a_rule_is_named_by_what_uses_it(shipped: Pathway):
    for each in explanations(shipped):
        for name in each.uses:
            users = [other.named_by for other in explanations(shipped) if other.id == name]
            assert any(each.id in named_by for named_by in users), (each.id, name)


def test_what_is_used_is_a_rule(shipped: Pathway):
    assert {name for each in explanations(shipped) for name in each.uses} <= set(ids(shipped))


def test_no_rule_stands_there_twice_although_several_actions_share_it(shipped: Pathway):
    keys = [(each.kind, each.id) for each in explanations(shipped)]
    assert len(keys) == len(set(keys))


def test_what_is_no_rule_is_not_explained(shipped: Pathway):
    assert explain(shipped, "no_such_rule") is None


def test_every_rule_of_another_pathway_is_explained():
    tiny = load_pathway(Path(__file__).parents[1] / "knowledge" / "tiny")
    assert all(explain(tiny, rule) is not None for rule in ids(tiny))


@pytest.mark.parametrize(
    ("kind", "rule", "speaks", "silent"),
    [
        ("action", "repeat_or_extend_trial", "exclusive_actions_are_never_both_due", "safety_first"),
        ("action", "nsaid_course", "safety_first", "operation_needs_adequate_trial"),
        ("action", "nsaid_course", "red_flag_leaves_nothing_elective", "exactly_one_stage"),
        ("action", "urgent_imaging", "nothing_is_vacuous", "red_flag_leaves_nothing_elective"),
        ("stage", "injection", "exactly_one_stage", "safety_first"),
        ("gate", "gate_injection", "forgetting_is_safe", "no_dead_end"),
        ("parameter", "ifs_cutoff", "operation_needs_concordant_imaging", "nothing_is_vacuous"),
    ],
)
def test_a_rule_is_shown_with_the_properties_that_speak_of_it(
    shipped: Pathway, kind: str, rule: str, speaks: str, silent: str
):
    about = {proved.id for proved in properties_about(shipped, found(shipped, kind, rule))}
    assert speaks in about
    assert silent not in about
