"""The further resource types, NDJSON, contained resources, provenance, and where else a side can stand."""

import json

import pytest
from fhir_forms import (
    BOTH,
    HIP,
    LEFT,
    LOINC,
    PERSON,
    READER,
    RIGHT,
    SNOMED,
    Json,
    bundle,
    concept,
    condition,
    events,
    observation,
    only,
    patient,
    procedure,
    quantity,
    read,
    whys,
)

from ischio.record.events import Event

MRI, VISIT = concept((LOINC, "36013-1")), concept("review")
DAY = "2026-03-01"


def resource(kind: str, **fields: object) -> Json:
    return {"resourceType": kind, "id": "r", "subject": PERSON} | fields


def told(event: Event) -> tuple[str, str, str | None]:
    return event.concept, event.kind.value, event.start and str(event.start)


def request(code: Json, status: str = "active", **fields: object) -> Json:
    return resource("ServiceRequest", status=status, **({"intent": "order", "code": code, "authoredOn": DAY} | fields))


def report(status: str = "final", **fields: object) -> Json:
    return resource("DiagnosticReport", status=status, code=MRI, effectiveDateTime=DAY, **fields)


def study(status: str = "available", **fields: object) -> Json:
    return resource("ImagingStudy", status=status, started=f"{DAY}T10:00:00Z", procedureCode=[MRI], **fields)


def visit(status: str = "finished", **fields: object) -> Json:
    return resource("Encounter", status=status, type=[VISIT], period={"start": DAY, "end": DAY}, **fields)


def plan(status: str = "active", **fields: object) -> Json:
    activity = [{"detail": {"code": concept("exercise-therapy"), "status": "in-progress"}}]
    return resource("CarePlan", status=status, intent="plan", activity=activity, period={"start": DAY}, **fields)


def flag(code: str, status: str = "active") -> Json:
    return resource("Flag", status=status, code=concept(code), period={"start": DAY})


def issue(status: str = "final") -> Json:
    found = resource("DetectedIssue", status=status, code=concept("nsaid-not-suitable"), identifiedDateTime=DAY)
    return found | {"patient": found.pop("subject")}


READ = [
    # resource                                  | concept, kind and date, or why it is not used
    (request(concept("surgical-referral")), ("surgical_referral", "done", DAY)),
    (request(concept("surgical-referral"), intent="proposal"), ("surgical_referral", "planned", DAY)),
    (request(concept("surgical-referral"), "draft"), ("surgical_referral", "planned", DAY)),
    (request(concept("surgical-referral"), "revoked"), "was revoked"),
    (request(concept("surgical-referral"), doNotPerform=True), "asks not to do it"),
    (request(MRI), ("mri_hip_pelvis", "planned", DAY)),
    (request(MRI, "completed"), ("mri_hip_pelvis", "planned", DAY)),
    (request(MRI, "unknown"), "has the status unknown"),
    (report(), ("mri_hip_pelvis", "done", DAY)),
    (report("appended"), ("mri_hip_pelvis", "done", DAY)),
    (report("registered"), "has no result yet"),
    (report("entered-in-error"), "was entered in error"),
    (study(), ("mri_hip_pelvis", "done", DAY)),
    (study("cancelled"), "was cancelled"),
    (visit(), ("review", "done", DAY)),
    (visit("planned"), ("review", "planned", DAY)),
    (visit("cancelled"), "was cancelled"),
    (plan(), ("exercise_therapy", "planned", DAY)),
    (plan("completed"), ("exercise_therapy", "planned", DAY)),
    (plan("entered-in-error"), "was entered in error"),
    (flag("flag-saddle-numbness"), ("flag_saddle_numbness", "done", DAY)),
    (flag("flag-saddle-numbness", "inactive"), "is over"),
    (flag("nsaid-reaction"), ("nsaid_reaction", "done", DAY)),
    (issue(), ("nsaid_not_suitable", "done", DAY)),
    (issue("cancelled"), "was cancelled"),
]


@pytest.mark.parametrize(("given", "becomes"), READ, ids=lambda one: str(one)[:40])
def test_what_becomes_of_it(given: Json, becomes: object) -> None:
    record = read(given)
    found = events(record)
    assert (told(found[0]) if found else record.ignored[0].why) == becomes


def test_a_flag_raises_its_alarm() -> None:
    assert only(read(flag("flag-saddle-numbness"))).value == "present"


ALLERGIES = [
    # to what                                                                     | concepts
    ({"text": "Ibuprofen"}, {"nsaid_reaction"}),
    (concept(("http://www.nlm.nih.gov/research/umls/rxnorm", "7258")), {"nsaid_reaction"}),
    (concept(("http://www.whocc.no/atc", "M01AE01")), {"nsaid_reaction"}),
    ({"text": "Aspirin"}, {"nsaid_reaction"}),
    ({"text": "Lidocaine"}, {"injectate_allergy"}),
    ({"text": "Triamcinolone"}, {"injectate_allergy"}),
    ({"text": "House dust"}, set()),
]


@pytest.mark.parametrize(("code", "concepts"), ALLERGIES)
def test_allergies(code: Json, concepts: set[str]) -> None:
    allergy = {"resourceType": "AllergyIntolerance", "id": "a", "patient": PERSON, "code": code, "recordedDate": DAY}
    assert {event.concept for event in events(read(allergy))} == concepts


def test_a_refuted_allergy_is_none() -> None:
    status = concept(("http://terminology.hl7.org/CodeSystem/allergyintolerance-verification", "refuted"))
    allergy = {"resourceType": "AllergyIntolerance", "id": "a", "patient": PERSON, "code": {"text": "Ibuprofen"}}
    record = read(allergy | {"verificationStatus": status})
    assert not events(record)
    assert whys(record) == ["AllergyIntolerance/a was refuted"]


# ---- sides ----------------------------------------------------------------------------------------------------------


def laterality(code: tuple[str, str]) -> Json:
    url = "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-laterality-qualifier"
    return {"url": url, "valueCodeableConcept": concept(code)}


SIDES = [
    # resource                                                                                        | side
    (observation("pain-nrs", valueInteger=6, bodySite=concept(HIP) | {"extension": [laterality(LEFT)]}), "left"),
    (condition(concept("hip-pain"), bodySite=[concept(HIP) | {"extension": [laterality(RIGHT)]}]), "right"),
    (procedure("review", bodySite=[concept(HIP) | {"extension": [laterality(BOTH)]}]), "both"),
    (request(MRI, bodySite=[concept(RIGHT)]), "right"),
    (study(series=[{"laterality": {"system": SNOMED, "code": "7771000"}}]), "left"),
    (
        study(
            series=[
                {"laterality": {"system": SNOMED, "code": "7771000"}},
                {"laterality": {"system": SNOMED, "code": "24028007"}},
            ]
        ),
        "both",
    ),
]


@pytest.mark.parametrize(("given", "side"), SIDES)
def test_side(given: Json, side: str) -> None:
    found = only(read(given)).side
    assert found is not None
    assert found.value == side


# ---- one line each, one inside the other, one for the other ------------------------------------------------------

PAIN = observation("pain-nrs", valueInteger=6)


def lines(*given: Json | str) -> bytes:
    return "\n".join(one if isinstance(one, str) else json.dumps(one) for one in given).encode()


def test_ndjson_is_read_as_a_bundle() -> None:
    assert READER.read(lines(patient(), PAIN)) == READER.read(bundle(patient(), PAIN))


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\n\n\n"])
def test_the_ends_of_lines_do_not_matter(ending: str) -> None:
    raw = ending.join(json.dumps(one) for one in (patient(), PAIN)).encode() + ending.encode()
    assert len(events(READER.read(raw))) == 1


@pytest.mark.parametrize("bad", ["{", "words", "[]", '{"a": 1}', "null", '{"resourceType": "Observation", "id": "cut'])
def test_a_bad_line_costs_only_itself(bad: str) -> None:
    record = READER.read(lines(patient(), bad, PAIN))
    assert only(record).concept == "pain_score"
    assert whys(record) == ["Bundle, entry 2 holds no readable resource"]


def test_a_patient_alone_is_a_record() -> None:
    assert READER.read(json.dumps(patient()).encode()).patient.id == "p"


def test_a_contained_resource_counts_by_itself() -> None:
    inner = {key: value for key, value in PAIN.items() if key != "id"} | {"id": "inner", "bodySite": concept(RIGHT)}
    found = events(read(report(contained=[inner], result=[{"reference": "#inner"}])))
    assert [(one.concept, one.source) for one in found] == [
        ("mri_hip_pelvis", "DiagnosticReport/r"),
        ("pain_score", "DiagnosticReport/r#inner"),
    ]


@pytest.mark.parametrize(
    ("given", "who", "says"),
    [
        (PAIN, [PERSON], "patient"),
        (PAIN, [{"reference": "Device/w"}], "device"),
        (PAIN, [PERSON, {"reference": "Practitioner/d"}], "clinician"),
        (PAIN, [], "clinician"),
        (PAIN | {"performer": [{"reference": "Device/w"}]}, [PERSON], "device"),
    ],
)
def test_a_provenance_says_who_where_the_resource_does_not(given: Json, who: list[Json], says: str) -> None:
    agents = [{"who": one} for one in who]
    provenance = {"resourceType": "Provenance", "id": "v", "target": [{"reference": "Observation/o"}], "agent": agents}
    assert only(read(given, provenance)).asserter.value == says


def test_a_value_in_another_unit_keeps_it() -> None:
    event = only(read(observation("ischiofemoral-space-mm", valueQuantity=quantity(1.2, "cm"))))
    assert (str(event.value), event.unit) == ("1.2", "cm")
