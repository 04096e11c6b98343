"""The safety file: every hazard names its controls, and each control's code and the test that proves it are there."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from ischio.engine.assess import assess
from ischio.interfaces.cli.screen import screen
from ischio.interfaces.cli.terminal import console
from ischio.interfaces.note import note
from ischio.interfaces.page.page import page
from ischio.loading.pathway import load_pathway
from ischio.record.events import Patient, Record

ROOT = Path(__file__).parents[2]
FILE: dict[str, Any] = yaml.safe_load((ROOT / "safety" / "hazards.yaml").read_text(encoding="utf-8"))
HAZARDS: dict[str, dict[str, Any]] = FILE["hazards"]
KEYS = {"title", "cause", "effect", "harm", "severity", "likelihood", "status", "controls"}
SEVERITIES = {"catastrophic", "major", "considerable", "significant", "minor"}
LIKELIHOODS = ["very low", "low", "medium", "high", "very high"]
# Ids are never reused and hazards never deleted, so that this number only grows.
COUNT = 17


def controls() -> Iterator[tuple[str, dict[str, str]]]:
    for hazard, entry in HAZARDS.items():
        yield from ((hazard, control) for control in entry["controls"])


def is_there(place: str, *, in_tests: bool) -> bool:
    """Whether FILE::NAME is a file with a function, class, or entry of that name."""
    file, name = place.split("::")
    path = ROOT / file
    if path.suffix not in (".py", ".yaml") or not path.is_file() or in_tests != file.startswith("tests/"):
        return False
    begins = rf"^(\s*(def|class) )?{re.escape(name)}[(:\[]"
    return re.search(begins, path.read_text(encoding="utf-8"), re.M) is not None


def test_no_hazard_was_deleted():
    assert list(HAZARDS) == [f"H-{number:02}" for number in range(1, COUNT + 1)]


@pytest.mark.parametrize("hazard", HAZARDS)
def test_a_hazard_is_told_in_full(hazard: str):
    entry = HAZARDS[hazard]
    assert KEYS <= set(entry) <= KEYS | {"when"}
    assert entry["severity"] in SEVERITIES
    before, after = (LIKELIHOODS.index(entry["likelihood"][each]) for each in ("before", "after"))
    assert after <= before


@pytest.mark.parametrize("hazard", HAZARDS)
def test_a_hazard_is_controlled_or_says_what_it_waits_for(hazard: str):
    entry = HAZARDS[hazard]
    assert entry["status"] in ("controlled", "not yet applicable", "closed")
    assert bool(entry["controls"]) or entry["status"] != "controlled"
    assert ("when" in entry) == (entry["status"] != "controlled")


@pytest.mark.parametrize(
    ("hazard", "control"), tuple(controls()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_control_is_in_the_code_and_has_its_test(hazard: str, control: dict[str, str]):
    assert set(control) == {"control", "code", "test"}, hazard
    assert is_there(control["code"], in_tests=False), f"{hazard}: {control['code']} is not there"
    assert is_there(control["test"], in_tests=True), f"{hazard}: {control['test']} is not there"


def test_a_control_that_is_gone_would_be_seen():
    assert is_there("src/ischio/model/dates.py::shift", in_tests=False)
    assert not is_there("src/ischio/model/dates.py::no_such_function", in_tests=False)
    assert not is_there("src/ischio/model/no_such_file.py::shift", in_tests=False)
    assert not is_there("src/ischio/model/dates.py::shift", in_tests=True)


def test_nobody_is_invented():
    assert (FILE["author"], FILE["reviewer"]) == ("ischio project", "none yet")


def test_every_form_of_the_answer_says_what_it_is_not():
    pathway = load_pathway()
    answer = assess(pathway, Record(Patient("nobody", None, None), (), (), ()), date(2026, 6, 1))
    terminal = console()
    with terminal.capture() as printed:
        terminal.print(screen(answer, pathway))
    for form in (printed.get(), note(answer, pathway), page(answer, pathway)):
        assert "Not a medical device" in form


def test_the_page_of_intended_use_says_what_the_pathway_says():
    page_of_use = (ROOT / "docs" / "explanation" / "intended-use.md").read_text(encoding="utf-8")
    assert [said for said in load_pathway().statements if said not in page_of_use] == []
