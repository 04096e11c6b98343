"""A new pathway for an author to start from: the example of `template/` under its own name, with schemas for editors.

The template is a whole pathway, so that the tests that hold for any pathway hold for it as it stands.
"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from ischio.fhir.bindings import bindings_schema
from ischio.loading.schema import as_text, schemas
from ischio.record.case_form import case_schema

TEMPLATE = Path(__file__).parent / "template"
SCHEMAS = "schemas"
EXAMPLE = {"id": "example_pathway", "uri": "example-pathway", "title": "Example pathway", "reviewed": "2000-01-01"}
"""What of the template is replaced."""


def files(name: str, today: date) -> Mapping[str, str]:
    """Path within the new folder -> content. name: lower snake case. today: when it was last reviewed."""
    own = {
        "id": name,
        "uri": name.replace("_", "-"),
        "title": name.replace("_", " ").capitalize(),
        "reviewed": today.isoformat(),
    }
    templates = sorted(TEMPLATE.rglob("*.yaml"))
    knowledge = {path.relative_to(TEMPLATE).as_posix(): path.read_text(encoding="utf-8") for path in templates}
    named = {path: f"{schema_line(path)}\n{_with(own, text)}" for path, text in knowledge.items()}
    return named | {f"{SCHEMAS}/{file}": text for file, text in editor_schemas().items()}


def _with(own: Mapping[str, str], text: str) -> str:
    for key, example in EXAMPLE.items():
        text = text.replace(example, own[key])
    return text


def schema_line(path: str) -> str:
    """The comment by which editors with the YAML language server find the schema of a file, whatever their settings."""
    up = "../" * path.count("/")
    return f"# yaml-language-server: $schema={up}{SCHEMAS}/{schema_of(path)}"


def schema_of(path: str) -> str:
    """The schema of a knowledge file by its path within the folder."""
    return "case.json" if path.startswith("cases/") else f"{Path(path).stem}.json"


def editor_schemas() -> Mapping[str, str]:
    """Every schema that an author's editor needs: file name -> content."""
    found = {**schemas(), "bindings.json": bindings_schema(), "case.json": case_schema()}
    return {name: as_text(schema) for name, schema in sorted(found.items())}
