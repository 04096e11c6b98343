"""How a hip moved through the pathway, held to the assessment of each day."""

import random
import re
from dataclasses import replace
from datetime import timedelta
from xml.etree import ElementTree

import pytest

from ischio.engine.assess import assess
from ischio.engine.compare import hip_position, person_position
from ischio.engine.timeline import timeline
from ischio.interfaces.drawing.timeline import timeline_svg
from ischio.interfaces.inputs import read_cases
from ischio.interfaces.timeline_rows import rows
from ischio.loading.pathway import load_pathway
from ischio.model.comparison import Position
from ischio.record.case_form import Case

PATHWAY = load_pathway()
CASES = {case.id: case for case in read_cases(PATHWAY, None)[0]}
SOME = tuple(CASES[name] for name in sorted(CASES)[::40])


def assessed(case: Case, day: object) -> tuple[Position, ...]:
    whole = assess(PATHWAY, case.record, day)
    return (*map(hip_position, whole.hips), person_position(whole.person))


@pytest.mark.parametrize("case", SOME, ids=lambda case: case.id)
def test_every_moment_is_the_assessment_of_its_day(case: Case) -> None:
    found = timeline(PATHWAY, case.record, case.index_date)
    for moment in found.moments[-5:]:
        assert moment.positions == assessed(case, moment.date)


@pytest.mark.parametrize("case", SOME, ids=lambda case: case.id)
def test_the_last_moment_still_holds_on_the_last_day(case: Case) -> None:
    found = timeline(PATHWAY, case.record, case.index_date)
    assert [moment.positions for moment in found.moments[-1:]] == [assessed(case, case.index_date)]


@pytest.mark.parametrize("case", SOME[:3], ids=lambda case: case.id)
def test_no_day_in_between_is_left_out(case: Case) -> None:
    """Day by day over the last two months: the answer is that of the moment before."""
    since = case.index_date - timedelta(days=60)
    found = timeline(PATHWAY, case.record, case.index_date, since)
    for number in range(0, 61, 4):
        day = since + timedelta(days=number)
        held = [moment for moment in found.moments if moment.date <= day][-1]
        assert held.positions == assessed(case, day), day


@pytest.mark.parametrize("case", SOME, ids=lambda case: case.id)
def test_the_order_of_events_does_not_matter(case: Case) -> None:
    events = list(case.record.events)
    random.Random(1).shuffle(events)
    shuffled = replace(case.record, events=tuple(events))
    assert timeline(PATHWAY, shuffled, case.index_date) == timeline(PATHWAY, case.record, case.index_date)


def test_a_person_without_a_dated_entry_has_no_moment() -> None:
    case = SOME[0]
    found = timeline(PATHWAY, replace(case.record, events=(), given={}), case.index_date)
    assert (found.since, found.moments) == (None, ())


@pytest.mark.parametrize("case", SOME, ids=lambda case: case.id)
def test_the_drawing_has_its_rows_in_words_and_no_style_attribute_or_script(case: Case) -> None:
    found = timeline(PATHWAY, case.record, case.index_date)
    svg = timeline_svg(found, PATHWAY, "right")
    root = ElementTree.fromstring(svg)
    space = "{http://www.w3.org/2000/svg}"
    assert root.get("role") == "img"
    described = root.findtext(f"{space}desc") or ""
    shown = list(rows(found, PATHWAY, "right"))
    assert shown
    assert all(row.stage in described and row.step in described for row in shown)
    assert not re.search(r"<script|style=|href=|\son\w+=", svg)
