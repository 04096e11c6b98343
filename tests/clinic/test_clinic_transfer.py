"""A whole person out and in again: nothing is lost on the way, and what others wrote is read as far as it goes."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from clinic_steps import answer
from store_samples import EVENTS

from ischio.clinic.answers import Answer
from ischio.clinic.clinic import Clinic
from ischio.clinic.knowledge import Knowledge
from ischio.fhir.bindings import load_bindings
from ischio.fhir.reader import FhirReader
from ischio.loading.pathway import packaged
from ischio.model.dates import PartialDate
from ischio.model.mistake import RecordError
from ischio.record.events import Event
from ischio.store.entries import Access, Known, Outcome
from ischio.store.faults import PersonRefused
from ischio.store.store import open_store


@pytest.fixture
def elsewhere(tmp_path: Path, knowledge: Knowledge) -> Iterator[Clinic]:
    with closing(open_store(f"sqlite:///{tmp_path / 'elsewhere.db'}")) as store:
        yield Clinic(store, knowledge)


def events(clinic: Clinic, known: Known, by: Access) -> tuple[Event, ...]:
    return clinic.charts.of(known, by.at.date(), by).record.events


def test_every_event_of_a_person_arrives_as_it_was(clinic: Clinic, elsewhere: Clinic, by: Access):
    carl = clinic.people.register("Carl Sample", "S-9", "north", by, PartialDate.parse("1984-03"), "male")
    clinic.store.events.append(carl.whom, EVENTS, by)
    answer(
        clinic,
        carl,
        by,
        Answer("pain_score", "6", "right"),
        Answer("image_guided_injection", "2026-05-02", "right"),
        Answer("exercise_therapy", "2026-02", until="2026-05-20"),
        Answer("ischiofemoral_space", "1.1", "left", "2026-05", unit="cm", circumstances={"leg_position": "neutral"}),
    )
    arrived = elsewhere.transfer.take_in(clinic.transfer.out(carl, by), "south", by)
    assert events(elsewhere, arrived, by) == events(clinic, carl, by)
    assert (arrived.name, arrived.identifier, arrived.organisation) == ("Carl Sample", "S-9", "south")
    assert len(elsewhere.standings.of(arrived)) >= 1


def test_what_was_taken_back_does_not_go_out(clinic: Clinic, elsewhere: Clinic, anna: Known, by: Access):
    (id,) = answer(clinic, anna, by, Answer("pain_score", "6", "right"))
    clinic.charts.withdraw(anna, id, clinic.charts.of(anna, by.at.date(), by).seen, by)
    arrived = elsewhere.transfer.take_in(clinic.transfer.out(anna, by), "south", by)
    assert events(elsewhere, arrived, by) == ()


def test_another_system_reads_the_resources_without_knowing_of_us(clinic: Clinic, anna: Known, by: Access):
    answer(clinic, anna, by, Answer("pain_score", "6", "right"), Answer("ifi_test", "positive", "left"))
    bundle = json.loads(clinic.transfer.out(anna, by))
    for entry in bundle["entry"]:
        entry["resource"].pop("extension", None)
    reader = FhirReader(clinic.knowledge.pathway.concepts, load_bindings(packaged() / "bindings.yaml"))
    said = {(event.concept, str(event.value), event.side) for event in reader.read(json.dumps(bundle).encode()).events}
    assert said == {(event.concept, str(event.value), event.side) for event in events(clinic, anna, by)}


def test_a_bundle_of_another_system_is_taken_in_under_its_own_identity(elsewhere: Clinic, by: Access):
    patient = {
        "resourceType": "Patient",
        "id": "17",
        "identifier": [{"system": "https://ehr.example", "value": "MRN-17"}],
        "name": [{"given": ["Dora"], "family": "Sample"}],
        "birthDate": "1990-01-02",
    }
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": patient}]}
    dora = elsewhere.transfer.take_in(json.dumps(bundle).encode(), "south", by)
    assert (dora.name, dora.whom.server, dora.whom.id) == ("Dora Sample", "https://ehr.example", "MRN-17")
    assert [event.concept for event in events(elsewhere, dora, by)] == ["birth_date"]


@pytest.mark.parametrize(
    "content", [b"", b"{", b'{"resourceType": "Bundle"}', b'{"resourceType": "Observation"}', b"[]", b"\xff\xfe"]
)
def test_what_is_not_about_one_person_is_refused_and_leaves_nothing(elsewhere: Clinic, by: Access, content: bytes):
    with pytest.raises(RecordError):
        elsewhere.transfer.take_in(content, "south", by)
    assert elsewhere.store.people.all() == ()


def test_an_export_that_was_changed_on_its_way_is_refused(clinic: Clinic, elsewhere: Clinic, anna: Known, by: Access):
    answer(clinic, anna, by, Answer("pain_score", "6", "right"))
    broken = clinic.transfer.out(anna, by).replace(b'\\"concept\\"', b'\\"c\\"')
    with pytest.raises(RecordError, match="cannot be read"):
        elsewhere.transfer.take_in(broken, "south", by)
    assert elsewhere.store.people.all() == ()


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e400", "six", "9" * 5000])
def test_a_number_that_nobody_can_reckon_with_is_refused(
    clinic: Clinic, elsewhere: Clinic, anna: Known, by: Access, number: str
):
    answer(clinic, anna, by, Answer("pain_score", "6", "right"))
    content = clinic.transfer.out(anna, by)
    broken = content.replace(b'\\"number\\":\\"6\\"', f'\\"number\\":\\"{number}\\"'.encode())
    assert broken != content
    with pytest.raises(RecordError, match="cannot be read"):
        elsewhere.transfer.take_in(broken, "south", by)
    assert elsewhere.store.people.all() == ()


@pytest.mark.parametrize("odd", [None, 5, True, "x", {}, {"x": 1}, [None], [5], ["x"], [[]], [{}], [{"given": 5}]])
@pytest.mark.parametrize("name", ["identifier", "name", "birthDate", "gender", "extension"])
def test_a_patient_with_something_odd_is_taken_in_or_refused(
    clinic: Clinic, elsewhere: Clinic, anna: Known, by: Access, name: str, odd: object
):
    bundle = json.loads(clinic.transfer.out(anna, by))
    bundle["entry"][0]["resource"][name] = odd
    arrived = elsewhere.transfer.take_in(json.dumps(bundle).encode(), "south", by)
    assert arrived.name == ("Without a name" if name == "name" else "Anna Sample")


@pytest.mark.parametrize("entry", [None, 5, "x", {}, [None], [5], [{"resource": None}], [{"resource": []}]])
def test_a_bundle_without_entries_is_refused(elsewhere: Clinic, by: Access, entry: object):
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entry}
    with pytest.raises(RecordError):
        elsewhere.transfer.take_in(json.dumps(bundle).encode(), "south", by)


def test_nobody_is_taken_in_twice(clinic: Clinic, elsewhere: Clinic, anna: Known, by: Access):
    content = clinic.transfer.out(anna, by)
    elsewhere.transfer.take_in(content, "south", by)
    with pytest.raises(PersonRefused, match="Somebody else has this identifier"):
        elsewhere.transfer.take_in(content, "south", by)


def test_both_are_in_the_audit(clinic: Clinic, elsewhere: Clinic, anna: Known, by: Access):
    arrived = elsewhere.transfer.take_in(clinic.transfer.out(anna, by), "south", by)
    for store, what, whom in ((clinic.store, "export", anna.whom), (elsewhere.store, "import", arrived.whom)):
        found = [each for each in store.audit.entries() if each.what == what]
        assert [(each.whom, each.outcome) for each in found] == [(whom, Outcome.SUCCESS)]
