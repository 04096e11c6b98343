"""An input that cannot be read as a whole is refused in words: what is wrong, where, and the mend."""

import json
from pathlib import Path

import pytest
from fhir_forms import (
    OURS,
    READER,
    Json,
    bundle,
    concept,
    condition,
    events,
    observation,
    order,
    patient,
    procedure,
    quantity,
)

from ischio.model.mistake import RecordError

PAIN = observation("pain-nrs", valueQuantity=quantity(6, "{score}"))
PEOPLE = bundle(patient(), patient(id="q"), PAIN)
STU3_CONDITION = condition(concept("hip-pain"), None, None, clinicalStatus="active", verificationStatus="confirmed")
DSTU2_ORDER = {"resourceType": "MedicationOrder", "id": "m", "patient": {"reference": "Patient/p"}}
R5_PROCEDURE = {"resourceType": "Procedure", "id": "x", "occurrenceDateTime": "2026-03-01"}

REFUSED = [
    # what was given                     | its bytes                                  | the words of the answer
    ("nothing", b"", "The file is empty."),
    ("blanks", b" \n\t ", "The file is empty."),
    ("cut off", bundle(patient(), PAIN)[:-40], "The JSON breaks off before its end."),
    ("words", b"right hip, worse on stairs", "The file is not JSON"),
    ("binary", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "The file is binary, not JSON."),
    ("compressed", b"\x1f\x8b\x08\x00\x00\x00", "The file is compressed (gzip)."),
    ("an archive", b"PK\x03\x04\x14\x00", "The file is a ZIP archive."),
    ("UTF-16", json.dumps({}).encode("utf-16"), "The file is encoded in UTF-16."),
    ("Latin-1", '{"resourceType": "Ärzte"}'.encode("latin-1"), "The file holds text that is not UTF-8."),
    ("XML", b'<Bundle xmlns="http://hl7.org/fhir"/>', "The file is XML."),
    ("two values", b'{"hip": 1} {"hip": 2}', "After the first JSON value"),
    ("NDJSON without a Patient", json.dumps(PAIN).encode() + b"\n" + json.dumps(PAIN).encode(), "The Bundle holds no"),
    ("nested 20,000 deep", b'{"a":' * 20_000 + b"1" + b"}" * 20_000, "The JSON is nested too deeply"),
    ("lists 20,000 deep", b"[" * 20_000 + b"]" * 20_000, "The JSON is nested too deeply"),
    ("a number", b"42", "The JSON holds no FHIR resource at its top."),
    ("a list", b"[]", "The JSON holds no FHIR resource at its top."),
    ("JSON that is not FHIR", b'{"hip": "right"}', "The JSON has no resourceType, so it is not FHIR."),
    ("a lone Observation", json.dumps(PAIN).encode(), "The resource at the top is of type Observation, not Bundle."),
    ("no Patient", bundle(PAIN), "The Bundle holds no Patient."),
    ("an empty Bundle", bundle(), "The Bundle holds no Patient."),
    ("two Patients", PEOPLE, "The Bundle holds 2 Patients, among them Patient/p and Patient/q."),
    ("FHIR STU3", bundle(patient(), STU3_CONDITION), "The Bundle is FHIR STU3"),
    ("FHIR DSTU2", bundle(patient(), DSTU2_ORDER), "The Bundle is FHIR DSTU2"),
    ("FHIR R5", bundle(patient(), R5_PROCEDURE), "The Bundle is FHIR R5"),
]


@pytest.mark.parametrize(("given", "words"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_refused_in_words(given: bytes, words: str) -> None:
    with pytest.raises(RecordError) as refused:
        READER.read(given)
    mistake = refused.value.mistakes[0]
    assert mistake.what.startswith(words)
    assert mistake.mend
    assert mistake.file


@pytest.mark.parametrize(("given", "words"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_a_file_is_named_in_the_answer(given: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    path.write_bytes(given)
    with pytest.raises(RecordError, match=r"record\.json") as refused:
        READER.read(path)
    assert words in str(refused.value)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="The file is missing"):
        READER.read(tmp_path / "nobody.json")


def test_a_folder(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="This is a folder, not a file"):
        READER.read(tmp_path)


def test_a_byte_order_mark_is_no_fault() -> None:
    assert READER.read(b"\xef\xbb\xbf" + bundle(patient())).patient.id == "p"


def test_numbers_beyond_a_float_are_no_fault() -> None:
    raw = bundle(patient(), PAIN).replace(b'"value": 6', b'"value": 6e400')
    pain = READER.read(raw).events[-1]
    assert (pain.value, pain.unread) == (None, "pain_score has a value that cannot be read")


R4_CONDITION = condition(concept("hip-pain"))
FOREIGN = [
    # version | what only that version has
    ("DSTU2", DSTU2_ORDER),
    ("DSTU2", R4_CONDITION | {"patient": {"reference": "Patient/p"}}),
    ("STU3", STU3_CONDITION),
    ("STU3", condition(concept("hip-pain"), None, verificationStatus="confirmed")),
    ("STU3", {"resourceType": "AllergyIntolerance", "id": "a", "clinicalStatus": "active"}),
    ("STU3", procedure("review", context={"reference": "Encounter/e"})),
    ("STU3", procedure("review", notDone=False)),
    ("STU3", order(concept("nsaid"), requester={"agent": {"reference": "Practitioner/d"}})),
    ("R5", order({}, medication={"concept": concept("nsaid")})),
    ("R5", R5_PROCEDURE),
    ("R5", {"resourceType": "MedicationUsage", "id": "u"}),
    ("R5", {"resourceType": "AllergyIntolerance", "id": "a", "type": concept("allergy")}),
]


@pytest.mark.parametrize(("version", "resource"), FOREIGN)
def test_one_resource_of_another_version_costs_only_itself(version: str, resource: Json) -> None:
    record = READER.read(bundle(patient(), PAIN, observation("ihot12", id="o2", valueInteger=40), resource))
    assert [event.concept for event in events(record)] == ["pain_score", "ihot12"]
    assert [one.why for one in record.ignored] == [f"has the shape of FHIR {version}, not of R4"]


def test_ten_megabytes_are_read() -> None:
    many = [observation("pain-nrs", id=f"o{n}", valueQuantity=quantity(n % 11, "{score}")) for n in range(30_000)]
    raw = bundle(patient(), *many)
    assert len(raw) > 10_000_000
    assert len(events(READER.read(raw))) == 30_000


def test_thousands_of_unknown_codes_are_one_line() -> None:
    many = [observation(concept((OURS, f"unheard-of-{n}")), id=f"o{n}") for n in range(5_000)]
    record = READER.read(bundle(patient(), *many))
    assert [one.source for one in record.ignored] == ["Observation (5000)"]
    assert record.ignored[0].why.endswith("and 4995 more")
