"""Reasons in plain words: what a reader sees for each kind of judgement, on the small made-up pathway."""

from datetime import date
from pathlib import Path

import pytest

from ischio.interfaces.words import Words, amount, day, title_of
from ischio.loading.pathway import load_pathway
from ischio.model.assessment import (
    Assessment,
    GateShown,
    Hip,
    Judgement,
    ParameterShown,
    PathwayShown,
    PatientShown,
    Person,
    StageShown,
    UsedValue,
)
from ischio.model.truth import FALSE, TRUE, UNKNOWN, Truth

TINY = load_pathway(Path(__file__).parents[1] / "knowledge" / "tiny")
MAY = date(2026, 5, 28)


def leaf(
    truth: Truth, text: str, fact: str, value: object, state: str = "known", when: date | None = None
) -> Judgement:
    unit = "d" if fact == "exercise_days" else None
    return Judgement(None, text, truth, (UsedValue(fact, value, unit, when, "Observation/1", state),))


def group(truth: Truth, text: str, *parts: Judgement) -> Judgement:
    return Judgement(None, text, truth, (), parts)


def named(truth: Truth, name: str, *parts: Judgement) -> Judgement:
    return Judgement(name, TINY.criteria[name].about.title, truth, (), parts)


PAIN = leaf(TRUE, "pain_now >= pain_persistent", "pain_now", 6, when=MAY)
FEW_DAYS = leaf(FALSE, "exercise_days >= trial_days", "exercise_days", 30)
SPASM_UNKNOWN = leaf(UNKNOWN, "spasm", "spasm", None, "stale")
NO_SPASM = leaf(FALSE, "spasm", "spasm", False)
TRIAL = named(FALSE, "trial_adequate", FEW_DAYS)


def words(*elsewhere: Judgement) -> Words:
    gate = GateShown("surgery", FALSE, elsewhere, (), (), False)
    hip = Hip("right", StageShown("care", "Care", None, ()), None, gate, (), (), (), None, None, ())
    parameters = (ParameterShown("trial_days", "42", "d", False), ParameterShown("fresh_pain", "6 weeks", None, False))
    shown = (
        PathwayShown("tiny", "0.0.1", None),
        MAY,
        parameters,
        PatientShown("p", None, None),
        Person((), (), (), ()),
    )
    return Words(TINY, Assessment("1.0", *shown, (hip,), ()), hip)


@pytest.mark.parametrize(
    ("judgement", "told"),
    [
        (PAIN, ["Pain now: 6 (28 May 2026)"]),
        (FEW_DAYS, ["Days of exercise: 30 days, needs at least 42 days"]),
        (SPASM_UNKNOWN, ["Spasm: not known, stale"]),
        (NO_SPASM, ["Spasm: no"]),
        (group(TRUE, "all of", PAIN, group(TRUE, "not", NO_SPASM)), ["Pain now: 6 (28 May 2026)", "Spasm: no"]),
        # Of an `or` that holds, only the part that makes it hold is a reason; of an `and` that fails, what fails it.
        (group(TRUE, "any of", SPASM_UNKNOWN, PAIN), ["Pain now: 6 (28 May 2026)"]),
        (group(FALSE, "all of", PAIN, FEW_DAYS), ["Days of exercise: 30 days, needs at least 42 days"]),
        (group(UNKNOWN, "all of", PAIN, SPASM_UNKNOWN), ["Spasm: not known, stale"]),
        # A criterion is told by its title; one that does not hold also by the facts behind it.
        (group(TRUE, "all of", named(TRUE, "symptoms_persist", PAIN)), ["Symptoms persist"]),
        (
            named(FALSE, "gate_surgery", group(FALSE, "all of", named(TRUE, "gate_care"), TRIAL)),
            ["Adequate trial: no (Days of exercise: 30 days, needs at least 42 days)"],
        ),
        # What a gate inherits from earlier gates goes without saying.
        (
            named(
                TRUE, "gate_surgery", group(TRUE, "all of", named(TRUE, "gate_care"), named(TRUE, "symptoms_persist"))
            ),
            ["Symptoms persist"],
        ),
    ],
)
def test_reasons(judgement: Judgement, told: list[str]):
    assert list(words().reasons([judgement])) == told


def test_a_criterion_written_out_elsewhere_is_looked_up_there():
    gate = named(FALSE, "gate_surgery", TRIAL)
    reference = Judgement("gate_surgery", gate.text, FALSE)
    assert words(gate).reasons([reference]) == words().reasons([gate])


@pytest.mark.parametrize(
    ("text", "need"),
    [
        ("exercise_days >= trial_days", "at least 42 days"),
        ("exercise_days < 42", "less than 42 days"),
        ("exercise_start on or before Index - fresh_pain", "at least 6 weeks ago"),
        ("exercise_start on or after Index - 3 months", "within the last 3 months"),
        ("spasm", ""),
    ],
)
def test_what_a_comparison_asks_for(text: str, need: str):
    assert words().need(text) == need


def test_dates_and_amounts():
    assert day(date(2026, 6, 1)) == "1 Jun 2026"
    assert [amount("15", "mm"), amount("4", "1"), amount("6", "{score}"), amount("35", "deg")] == [
        "15 mm",
        "4",
        "6",
        "35 degrees",
    ]


@pytest.mark.parametrize(
    ("name", "title"),
    [("spasm", "Spasm"), ("symptoms_persist", "Symptoms persist"), ("operation", "Operation"), ("nothing", "nothing")],
)
def test_titles(name: str, title: str):
    assert title_of(TINY, name) == title
