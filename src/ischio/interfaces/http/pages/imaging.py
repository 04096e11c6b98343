"""Imaging: what was measured or seen, to be entered, read and compared. No picture is opened, numbers are typed."""

from starlette.responses import Response

from ischio.clinic.answers import events_of
from ischio.interfaces.http.pages.fields import Entered
from ischio.interfaces.http.pages.frame import page
from ischio.interfaces.http.pages.imaging_asks import answers, asked
from ischio.interfaces.http.pages.imaging_readings import readings, without_side
from ischio.interfaces.http.pages.one_day import DAY
from ischio.interfaces.http.pages.visit import Visit
from ischio.interfaces.http.pages.writing import write
from ischio.interfaces.telling import side_of
from ischio.interfaces.words import side_title
from ischio.model.about import Side
from ischio.record.events import Event

DRAWN = ("ischiofemoral_space", "quadratus_femoris_space")
"""What the drawing shows; it stands only on the page of a pathway that measures both."""


def imaging(visit: Visit) -> Response:
    """GET /p/{person}/imaging?side=right."""
    return _shown(visit, 200, Entered(side=visit.request.query_params.get("side", "")), ())


def measured(visit: Visit) -> Response:
    """POST /p/{person}/imaging: what was typed is recorded whole, or not at all."""

    def events() -> tuple[Event, ...]:
        knowledge = visit.clinic.knowledge
        filled = answers(knowledge, visit.form, visit.today)
        return events_of(knowledge, filled, visit.today, visit.service.new_uuid)

    to = f"/p/{visit.known.id}/imaging?side={side_of(visit.form.one('side'), visit.chart.assessment).value}"
    return write(visit, to, lambda *again: _shown(visit, *again), events)


def _shown(visit: Visit, status: int, entered: Entered, since: tuple[str, ...]) -> Response:
    """The page, also after what was refused or doubted: with everything that was typed."""
    chart, knowledge = visit.chart, visit.clinic.knowledge
    pathway, side = knowledge.pathway, side_of(entered.side, chart.assessment)
    return page(
        visit,
        "imaging",
        status,
        side=side.value,
        title=side_title(pathway, side.value),
        other=side_title(pathway, side.other.value),
        sides=tuple((one.value, side_title(pathway, one.value)) for one in Side),
        asked=asked(knowledge, entered),
        typed={name: entered.form.one(name) for name in entered.form.names()},
        fault=entered.faults.get("", ""),
        day_fault=entered.faults.get(DAY, ""),
        refused=bool(entered.faults or entered.doubts),
        readings=readings(pathway, chart.record, chart.assessment, side),
        without_side=without_side(pathway, chart.record, chart.assessment),
        drawn=all(name in pathway.concepts for name in DRAWN),
        seen=chart.seen,
        since=since,
    )
