"""Three checks that nobody here wrote find nothing wrong with what is exported, and do find planted faults.

fhirkit-rs (structure), medplum (structure and rules by the published profiles), and the JSON Schema of R4 (codes and
formats). None finds everything, so each fault says who finds it.
"""

import copy
from collections import Counter
from collections.abc import Callable

import fhirkit
import pytest
from fhir_export import FOLDERS, Json, exported, named, of_type, oracle, schema

EXTENSIBLE = "'text/cql-identifier' is not one of ['text/cql', 'text/fhirpath', 'application/x-fhir-query']"
"""R4 binds the language of an expression extensibly, and the schema lists the value set as if that were all."""


@pytest.fixture(scope="module")
def medplum_says() -> dict[str, list[str]]:
    """What medplum finds in each package and in each planted fault, asked at once because it takes long to start."""
    whole = [(f"{name}: {named(one)}", one) for name in FOLDERS for one in exported(name).resources]
    planted = [(name, planted_in(name)) for name in FAULTS]
    given = [{"id": name, "resource": resource} for name, resource in (*whole, *planted)]
    found: dict[str, list[str]] = oracle("medplum.mjs", given)
    return found


def schema_says(resource: Json) -> list[str]:
    errors = schema(resource["resourceType"]).iter_errors(resource)
    return [f"{error.json_path}: {error.message}" for error in errors if error.message != EXTENSIBLE]


@pytest.mark.parametrize("name", FOLDERS)
def test_fhirkit_finds_no_error(name: str, capsys: pytest.CaptureFixture[str]):
    found = {named(one): [str(issue) for issue in fhirkit.validate(one)] for one in exported(name).resources}
    assert {resource: issues for resource, issues in found.items() if issues} == {}
    with capsys.disabled():
        counts = Counter(one["resourceType"] for one in exported(name).resources)
        print(f"\n{name}: {len(found)} resources without error ({dict(sorted(counts.items()))})")


def test_medplum_finds_no_error(medplum_says: dict[str, list[str]]):
    assert {resource: errors for resource, errors in medplum_says.items() if resource not in FAULTS} == {}


@pytest.mark.parametrize("name", FOLDERS)
def test_the_published_schema_finds_no_error(name: str):
    found = {named(one): schema_says(one) for one in exported(name).resources}
    assert {resource: errors for resource, errors in found.items() if errors} == {}


FHIRKIT, MEDPLUM, SCHEMA = "fhirkit", "medplum", "schema"
FAULTS: dict[str, tuple[str, Callable[[Json], object], set[str]]] = {
    # what is wrong: the type in which it is planted, how, and who finds it
    "a plan without status": ("PlanDefinition", lambda one: one.pop("status"), {FHIRKIT, MEDPLUM}),
    "a status that FHIR does not know": ("PlanDefinition", lambda one: one.update(status="ready"), {SCHEMA}),
    "an element that FHIR does not have": (
        "PlanDefinition",
        lambda one: one.update(stage="x"),
        {FHIRKIT, MEDPLUM, SCHEMA},
    ),
    "a text for a list": ("PlanDefinition", lambda one: one.update(library="x"), {FHIRKIT, MEDPLUM, SCHEMA}),
    "a condition without kind": (
        "PlanDefinition",
        lambda one: one["action"][0]["action"][2]["condition"][0].pop("kind"),
        {FHIRKIT, MEDPLUM},
    ),
    "a selection behaviour of our own": (
        "PlanDefinition",
        lambda one: one["action"][0].update(selectionBehavior="some"),
        {SCHEMA},
    ),
    "a source without a type": (
        "PlanDefinition",
        lambda one: one["relatedArtifact"][0].pop("type"),
        {FHIRKIT, MEDPLUM},
    ),
    "a date that is none": ("PlanDefinition", lambda one: one.update(date="22 Nov 2026"), {FHIRKIT, MEDPLUM, SCHEMA}),
    "two products in one activity": (
        "ActivityDefinition",
        lambda one: one.update(productReference={}, productCodeableConcept={"text": "x"}),
        {FHIRKIT, MEDPLUM},
    ),
    "a question without linkId": ("Questionnaire", lambda one: one["item"][0].pop("linkId"), {FHIRKIT, MEDPLUM}),
    "a question of an unknown type": ("Questionnaire", lambda one: one["item"][0].update(type="number"), {SCHEMA}),
    "options in a group of questions": (
        "Questionnaire",
        lambda one: one["item"][0].update(answerOption=[{"valueString": "x"}]),
        {MEDPLUM},
    ),
    "a code that is not given": ("CodeSystem", lambda one: one["concept"][0].pop("code"), {FHIRKIT, MEDPLUM}),
    "an empty list": ("ValueSet", lambda one: one["compose"].update(include=[]), {FHIRKIT, MEDPLUM}),
    "content that is not base64": (
        "Library",
        lambda one: one["content"][0].update(data="not base64!"),
        {FHIRKIT, MEDPLUM},
    ),
    "an id that is too long": ("Library", lambda one: one.update(id="x" * 65), {SCHEMA}),
}


def planted_in(name: str) -> Json:
    """A resource of the package with the fault in it."""
    kind, change, _ = FAULTS[name]
    resource = copy.deepcopy(of_type(kind)[0])
    change(resource)
    return resource


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_found(name: str, medplum_says: dict[str, list[str]]):
    resource = planted_in(name)
    found = {
        FHIRKIT: bool(fhirkit.validate(resource)),
        MEDPLUM: name in medplum_says,
        SCHEMA: bool(schema_says(resource)),
    }
    assert {one for one in found if found[one]} == FAULTS[name][2]
