"""A question is asked once: two facts that one answer serves share it."""

from dataclasses import replace

import pytest

from ischio.engine.assess import assess
from ischio.loading.pathway import load_pathway, packaged
from ischio.model.assessment import Assessment
from ischio.model.dates import PartialDate
from ischio.model.facts import Selection
from ischio.record.case_form import read_case
from ischio.record.events import Event, EventSide

PATHWAY = load_pathway()


def assessed(name: str) -> Assessment:
    case = read_case(packaged() / "cases" / f"{name}.yaml", PATHWAY)
    return assess(PATHWAY, case.record, case.index_date)


def test_pain_is_asked_once_where_an_injection_was_given_and_the_score_is_old() -> None:
    right = assessed("score-too-old-after-an-injection").hips[0]
    asked = {question.fact: question.why for question in right.questions}
    assert {"pain_now", "acceptable_now"} <= asked.keys()
    assert not {"pain_after_injection", "acceptable_after_injection"} & asked.keys()


def test_a_reading_too_early_after_the_injection_is_asked_for_again() -> None:
    """Pain now is known, so that only the later reading is missing, and its own question asks for it."""
    right = assessed("injection-not-yet-judged").hips[0]
    known = {fact.id: fact.value for fact in right.facts}
    assert known["pain_now"] is not None
    assert "pain_now" not in {question.fact for question in right.questions}


@pytest.mark.parametrize("name", [name for name, each in PATHWAY.enquiries.items() if each.same_as])
def test_facts_that_share_a_question_look_at_the_same_events(name: str) -> None:
    other = PATHWAY.enquiries[name].same_as or ""
    assert _looked_at(name) == _looked_at(other)


def _looked_at(fact: str) -> tuple[object, ...]:
    selection = PATHWAY.facts[fact].derivation.selection
    assert isinstance(selection, Selection)
    return selection.concepts, selection.kinds, selection.values, selection.side, dict(selection.qualifiers)


def test_what_a_course_of_therapy_held_is_asked_of_the_painful_hip_alone() -> None:
    """The course is the person's, and so are its components; a hip without complaint has nothing to say of them."""
    case = read_case(packaged() / "cases" / "therapy-without-its-content.yaml", PATHWAY)
    today = PartialDate.on(case.index_date)
    well = Event("regional_pain", "today", "absent", start=today, end=today, side=EventSide.LEFT)
    record = replace(case.record, events=(*case.record.events, well))
    right, left = assess(PATHWAY, record, case.index_date).hips
    components = ("stretching", "strengthening", "gait_training")
    assert {f"{name}_delivered" for name in components} <= {question.fact for question in right.questions}
    assert not {f"{name}_delivered" for name in components} & {question.fact for question in left.questions}
