"""Planning of surgery: the conditions with their truth, the operations in alphabetical order, and the hold points."""

import re

import pytest

from ischio.engine.assess import assess
from ischio.interfaces.inputs import read_cases
from ischio.interfaces.surgery import HoldState, Operation, Plan, plan
from ischio.loading.pathway import load_pathway
from ischio.model.truth import FALSE, TRUE, UNKNOWN, Truth

REAL = load_pathway()
CASES = {case.id: case for case in read_cases(REAL, None)[0]}
OPERATIONS = [
    "Endoscopic resection of the lesser trochanter",
    "Lateralising intertrochanteric osteotomy",
    "Open decompression with sciatic neurolysis",
]


def planned(case: str) -> Plan:
    """The plan of the right hip of a case."""
    record, on = CASES[case].record, CASES[case].index_date
    answer = assess(REAL, record, on)
    return plan(REAL, record, answer, answer.hips[0])


def truths(found: Plan) -> dict[str, Truth]:
    return {one.title: one.truth for group in found.groups for one in group.conditions}


def operation(found: Plan, words: str) -> Operation:
    return next(one for one in found.operations if words in one.title)


@pytest.mark.parametrize(
    "case", ["operation-everything-known", "osteotomy-everything-known", "evaluation-by-pain-score"]
)
def test_the_operations_stand_in_alphabetical_order_whatever_holds(case: str):
    assert [one.title for one in planned(case).operations] == OPERATIONS


def test_the_conditions_stand_under_their_gates():
    found = planned("operation-everything-known")
    assert [group.title for group in found.groups] == [
        "Gate to evaluation",
        "Gate to conservative care",
        "Gate to an injection",
        "Gate to surgical evaluation",
        "",
    ]
    assert {group.truth for group in found.groups} == {TRUE}
    assert "Trial adequate for surgery" in truths(found)
    assert "Injection tried, or injection not possible, or injection declined" in truths(found)


@pytest.mark.parametrize(
    ("case", "condition", "truth"),
    [
        ("operation-everything-known", "Other causes considered", TRUE),
        ("gate-surgical-a-day-short", "Trial adequate for surgery", FALSE),
        ("surgery-without-a-positive-test", "A provocation test is positive", FALSE),
        ("gate-surgical-unknown", "Symptoms persist after an injection", UNKNOWN),
    ],
)
def test_a_condition_is_told_with_its_truth(case: str, condition: str, truth: Truth):
    assert truths(planned(case))[condition] is truth


@pytest.mark.parametrize("case", sorted(CASES)[::7])
def test_an_operation_holds_just_where_all_its_conditions_do(case: str):
    """What is shown of a condition and what the engine made of it are one."""
    found = planned(case)
    shared = [group.truth for group in found.groups]
    for one in found.operations:
        every = [*shared, *(own.truth for own in one.own)]
        expected = FALSE if FALSE in every else UNKNOWN if UNKNOWN in every else TRUE
        assert one.truth is expected


def test_an_operation_has_its_own_condition_with_the_values_that_decide_it():
    (own,) = operation(planned("osteotomy-everything-known"), "osteotomy").own
    assert own.truth is TRUE
    assert any("Femoral version" in told for told in own.because)


@pytest.mark.parametrize(
    ("case", "title", "state"),
    [
        ("operation-everything-known", "Anticoagulant without a plan", HoldState.CLEAR),
        ("operation-on-an-anticoagulant", "Anticoagulant without a plan", HoldState.HOLDS),
        ("operation-in-pregnancy", "Pregnant", HoldState.HOLDS),
        ("operation-on-fragile-bone", "Fragile bone", HoldState.HOLDS),
        ("operation-conditions-not-reviewed", "Fragile bone", HoldState.UNKNOWN),
        ("operation-everything-known", "Red flags screened just before a procedure", HoldState.KNOWN),
    ],
)
def test_a_hold_point_is_told_with_its_state(case: str, title: str, state: HoldState):
    assert {hold.title: hold.state for hold in planned(case).holds}[title] is state


def test_a_stop_that_lifts_says_when():
    held = {hold.title: hold for hold in planned("operation-after-a-steroid").holds}
    assert held["Steroid in this hip lately"].until is not None
    assert held["Pregnant"].until is None


def test_hold_points_of_one_operation_alone_stand_with_it():
    found = planned("osteotomy-in-a-smoker")
    assert {hold.title: hold.state for hold in operation(found, "osteotomy").holds} == {
        "Valgus knee": HoldState.CLEAR,
        "Smokes": HoldState.HOLDS,
    }
    assert operation(found, "Endoscopic").holds == ()


def test_everything_is_told_before_the_gate_as_well():
    """A hip in evaluation: the conditions fail or cannot be told, and each operation is still laid out."""
    found = planned("evaluation-by-pain-score")
    assert all(one.truth is not TRUE for one in found.operations)
    assert all(one.claims and dict(one.texts)["for"] and dict(one.texts)["against"] for one in found.operations)


def test_what_a_surgeon_asks_for_first_is_told_also_where_it_is_not_known():
    values = {title: value for title, value, _ in planned("operation-everything-known").values}
    assert values["Ischiofemoral space on MRI"] == "12 mm"
    assert values["Femoral version, method of Murphy"] == "not known"


def test_a_decision_that_is_recorded_is_told():
    assert [title for title, _, _ in planned("surgery-declined").recorded] == [
        "Surgery declined or unsuitable",
        "Surgery set aside on",
    ]


def test_no_claim_that_nobody_verified_is_shown_and_none_promises_success():
    for case in ("operation-everything-known", "osteotomy-everything-known"):
        for one in planned(case).operations:
            told = [*dict(one.texts).values(), *(claim.statement or "" for claim in one.claims)]
            assert all(claim.verified != "unverified" for claim in one.claims)
            assert not [words for words in told if re.search(r"success|chance of|probab", words)]
