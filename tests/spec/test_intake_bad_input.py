"""Bad input: what a bad resource costs, in which words, and that it costs no more. The right hip on 20 March 2026."""

from collections.abc import Sequence
from datetime import date
from time import process_time
from typing import Any

import msgspec
import pytest
from fhir_forms import (
    PATHWAY,
    READER,
    RIGHT,
    SNOMED,
    Json,
    bundle,
    concept,
    condition,
    observation,
    order,
    patient,
    procedure,
    quantity,
    read,
)

from ischio.engine.assess import assess
from ischio.fhir.check_digit import is_sound
from ischio.model.about import Side
from ischio.record.derivation import derive
from ischio.record.events import Record

INDEX = date(2026, 3, 20)
SIDED = {"bodySite": concept(RIGHT)}
LEG = {"component": [{"code": concept("leg-position"), "valueCodeableConcept": concept("neutral")}]}
MRI = {"method": concept("mri")} | LEG | SIDED


def pain(score: Any = 6, name: str = "o", **fields: Any) -> Json:
    given = {"valueQuantity": score} if isinstance(score, dict) else {"valueInteger": score}
    return observation("pain-nrs", id=name, **(given | SIDED | fields))


def space(value: Any, name: str = "s", **fields: Any) -> Json:
    return observation("ischiofemoral-space-mm", id=name, valueQuantity=value, **(MRI | fields))


def impingement_test(**fields: Any) -> Json:
    return observation("ifi-test", **SIDED, **fields)


BARE = {"value": 12}
SURGERY = procedure("ifi-surgery")
EXERCISE = {"performedDateTime": None, "performedPeriod": {"start": "2026-03-01", "end": "2026-01-01"}}
LINES = [
    # what is bad | resources | fact, value, state | words
    ("nothing bad", [pain(6)], ("pain_now", 60, "known"), ""),
    ("entered in error", [pain(6, status="entered-in-error")], ("pain_now", None, "not asked"), "was entered in error"),
    (
        "refuted",
        [condition(concept("ischiofemoral-impingement"), "refuted", bodySite=[concept(RIGHT)])],
        ("clinician_diagnosis", "refuted", "known"),
        "",
    ),
    (
        "refuted complaint",
        [condition(concept("hip-pain"), "refuted")],
        ("recorded_pain_condition", None, "any"),
        "was refuted",
    ),
    (
        "a future date",
        [pain(6, effectiveDateTime="2027-03-01")],
        ("pain_now", None, "not asked"),
        "dated in the future",
    ),
    (
        "a future date beside a sound one",
        [pain(6), pain(2, "p", effectiveDateTime="2062-03-01")],
        ("pain_now", 60, "known"),
        "dated in the future",
    ),
    (
        "an inverted period",
        [procedure("exercise-therapy", **EXERCISE)],
        ("recorded_exercise", None, "any"),
        "ends before it starts",
    ),
    ("a year alone", [pain(6, effectiveDateTime="2026")], ("pain_now", None, "imprecise date"), ""),
    (
        "a month alone, within the window",
        [pain(6, effectiveDateTime="2026-03")],
        ("pain_now", None, "imprecise date"),
        "",
    ),
    ("a month alone, wholly fresh", [pain(6, effectiveDateTime="2026-02")], ("pain_now", None, "imprecise date"), ""),
    (
        "a number without unit",
        [space(BARE)],
        ("ischiofemoral_space", None, "wrong unit"),
        "in no unit cannot be read in mm",
    ),
    ("centimetres", [space(quantity(1.2, "cm"))], ("ischiofemoral_space", 120, "known"), ""),
    (
        "centimetres written as millimetres",
        [space(quantity(1.2, "mm"))],
        ("ischiofemoral_space", 12, "known"),
        "unusually small",
    ),
    (
        "a unit of something else",
        [space(quantity(12, "kg"))],
        ("ischiofemoral_space", None, "wrong unit"),
        "in kg cannot be read in mm",
    ),
    ("a visual scale in mm", [pain(quantity(62, "mm"))], ("pain_now", 62, "known"), ""),
    ("a visual scale in cm", [pain(quantity(6.2, "cm"))], ("pain_now", 62, "known"), ""),
    (
        "a visual scale without its unit",
        [pain(quantity(62, "{score}"))],
        ("pain_now", None, "value refused"),
        "62 {score} is outside 0 to 10",
    ),
    ("a duplicate", [pain(6), pain(6)], ("pain_now", 60, "known"), ""),
    ("a duplicate under another id", [pain(6), pain(6, "p")], ("pain_now", 60, "known"), ""),
    ("conflicting values of one day", [pain(2), pain(8, "p")], ("pain_now", None, "conflicting"), "(Observation/o)"),
    ("an unsided score", [pain(6, bodySite=None)], ("pain_now", None, "side not given"), "its side is not given"),
    ("surgery of an unknown side", [SURGERY], ("ifi_surgery", None, "side not given"), "its side is not given"),
    (
        "surgery whose side is words",
        [SURGERY | {"bodySite": [{"text": "right hip"}]}],
        ("ifi_surgery", None, "side not given"),
        "counts as without a side",
    ),
    (
        "a negative test in free text",
        [impingement_test(valueString="IFI test was negative")],
        ("ifi_test", None, "value refused"),
        "has words where a coded value",
    ),
    (
        "a negative test in a note alone",
        [impingement_test(note=[{"text": "negative"}])],
        ("ifi_test", None, "value refused"),
        "has no value",
    ),
    (
        "a test by interpretation",
        [impingement_test(interpretation=[concept(("x", "NEG"))])],
        ("ifi_test", False, "known"),
        "",
    ),
    (
        "an id that a spreadsheet rounded",
        [condition(concept((SNOMED, "16444991000119100")))],
        ("recorded_pain_condition", None, "any"),
        "fail the check digit",
    ),
    (
        "an id as a number",
        [condition({"coding": [{"system": SNOMED, "code": 49218002}]})],
        ("recorded_pain_condition", None, "any"),
        "no fact reads their codes",
    ),
    ("an unknown medicine", [order({"text": "blue tablets"})], ("lithium_in_use", None, "not asked"), "blue tablets"),
    (
        "another person's",
        [pain(6, subject={"reference": "Patient/q"})],
        ("pain_now", None, "not asked"),
        "is about another person",
    ),
]


def told(record: Record, fact: str) -> tuple[Any, str, str]:
    """Value, state and every word that is said of it."""
    found = derive(PATHWAY, record, INDEX)[Side.RIGHT][fact]
    ignored = [f"{one.source} {one.why}" for one in (*record.ignored, *found.ignored)]
    return found.value, found.state.value, "\n".join([*ignored, found.note or ""])


@pytest.mark.parametrize(("resources", "expected", "words"), [row[1:] for row in LINES], ids=[row[0] for row in LINES])
def test_each_costs_itself_and_is_told(resources: Sequence[Json], expected: tuple[str, Any, str], words: str) -> None:
    fact, value, state = expected
    record = read(*({key: part for key, part in one.items() if part is not None} for one in resources))
    got, in_state, said = told(record, fact)
    if state == "any":
        assert got in (None, False)
    else:
        assert (got, in_state) == (value, state)
    assert words in said


@pytest.mark.parametrize("row", LINES, ids=[row[0] for row in LINES])
def test_a_sound_resource_beside_it_still_counts(row: tuple[str, list[Json], Any, str]) -> None:
    beside = observation("mhhs", id="beside", valueQuantity=quantity(70, "{score}"), **SIDED)
    assert "Observation/beside" in {event.source for event in read(*row[1], beside).events}


FORM = observation("red-flag-screen", id="form", effectiveDateTime="2026-03-19")
MASS = observation("flag-mass", id="mass", valueCodeableConcept=concept("present"), **SIDED)
SCREENED = [
    # what is recorded of a mass beside a fresh form                     | flag_mass: value, state
    (None, "absent", "known absent"),
    (MASS, "present", "known"),
    (MASS | {"valueCodeableConcept": concept((SNOMED, "1"))}, None, "value refused"),
    (MASS | {"valueCodeableConcept": {"text": "yes, growing"}}, None, "value refused"),
    (MASS | {"valueCodeableConcept": {}}, None, "value refused"),
    (MASS | {"valueCodeableConcept": None, "dataAbsentReason": concept("unknown")}, None, "not asked"),
    (MASS | {"status": None}, None, "value refused"),
    (MASS | {"status": "unknown"}, None, "value refused"),
    (MASS | {"subject": None}, None, "value refused"),
    (MASS | {"subject": {"display": "our patient"}}, None, "value refused"),
    (MASS | {"status": "entered-in-error"}, "absent", "known absent"),
    (MASS | {"subject": {"reference": "Patient/q"}}, "absent", "known absent"),
]


@pytest.mark.parametrize(("mass", "value", "state"), SCREENED)
def test_what_cannot_be_read_is_not_absent(mass: Json | None, value: str | None, state: str) -> None:
    given = [] if mass is None else [{key: part for key, part in mass.items() if part is not None}]
    assert told(read(FORM, *given), "flag_mass")[:2] == (value, state)


NEWER = [
    # the newer score, which is not understood | pain_now: value, state
    (pain(name="p", valueInteger=None, valueString="8/10"), None, "value refused"),
    (pain(8, "p", status=None), None, "value refused"),
    (pain(8, "p", subject=None), None, "value refused"),
    (pain(name="p", valueInteger=None, dataAbsentReason=concept("asked-declined")), 20, "known"),
    (pain(8, "p", status="cancelled"), 20, "known"),
]


@pytest.mark.parametrize(("newer", "value", "state"), NEWER)
def test_an_older_score_does_not_stand_for_a_newer_one_that_cannot_be_read(
    newer: Json, value: int | None, state: str
) -> None:
    newer = {key: part for key, part in (newer | {"effectiveDateTime": "2026-03-15"}).items() if part is not None}
    assert told(read(pain(2), newer), "pain_now")[:2] == (value, state)


def test_pain_that_is_over_is_not_on_the_problem_list() -> None:
    over = condition(concept("hip-pain"), clinical="resolved", bodySite=[concept(RIGHT)])
    assert told(read(over), "recorded_pain_condition")[0] is False


PLAIN = [pain(6, status=status) for status in ("entered-in-error", "cancelled", "registered")]
PLAIN += [observation("flag-mass", valueBoolean=True), order({"text": "blue tablets"}, status="unknown")]


@pytest.mark.parametrize("resources", [*([one] for one in PLAIN), *(row[1] for row in LINES)])
def test_every_record_and_its_answer_can_be_written_as_json(resources: list[Json]) -> None:
    record = read(*resources)
    assert msgspec.json.encode([record.ignored, [(event.concept, event.value) for event in record.events]])
    assert msgspec.json.encode(assess(PATHWAY, record, INDEX))


def test_five_thousand_resources_of_another_specialty() -> None:
    """Five thousand eye pressures, and one sound score among them."""
    eyes = [
        observation(concept(("http://loinc.org", "56844-4")), id=f"eye{n}", valueQuantity=quantity(n % 20, "mm[Hg]"))
        for n in range(5_000)
    ]
    raw = bundle(patient(), *eyes, pain(6))
    before = process_time()
    record = READER.read(raw)
    assert process_time() - before < 2
    assert told(record, "pain_now")[:2] == (60, "known")
    assert [one.source for one in record.ignored] == ["Observation (5000)"]
    assert assess(PATHWAY, record, INDEX).hips[0].stage.id == "evaluation"


CHECK_DIGITS = [
    # id                 | sound   | what it is
    ("49218002", True),  # hip pain
    ("24028007", True),  # right
    ("2951000087104", True),  # an extension's id
    ("265622007", False),  # found in public notes: made up
    ("16444991000119100", False),  # rounded to 15 digits
    ("1.6445E+16", False),
    ("٤٩٢١٨٠٠٢", False),
    ("", False),
]


@pytest.mark.parametrize(("identifier", "sound"), CHECK_DIGITS)
def test_check_digit(identifier: str, sound: bool) -> None:
    assert is_sound(identifier) is sound
