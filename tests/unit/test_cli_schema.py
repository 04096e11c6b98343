"""The published contract: the kept JSON Schema is that of the classes, and it means something."""

import json
from pathlib import Path

import jsonschema
import pytest

from ischio.interfaces.cli.assess import assessment_schema
from ischio.interfaces.cli.schema import schema_text
from ischio.model.assessment import Assessment
from ischio.model.timeline import Timeline
from ischio.model.what_if import WhatIf

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"


@pytest.mark.parametrize(("kind", "name"), [(Assessment, "assessment"), (WhatIf, "what-if"), (Timeline, "timeline")])
def test_the_kept_schema_is_not_stale(kind: type, name: str):
    kept = (REFERENCE / f"{name}.schema.json").read_text(encoding="utf-8")
    assert kept == schema_text(kind) + "\n", "run `make generated`"


def test_the_schema_is_itself_valid():
    jsonschema.Draft202012Validator.check_schema(json.loads(assessment_schema()))


def test_the_schema_refuses_what_is_no_assessment():
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"contract": "1.0", "hips": "both"}, json.loads(assessment_schema()))
