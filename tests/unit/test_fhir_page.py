"""What is made from the bindings is what they say today: the manual page and the JSON Schema."""

import json
import runpy
from pathlib import Path

import pytest
import yaml
from fhir_forms import BINDINGS, PATHWAY
from jsonschema import Draft202012Validator

from ischio.loading.pathway import packaged

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
