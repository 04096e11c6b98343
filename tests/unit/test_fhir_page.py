"""docs/reference/fhir-intake.md is what the bindings and the terminology say today."""

from pathlib import Path

from fhir_forms import BINDINGS, PATHWAY

from ischio.fhir.page import intake_page

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "fhir-intake.md"


def test_the_page_is_not_stale() -> None:
    assert PAGE.read_text(encoding="utf-8") == intake_page(PATHWAY.concepts, BINDINGS), "run `make generated`"


def test_the_page_names_every_concept_and_every_resource_type() -> None:
    headings = {
        line.removeprefix("### ") for line in PAGE.read_text(encoding="utf-8").splitlines() if line[:4] == "### "
    }
    assert headings == {*PATHWAY.concepts, *BINDINGS.resources}
