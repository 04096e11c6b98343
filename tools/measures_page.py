"""Writes the manual page of the measures and outcomes."""

from pathlib import Path

from ischio.interfaces.measures_page import measures_page
from ischio.loading.pathway import load_pathway

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "measures.md"

if __name__ == "__main__":
    PAGE.write_text(measures_page(load_pathway()), encoding="utf-8")
