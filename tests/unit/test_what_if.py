"""What a clinician asks, and what must change; what must hold of every question."""

from collections.abc import Sequence
from datetime import date
from itertools import islice, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ischio.engine.answer import Answer
from ischio.engine.assess import assess
from ischio.engine.changing import Changing
from ischio.engine.compare import compare, hip_position, person_position
from ischio.engine.position import positions
from ischio.engine.what_if import what_if
from ischio.interfaces.inputs import read_cases
from ischio.language.regions import regions_of_fact
from ischio.loading.pathway import load_pathway
from ischio.model.about import Scope, Side
from ischio.model.comparison import Changes
from ischio.model.expression import CriterionHolds
from ischio.model.mistake import RecordError
from ischio.model.truth import TRUE
from ischio.model.what_if import WhatIf
from ischio.record.case_form import Case
from ischio.record.supposition import Supposition, read_suppositions, suppose

PATHWAY = load_pathway()
CASES = {case.id: case for case in read_cases(PATHWAY, None)[0]}
SOME = tuple(CASES[name] for name in sorted(CASES)[::12])


def ask(case: Case, *written: str) -> WhatIf:
    supposed = read_suppositions(PATHWAY, written, Side.RIGHT)
    return what_if(PATHWAY, case.record, case.index_date, supposed)


def changes(answer: WhatIf, part: str) -> Changes:
    return next((each for each in answer.comparison.parts if each.part == part), Changes(part))


# ---- questions of a clinician ----

QUESTIONS = [
    # case, what is supposed, stage then (None: as it was), diversion then
    ("exostosis", "space_occupying_lesion=no", None, None),
    ("atypical-pain", "clinician_diagnosis=confirmed", "conservative_care", None),
    ("confirmed-against-a-wide-space", "clinician_diagnosis=refuted", "evaluation", None),
    ("gate-surgical-to-the-day", "flag_sphincter=present", None, "red_flag"),
    ("nsaid-on-an-anticoagulant", "trial_confirmed_by_clinician=yes", "injection", None),
]


@pytest.mark.parametrize(("name", "supposed", "stage", "diversion"), QUESTIONS)
def test_a_question_has_the_expected_answer(name: str, supposed: str, stage: str | None, diversion: str | None) -> None:
    answer = ask(CASES[name], supposed)
    now, then = answer.now[0], answer.then[0]
    assert now.stage is not None
    assert then.stage is not None
    assert then.stage.id == (stage or now.stage.id)
    assert (then.diversion.id if then.diversion else None) == diversion
    assert answer.comparison.parts
    assert not answer.saved


def test_what_follows_is_supposed_as_well_and_said() -> None:
    answer = ask(CASES["atypical-pain"], "clinician_diagnosis=confirmed")
    assert {each.fact for each in answer.supposed if each.follows} == {
        "ifi_confirmed",
        "ifi_suspected",
        "recorded_diagnosis",
    }


def test_a_supposed_value_has_its_unit_converted() -> None:
    answer = ask(CASES["atypical-pain"], "ischiofemoral_space=1.2cm")
    assert [(each.after, each.unit) for each in answer.supposed if each.fact == "ischiofemoral_space"] == [(12, "mm")]


MISTAKES = [
    ("pain_now", "It is not a fact, `=` and a value."),
    ("pain_nov=6", "`pain_nov` is no fact of this pathway."),
    ("pain_now=11", "`11` is outside the fact's range."),
    ("ifi_test=maybe", "`maybe` is neither yes nor no."),
    ("upper.ifi_test=yes", "`upper` is no side."),
    ("right.pregnancy_status=pregnant", "pregnancy_status belongs to the person and has no side."),
]


@pytest.mark.parametrize(("written", "what"), MISTAKES)
def test_a_mistake_says_what_is_wrong_and_the_mend(written: str, what: str) -> None:
    with pytest.raises(RecordError) as error:
        read_suppositions(PATHWAY, [written], Side.RIGHT)
    assert [(mistake.what, bool(mistake.mend)) for mistake in error.value.mistakes] == [(what, True)]


def test_a_fact_of_a_hip_needs_a_side() -> None:
    with pytest.raises(RecordError, match="Say which: --side right"):
        read_suppositions(PATHWAY, ["pain_now=6"], None)


# ---- sensitivity ----


@pytest.mark.parametrize(
    ("space", "stretches"),
    [
        ("16", [(12, 15, True), (15.1, 20, False)]),
        ("14", [(10, 15, False), (15.1, 18, True)]),
        ("10", [(6, 14, False)]),
    ],
)
def test_a_space_near_the_cut_off_is_sensitive(space: str, stretches: Sequence[tuple[float, float, bool]]) -> None:
    """What a repeated measurement may give, within 4 mm, and whether that matters."""
    answer = ask(CASES["space-at-the-cut-off"], f"ischiofemoral_space={space}")
    found = next(each for each in answer.sensitivity if each.side == "right")
    assert [(each.low, each.high, bool(each.comparison.parts)) for each in found.stretches] == stretches


# ---- what must always hold ----


@pytest.mark.parametrize("case", SOME, ids=lambda case: case.id)
def test_nothing_supposed_changes_nothing(case: Case) -> None:
    assert ask(case).comparison.parts == ()


@pytest.mark.parametrize("case", SOME, ids=lambda case: case.id)
def test_positions_are_those_of_the_assessment(case: Case) -> None:
    whole = assess(PATHWAY, case.record, case.index_date)
    told = (*map(hip_position, whole.hips), person_position(whole.person))
    assert positions(Answer(PATHWAY, case.record, case.index_date)) == told
    assert compare(whole, whole).parts == ()


@given(case=st.sampled_from(SOME), side=st.sampled_from(Side), fact=st.sampled_from(sorted(PATHWAY.facts)))
def test_a_fact_supposed_to_be_as_it_is_changes_nothing(case: Case, side: Side, fact: str) -> None:
    value = Answer(PATHWAY, case.record, case.index_date).facts[side][fact].value
    of = side if PATHWAY.facts[fact].scope is Scope.HIP else None
    answer = what_if(PATHWAY, case.record, case.index_date, [Supposition(fact, of, value)])
    assert answer.comparison.parts == ()


def opens(case: Case, side: Side, gate: CriterionHolds, values: Sequence[tuple[str, object]]) -> bool:
    scopes = ((fact, side if PATHWAY.facts[fact].scope is Scope.HIP else None, value) for fact, value in values)
    record = suppose(case.record, [Supposition(fact, of, value) for fact, of, value in scopes])
    return Answer(PATHWAY, record, case.index_date).hips[side].judge.judge(gate).truth is TRUE


def test_the_smallest_changes_open_the_gate_when_they_are_made() -> None:
    tried = 0
    for case in SOME:
        for side, hip in Answer(PATHWAY, case.record, case.index_date).hips.items():
            gate = hip.gate_ahead
            if gate is None:
                continue
            for change in Changing(PATHWAY, hip.facts, case.index_date).opens_with(gate.condition).regions[:2]:
                choices = [_samples(fact, mask, case.index_date) for fact, mask in change.items()]
                for values in islice(product(*choices), 3):
                    tried += 1
                    assert opens(case, side, gate.condition, values), (case.id, side, values)
                for left_out in change if len(change) <= 3 else ():
                    fewer = [each for each in next(iter(product(*choices))) if each[0] != left_out]
                    assert not opens(case, side, gate.condition, fewer), (case.id, side, left_out)
    assert tried > 50


def _samples(fact: str, mask: int, index: date) -> list[tuple[str, object]]:
    regions = regions_of_fact(PATHWAY, fact, index)
    return [(fact, regions.sample(region)) for region in range(regions.count) if mask >> region & 1]
