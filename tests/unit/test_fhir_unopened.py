"""Resources that stay unopened make no difference: a record read so is the record read from all that is decoded."""

import gzip
import json
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from fhir_forms import BINDINGS, LOINC, PATHWAY, PERSON, READER, Json, concept, observation, order, patient, quantity
from generative.fhir_records import People
from hypothesis import given
from hypothesis import strategies as st
from unit.test_fhir_fuzz import JUNK, SOUND, mutated

from ischio.fhir.prefetched import page_in, page_of
from ischio.fhir.reader import FhirReader
from ischio.fhir.unopened import Unopened, decoded
from ischio.model.mistake import RecordError
from ischio.record.events import Ignored, Record

HEIGHT = observation(concept((LOINC, "8302-2"), text="Body height"), id="h", valueQuantity=quantity(170, "cm"))
SYNTHEA = sorted((Path(__file__).parents[1] / "data" / "synthea").glob("*.gz"))


def written(resources: Iterable[Json]) -> list[msgspec.Raw]:
    return [msgspec.Raw(json.dumps(one).encode()) for one in resources]


def outcome_of(reader: FhirReader, resources: Sequence[Any]) -> tuple[Record, list[Ignored]] | str:
    """The record, and apart what was ignored: the place of a resource without a type is counted among the opened."""
    try:
        record = reader.read_resources(resources, "the test")
    except RecordError as error:
        return str(error)
    ignored = [
        one if not one.source.startswith("Bundle, entry") else Ignored("Bundle", one.why) for one in record.ignored
    ]
    return replace(record, ignored=()), sorted(ignored, key=lambda one: (one.source, one.why))


def makes_no_difference(resources: Sequence[Json], reader: FhirReader = READER) -> None:
    raws = written(resources)
    whole = outcome_of(READER, [decoded(one) for one in raws])
    assert outcome_of(reader, list(reader.unopened(raws))) == whole


def left(resources: Iterable[Json]) -> list[str]:
    return [one.source for one in READER.unopened(written(resources)) if isinstance(one, Unopened)]


@given(st.integers(0, 2**32))
def test_it_makes_no_difference_to_generated_people(seed: int) -> None:
    for _, generated in People(PATHWAY, BINDINGS).bundles(seed, 3):
        makes_no_difference([*(entry["resource"] for entry in generated["entry"]), HEIGHT])


@given(st.integers(0, 2**48))
def test_it_makes_no_difference_to_damaged_resources(seed: int) -> None:
    """Some of them are there twice, in two versions or the same, and some have no id."""
    chance = random.Random(seed)
    damaged = [mutated(chance.choice([*SOUND, HEIGHT]), chance) for _ in range(30)]
    named = [one | {"id": str(chance.randrange(20))} if chance.random() < 0.9 else one for one in damaged]
    makes_no_difference([patient(), *named], FhirReader(PATHWAY.concepts, BINDINGS))


@pytest.mark.parametrize("path", SYNTHEA, ids=lambda path: path.name[:6])
def test_it_makes_no_difference_to_synthea_people(path: Path) -> None:
    found = [entry["resource"] for entry in json.loads(gzip.decompress(path.read_bytes()))["entry"]]
    makes_no_difference(found)
    assert len(left(found)) > len([one for one in found if one["resourceType"] in BINDINGS.resources]) / 2


def test_what_no_fact_looks_at_is_not_decoded_and_counted() -> None:
    broken = msgspec.Raw(
        b'{"resourceType":"Observation","id":"h","code":{"text":"Height"},"note":' + b"1" * 5000 + b"}"
    )
    with pytest.raises(msgspec.ValidationError):
        decoded(broken)
    known = [msgspec.Raw(json.dumps(patient()).encode()), msgspec.Raw(bytes(broken).replace(b"1" * 5000, b"1"))]
    READER.read_resources(list(READER.unopened(known)), "the test")  # what tells it is known from an earlier one
    record = READER.read_resources(list(READER.unopened([known[0], broken])), "the test")
    assert [(one.source, one.why) for one in record.ignored] == [
        ("Observation (1)", "no fact reads their codes: Height")
    ]


MUST_BE_OPENED = [
    # what | in what way it needs to be looked at as a whole
    ("a type that is not read", {"resourceType": "Claim", "id": "c"}),
    ("the Patient", patient()),
    ("no id", {key: value for key, value in HEIGHT.items() if key != "id"}),
    ("an id that is none", HEIGHT | {"id": 7}),
    ("no type", {"id": "x"}),
    ("a type that is none", HEIGHT | {"resourceType": ["Observation"]}),
    ("something inside it", HEIGHT | {"contained": [observation("pain-nrs", valueInteger=3)]}),
    ("a mark of another version", HEIGHT | {"context": {"reference": "Encounter/e"}}),
    ("answers", {"resourceType": "QuestionnaireResponse", "id": "q", "status": "completed", "item": []}),
]


@pytest.mark.parametrize("resource", [row[1] for row in MUST_BE_OPENED], ids=[row[0] for row in MUST_BE_OPENED])
def test_what_is_opened_at_once(resource: Json) -> None:
    assert left([HEIGHT, resource, HEIGHT]) == ["Observation/h", "Observation/h"]


REFERRED = [
    ("a medicine", order({}, medicationReference={"reference": "Condition/c"}), {"code": {"text": "Naproxen 250 mg"}}),
    (
        "who says so",
        observation("pain-nrs", valueInteger=3, performer=[{"reference": "Condition/c", "type": "Patient"}]),
    ),
]


@pytest.mark.parametrize("row", REFERRED, ids=[row[0] for row in REFERRED])
def test_a_reference_leads_to_what_stays_unopened(row: tuple[Any, ...]) -> None:
    """Such a reference makes no sense; it is read as if all had been decoded."""
    named = {key: value for key, value in row[1].items() if key != "medicationCodeableConcept"} | {"id": "n"}
    more = row[2] if len(row) > 2 else {}
    makes_no_difference([patient(), named, {"resourceType": "Condition", "id": "c", "subject": PERSON, **more}])


# ---- pages of them ------------------------------------------------------------------------------------------------


def pages() -> Iterator[Json]:
    page = {"resourceType": "Bundle", "total": 2, "entry": [{"resource": HEIGHT}, {"resource": patient()}]}
    yield from (page, page | {"total": 3}, page | {"total": 2.5}, page | {"link": [{"relation": "next"}]})
    yield from (page | {key: junk} for junk in JUNK for key in ("entry", "link", "total"))
    yield from (page | {"entry": [{"resource": HEIGHT}, {"resource": junk}]} for junk in JUNK)
    yield from (page | {"entry": [{"resource": HEIGHT}, junk]} for junk in JUNK)
    for issue in ({"severity": "error"}, {"severity": "fatal", "code": "forbidden"}, {"severity": "warning"}):
        yield page | {"entry": [{"resource": {"resourceType": "OperationOutcome", "issue": [issue]}}]}


@pytest.mark.parametrize("page", list(pages()), ids=lambda page: json.dumps(page)[-40:])
def test_a_page_tells_the_same(page: Json) -> None:
    (raw,) = written([page])
    read, whole = page_in(raw, READER), page_of(decoded(raw))
    if read is None:  # it has not the shape of a Bundle, and is decoded
        return
    assert [one.opened() if isinstance(one, Unopened) else one for one in read.resources] == list(whole.resources)
    assert read.state == whole.state
