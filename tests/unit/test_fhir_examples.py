"""The sample patients in examples/: synthetic, said so, and read without loss."""

import json
from pathlib import Path

import pytest
from fhir_forms import READER, events

EXAMPLES = Path(__file__).parents[2] / "examples"
BUNDLES = sorted(EXAMPLES.glob("*.json"))
SAMPLES = sorted(path for path in EXAMPLES.rglob("*.*") if path.suffix != ".csv")
"""Of a table it stands in its dictionary."""
NOT_READ = {"Encounter", "Practitioner", "Observation"}
"""What the sample Bundles hold that no fact reads: visits, clinicians, a body weight."""


def test_there_are_samples_of_both_kinds() -> None:
    assert len(BUNDLES) >= 2
    assert len(list(EXAMPLES.glob("*.yaml"))) >= 2


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_a_sample_says_that_it_is_synthetic(path: Path) -> None:
    assert "synthetic patient" in path.read_text(encoding="utf-8").lower()


@pytest.mark.parametrize("path", BUNDLES, ids=lambda path: path.name)
def test_a_sample_bundle_is_read_without_loss(path: Path) -> None:
    record = READER.read(path)
    assert {one.source.split(" ")[0] for one in record.ignored} <= NOT_READ
    assert not record.gaps
    assert len(events(record)) > 20


@pytest.mark.parametrize("path", BUNDLES, ids=lambda path: path.name)
def test_the_displays_of_a_sample_are_those_of_the_terminology(path: Path) -> None:
    from fhir_forms import OURS, PATHWAY

    concepts = PATHWAY.concepts.values()
    codes = [code for one in concepts for codes in (one.codes, *one.values.values()) for code in codes]
    known = {(code.code, code.display) for code in codes if code.system == "ischio"}
    used = [coding for coding in codings(json.loads(path.read_text())) if coding["system"] == OURS]
    assert used
    assert {(coding["code"], coding["display"]) for coding in used} <= known


def codings(node: object) -> list[dict[str, str]]:
    """Every coding with a display, anywhere."""
    if isinstance(node, list):
        return [found for child in node for found in codings(child)]
    if not isinstance(node, dict):
        return []
    own = [node] if {"system", "code", "display"} <= node.keys() else []
    return own + [found for child in node.values() for found in codings(child)]
