"""What a reader is told first: of all that is due for the right hip, the step that moves it on."""

import pytest

from ischio.engine.assess import assess
from ischio.engine.steps import DECISIVE_FIRST, due_steps
from ischio.interfaces.inputs import read_cases
from ischio.interfaces.telling import asked_now, key_facts, numbers, off_reasons, stage_ahead
from ischio.interfaces.words import Words
from ischio.loading.pathway import load_pathway
from ischio.model.assessment import Assessment, Hip
from ischio.model.rules import ActionKind

REAL = load_pathway()
CASES = {case.id: case for case in read_cases(REAL, None)[0]}


def told_of(case: str) -> tuple[Assessment, Hip, Words]:
    """The answer of a case, its right hip, and the words for it."""
    answer = assess(REAL, CASES[case].record, CASES[case].index_date)
    return answer, answer.hips[0], Words(REAL, answer, answer.hips[0])


@pytest.mark.parametrize(
    ("case", "next_step"),
    [
        ("evaluation-by-pain-score", "history_and_examination"),
        ("probable-is-not-confirmed", "record_diagnosis"),
        ("low-adherence", "address_adherence"),
        ("improving-past-the-limit", "image_guided_injection"),
        ("injection-waits", "decide_without_injection"),
        ("gate-surgical-passes", "surgical_opinion"),
        ("cauda-equina", "urgent_referral"),
        ("hip-replacement", "specialist_referral"),
        ("osteotomy-within-six-weeks", "protective_weight_bearing"),
        ("persistent-after-surgery", "reassess_after_surgery"),
        ("resolution-for-a-year", "close_pathway"),
        ("surgery-declined", "review_progress"),
        ("long-term-care-between-reviews", "review_progress"),
    ],
)
def test_the_next_step_is_the_one_that_moves_the_hip_on(case: str, next_step: str):
    answer = assess(REAL, CASES[case].record, CASES[case].index_date)
    assert due_steps(answer.hips[0].actions)[0].id == next_step


def test_every_kind_of_action_has_its_place():
    assert sorted(DECISIVE_FIRST) == sorted(kind.value for kind in ActionKind)


def test_what_reads_the_same_events_is_told_once():
    """Pain now, pain at the last reading and that pain was recorded are one line."""
    answer = assess(REAL, CASES["gate-surgical-passes"].record, CASES["gate-surgical-passes"].index_date)
    right = answer.hips[0]
    told = [fact.id for fact in key_facts(right, answer.person.facts, Words(REAL, answer, right))]
    assert [name for name in told if "pain" in name][:1] == ["pain_now"]
    assert not {"recorded_pain_score", "pain_last"} & set(told)
    assert told[1:3] == ["ischiofemoral_space", "quadratus_femoris_space"]


def test_the_numbers_stand_with_their_dates():
    answer, right, words = told_of("gate-surgical-passes")
    assert numbers(right, answer.person.facts, words) == (
        "Pain now: 6 (25 May 2026)",
        "Ischiofemoral space on MRI: 12 mm (9 Feb 2026)",
        "Quadratus femoris space on MRI: 8 mm (9 Feb 2026)",
        "Days of exercise: 106 days (16 Feb 2026)",
    )


def test_under_a_red_flag_the_stage_ahead_and_its_questions_wait():
    _, right, words = told_of("new-weakness")
    assert stage_ahead(right, REAL, words) == ("Conservative care", "waits until the red flag is explained")
    assert [each.fact for each in right.questions if each.why == ("gate:conservative_care",)]
    assert [each.fact for each in asked_now(right) if each.why == ("gate:conservative_care",)] == []


def test_without_a_red_flag_every_question_is_asked():
    _, right, _ = told_of("evaluation-by-suspicion")
    assert asked_now(right) == right.questions != ()


@pytest.mark.parametrize(
    ("case", "reasons"),
    [
        ("narrow-without-symptoms", ("Pain in hip, buttock, groin or thigh: no (25 May 2026)",)),
        ("gate-evaluation-unknown", ("nothing is recorded about this hip",)),
    ],
)
def test_why_a_hip_is_off_the_pathway_is_what_was_found(case: str, reasons: tuple[str, ...]):
    _, right, words = told_of(case)
    assert off_reasons(right, words) == reasons
