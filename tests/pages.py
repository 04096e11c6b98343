"""Tables and code blocks of the manual, so that the manual is run as a test."""

import re
from pathlib import Path

REFERENCE = Path(__file__).parent.parent / "docs" / "reference"
Row = tuple[str, ...]


def tables(page: str) -> dict[Row, list[Row]]:
    """The tables of a page: heads -> rows, code marks removed."""
    found: dict[Row, list[Row]] = {}
    rows: list[Row] = []
    for line in [*(REFERENCE / page).read_text("utf-8").splitlines(), ""]:
        if line.startswith("|"):
            rows.append(tuple(cell.strip() for cell in line.strip("|").split("|")))
        elif rows:
            found[rows[0]] = rows[2:]
            rows = []
    return found


def blocks(page: str, language: str) -> list[str]:
    """The lines of all fenced code blocks of one language."""
    text = (REFERENCE / page).read_text("utf-8")
    return [line for block in re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL) for line in block.splitlines()]
