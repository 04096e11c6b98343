"""Writes the manual page of the seed lines."""

from pathlib import Path

from ischio.interfaces.seed_lines import seed_page
from ischio.loading.pathway import load_pathway

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "seed-lines.md"

if __name__ == "__main__":
    PAGE.write_text(seed_page(load_pathway()), encoding="utf-8")
