"""The tables of docs/reference/facts.md, as tests."""

import sys
from datetime import date
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from facts_page import Example, examples, pathway_of_page, record_of

from ischio.model.about import Side
from ischio.model.facts import Compared, Conflict, Count, CourseLength, DateOf, Exists, First, Latest, SideRule
from ischio.model.pathway import Pathway
from ischio.record.derivation import derive
from ischio.record.events import FactValue, State
from ischio.record.reading import in_words


@pytest.mark.parametrize("example", examples(), ids=lambda example: f"{example.rule}: {example.cells['recorded']}")
def test_example(example: Example):
    pathway = pathway_of_page()
    index = date.fromisoformat(example.cells["on"])
    facts = derive(pathway, record_of(pathway, example.cells["recorded"]), index)
    right, left = facts[Side.RIGHT][example.fact], facts[Side.LEFT][example.fact]
    found = {
        "right": words(pathway, right),
        "left": words(pathway, left),
        "person": words(pathway, right),
        "not used": "<br>".join(f"{ignored.source}: {ignored.why}" for ignored in right.ignored),
        "note": (right.note or "").replace("; ", "<br>"),
    }
    assert {column: found.get(column, cell) for column, cell in example.cells.items()} == example.cells


def words(pathway: Pathway, found: FactValue) -> str:
    """The fact as the tables write it."""
    if found.value is None:
        return f"unknown: {found.state.value}"
    value = in_words(pathway.facts[found.fact].type, found.value)
    return f"{value}, known absent" if found.state is State.KNOWN_ABSENT else value


def test_every_pattern_state_and_modifier_has_a_table():
    facts = pathway_of_page().facts.values()
    assert {type(fact.derivation) for fact in facts} == {Latest, First, DateOf, Exists, Count, CourseLength, Compared}
    assert {fact.conflict for fact in facts} == set(Conflict)
    selections = [fact.derivation.selection for fact in facts if not isinstance(fact.derivation, Compared)]
    assert {selection.side for selection in selections} == set(SideRule)
    for modifier in (
        "kinds",
        "values",
        "unsided_when",
        "unsided_values",
        "begun_values",
        "in_force",
        "lifted_by",
        "back_from",
        "while_it_lasts",
        "unsided_unless",
        "qualifiers",
        "asserters",
        "patient_first",
        "window",
        "anchors",
    ):
        assert any(getattr(selection, modifier) for selection in selections), modifier


def test_every_state_has_an_example():
    shown = " ".join(cell for example in examples() for cell in example.cells.values())
    assert [state.value for state in State if state.value not in shown] == []
