"""Audit entries as FHIR AuditEvents before the three checkers of the exported packages: each shape, none at fault."""

from datetime import UTC, datetime
from itertools import product

import fhirkit
import pytest
from fhir_export import Json, oracle
from test_fhir_export_valid import schema_says

from ischio.store.audit_event import audit_event
from ischio.store.entries import Access, Action, AuditEntry, Outcome, Person

PERSONS = (None, Person("https://ehr.example/fhir", "anna"))
SHAPES = [
    (f"{action.name} {outcome.name} {'of a person' if whom else 'of nobody'}", action, outcome, whom)
    for action, outcome, whom in product(Action, Outcome, PERSONS)
]


def event(action: Action, outcome: Outcome, whom: Person | None) -> Json:
    at = datetime(2026, 6, 1, 12, tzinfo=UTC)
    kept = action is Action.CREATE
    return audit_event(
        AuditEntry(
            number=7,
            by=Access("Practitioner/7", at),
            action=action,
            what="event",
            whom=whom,
            outcome=outcome,
            why="" if outcome is Outcome.SUCCESS else "unauthorised",
            record="0b6f" if kept else "",
            proof="a" * 64 if kept else "",
            previous="b" * 64,
            digest="c" * 64,
        ),
        "https://ischio.example",
    )


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape[0])
def test_two_checkers_find_no_error(shape: tuple[str, Action, Outcome, Person | None]):
    resource = event(*shape[1:])
    assert [str(issue) for issue in fhirkit.validate(resource)] == []
    assert schema_says(resource) == []


def test_medplum_finds_no_error_and_finds_a_planted_one():
    whole = [{"id": name, "resource": event(*shape)} for name, *shape in SHAPES]
    planted = {name: value for name, value in event(*SHAPES[0][1:]).items() if name != "recorded"}
    errors: dict[str, list[str]] = oracle("medplum.mjs", [*whole, {"id": "planted", "resource": planted}])
    assert [name for name, found in errors.items() if found] == ["planted"]


def test_what_an_auditor_needs_is_told():
    told = event(Action.CREATE, Outcome.SUCCESS, PERSONS[1])
    person, thing = told["entity"]
    assert (told["action"], told["outcome"], told["recorded"]) == ("C", "0", "2026-06-01T12:00:00.000+00:00")
    assert told["agent"][0]["who"]["identifier"]["value"] == "Practitioner/7"
    assert person["what"]["identifier"] == {"system": "https://ehr.example/fhir", "value": "anna"}
    assert thing["what"]["identifier"]["value"] == "0b6f"
    assert {detail["type"] for detail in thing["detail"]} == {"number", "previous", "digest", "proof"}
