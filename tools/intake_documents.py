"""Writes the manual page of the intake, and the JSON Schemas of bindings.yaml and of case files."""

from pathlib import Path

from ischio.fhir.bindings import bindings_schema, load_bindings
from ischio.fhir.page import intake_page
from ischio.loading.pathway import load_pathway, packaged
from ischio.loading.schema import as_text
from ischio.record.case_form import case_schema

REFERENCE = Path(__file__).parents[1] / "docs" / "reference"


def documents() -> dict[str, str]:
    """File name in docs/reference -> content."""
    page = intake_page(load_pathway(), load_bindings(packaged() / "bindings.yaml"))
    bindings, case = as_text(bindings_schema()), as_text(case_schema())
    return {"fhir-intake.md": page, "bindings.schema.json": bindings, "case.schema.json": case}


if __name__ == "__main__":
    for name, content in documents().items():
        (REFERENCE / name).write_text(content, encoding="utf-8")
