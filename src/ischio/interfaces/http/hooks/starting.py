"""Hook problem-list-item-create: the offer to start when a new problem brings a side onto the pathway.

No list of diagnoses: the record is judged without the new problem and with it, and what changed is told.
"""

from dataclasses import replace

from ischio.engine.answer import Answer
from ischio.fhir.prefetched import page_of
from ischio.fhir.routes import text_at
from ischio.interfaces.http.hooks.charts import Chart
from ischio.interfaces.http.hooks.opening import place, rules, step_titles, where
from ischio.interfaces.http.hooks.opinions import INFO, NOT_OPENED, UNREADABLE, Opinion, Said
from ischio.interfaces.http.hooks.wording import LISTED, first_that_fits, plain, sentences
from ischio.interfaces.telling import at_most, on_pathway, side_title
from ischio.model.about import Side
from ischio.model.mistake import RecordError
from ischio.record.events import Record, State


def opinion(chart: Chart) -> Opinion:
    try:
        before, after = _records(chart)
    except RecordError:
        return UNREADABLE
    was = Answer(chart.service.pathway, before, chart.index, telling=False)
    now = replace(chart, gathered=replace(chart.gathered, record=after))
    entered = [side for side in now.sides if was.hips[side].stage is None]
    if entered:
        return _offer(now, entered)
    if not now.sides and _wants_side(now.answer) and not _wants_side(was):
        return _ask_side(now)
    return NOT_OPENED


def _records(chart: Chart) -> tuple[Record, Record]:
    """The record without the new problems, and with them; the server may hold them already."""
    gathered, reader = chart.gathered, chart.service.reader
    conditions = page_of(chart.call.context["conditions"]).resources
    named = frozenset((text_at(one, "resourceType"), text_at(one, "id")) for one in conditions)
    return gathered.having((), named, reader), gathered.having(conditions, named, reader)


def _wants_side(answer: Answer) -> bool:
    """Whether the first gate waits for nothing but the side of something that is recorded."""
    first = answer.pathway.ordered_stages[0].criterion
    hip = answer.hips[Side.RIGHT]
    return any(hip.facts[name].state is State.SIDE_NOT_GIVEN for name in hip.unknown_facts(first))


def _offer(chart: Chart, entered: list[Side]) -> Said:
    pathway = chart.service.pathway
    hips = [hip for hip in on_pathway(chart.assessment) if Side(hip.side) in entered]
    stages = "; ".join(f"{side_title(hip, pathway)}, {hip.stage.title}" for hip in hips)
    steps = step_titles(chart)
    first = f"; first {steps[0]}" if steps else ""
    texts = (
        f"{pathway.title} can start: {stages}{first}",
        f"{pathway.title} can start: {stages}",
        "A pathway can start",
    )
    due = [f"**First:** {at_most([plain(step) for step in steps], LISTED)}."] if steps else []
    begin = [f"The new problem opens the pathway {plain(pathway.title)}."]
    return Said(
        f"start {' '.join(side.value for side in entered)}",
        INFO,
        first_that_fits(texts),
        sentences([*begin, *where(chart), *due]),
        rules(chart),
        chart.due,
        (),
        *place(chart),
    )


def _ask_side(chart: Chart) -> Said:
    pathway = chart.service.pathway
    texts = (f"{pathway.title} can start once the side of the new problem is recorded", "A problem lacks its side")
    why = f"The new problem may open the pathway {plain(pathway.title)}, and it names no {pathway.body_part}."
    first = pathway.ordered_stages[0].id
    return Said(
        "start", INFO, first_that_fits(texts), sentences([why, "Record whether right, left or both."]), (first,)
    )
