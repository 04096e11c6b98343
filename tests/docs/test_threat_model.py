"""The threat model and the tables of what is asked and owed: every test that they name exists."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "docs" / "explanation" / "threat-model.md"
ASKED = ROOT / "docs" / "reference" / "conformance.md"
OWED = ROOT / "docs" / "reference" / "acceptance.md"
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
STRIDE = (
    "Spoofing",
    "Tampering",
    "Repudiation",
    "Information disclosure",
    "Denial of service",
    "Elevation of privilege",
)


@cache
def defined_in(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


@pytest.mark.parametrize("page", [MODEL, ASKED, OWED], ids=lambda page: page.stem)
def test_every_test_that_a_page_names_exists(page: Path):
    named = NAMED.findall(page.read_text("utf-8"))
    assert named
    missing = [f"{path}::{test}" for path, test in named if not (ROOT / path).exists() or test not in defined_in(path)]
    assert missing == []


def test_every_test_that_is_named_in_short_exists():
    """As in `cards::test_...`, where the page says what `cards` stands for, or `::test_...` of the file before."""
    defined = set().union(*(defined_in(str(path.relative_to(ROOT))) for path in (ROOT / "tests").rglob("test_*.py")))
    named = set(re.findall(r"::(test_\w+)", ASKED.read_text("utf-8")))
    assert len(named) > 100
    assert named - defined == set()


def test_each_threat_has_its_test():
    rows = [line for line in MODEL.read_text("utf-8").splitlines() if line.startswith("| ")]
    threats = [row for row in rows if not row.startswith(("| what could", "| ---"))]
    assert len(threats) >= 30
    assert [row for row in threats if not NAMED.search(row.split(" | ")[-1])] == []


def test_all_six_kinds_are_gone_through():
    heads = re.findall(r"^## (.+?):", MODEL.read_text("utf-8"), re.MULTILINE)
    assert tuple(heads) == STRIDE
