"""The published JSON Schemas: up to date, true of the knowledge that we ship, and not too lenient."""

import json
import re
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from ischio.loading.files import FILES, TRANSLATIONS
from ischio.loading.pathway import packaged
from ischio.loading.schema import FOLDER, as_text, schemas, write

TINY = Path(__file__).parent.parent / "knowledge" / "tiny"
TRANSLATES = dict.fromkeys(TRANSLATIONS.values(), "patient.yaml")
SITE = TINY.parent / "tiny-overlay.yaml"


class Core(yaml.SafeLoader):
    """YAML 1.2 as editors read it: `no` and 2026-01-31 are text, `false` and 15 are not."""


Core.yaml_implicit_resolvers = {}
Core.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"(?:~|null|)$"), None)
Core.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"(?:true|false)$"), None)
Core.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"-?[0-9]+$"), None)
Core.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"-?[0-9]+\.[0-9]+$"), None)


def content(path):
    return yaml.load(path.read_text("utf-8"), Core)


def faults(name, instance):
    schema = json.loads((FOLDER / f"{Path(TRANSLATES.get(name, name)).stem}.json").read_text("utf-8"))
    return [error.message for error in Draft202012Validator(schema).iter_errors(instance)]


def test_the_published_schemas_are_those_of_the_reader(tmp_path, monkeypatch):
    monkeypatch.setattr("ischio.loading.schema.FOLDER", tmp_path / "schemas")
    write()
    written = {path.name: path.read_text("utf-8") for path in (tmp_path / "schemas").iterdir()}
    published = {path.name: path.read_text("utf-8") for path in FOLDER.iterdir()}
    assert published == written, "run `python -m ischio.loading.schema`"


@pytest.mark.parametrize("name", schemas())
def test_a_schema_is_a_schema(name):
    Draft202012Validator.check_schema(json.loads(as_text(schemas()[name])))


@pytest.mark.parametrize("folder", [packaged(), TINY], ids=["packaged", "tiny"])
@pytest.mark.parametrize("name", FILES)
def test_the_knowledge_is_as_its_schema_says(folder, name):
    assert faults(name, content(folder / name)) == []


def test_an_overlay_is_as_its_schema_says():
    assert faults("overlay.yaml", content(SITE)) == []


def entry(**keys):
    return {"x": {"title": "T", "sentence": "S.", **keys}}


OBVIOUS_ERRORS = [
    ("pathway.yaml", {"id": "x"}),
    ("parameters.yaml", entry(value="15 mm", rnage="10 mm to 20 mm")),
    ("facts.yaml", entry(type="boolean", derive={"pattern": "newest", "concept": "x"})),
    ("criteria.yaml", {"x": {"title": "T", "when": "y"}}),
    ("stages.yaml", {"stages": entry(when=["y"])}),
    ("safety.yaml", {"flags": entry(urgency="soon")}),
    ("actions.yaml", entry(kind="therapy", when="y", low_risk="maybe")),
    ("enquiries.yaml", {"x": {"ask": "Which?", "burden": "heavy"}}),
    ("evidence.yaml", {"sources": {}, "claims": {"c": {"statement": "S."}}}),
    ("source.yaml", {"lines": ["L01"]}),
    ("terminology.yaml", {"x": {"title": "T", "codes": {"system": "snomd", "code": "1", "display": "D"}}}),
    ("terminology-licensed.yaml", {"X y": {"codes": []}}),
    ("properties.yaml", entry(number="one", check="exclusive")),
    ("patient.yaml", {"drafted": "by the project", "stages": {"care": "We care."}}),
    ("measures.yaml", {"measures": entry(counts="y", met="y", better="more")}),
    ("overlay.yaml", {"parameters": {"x": {"value": "15 mm"}}}),
]


@pytest.mark.parametrize(("name", "instance"), OBVIOUS_ERRORS, ids=[name for name, _ in OBVIOUS_ERRORS])
def test_a_schema_refuses_an_obvious_error(name, instance):
    assert faults(name, instance) != []


def test_every_schema_is_tried_with_an_error():
    assert {f"{Path(name).stem}.json" for name, _ in OBVIOUS_ERRORS} == set(schemas())
