"""Writes what is made from the bindings: the manual page of the intake, and the JSON Schema of bindings.yaml."""

import json
from pathlib import Path

from ischio.fhir.bindings import bindings_schema, load_bindings
from ischio.fhir.page import intake_page
from ischio.loading.pathway import load_pathway, packaged

REFERENCE = Path(__file__).parents[1] / "docs" / "reference"


def documents() -> dict[str, str]:
    """File name in docs/reference -> content."""
    page = intake_page(load_pathway(), load_bindings(packaged() / "bindings.yaml"))
    schema = json.dumps(bindings_schema(), indent=1, ensure_ascii=False) + "\n"
    return {"fhir-intake.md": page, "bindings.schema.json": schema}


if __name__ == "__main__":
    for name, content in documents().items():
        (REFERENCE / name).write_text(content, encoding="utf-8")
