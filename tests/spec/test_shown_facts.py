"""Facts that are told and decide nothing: no cut-off of them exists, so no condition may name them."""

from collections.abc import Iterator
from io import StringIO

import pytest
from fhir_forms import PATHWAY
from rich.console import Console

from ischio.engine.assess import assess
from ischio.interfaces.cli.screen import screen
from ischio.interfaces.note import note
from ischio.interfaces.page.page import page
from ischio.loading.pathway import packaged
from ischio.model.expression import Expression, facts_named
from ischio.model.facts import Compared
from ischio.model.rules import Action
from ischio.record.case_form import read_case

USED_BY_NO_RULE = "shown, used by no rule"
ADHERENCE = ("ears_total", "siras_total")


def conditions() -> Iterator[Expression]:
    for criterion in PATHWAY.criteria.values():
        yield criterion.when
    for action in PATHWAY.actions.values():
        yield from of_action(action)
    for entry in PATHWAY.properties:
        yield from filter(None, (entry.under, entry.then))


def of_action(action: Action) -> Iterator[Expression]:
    yield action.when
    yield from filter(None, (action.due_when, action.done, action.in_progress))
    yield from (each.needed_when for each in action.must_know if each.needed_when is not None)
    yield from (rule.when for rule in (*action.stops, *action.strong_cautions, *action.cautions))


def used() -> set[str]:
    """Every fact on which an answer may rest: named by a condition, a must-know, or a fact made from others."""
    named = {fact for condition in conditions() for fact in facts_named(condition)}
    must_know = {each.name for action in PATHWAY.actions.values() for each in action.must_know}
    compared = (fact.derivation for fact in PATHWAY.facts.values() if isinstance(fact.derivation, Compared))
    return named | must_know | {term.fact for made in compared for term in made.terms}


def test_what_is_only_shown_is_used_by_no_rule() -> None:
    shown = {fact.id for fact in PATHWAY.facts.values() if USED_BY_NO_RULE in fact.about.sentence}
    assert shown >= {*ADHERENCE, "modified_harris_hip_score"}
    assert shown.isdisjoint(used())


def test_sessions_do_decide() -> None:
    """So that the test above looks in the right places."""
    assert {"sessions_planned", "home_programme_kept", "sessions_attended"} <= used()


def test_ratings_are_told_where_adherence_is() -> None:
    for action in ("review_progress", "address_adherence"):
        assert set(ADHERENCE) <= set(PATHWAY.actions[action].shows)


def told(case_name: str) -> list[str]:
    """A case as the terminal, a note and the page tell it."""
    case = read_case(packaged() / "cases" / f"{case_name}.yaml", PATHWAY)
    answer = assess(PATHWAY, case.record, case.index_date)
    out = Console(width=400, file=StringIO(), record=True)
    out.print(screen(answer, PATHWAY))
    return [out.export_text(), note(answer, PATHWAY), page(answer, PATHWAY)]


@pytest.mark.parametrize(("case_name", "there"), [("adherence-rated-high", True), ("low-adherence", False)])
def test_a_rating_is_told_wherever_an_answer_is_shown_and_only_if_there_is_one(case_name: str, there: bool) -> None:
    for text in told(case_name):
        assert ("Adherence to home exercise, EARS" in text) is there
        assert ("Adherence in sessions, SIRAS" in text) is there
