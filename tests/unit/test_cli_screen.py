"""The screen row by row: what a reader sees for each status, and how long lists are kept to one screen."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from ischio.interfaces.cli.screen import (
    date_rows,
    gate_text,
    next_rows,
    other_rows,
    person_rows,
    question_rows,
    quiet_rows,
)
from ischio.interfaces.telling import stage_ahead
from ischio.interfaces.words import Words
from ischio.loading.pathway import load_pathway
from ischio.model.assessment import (
    ActionShown,
    Assessment,
    GateShown,
    Hip,
    Judgement,
    PathwayShown,
    PatientShown,
    Person,
    Question,
    Reason,
    ReviewShown,
    StageShown,
)
from ischio.model.truth import FALSE, UNKNOWN

TINY = load_pathway(Path(__file__).parents[1] / "knowledge" / "tiny")
JUNE = date(2026, 6, 1)
RED_FLAG = (Reason("diversion_red_flag", "Red flag"),)
HIP = Hip("right", StageShown("care", "Care", None, ()), None, None, (), (), (), None, None, ())


def action(title: str, status: str, **fields: object) -> ActionShown:
    plain = ActionShown(
        id=title.lower(),
        title=title,
        sentence=f"Do {title.lower()}.",
        kind="advice",
        low_risk=True,
        status=status,
        label="convention",
        certainty="none",
        evidence=(),
        seed_lines=(),
        because=(),
        blocked_by=(),
        cautions=(),
        check_first=(),
        opens_with=(),
        due=None,
        until=None,
        valid_until=None,
    )
    return replace(plain, **fields)


def question(number: int, **fields: object) -> Question:
    plain = Question(f"fact_{number}", f"Question {number}?", "code", None, None, (), "ask", (), number)
    return replace(plain, **fields)


def words_of(hip: Hip) -> Words:
    shown = (PathwayShown("tiny", "0.0.1", None), JUNE, (), PatientShown("p", None, None), Person((), (), (), ()))
    return Words(TINY, Assessment("1.0", *shown, (hip,), ()), hip)


def action_rows(actions: list[ActionShown]) -> list[object]:
    return [*next_rows(actions), *other_rows(actions)]


def told(rows: object) -> list[str]:
    return [f"{label}: {text.plain}" for label, text in rows]


@pytest.mark.parametrize(
    ("actions", "rows"),
    [
        ([action("Rest", "due", due=JUNE)], ["-> Next: Rest by 1 Jun 2026. Do rest."]),
        (
            [action("Rest", "due"), action("Walk", "due", due=JUNE), action("Ask a surgeon", "due", kind="referral")],
            ["-> Next: Ask a surgeon. Do ask a surgeon.", "-> Also due: Rest; Walk by 1 Jun 2026"],
        ),
        ([action("Rest", "optional"), action("Walk", "optional")], ["o Options: Rest; Walk"]),
        (
            [action("Pill", "optional", cautions=(Reason("age", "Aged 65 or more"),))],
            ["o Options: Pill (caution: Aged 65 or more)"],
        ),
        ([action("Pill", "check_first", check_first=(Reason("e", "eGFR"),))], ["? Check first: Pill: eGFR"]),
        (
            [action("Shot", "blocked", blocked_by=RED_FLAG, until=JUNE)],
            ["x Held back: Shot - by: Red flag until 1 Jun 2026"],
        ),
        ([action("Walk", "in_progress")], ["Under way: Walk"]),
        ([action("Scan", "cannot_tell")], ["? Cannot tell: whether to do: Scan"]),
        ([action("Rest", "not_applicable"), action("Walk", "done")], []),
    ],
)
def test_one_row_for_each_status(actions: list[ActionShown], rows: list[str]):
    assert told(action_rows(actions)) == rows


def test_what_one_reason_holds_back_is_said_once():
    held = [action(f"A{number}", "blocked", blocked_by=RED_FLAG) for number in range(7)]
    assert told(action_rows(held)) == ["x Held back: A0; A1; A2; A3; and 3 more - by: Red flag"]


def test_questions_say_what_they_cost_and_what_they_bear_on():
    asked = [question(1, why=("gate:surgery",)), question(2, burden="imaging"), *map(question, (3, 4, 5, 6))]
    assert told(question_rows(asked, TINY)) == [
        "? Ask 1: Question 1?  for: Surgical evaluation",
        "? Ask 2: Question 2? (imaging)",
        "? Ask 3: Question 3?",
        "? Ask 4: Question 4?",
        ": and 2 more of less weight",
    ]


@pytest.mark.parametrize(
    ("sets", "more", "text"),
    [
        ([("spasm",)], False, "Spasm"),
        ([("spasm",), ("pain_now", "exercise_days")], False, "Spasm; or Pain now + Days of exercise"),
        ([("spasm",), ("pain_now",)], True, "Spasm; or Pain now; or others"),
        ([("a", "b", "c", "d", "e", "f")], False, "a + b + c + d + 2 more facts"),
    ],
)
def test_what_could_open_a_gate(sets: list[tuple[str, ...]], more: bool, text: str):
    gate = GateShown("surgery", UNKNOWN, (), tuple(sets), (), more)
    hip = replace(HIP, next_gate=gate, review=ReviewShown(JUNE, "", False))
    said = gate_text(*stage_ahead(hip, TINY, words_of(hip))).plain
    assert said == f"Surgical evaluation - cannot be told yet. What could open it: {text}"


def test_a_hip_off_the_pathway_takes_few_lines():
    hip = replace(
        HIP,
        actions=(action("Refer", "due"), action("Scan", "due"), action("Rest", "optional")),
        questions=(question(1), question(2)),
    )
    assert told(quiet_rows(hip, TINY, words_of(hip))) == [
        "Because: nothing is recorded about this hip",
        "-> Next: Refer; Scan",
        "? Ask 1: Question 1?",
    ]


def test_what_is_due_for_the_person_is_not_called_next():
    person = Person((), (action("Walk", "due"), action("Rest", "due"), action("Pill", "optional")), (question(1),), ())
    assert told(person_rows(person, TINY)) == ["-> Due: Walk; Rest", "o Options: Pill", "? Ask 1: Question 1?"]


def test_a_hip_known_to_be_without_complaint_says_so():
    gate = Judgement("gate_evaluation", "Entry", FALSE, (), (Judgement("symptoms_persist", "", FALSE),))
    hip = replace(HIP, stage=StageShown("not_on_pathway", "Not on the pathway", None, (gate,)))
    assert told(quiet_rows(hip, TINY, words_of(hip))) == ["Because: Symptoms persist: no"]


@pytest.mark.parametrize(
    ("review", "valid_until", "rows"),
    [
        (None, None, ["Answer holds: for the next 24 months, if nothing new is recorded"]),
        (
            ReviewShown(JUNE, "last review on 2026-04-20", True),
            JUNE,
            [
                "Review: 1 Jun 2026 OVERDUE (last review on 20 Apr 2026)",
                "Answer holds: until 1 Jun 2026, if nothing new is recorded",
            ],
        ),
    ],
)
def test_dates(review: ReviewShown | None, valid_until: date | None, rows: list[str]):
    assert told(date_rows(replace(HIP, review=review, valid_until=valid_until))) == rows
