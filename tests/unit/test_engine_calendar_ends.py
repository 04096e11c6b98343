"""Records hold 0001-01-01 and 9999-12-31 for what has no beginning or end; each still has an answer on every date."""

from dataclasses import replace
from datetime import date

import pytest

from ischio.engine.assess import assess
from ischio.interfaces.inputs import read_cases
from ischio.loading.pathway import load_pathway
from ischio.model.dates import PartialDate

PATHWAY = load_pathway()
CASES = {case.id: case for case in read_cases(PATHWAY, None)[0]}
NAMES = ("operation-everything-known", "injection-on-apixaban", "eighty-four-days-of-exercise", "flag-does-not-fade")
FIRST, LAST = PartialDate.on(date.min), PartialDate.on(date.max)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("on", [date.min, date(2026, 6, 1), date(9999, 12, 30), date.max])
def test_every_record_has_an_answer_at_the_ends_of_the_calendar(name: str, on: date):
    record = CASES[name].record
    for moved in (
        record.events,
        tuple(replace(event, start=LAST, end=LAST) for event in record.events),
        tuple(replace(event, start=FIRST, end=LAST, recorded=FIRST) for event in record.events),
    ):
        answer = assess(PATHWAY, replace(record, events=moved), on)
        assert [hip.side for hip in answer.hips] == ["right", "left"]
        assert all(hip.valid_until is None or hip.valid_until > on for hip in answer.hips)
