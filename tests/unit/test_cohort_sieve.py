"""What the sieve lets go makes no difference: a record read from what it keeps is the record read from everything."""

import gzip
import json
import random
from pathlib import Path
from typing import Any

import pytest
from fhir_forms import (
    BINDINGS,
    LOINC,
    OURS,
    PATHWAY,
    READER,
    Json,
    answers,
    bundle,
    concept,
    observation,
    order,
    patient,
)
from generative.fhir_records import People
from hypothesis import given
from hypothesis import strategies as st
from unit.test_fhir_fuzz import SOUND, mutated

from ischio.cohort.intake.sieve import (
    DAMAGED,
    NO_FACT,
    NO_QUESTION,
    NOT_READ,
    Broken,
    Foreign,
    Kept,
    Left,
    Nested,
    Sieve,
    Target,
    Vouching,
)
from ischio.fhir.tables import Tables
from ischio.fhir.versions import VersionMarks
from ischio.record.events import Record

SIEVE = Sieve(Tables(PATHWAY.concepts, BINDINGS))
VERSIONS = VersionMarks(BINDINGS)
COUNTED = (NOT_READ, NO_FACT, DAMAGED, "holds no readable resource")
HEIGHT = concept((LOINC, "8302-2"), text="Body height")
UNRELATED = [
    observation(HEIGHT, id="height", valueQuantity={"value": 170}),
    {
        "resourceType": "Claim",
        "id": "claim",
        "patient": {"reference": "Patient/p"},
        "contained": [{"resourceType": "X"}],
    },
    {"resourceType": "Encounter", "id": "seen", "status": "finished", "subject": {"reference": "Patient/p"}},
    {"resourceType": "Basic", "id": "basic", "code": {"text": "anything"}},
]


def judged(resource: Any) -> Any:
    return SIEVE.judge(json.dumps(resource).encode())


def what_counts(record: Record) -> tuple[Any, ...]:
    """All of a record but the count of what nobody reads, which the sieve keeps by itself."""
    told = [one for one in record.ignored if not one.why.startswith(COUNTED)]
    of_read_types = [one for one in told if "newer" not in one.why or one.source.split("/")[0] in BINDINGS.resources]
    return record.patient, record.events, record.gaps, of_read_types


def let_through(raw: bytes) -> bytes:
    whole = json.loads(raw)
    kept = [one for one in whole["entry"] if not isinstance(judged(one["resource"]), Left)]
    return json.dumps(whole | {"entry": kept}).encode()


def makes_no_difference(raw: bytes) -> None:
    assert what_counts(READER.read(let_through(raw))) == what_counts(READER.read(raw))


def of_another_version(resource: Json) -> bool:
    """Such resources the intake takes out beforehand, each by itself."""
    kind = resource.get("resourceType")
    return isinstance(kind, str) and VERSIONS.of(kind, resource) is not None


@given(st.integers(0, 2**32))
def test_it_makes_no_difference_to_generated_people(seed: int) -> None:
    for _, generated in People(PATHWAY, BINDINGS).bundles(seed, 3):
        entries = [*generated["entry"], *({"resource": one} for one in UNRELATED)]
        makes_no_difference(json.dumps(generated | {"entry": entries}).encode())


@given(st.integers(0, 2**48))
def test_it_makes_no_difference_to_damaged_resources(seed: int) -> None:
    chance = random.Random(seed)
    damaged = [mutated(chance.choice(SOUND + UNRELATED), chance) | {"id": str(n)} for n in range(30)]
    makes_no_difference(bundle(patient(), *(one for one in damaged if not of_another_version(one))))


@pytest.mark.parametrize(
    "path", sorted((Path(__file__).parents[1] / "data" / "synthea").glob("*.gz")), ids=lambda p: p.name[:6]
)
def test_it_makes_no_difference_to_synthea_people_and_drops_most(path: Path) -> None:
    raw = gzip.decompress(path.read_bytes())
    makes_no_difference(raw)
    assert len(let_through(raw)) < len(raw) / 3


def test_it_keeps_every_sound_resource_about_the_pathway() -> None:
    dropped = [one for one in SOUND if isinstance(judged(one), Left)]
    assert [one["resourceType"] for one in dropped] == ["ImagingStudy"]
    for one in dropped:  # their codes say nothing that a fact looks at
        assert READER.read(bundle(patient(), one)).events == READER.read(bundle(patient())).events


VERDICTS = [
    # what                                             | verdict
    (observation("pain-nrs", valueInteger=3), Kept("Observation", "p")),
    (
        observation("pain-nrs", subject={"reference": "https://x.org/fhir/Patient/9/_history/2"}),
        Kept("Observation", "9"),
    ),
    (observation("pain-nrs", subject={"reference": "urn:uuid:7"}), Kept("Observation", None)),
    (observation("pain-nrs", subject={"reference": "Group/9"}), Kept("Observation", None)),
    (observation({"coding": "not a list of codes"}), Kept("Observation", "p")),
    (observation({"reference": "Basic/pain"}), Kept("Observation", "p", ("Basic/pain",))),
    (order({"text": "a medicine nobody knows"}), Kept("MedicationRequest", "p")),
    (
        order({}, medicationReference={"reference": "Medication/m"}),
        Kept("MedicationRequest", "p", ("Medication/m",)),
    ),
    (answers({"linkId": "group", "item": [{"linkId": "pain-nrs.left"}]}), Kept("QuestionnaireResponse", "p")),
    (patient(), Kept("Patient", "p")),
    ({"resourceType": "Claim", "contained": [observation("pain-nrs")]}, Kept("Claim", "p")),
    ({"resourceType": "Medication", "id": "m", "code": {"text": "Naproxen 500 mg"}}, Target("Medication/m")),
    ({"resourceType": "Medication", "id": "m", "code": concept("nsaid")}, Target("Medication/m")),
    ({"resourceType": "Provenance", "target": [{"reference": "Observation/o"}]}, Vouching()),
    ({"resourceType": "Bundle", "entry": []}, Nested()),
]


@pytest.mark.parametrize(("resource", "verdict"), VERDICTS, ids=lambda one: type(one).__name__)
def test_what_it_says_of_a_resource(resource: Json, verdict: Any) -> None:
    found = judged(resource)
    assert (type(found), found) == (type(verdict), verdict)


REASONS = [
    (UNRELATED[0], "Observation", NO_FACT, "8302-2 Body height"),
    (UNRELATED[1], "Claim", NOT_READ, ""),
    (UNRELATED[2], "Encounter", NO_FACT, "no code"),
    (UNRELATED[3], "Basic", NOT_READ, ""),
    (answers({"linkId": "a question of theirs"}), "QuestionnaireResponse", NO_QUESTION, ""),
    ({"resourceType": "Medication", "id": "m", "code": {"text": "unheard of"}}, "Medication", NOT_READ, ""),
    (observation(concept(("http://snomed.info/sct", "367821000119100"))), "Observation", DAMAGED, "367821000119100"),
    ({"no": "resource"}, "JSON", "is no FHIR resource", ""),
    ([1, 2], "JSON", "is no FHIR resource", ""),
    ({"resourceType": "Patient"}, "Patient", "is a Patient without an id", ""),
]


@pytest.mark.parametrize(("resource", "what", "why", "detail"), REASONS)
def test_why_it_lets_a_resource_go(resource: Any, what: str, why: str, detail: str) -> None:
    found = judged(resource)
    assert (found.what, found.why, found.detail) == (what, why, detail)


BROKEN = [
    (
        b'{"resourceType":"Observation","subject":{"reference":"Patient/p"},"val',
        "breaks off before its end",
        "Observation",
        "p",
    ),
    (b'{"resourceType":"Observation","subject":{"reference":"Patient/p"}}}', "is not JSON", "Observation", "p"),
    (b'{"resourceType":"Claim"}{"resourceType":"Observation"}', "is not JSON", "Claim", None),
    (b'{"a":{"reference":"Patient/p"},"b":{"reference":"Patient/q"}', "breaks off before its end", None, None),
    (b"PK\x03\x04\x00\x00", "is not JSON", None, None),
    (b'{"resourceType":"Observation","code":{"text":"\xff"}}', "holds text that is not UTF-8", "Observation", None),
    (b"[" * 100_000, "is nested too deeply", None, None),
]


@pytest.mark.parametrize(("line", "why", "kind", "person"), BROKEN)
def test_a_line_that_is_no_json_says_what_can_still_be_seen(
    line: bytes, why: str, kind: str | None, person: str | None
) -> None:
    assert SIEVE.judge(line) == Broken(why, kind, person)


def test_another_version_of_fhir_is_told_with_what_can_then_not_be_known() -> None:
    stu3 = observation("pain-nrs", context={"reference": "Encounter/1"})
    assert judged(stu3) == Foreign("Observation", "p", "STU3", ("pain_score",))
    r5 = order({}, medication={"concept": concept("nsaid")})
    assert judged(r5).version == "R5"
    assert "nsaid" in judged(r5).concepts
    assert judged({"resourceType": "MedicationUsage", "subject": {"reference": "Patient/p"}}).version == "R5"


def test_the_same_codes_twice_give_the_very_same_verdict() -> None:
    assert judged(UNRELATED[0]) is judged(UNRELATED[0] | {"id": "again"})


def test_a_code_of_ours_is_told_by_its_system() -> None:
    assert isinstance(judged(observation({"coding": [{"system": OURS, "code": "pain-nrs"}]})), Kept)
    assert isinstance(judged(observation({"coding": [{"system": "http://x.org", "code": "pain-nrs"}]})), Left)
