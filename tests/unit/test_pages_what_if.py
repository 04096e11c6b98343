"""The page "what if": what a form supposes, what is offered to change, and what the page then tells."""

import pytest

from ischio.engine.assess import assess
from ischio.engine.what_if import what_if
from ischio.interfaces.http.pages.what_if import (
    OFFERED,
    Outcome,
    changeable,
    more_facts,
    named,
    outcome,
    read,
    sent,
)
from ischio.interfaces.inputs import read_cases
from ischio.interfaces.telling import side_of
from ischio.loading.pathway import load_pathway
from ischio.model.about import Side
from ischio.record.case_form import Case
from ischio.record.supposition import Supposition

PATHWAY = load_pathway()
CASES = {case.id: case for case in read_cases(PATHWAY, None)[0]}
SOME = tuple(CASES[name] for name in sorted(CASES)[::60])
RIGHT, LEFT = Side.RIGHT, Side.LEFT


def told(case: Case, side: Side, form: dict[str, str]) -> Outcome:
    suppositions, faults = read(PATHWAY, side, form)
    assert not faults
    return outcome(PATHWAY, what_if(PATHWAY, case.record, case.index_date, suppositions), side)


# ---- the form ----

READ = [
    # what was typed, what is supposed
    ({"pain_now": "6"}, Supposition("pain_now", RIGHT, 60)),
    ({"ischiofemoral_space": "12,5"}, Supposition("ischiofemoral_space", RIGHT, 125)),
    ({"ischiofemoral_space": " 12.5 mm "}, Supposition("ischiofemoral_space", RIGHT, 125)),
    ({"pain_now": "", "pain_now.unknown": "yes"}, Supposition("pain_now", RIGHT, None)),
    ({"ifi_test": "true"}, Supposition("ifi_test", RIGHT, True)),
    ({"ifi_test": "unknown"}, Supposition("ifi_test", RIGHT, None)),
    ({"pregnancy_status": "pregnant"}, Supposition("pregnancy_status", None, "pregnant")),
]


@pytest.mark.parametrize(("form", "supposed"), READ)
def test_what_is_typed_is_supposed(form: dict[str, str], supposed: Supposition) -> None:
    assert read(PATHWAY, RIGHT, form) == ((supposed,), {})


@pytest.mark.parametrize("form", [{}, {"pain_now": ""}, {"pain_now": "  "}, {"csrf": "x", "side": "right"}])
def test_a_field_left_empty_supposes_nothing(form: dict[str, str]) -> None:
    assert read(PATHWAY, RIGHT, form) == ((), {})


FAULTS = [
    ("pain_now", "a lot", "is not a number"),
    ("pain_now", "11", "outside"),
    ("exercise_start", "soon", "is not a date"),
    ("clinician_diagnosis", "perhaps", "no code"),
    ("ischiofemoral_space", "9999999999999999999999", "outside"),
]


@pytest.mark.parametrize(("fact", "text", "why"), FAULTS)
def test_what_cannot_be_is_told_at_its_field(fact: str, text: str, why: str) -> None:
    supposed, faults = read(PATHWAY, RIGHT, {fact: text, "ifi_test": "true"})
    assert [one.fact for one in supposed] == ["ifi_test"]
    assert why in faults[fact]


def test_a_way_that_was_pressed_fills_the_form() -> None:
    assert sent({"side": "left", "pain_now": "2", "try": "pain_now=6&ifi_test=true"}) == {
        "side": "left",
        "pain_now": "6",
        "ifi_test": "true",
        "try": "pain_now=6&ifi_test=true",
    }


# ---- what is offered ----


def test_the_facts_that_open_the_gate_ahead_are_offered_first() -> None:
    case = CASES["nsaid-on-an-anticoagulant"]
    answer = what_if(PATHWAY, case.record, case.index_date, ())
    names = named(PATHWAY, assess(PATHWAY, case.record, case.index_date), RIGHT, answer, {})
    ahead = next(each for each in answer.ahead if each.side == "right")
    assert names[0] in {allowed.fact for allowed in ahead.changes[0]}
    assert len(names) <= OFFERED


def test_a_fact_that_was_asked_for_gets_a_field_and_leaves_the_list() -> None:
    case = CASES["nsaid-on-an-anticoagulant"]
    answer = what_if(PATHWAY, case.record, case.index_date, ())
    form = {"pain_now": "", "another": "egfr"}
    names = named(PATHWAY, assess(PATHWAY, case.record, case.index_date), RIGHT, answer, form)
    assert names == ("pain_now", "egfr")
    assert not {"pain_now", "egfr"} & {name for name, _ in more_facts(PATHWAY, names)}


def test_each_case_has_a_form_whose_fields_say_what_is_so_now() -> None:
    for case in SOME:
        assessment = assess(PATHWAY, case.record, case.index_date)
        answer = what_if(PATHWAY, case.record, case.index_date, ())
        for side in Side:
            for name in named(PATHWAY, assessment, side, answer, {}):
                assert changeable(PATHWAY, assessment, side, name, {}, {}).now


@pytest.mark.parametrize(("asked", "side"), [("left", LEFT), ("right", RIGHT), (None, RIGHT), ("both", RIGHT)])
def test_the_side_is_the_one_asked_for_else_one_on_the_pathway(asked: str | None, side: Side) -> None:
    case = CASES["nsaid-on-an-anticoagulant"]
    assert side_of(asked, assess(PATHWAY, case.record, case.index_date)) is side


# ---- the answer ----


def test_with_nothing_supposed_nothing_differs() -> None:
    for case in SOME:
        for side in Side:
            assert told(case, side, {}).alike


QUESTIONS = [
    # case, what is supposed of the right side, position then, rule that changed
    ("atypical-pain", {"clinician_diagnosis": "confirmed"}, "Conservative care", "gate_conservative_care"),
    ("nsaid-on-an-anticoagulant", {"trial_confirmed_by_clinician": "true"}, "Injection", "gate_injection"),
]


@pytest.mark.parametrize(("name", "form", "stage", "rule"), QUESTIONS)
def test_the_position_stands_beside_itself_with_the_rules_that_changed(
    name: str, form: dict[str, str], stage: str, rule: str
) -> None:
    found = told(CASES[name], RIGHT, form)
    position = next(row for row in found.rows if row.what == "stage")
    assert position.differs
    assert position.then[0].startswith(stage)
    assert rule in {row.rule for row in found.rules}
    assert not found.alike


WAYS = ["atypical-pain", "nsaid-on-an-anticoagulant", "surgical-options-none-ranked", "birth-date-unknown"]


@pytest.mark.parametrize("name", WAYS)
def test_every_way_that_is_offered_opens_the_gate_when_it_is_tried(name: str) -> None:
    case = CASES[name]
    before = what_if(PATHWAY, case.record, case.index_date, ())
    for gate in before.ahead:
        ahead = outcome(PATHWAY, before, Side(gate.side)).ahead
        assert ahead is not None
        for way in ahead.ways:
            suppositions, faults = read(PATHWAY, Side(gate.side), sent({"try": way.tried}))
            assert suppositions
            assert not faults
            then = what_if(PATHWAY, case.record, case.index_date, suppositions).then
            now_ahead = next(at for at in then if at.part == gate.side).next_gate
            assert now_ahead is None or now_ahead.to != gate.gate.to
