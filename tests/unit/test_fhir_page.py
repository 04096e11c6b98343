"""What is made from the bindings is what they say today: the manual page and the JSON Schema."""

import json
import re
import runpy
from pathlib import Path

import pytest
import yaml
from fhir_forms import BINDINGS, PATHWAY, READER, bundle, patient
from jsonschema import Draft202012Validator

from ischio.loading.pathway import packaged
from ischio.model.about import Scope, Side
from ischio.model.facts import Compared
from ischio.record.dossier import dossier_of

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"
DOCUMENTS = runpy.run_path(str(ROOT / "tools" / "intake_documents.py"))["documents"]()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_nothing_is_stale(name: str) -> None:
    assert (REFERENCE / name).read_text(encoding="utf-8") == DOCUMENTS[name], "run `make generated`"


def test_the_page_names_every_concept_and_every_resource_type() -> None:
    lines = DOCUMENTS["fhir-intake.md"].splitlines()
    headings = {line.removeprefix("### ") for line in lines if line.startswith("### ")}
    assert headings == {*PATHWAY.concepts, *BINDINGS.resources}


EXAMPLES = dict(
    re.findall(r"^#### (\w+)\n(?:(?!^####).)*?```json\n(.*?)\n```", DOCUMENTS["fhir-intake.md"], re.M | re.S)
)
WITHOUT = {name for name, fact in PATHWAY.facts.items() if isinstance(fact.derivation, Compared)}


def test_every_fact_has_an_example_but_those_worked_out_from_others() -> None:
    assert PATHWAY.facts.keys() - EXAMPLES.keys() == WITHOUT


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_fills_its_fact(name: str) -> None:
    """Whether it also decides the fact may hang on others, such as the start of an episode."""
    given = json.loads(EXAMPLES[name])
    person = [] if given["resourceType"] == "Patient" else [patient()]
    dossier = dossier_of(PATHWAY, READER.read(bundle(*person, given)))
    desk = dossier.of_person if PATHWAY.facts[name].scope is Scope.PERSON else dossier.of_hip[Side.RIGHT]
    source = f"{given['resourceType']}/{given['id']}"
    assert any(one.source.startswith(source) for one in desk.matches[name].own)
    assert all(one.refused is None for one in desk.matches[name].own)


def faults(**change: object) -> list[str]:
    """What the schema finds in the shipped bindings after a change. BaseLoader: every scalar is text, as written."""
    written = yaml.load((packaged() / "bindings.yaml").read_text(encoding="utf-8"), yaml.BaseLoader)
    written["resources"]["MedicationRequest"]["lasts"] = 90
    schema = json.loads(DOCUMENTS["bindings.schema.json"])
    return [error.message for error in Draft202012Validator(schema).iter_errors(written | change)]


def test_the_bindings_are_as_their_schema_says() -> None:
    assert faults() == []


def test_the_schema_refuses_an_obvious_error() -> None:
    assert faults(resources={"Observation": {"codes": "code"}})
