"""The tables of docs/reference/facts.md and the cases of another pathway through the printed SQL."""

import sys
from datetime import date
from pathlib import Path

import pytest
from generative.agreement import Asked, by_sql, cells, differences, numbered

from ischio.interfaces.inputs import read_cases
from ischio.loading.pathway import load_pathway

TESTS = Path(__file__).parents[1]
sys.path.insert(0, str(TESTS / "spec"))

from facts_page import examples, pathway_of_page, record_of  # noqa: E402  # lies in the folder of another kind of test


def test_every_example_of_the_page_about_facts_gives_the_same_in_sql(capsys: pytest.CaptureFixture[str]) -> None:
    pathway = pathway_of_page()
    shown = [(record_of(pathway, each.cells["recorded"]), date.fromisoformat(each.cells["on"])) for each in examples()]
    asked = numbered([Asked(record, on) for record, on in shown if not record.given])
    assert len(asked) >= 100, "the page has many examples"
    found = list(differences(pathway, asked, by_sql(pathway, asked)))
    with capsys.disabled():
        print(f"\nSQL and engine: {cells(pathway, asked)} values of {len(asked)} of {len(shown)} examples compared")
    assert not found


def test_the_cases_of_the_ankle_give_the_same_in_sql(capsys: pytest.CaptureFixture[str]) -> None:
    folder = TESTS / "knowledge" / "ankle"
    pathway = load_pathway(folder)
    cases = read_cases(pathway, folder)[0]
    asked = numbered([Asked(case.record, case.index_date) for case in cases if not case.record.given])
    assert asked, "some cases hold events"
    found = list(differences(pathway, asked, by_sql(pathway, asked)))
    with capsys.disabled():
        print(f"\nSQL and engine: {cells(pathway, asked)} values of {len(asked)} of {len(cases)} ankle cases compared")
    assert not found
