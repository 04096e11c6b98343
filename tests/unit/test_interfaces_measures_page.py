"""The manual page of measures and outcomes is what the knowledge files give."""

from pathlib import Path

from ischio.interfaces.measures_page import measures_page
from ischio.loading.pathway import load_pathway

ROOT = Path(__file__).parents[2]


def test_the_page_is_up_to_date() -> None:
    written = (ROOT / "docs" / "reference" / "measures.md").read_text(encoding="utf-8")
    assert written == measures_page(load_pathway()), "run `make generated`"


def test_a_pathway_without_measures_has_a_page_that_says_so() -> None:
    page = measures_page(load_pathway(ROOT / "tests" / "knowledge" / "ankle"))
    assert "This pathway has none." in page
    assert "## Outcomes" not in page
