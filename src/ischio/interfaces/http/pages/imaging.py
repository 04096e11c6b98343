"""Imaging: what was measured or seen, to be entered, read and compared. No picture is opened, numbers are typed."""

from collections.abc import Mapping

from starlette.responses import RedirectResponse, Response

from ischio.clinic.answers import AnswersDoubted, AnswersRefused, events_of
from ischio.interfaces.http.pages.fields import Field
from ischio.interfaces.http.pages.frame import page
from ischio.interfaces.http.pages.gate import Visit
from ischio.interfaces.http.pages.imaging_asks import DAY, answers, asked, day_fault
from ischio.interfaces.http.pages.imaging_readings import readings, without_side
from ischio.interfaces.http.pages.what_if import side_of
from ischio.interfaces.words import side_title
from ischio.model.about import Side
from ischio.model.mistake import Mistake
from ischio.store.faults import Superseded

DRAWN = ("ischiofemoral_space", "quadratus_femoris_space")
"""What the drawing shows; it stands only on the page of a pathway that measures both."""
Texts = Mapping[str, str]


def imaging(visit: Visit) -> Response:
    """GET /p/{person}/imaging?side=right."""
    return shown(visit, side_of(visit.request.query_params.get("side"), visit.chart.assessment))


def measured(visit: Visit) -> Response:
    """POST /p/{person}/imaging: what was typed is recorded whole, or not at all."""
    form = {name: visit.form.one(name) for name in visit.form.names()}
    if form.get("side") not in {side.value for side in Side}:
        return shown(visit, Side.RIGHT, 422, form, refused=visit.gettext("Choose the side; nothing was recorded."))
    side, knowledge = Side(form["side"]), visit.clinic.knowledge
    filled = [answer for answer in answers(knowledge, side, form) if answer.value]
    if not filled:
        return shown(visit, side, 422, form, refused=visit.gettext("Nothing was filled in, so nothing was recorded."))
    if fault := day_fault(form.get(DAY, ""), visit.today):
        return shown(visit, side, 422, form, faults={DAY: fault})
    try:
        events = events_of(knowledge, filled, visit.today, visit.service.new_uuid)
    except AnswersRefused as wrong:
        return shown(visit, side, 422, form, faults=_by_field(wrong.mistakes))
    except AnswersDoubted as doubted:
        return shown(visit, side, 422, form, doubts=_by_field(doubted.mistakes))
    try:
        visit.clinic.charts.record(visit.known, events, _number(form.get("seen", "")), visit.by)
    except Superseded as late:
        return shown(visit, side, 409, form, refused=" ".join((late.mistakes[0].what, late.mistakes[0].mend)))
    return RedirectResponse(f"/p/{visit.known.id}/imaging?side={side.value}&recorded=yes", 303)


def shown(
    visit: Visit,
    side: Side,
    status: int = 200,
    form: Texts | None = None,
    faults: Texts | None = None,
    doubts: Texts | None = None,
    refused: str = "",
) -> Response:
    """The page, also after what was refused or doubted: with everything that was typed."""
    pathway, chart, typed = visit.service.pathway, visit.chart, form or {}
    told = {**(faults or {}), **(doubts or {})}
    ask = visit.gettext("Day of the image")
    return page(
        visit,
        "imaging",
        status,
        side=side.value,
        title=side_title(pathway, side.value),
        other=side_title(pathway, side.other.value),
        sides=tuple((one.value, side_title(pathway, one.value)) for one in Side),
        day=Field(DAY, ask, "", "date", typed=typed.get(DAY, ""), fault=told.get(DAY, "")),
        asked=asked(visit.clinic.knowledge, typed, told),
        doubts=doubts or {},
        refused=refused or (visit.gettext("Something does not fit; nothing was recorded yet.") if told else ""),
        recorded="recorded" in visit.request.query_params,
        readings=readings(pathway, chart.record, chart.assessment, side),
        without_side=without_side(pathway, chart.record, chart.assessment),
        drawn=all(name in pathway.concepts for name in DRAWN),
        seen=chart.seen,
    )


def _number(text: str) -> int:
    """The number of the entry that was seen last; a form that lost it has seen none."""
    return int(text) if text.isdecimal() else 0


def _by_field(mistakes: tuple[Mistake, ...]) -> Texts:
    return {mistake.where or "": f"{mistake.what} {mistake.mend}" for mistake in mistakes}
