"""The pathway view: every action is told in one place with its reason, and what is urgent comes first."""

from collections import Counter
from dataclasses import replace
from functools import cache

import pytest

from ischio.clinic.knowledge import BINDINGS, shipped
from ischio.engine.answer import Answer
from ischio.engine.assess import assess
from ischio.engine.status import RED_FLAG
from ischio.fhir.bindings import load_bindings
from ischio.interfaces.http.pages.fields import Entered, Field, fields_for
from ischio.interfaces.http.pages.position import SHOWN_CHECKS, checks, not_now, urgent_first
from ischio.interfaces.inputs import read_cases
from ischio.interfaces.page.view import Steps, View, view
from ischio.loading.pathway import load_pathway, packaged
from ischio.model.assessment import Assessment, DiversionShown, Hip, Person

PATHWAY = load_pathway()
KNOWLEDGE = shipped(PATHWAY, load_bindings(packaged() / BINDINGS))
CASES = {case.id: case for case in read_cases(PATHWAY, None)[0]}


@cache
def answer(case: str) -> Assessment:
    return assess(PATHWAY, CASES[case].record, CASES[case].index_date)


def kind(case: str) -> tuple[tuple[str, str | None], ...]:
    """The stages and diversions of both hips. Asked of every case when the tests are collected: nothing more is."""
    hips = Answer(PATHWAY, CASES[case].record, CASES[case].index_date).hips.values()
    return tuple((hip.stage_id, hip.diversion_id) for hip in hips)


KINDS = tuple({kind(case): case for case in sorted(CASES)}.values())
"""A case of every pair of places that two hips have in some case."""


def told(case: str) -> View:
    return urgent_first(view(answer(case), PATHWAY), answer(case))


def offered(steps: Steps) -> list[str]:
    """The titles of what can be done now."""
    return [step.title for step in (*((steps.next,) if steps.next else ()), *steps.due, *steps.options)]


def waiting(steps: Steps) -> list[str]:
    """The titles of what is checked first, held back, under way or cannot be told."""
    held = [title for each in steps.held for title in (*each.first.split("; "), *each.rest)]
    return [*(each.name for each in steps.check_first), *held, *steps.under_way, *steps.untold]


def places(case: str) -> list[tuple[Hip | Person, Steps | None, str]]:
    """Each hip that is on the pathway, and the person, with what the page tells of it."""
    page, about = told(case), answer(case)
    hips = {hip.side: hip for hip in about.hips}
    return [(hips[hip.side.lower()], hip.steps, hip.side.lower()) for hip in page.hips] + [
        (about.person, page.person, "")
    ]


def test_the_cases_stand_in_every_stage_and_diversion() -> None:
    hips = [hip for case in KINDS for hip in answer(case).hips]
    assert {hip.stage.id for hip in hips} >= {stage.id for stage in PATHWAY.stages}
    assert {hip.diversion.id for hip in hips if hip.diversion} == {each.id for each in PATHWAY.diversions}


@pytest.mark.parametrize("case", KINDS)
def test_every_action_is_told_once_and_what_fails_with_its_condition(case: str) -> None:
    """Nothing that fits is left out in favour of the first, and nothing that does not fit without its reason."""
    rest = not_now(answer(case), PATHWAY)
    for about, steps, side in places(case):
        shown = [*offered(steps), *waiting(steps)] if steps else []
        assert Counter([*shown, *(one.title for one in rest[side])]) == Counter(each.title for each in about.actions)
        assert [one.id for one in rest[side] if not one.done and not one.fails] == []
        fits = [each.title for each in about.actions if each.status in ("due", "optional")]
        assert sorted(offered(steps) if steps else []) == sorted(fits)


def test_a_hip_with_a_red_flag_stands_before_the_other() -> None:
    both = next(answer(case) for case in KINDS if len(view(answer(case), PATHWAY).hips) == 2)
    assert [hip.side for hip in urgent_first(view(both, PATHWAY), both).hips] == ["Right", "Left"]
    flagged = DiversionShown(RED_FLAG, "Red flag", ())
    hips = tuple(replace(hip, diversion=flagged if hip.side == "left" else None) for hip in both.hips)
    left = replace(both, hips=hips)
    assert [hip.side for hip in urgent_first(view(left, PATHWAY), left).hips] == ["Left", "Right"]


# ---- what to check before one acts ----------------------------------------------------------------------------------


@pytest.mark.parametrize("case", KINDS)
def test_at_most_five_are_asked_of_both_hips_and_the_person_the_most_decisive_first(case: str) -> None:
    page = told(case)
    asked = checks(KNOWLEDGE, page, Entered())
    ranks = {("", one.fact): one.rank for one in (page.person.questions if page.person else ())}
    ranks |= {(hip.side.lower(), one.fact): one.rank for hip in page.hips for one in hip.steps.questions}
    assert bool(asked) is bool(ranks)
    assert len({one.name for one in asked}) == len(asked) <= SHOWN_CHECKS
    # A fact that is worked out of others is asked for by theirs.
    shown = [ranks[one.of, one.ask.fact] for one in asked if (one.of, one.ask.fact) in ranks]
    assert shown == sorted(shown)
    left_out = [
        rank for (of, fact), rank in ranks.items() if rank < max(shown, default=0) and not asked_in(asked, of, fact)
    ]
    assert left_out == []


def asked_in(asked: tuple[Field, ...], of: str, fact: str) -> bool:
    """Whether any of the fields asks for it. One that is not of a side stands for both."""
    return {each.name for each in fields_for(KNOWLEDGE, fact, of=of)} <= {one.name for one in asked}
