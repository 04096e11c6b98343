"""The pathway view: every action is told in one place with its reason, and what is urgent comes first."""

from collections import Counter
from functools import cache

import pytest

from ischio.engine.assess import assess
from ischio.interfaces.cli.reading import read_cases
from ischio.interfaces.http.pages.position import not_now, urgent_first
from ischio.interfaces.page.view import Steps, View, view
from ischio.loading.pathway import load_pathway
from ischio.model.assessment import Assessment, Hip, Person

PATHWAY = load_pathway()
CASES = {case.id: case for case in read_cases(PATHWAY, None)[0]}


@cache
def answer(case: str) -> Assessment:
    return assess(PATHWAY, CASES[case].record, CASES[case].index_date)


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


@pytest.mark.parametrize("case", sorted(CASES))
def test_every_action_is_told_once_and_what_fails_with_its_condition(case: str) -> None:
    rest = not_now(answer(case), PATHWAY)
    for about, steps, side in places(case):
        shown = [*offered(steps), *waiting(steps)] if steps else []
        assert Counter([*shown, *(one.title for one in rest[side])]) == Counter(each.title for each in about.actions)
        assert [one.id for one in rest[side] if not one.done and not one.fails] == []


@pytest.mark.parametrize("case", sorted(CASES))
def test_all_that_fits_is_offered_beside_each_other(case: str) -> None:
    """Nothing that fits is left out in favour of the first: a step is one of those that hold, never the only word."""
    for about, steps, _ in places(case):
        fits = [each.title for each in about.actions if each.status in ("due", "optional")]
        assert sorted(offered(steps) if steps else []) == sorted(fits)


def test_a_hip_with_a_red_flag_stands_before_the_other() -> None:
    """In some case it is the second of two, so the order is changed there."""
    changed = 0
    for case in CASES:
        before, after = view(answer(case), PATHWAY).hips, told(case).hips
        flagged = [hip.diverted == "Red flag" for hip in after]
        assert flagged == sorted(flagged, reverse=True)
        assert Counter(before) == Counter(after)
        changed += before != after
    assert changed
