"""What a FHIR resource becomes: an event, or a line under `ignored` that says why not."""

from typing import Any

import pytest
from fhir_forms import (
    BINDINGS,
    BOTH,
    HIP,
    ICD10CM,
    LEFT,
    LOINC,
    OURS,
    PERSON,
    READER,
    RIGHT,
    SNOMED,
    Json,
    answers,
    bundle,
    concept,
    condition,
    events,
    observation,
    only,
    order,
    patient,
    procedure,
    quantity,
    read,
    unread,
    whys,
)

from ischio.model.mistake import RecordError
from ischio.record.events import State

PAIN = {"valueQuantity": quantity(6, "{score}")}
IFI = "ischiofemoral-impingement"


# ---- status ---------------------------------------------------------------------------------------------------------

STATUSES = [
    # type              | status          | what becomes of it
    ("Observation", "final", "done"),
    ("Observation", "amended", "done"),
    ("Observation", "corrected", "done"),
    ("Observation", "preliminary", "done"),
    ("Observation", "registered", "has no result yet"),
    ("Observation", "cancelled", "was cancelled"),
    ("Observation", "entered-in-error", "was entered in error"),
    ("Observation", "unknown", "has the status unknown"),
    ("Observation", None, "has no status"),
    ("Procedure", "completed", "done"),
    ("Procedure", "in-progress", "done"),
    ("Procedure", "stopped", "done"),
    ("Procedure", "on-hold", "done"),
    ("Procedure", "preparation", "planned"),
    ("Procedure", "not-done", "was not done (no reason given)"),
    ("Procedure", "entered-in-error", "was entered in error"),
    ("Procedure", "unknown", "has the status unknown"),
    ("MedicationRequest", "active", "done"),
    ("MedicationRequest", "completed", "done"),
    ("MedicationRequest", "stopped", "done"),
    ("MedicationRequest", "draft", "planned"),
    ("MedicationRequest", "cancelled", "was cancelled"),
    ("MedicationRequest", "entered-in-error", "was entered in error"),
    ("QuestionnaireResponse", "completed", "stated"),
    ("QuestionnaireResponse", "amended", "stated"),
    ("QuestionnaireResponse", "in-progress", "is not completed"),
    ("QuestionnaireResponse", "entered-in-error", "was entered in error"),
]
EXAMPLES: dict[str, Json] = {
    "Observation": observation("pain-nrs", **PAIN),
    "Procedure": procedure("exercise-therapy"),
    "MedicationRequest": order(concept("nsaid")),
    "QuestionnaireResponse": answers({"linkId": "pain-nrs.right", "answer": [{"valueInteger": 6}]}),
}


@pytest.mark.parametrize(("kind", "status", "becomes"), STATUSES)
def test_status(kind: str, status: str | None, becomes: str) -> None:
    resource = {key: value for key, value in (EXAMPLES[kind] | {"status": status}).items() if value is not None}
    record = read(resource)
    found = events(record)
    assert (found[0].kind.value if found else record.ignored[0].why) == becomes


@pytest.mark.parametrize("status", ["unknown", None, "finished"])
def test_a_procedure_that_may_have_happened_leaves_its_concept_unknown(status: str | None) -> None:
    record = read(procedure("hip-replacement") | {"status": status})
    assert list(unread(record)) == ["hip_replacement"]


VERIFICATIONS = [
    # verification      | clinical    | what becomes of a Condition "hip pain"
    ("confirmed", "active", "done"),
    ("provisional", "active", "done"),
    ("unconfirmed", "active", "done"),
    (None, "active", "done"),
    (None, None, "done"),
    ("differential", "active", "is one of several possible diagnoses"),
    ("refuted", "active", "was refuted"),
    ("entered-in-error", None, "was entered in error"),
]


@pytest.mark.parametrize(("verification", "clinical", "becomes"), VERIFICATIONS)
def test_verification(verification: str | None, clinical: str | None, becomes: str) -> None:
    record = read(condition(concept((SNOMED, "49218002")), verification, clinical))
    found = events(record)
    assert (found[0].kind.value if found else record.ignored[0].why) == becomes


@pytest.mark.parametrize(
    ("reason", "becomes"),
    [
        (concept("declined"), "declined"),
        (concept(("http://terminology.hl7.org/CodeSystem/v3-ActReason", "PATOBJ")), "declined"),
        ({"text": "Patient declined"}, "declined"),
        ({"text": "refused by the patient"}, "declined"),
        ({"text": "Theatre closed"}, "was not done (Theatre closed)"),
        ({"text": "not declined, no slot"}, "was not done (not declined, no slot)"),
    ],
)
def test_only_a_stated_refusal_is_declining(reason: Json, becomes: str) -> None:
    record = read(procedure("ischiofemoral-space-injection", "not-done", statusReason=reason))
    found = events(record)
    assert (found[0].kind.value if found else record.ignored[0].why) == becomes


# ---- the clinician's diagnosis --------------------------------------------------------------------------------------

RIGHT_HIP_NOS = (ICD10CM, "M25.851")
DIAGNOSES = [
    # code                                                               | verification | value       | side
    (concept(IFI), "confirmed", "confirmed", None),
    (concept(IFI), "provisional", "suspected", None),
    (concept(IFI), "differential", "suspected", None),
    (concept(IFI), None, "suspected", None),
    (concept(IFI), "refuted", "refuted", None),
    (concept(IFI), "entered-in-error", None, None),
    (concept(IFI, RIGHT_HIP_NOS), "confirmed", "confirmed", "right"),
    (concept(RIGHT_HIP_NOS), "confirmed", None, None),
    (concept(RIGHT_HIP_NOS, text="Ischiofemoral impingement"), "confirmed", "confirmed", "right"),
    (concept((ICD10CM, "M25.852"), text="Ischiofemoral impingement syndrome"), "confirmed", "confirmed", "left"),
    (concept((ICD10CM, "M25.859"), text="Ischiofemoral impingement"), "confirmed", "confirmed", None),
    ({"text": "Ischio-trochanteric impingement, right hip"}, "confirmed", "confirmed", None),
    (concept(RIGHT_HIP_NOS, text="No ischiofemoral impingement"), "confirmed", None, None),
    (concept(RIGHT_HIP_NOS, text="?ischiofemoral impingement"), "confirmed", None, None),
    (concept(RIGHT_HIP_NOS, text="Femoroacetabular impingement"), "confirmed", None, None),
]


@pytest.mark.parametrize(("code", "verification", "value", "side"), DIAGNOSES)
def test_a_condition_is_ifi_only_if_it_names_it(
    code: Json, verification: str | None, value: str | None, side: str | None
) -> None:
    record = read(condition(code, verification))
    found = [(event.concept, event.value, event.side and event.side.value) for event in events(record)]
    assert found == ([("ifi_diagnosis", value, side)] if value else [])
    assert value or record.ignored


def test_a_code_that_is_broader_than_ifi_is_named_as_such() -> None:
    record = read(condition(concept(RIGHT_HIP_NOS)))
    assert whys(record) == ["Condition/c has a code that alone does not mean ischiofemoral impingement"]


# ---- side -----------------------------------------------------------------------------------------------------------

SIDES = [
    # code                                | body site                          | side, or why it is not used
    (concept("hip-pain"), concept(RIGHT), "right"),
    (concept("hip-pain"), concept(LEFT), "left"),
    (concept("hip-pain"), concept(BOTH), "both"),
    (concept("hip-pain"), [concept(RIGHT), concept(LEFT)], "both"),
    (concept("hip-pain"), concept("right"), "right"),
    (concept("hip-pain"), concept(HIP, LEFT), "left"),
    (concept("hip-pain"), concept(HIP), None),
    (concept("hip-pain"), {"text": "right hip"}, None),
    (concept("hip-pain"), concept((SNOMED, "999")), None),
    (concept("hip-pain"), None, None),
    (concept((ICD10CM, "M25.551")), None, "right"),
    (concept((ICD10CM, "M25.552")), concept(LEFT), "left"),
    (concept((ICD10CM, "M25.559")), None, None),
    (concept((ICD10CM, "Z96.643")), None, "both"),
    (concept((ICD10CM, "S72.011A")), None, "right"),
    (concept((ICD10CM, "M25.551")), concept(LEFT), "has a code for right and a body site for left"),
]


@pytest.mark.parametrize(("code", "site", "side"), SIDES)
def test_side(code: Json, site: Json | list[Json] | None, side: str | None) -> None:
    record = read(condition(code, bodySite=site))
    found = events(record)
    assert (found[0].side and found[0].side.value if found else record.ignored[0].why.removeprefix("hip_pain ")) == side


@pytest.mark.parametrize("site", [concept((SNOMED, "999")), {"text": "right hip"}])
def test_a_side_that_is_not_understood_is_said_to_be_none(site: Json) -> None:
    record = read(observation("pain-nrs", bodySite=site, **PAIN))
    assert only(record).side is None
    assert "counts as without a side" in record.ignored[0].why


def test_a_part_can_give_the_side() -> None:
    part = {"code": concept("laterality"), "valueCodeableConcept": concept(LEFT)}
    side = only(read(observation("pain-nrs", component=[part], **PAIN))).side
    assert side is not None
    assert side.value == "left"


# ---- dates ----------------------------------------------------------------------------------------------------------

PERIOD = {"performedDateTime": None, "performedPeriod": {"start": "2026-01-05", "end": "2026-02-28"}}
BEGUN = {"performedDateTime": None, "performedPeriod": {"start": "2026-01-05"}}
DAY, OPEN = "2026-03-01", None
DATES = [
    # resource                                                                            | start       | end
    (observation("pain-nrs", **PAIN), DAY, DAY),
    (observation("pain-nrs", effectiveDateTime="2026-03-01T23:30:00-08:00", **PAIN), DAY, DAY),
    (observation("pain-nrs", effectiveDateTime=None, effectiveInstant="2026-03-01T08:00:00Z", **PAIN), DAY, DAY),
    (observation("pain-nrs", effectiveDateTime="2026-03", **PAIN), "2026-03", "2026-03"),
    (observation("pain-nrs", effectiveDateTime="2026", **PAIN), "2026", "2026"),
    (observation("pain-nrs", effectiveDateTime=None, **PAIN), None, None),
    (observation("pain-nrs", effectiveDateTime="2026-02-30", **PAIN), None, None),
    (observation("pain-nrs", effectiveDateTime=20260301, **PAIN), None, None),
    (procedure("exercise-therapy", **PERIOD), "2026-01-05", "2026-02-28"),
    (procedure("exercise-therapy", "in-progress", **BEGUN), "2026-01-05", OPEN),
    (procedure("exercise-therapy", "in-progress"), DAY, OPEN),
    (condition(concept("hip-pain"), onsetDateTime="2025-10"), "2025-10", OPEN),
    (condition(concept("hip-pain"), onsetDateTime="2025-10", abatementDateTime=DAY), "2025-10", DAY),
    (order(concept("nsaid")), DAY, "2026-05-30"),
    (order(concept("nsaid"), dispenseRequest={"expectedSupplyDuration": quantity(14, "d")}), DAY, "2026-03-15"),
    (
        order(
            concept("nsaid"),
            dispenseRequest={"expectedSupplyDuration": quantity(2, "wk"), "numberOfRepeatsAllowed": 2},
        ),
        DAY,
        "2026-04-12",
    ),
    (answers({"linkId": "pain-nrs", "answer": [{"valueInteger": 6}]}), DAY, DAY),
]


@pytest.mark.parametrize(("resource", "start", "end"), DATES)
def test_dates(resource: Json, start: str | None, end: str | None) -> None:
    event = only(read({key: value for key, value in resource.items() if value is not None}))
    shown = [when and str(when) for when in (event.start, event.end)]
    assert shown == [start, end]


OVER_WITHOUT_A_DATE = [
    # what is over                                                     | first and last day on which it may have ended
    (
        condition(concept("glaucoma-or-urinary-retention"), clinical="resolved", onsetDateTime="2025-10-01"),
        "2025-10-01",
        "9999-12-31",
    ),
    (order(concept("nsaid"), "stopped"), "2026-03-01", "2026-05-30"),
    (procedure("exercise-therapy", **BEGUN), "2026-01-05", "9999-12-31"),
]


@pytest.mark.parametrize(("resource", "first", "last"), OVER_WITHOUT_A_DATE)
def test_what_is_over_without_a_date_ended_some_time(resource: Json, first: str, last: str) -> None:
    end = only(read({key: value for key, value in resource.items() if value is not None})).end
    assert end is not None
    assert (end.earliest.isoformat(), end.latest.isoformat()) == (first, last)


def test_a_date_that_is_none_is_left_out_and_said() -> None:
    record = read(observation("pain-nrs", effectiveDateTime="2026-02-30", issued="2026-03-02T10:00:00Z", **PAIN))
    assert str(only(record).recorded) == "2026-03-02"
    assert whys(record) == ["Observation/o 2026-02-30 is not a date and was left out"]


# ---- values ---------------------------------------------------------------------------------------------------------

NORMAL = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
VALUES: list[tuple[str, dict[str, Any], object]] = [
    # concept            | value given                                      | value, or why it is not used
    ("pain-nrs", {"valueQuantity": quantity(6.5, "{score}")}, "6.5 {score}"),
    ("pain-nrs", {"valueInteger": 6}, "6"),
    ("ischiofemoral-space-mm", {"valueQuantity": quantity(1.4, "cm")}, "1.4 cm"),
    ("ischiofemoral-space-mm", {"valueQuantity": {"value": 14, "unit": "mm"}}, "14 mm"),
    ("ischiofemoral-space-mm", {"valueQuantity": {"value": 14}}, "14"),
    ("ischiofemoral-space-mm", {"valueQuantity": quantity("14", "mm")}, "has a value that cannot be read"),
    ("ischiofemoral-space-mm", {"valueQuantity": {"unit": "mm"}}, "has no value"),
    ("ischiofemoral-space-mm", {"valueQuantity": "14 mm"}, "has a value that cannot be read"),
    ("ischiofemoral-space-mm", {"valueQuantity": quantity(15, "mm") | {"comparator": "<"}}, "is given as < a number"),
    ("ischiofemoral-space-mm", {"valueString": "about 14 mm"}, "has words where a coded value or a number is needed"),
    ("ischiofemoral-space-mm", {"valueRange": {}}, "has a value that is not read (valueRange)"),
    ("ischiofemoral-space-mm", {}, "has no value"),
    ("ischiofemoral-space-mm", {"dataAbsentReason": concept("not-performed")}, "has no value (not-performed)"),
    ("ifi-test", {"valueCodeableConcept": concept("positive")}, "positive"),
    ("ifi-test", {"valueBoolean": True}, "positive"),
    ("ifi-test", {"valueBoolean": False}, "negative"),
    ("ifi-test", {"valueString": "positive"}, "positive"),
    ("ifi-test", {"interpretation": [concept((NORMAL, "POS"))]}, "positive"),
    ("ifi-test", {"interpretation": [concept((NORMAL, "NEG"))]}, "negative"),
    ("ifi-test", {"interpretation": [concept((NORMAL, "IND"))]}, "has no value"),
    ("ifi-test", {"valueCodeableConcept": concept("doubtful")}, "has a value that is not known here (doubtful)"),
    ("flag-saddle-numbness", {"valueBoolean": True}, "present"),
    ("flag-saddle-numbness", {"valueCodeableConcept": concept("assessed-explained")}, "assessed_explained"),
    ("acceptable-state", {"valueBoolean": False}, "False"),
    ("acceptable-state", {"valueCodeableConcept": concept("yes")}, "True"),
    ("review", {}, "None"),
    ("review", {"valueBoolean": True}, "None"),
    ("review", {"valueString": "discussed at length"}, "None"),
    ("review", {"valueString": "No"}, "has words that do not say so (No)"),
    ("red-flag-screen", {"valueCodeableConcept": concept("yes")}, "None"),
    (
        "red-flag-screen",
        {"valueCodeableConcept": concept((LOINC, "LA32-8"))},
        "has a value that is not known here (LA32-8)",
    ),
    ("red-flag-screen", {"valueCodeableConcept": {"text": "No"}}, "has a value that is not known here (no code)"),
    ("medicines-reviewed", {"valueString": "not done"}, "has words that do not say so (not done)"),
    ("surgeon-release", {"valueCodeableConcept": concept("absent")}, "has a value that is not known here (absent)"),
    ("conservative-trial-confirmed", {"valueString": "Pending"}, "has words that do not say so (Pending)"),
    ("conservative-trial-confirmed", {"valueString": "12 weeks at a clinic, all taught"}, "None"),
    (
        "surgeon-release",
        {"valueString": "release not yet given"},
        "has words that do not say so (release not yet given)",
    ),
    (
        "surgeon-release",
        {"valueString": "Asked for release: no."},
        "has words that do not say so (Asked for release: no.)",
    ),
    (
        "surgeon-release",
        {"valueString": "Walks well.\nRelease to be decided"},
        "has words that do not say so (Walks well.",
    ),
    ("surgeon-release", {"valueString": "full weight without crutches, no limp seen"}, "None"),
    ("review", {"valueString": "fracture: excluded"}, "has words that do not say so (fracture: excluded)"),
    ("medicines-reviewed", {"valueString": "wasn't done"}, "has words that do not say so (wasn't done)"),
    ("pain-nrs", {"valueBoolean": True}, "answers yes or no where that says nothing"),
]


@pytest.mark.parametrize(("code", "given", "becomes"), VALUES)
def test_values(code: str, given: dict[str, Any], becomes: str) -> None:
    record = read(observation(code, **given))
    found = events(record)
    why = record.ignored[0].why.partition(" ")[2] if record.ignored else ""
    shown = why or f"{found[0].value} {found[0].unit or ''}".strip()
    assert shown.startswith(becomes)


DENIALS = (
    "No",
    "not done",
    "Release: none",
    "release not yet given",
    "fracture: excluded",
    "seen by the surgeon, who has not released the hip so far",
    "patient declined the questions",
    "the answer is negative.",
    "Result: N",
    "postponed to June",
    "Came in pain.\nNo",
)


@pytest.mark.parametrize("words", DENIALS)
@pytest.mark.parametrize("code", ["surgeon-release", "red-flag-screen", "medicines-reviewed"])
def test_words_that_deny_are_no_yes(code: str, words: str) -> None:
    record = read(observation(code, valueString=words))
    assert all(event.unread for event in events(record))
    assert "do not say so" in record.ignored[0].why


@pytest.mark.parametrize("words", ["done", "all asked, with the daughter", "full weight without crutches since May"])
def test_a_remark_says_that_it_was_done(words: str) -> None:
    assert only(read(observation("surgeon-release", valueString=words))).unread is None


def test_a_plain_no_to_whether_something_happened_is_no_event() -> None:
    record = read(answers({"linkId": "surgeon-release.right", "answer": [{"valueBoolean": False}]}))
    assert not events(record)
    assert not record.ignored


def test_a_masked_value_leaves_the_concept_unknown() -> None:
    record = read(observation("pain-nrs", dataAbsentReason=concept("masked")))
    assert [(gap.concept, gap.state) for gap in record.gaps] == [("pain_score", State.NOT_AUTHORISED)]


def test_the_code_of_an_operation_is_its_value() -> None:
    codes = ("lesser-trochanter-resection-endoscopic", "lateralizing-intertrochanteric-osteotomy", "sciatic-neurolysis")
    values = [only(read(procedure(code))).value for code in (*codes, "ifi-surgery")]
    assert values == ["resection", "osteotomy", "decompression", None]


# ---- qualifiers, parts, answers -------------------------------------------------------------------------------------


def test_modality_and_leg_position_qualify_a_space() -> None:
    position = {"code": concept("leg-position"), "valueCodeableConcept": concept("neutral")}
    given = {"valueQuantity": quantity(12, "mm"), "method": concept("mri"), "component": [position]}
    assert only(read(observation("ischiofemoral-space-mm", **given))).qualifiers == {
        "modality": "mri",
        "leg_position": "neutral",
    }


def test_parts_with_codes_of_their_own_are_events_of_their_own() -> None:
    spaces = [("ischiofemoral-space-mm", 12), ("quadratus-femoris-space-mm", 9)]
    parts = [{"code": concept(code), "valueQuantity": quantity(size, "mm")} for code, size in spaces]
    panel = observation(concept((LOINC, "36013-1")), component=parts, method=concept("mri"), bodySite=concept(LEFT))
    found = events(read(panel))
    assert [(one.concept, str(one.value)) for one in found] == [
        ("mri_hip_pelvis", "None"),
        ("ischiofemoral_space", "12"),
        ("quadratus_femoris_space", "9"),
    ]
    assert {one.side and one.side.value for one in found} == {"left"}
    assert all(one.qualifiers == {"modality": "mri"} for one in found)


def test_what_was_injected_and_how_it_was_guided() -> None:
    used = [concept(("http://www.nlm.nih.gov/research/umls/rxnorm", code)) for code in ("6387", "10759")]
    event = only(read(procedure("ischiofemoral-space-injection", usedCode=[concept("ultrasound"), *used])))
    assert event.qualifiers == {"guidance": "ultrasound", "injectate": "steroid"}


def test_answers_carry_the_side_in_the_question() -> None:
    asked = [
        {"linkId": "group", "item": [{"linkId": "pain-nrs.right", "answer": [{"valueDecimal": 7}]}]},
        {"linkId": "pain-nrs.left", "answer": [{"valueInteger": 0}]},
        {"linkId": "pain-location.right", "answer": [{"valueCoding": {"system": OURS, "code": "groin"}}]},
        {"linkId": "favourite-colour", "answer": [{"valueString": "blue"}]},
        {"linkId": "ihot12.right"},
    ]
    found = {(one.concept, str(one.value), one.side and one.side.value) for one in events(read(answers(*asked)))}
    assert found == {("pain_score", "7", "right"), ("pain_score", "0", "left"), ("pain_location", "groin", "right")}


def test_questions_below_an_answer_qualify_it() -> None:
    position = {"linkId": "leg-position", "answer": [{"valueCoding": {"system": OURS, "code": "neutral"}}]}
    answer = {"valueQuantity": quantity(12, "mm"), "item": [position]}
    event = only(read(answers({"linkId": "ischiofemoral-space-mm.left", "answer": [answer]})))
    assert event.qualifiers == {"leg_position": "neutral"}


def test_an_answer_by_date_dates_the_event() -> None:
    event = only(read(answers({"linkId": "episode-start.left", "answer": [{"valueDate": "2025-11"}]})))
    assert (str(event.start), str(event.end), event.value) == ("2025-11", "2025-11", None)


# ---- codes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("resource", "found"),
    [
        (condition(concept((ICD10CM, "M25.551"))), ["hip_pain"]),
        (condition(concept((ICD10CM, "M16.11"))), []),
        (order(concept(("http://www.whocc.no/atc", "M01AE02"))), ["nsaid", "other_drug"]),
        (order(concept(("http://www.whocc.no/atc", "M02AA15"))), ["other_drug"]),
        (order(concept(("http://www.nlm.nih.gov/research/umls/rxnorm", "849574"))), ["nsaid"]),
        (order(concept(("http://www.nlm.nih.gov/research/umls/rxnorm", "1191"))), ["antiplatelet"]),
        (procedure(concept((SNOMED, "229070002"))), ["exercise_therapy", "pt_stretching"]),
        (condition(concept((SNOMED, "192970008"))), ["flag_sphincter"]),
        (observation(concept((SNOMED, "49218002")), valueBoolean=True), ["hip_pain"]),
        (order(concept((SNOMED, "49218002"))), ["unrecognised_drug"]),
    ],
)
def test_codes_mean_concepts_only_where_these_are_read(resource: Json, found: list[str]) -> None:
    assert [event.concept for event in events(read(resource))] == found


def test_a_diagnosis_that_is_over_raises_no_flag() -> None:
    record = read(condition(concept((SNOMED, "192970008")), clinical="resolved"))
    assert not events(record)
    assert whys(record) == ["Condition/c is over"]


def test_a_medicine_by_reference() -> None:
    medicine = {"resourceType": "Medication", "id": "n", "code": concept("nsaid")}
    apart = order({}, medicationReference={"reference": "Medication/n"}) | {"medicationCodeableConcept": None}
    inside = apart | {"medicationReference": {"reference": "#n"}, "contained": [medicine]}
    assert only(read(apart, medicine)).concept == "nsaid"
    assert only(read(inside)).concept == "nsaid"


# ---- whose, and by whom ---------------------------------------------------------------------------------------------

OWNERS = [
    # subject                                                   | why it is not used, None if it is
    ({"reference": "Patient/p"}, None),
    ({"reference": "Patient/p/_history/2"}, None),
    ({"reference": "https://ehr.example.org/fhir/Patient/p"}, None),
    ({"reference": "Patient/q"}, "is about another person (Patient/q)"),
    ({"reference": "urn:uuid:f3"}, "is about another person (urn:uuid:f3)"),
    ({"reference": "Group/p"}, "is about another person (Group/p)"),
    ({"display": "Our patient"}, "does not say by reference whose it is"),
    (None, "does not say by reference whose it is"),
    ("Patient/p", "does not say by reference whose it is"),
]


@pytest.mark.parametrize(("subject", "why"), OWNERS)
def test_only_resources_of_our_person_are_used(subject: Any, why: str | None) -> None:
    record = read(observation("pain-nrs", **PAIN) | {"subject": subject})
    assert ([one.why for one in record.ignored] or [None]) == [why]
    assert len(events(record)) == (why is None)


def test_the_address_of_an_entry_is_a_reference_to_it() -> None:
    entries = [
        {"fullUrl": "urn:uuid:61", "resource": patient()},
        {
            "fullUrl": "urn:uuid:62",
            "resource": observation("pain-nrs", **PAIN) | {"subject": {"reference": "urn:uuid:61"}},
        },
    ]
    assert len(events(READER.read(bundle(entry=entries)))) == 1


def test_the_same_id_at_another_address_is_another_person() -> None:
    far = {"reference": "https://b.example.org/fhir/Patient/p"}
    entries = [
        {"fullUrl": "https://a.example.org/fhir/Patient/p", "resource": patient()},
        {
            "fullUrl": "https://b.example.org/fhir/Observation/o",
            "resource": observation("pain-nrs", **PAIN) | {"subject": far},
        },
    ]
    assert not events(READER.read(bundle(entry=entries)))


def test_what_is_about_something_else_is_not_used() -> None:
    record = read(observation("pain-nrs", focus=[{"reference": "RelatedPerson/r"}], **PAIN))
    assert whys(record) == ["Observation/o is about something else than the person"]


ASSERTERS = [
    # performer                                                      | who says so
    ([], "clinician"),
    ([PERSON], "patient"),
    ([{"reference": "RelatedPerson/r"}], "patient"),
    ([{"reference": "Practitioner/d"}], "clinician"),
    ([{"reference": "Organization/o"}], "clinician"),
    ([{"reference": "Device/w"}], "device"),
    ([{"reference": "https://ehr.example.org/fhir/Device/w/_history/3"}], "device"),
    ([{"display": "Step counter", "type": "Device"}], "device"),
    ([PERSON, {"reference": "Practitioner/d"}], "clinician"),
    ([{"reference": "#self"}], "patient"),
]


@pytest.mark.parametrize(("performer", "who"), ASSERTERS)
def test_asserter(performer: list[Json], who: str) -> None:
    contained = [{"resourceType": "RelatedPerson", "id": "self"}]
    assert only(read(observation("pain-nrs", performer=performer, contained=contained, **PAIN))).asserter.value == who


# ---- the person -----------------------------------------------------------------------------------------------------

PEOPLE = [
    # fields of the Patient                          | events
    ({}, [("birth_date", "1984-05-02")]),
    ({"birthDate": "1984"}, [("birth_date", "1984")]),
    ({"birthDate": "unknown"}, []),
    ({"birthDate": None}, []),
    ({"deceasedBoolean": False}, [("birth_date", "1984-05-02")]),
    ({"deceasedBoolean": True}, [("birth_date", "1984-05-02"), ("death", None)]),
    ({"deceasedDateTime": "2026-02-03T04:05:00Z"}, [("birth_date", "1984-05-02"), ("death", "2026-02-03")]),
]


@pytest.mark.parametrize(("fields", "expected"), PEOPLE)
def test_birth_and_death_are_events(fields: Json, expected: list[tuple[str, str | None]]) -> None:
    record = READER.read(bundle(patient(**fields)))
    assert [(one.concept, one.start and str(one.start)) for one in record.events if one.concept != "sex"] == expected


# ---- several of one thing, and what could not be had ----------------------------------------------------------------


def test_the_newest_version_of_a_resource_counts_once() -> None:
    versions = [
        observation("pain-nrs", meta={"versionId": str(n), "lastUpdated": f"2026-03-0{n}"}, valueInteger=n)
        for n in (1, 3, 2)
    ]
    record = read(*versions)
    assert str(only(record).value) == "3"
    assert whys(record) == ["Observation/o another version of it is newer"]


def test_two_patients_at_one_address_are_two() -> None:
    entries = [{"fullUrl": "urn:uuid:61", "resource": patient(id=name)} for name in ("p", "q")]
    with pytest.raises(RecordError, match="2 Patients"):
        READER.read(bundle(entry=entries))


def test_a_bundle_inside_a_bundle_is_read() -> None:
    inner = {"resourceType": "Bundle", "entry": [{"resource": observation("pain-nrs", **PAIN)}]}
    assert only(read(inner)).concept == "pain_score"


def test_a_further_page_leaves_what_it_may_tell_unknown() -> None:
    link = [{"relation": "next", "url": "https://ehr.example.org/fhir?page=2"}]
    states = {gap.concept: gap.state for gap in READER.read(bundle(patient(), procedure("review"), link=link)).gaps}
    assert states["ifi_surgery"] is State.TRUNCATED
    assert "nsaid" not in states


FORBIDDEN = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "forbidden"}]}
TIMED_OUT = {"resourceType": "OperationOutcome", "issue": [{"severity": "fatal", "code": "timeout"}]}
A_REMARK = {"resourceType": "OperationOutcome", "issue": [{"severity": "warning", "code": "informational"}]}


@pytest.mark.parametrize(
    ("outcome", "state"), [(FORBIDDEN, State.NOT_AUTHORISED), (TIMED_OUT, State.QUERY_FAILED), (A_REMARK, None)]
)
def test_a_query_that_failed_leaves_what_it_may_tell_unknown(outcome: Json, state: State | None) -> None:
    gaps = {gap.concept: gap.state for gap in read(outcome, procedure("review")).gaps}
    assert gaps.get("nsaid") is state


def test_a_failed_query_does_not_touch_types_that_gave_something() -> None:
    given = [{"resourceType": kind, "id": "r"} for kind in BINDINGS.resources]
    assert not read(TIMED_OUT, *given).gaps


def test_a_failed_entry_of_a_batch_is_a_failed_query() -> None:
    entries = [{"resource": patient()}, {"response": {"status": "403 Forbidden"}}]
    assert {gap.state for gap in READER.read(bundle(entry=entries)).gaps} == {State.NOT_AUTHORISED}


def test_types_that_are_not_read_are_counted() -> None:
    claims = [{"resourceType": "Claim", "id": str(n)} for n in range(3)]
    assert whys(read(*claims)) == ["Claim (3) this type of resource is not read"]


@pytest.mark.parametrize("entry", [None, 7, "Observation", [], {"resource": None}, {"resource": {"id": "o"}}, {}])
def test_an_unreadable_entry_costs_only_itself(entry: Any) -> None:
    entries = [{"resource": patient()}, entry, {"resource": observation("pain-nrs", **PAIN)}]
    record = READER.read(bundle(entry=entries))
    assert only(record).concept == "pain_score"
    assert whys(record) == ["Bundle, entry 2 holds no readable resource"]


def test_nothing_shown_can_steer_a_terminal() -> None:
    record = read(observation("pain-nrs", id="o\x1b[2J", status="cancelled"), {"resourceType": "\x1b]0;x\x07"})
    assert all(text.isprintable() for text in whys(record))
