"""The follow-up of a person: how scores went on, what was done and missed, and what is due next."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup
from starlette.responses import Response

from ischio.engine.judge import facts_under
from ischio.interfaces.course_rows import CourseRow, Owed, course_rows, reviews_done
from ischio.interfaces.drawing.scores import score_svg, shortly
from ischio.interfaces.http.pages.frame import page
from ischio.interfaces.http.pages.gate import Visit
from ischio.interfaces.page.view import MEANING_OF_LABEL
from ischio.interfaces.scores import ScoreChart, score_charts
from ischio.interfaces.telling import alerts, due_steps
from ischio.interfaces.words import RECORDED, Words
from ischio.model.about import Side
from ischio.model.assessment import ActionShown, Assessment, Hip
from ischio.model.measures import ThresholdOf
from ischio.model.pathway import Pathway
from ischio.model.rules import NOT_ON_PATHWAY
from ischio.record.events import Record

OF_FOLLOW_UP = ("assessment", "record", "review")
"""The kinds of actions that are told here: what asks for a score, a finding or a decision."""
ADHERENCE, ADDRESSED_BY = "adherence_sufficient", "address_adherence"
"""The criterion of adherence, and the action beside which it is told."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A score's chart with its drawing, empty where there is nothing to draw."""

    chart: ScoreChart
    svg: Markup


@dataclass(frozen=True, slots=True)
class Followed:
    """One hip. due: actions that are due now; adherence: title, value and day of each fact."""

    side: str
    stage: str
    review: date | None
    overdue: bool
    due: tuple[ActionShown, ...]
    scores: tuple[Drawn, ...]
    rows: tuple[CourseRow, ...]
    adherence: tuple[tuple[str, str, date | None], ...]


def follow_up(visit: Visit) -> Response:
    """GET /p/{person}/follow-up."""
    chart, pathway = visit.chart, visit.service.pathway
    hips = followed(visit, chart.assessment, chart.record)
    return page(
        visit,
        "follow_up",
        hips=hips,
        body_part=pathway.body_part,
        alerts=tuple(alerts(chart.assessment, pathway)),
        person_due=_due(chart.assessment.person.actions),
        today=visit.today,
        meaning=MEANING_OF_LABEL,
        of=ThresholdOf,
        shortly=shortly,
        sources=pathway.sources,
    )


def followed(visit: Visit, assessment: Assessment, record: Record) -> tuple[Followed, ...]:
    """The hips on the pathway, and those with something to follow."""
    hips = (_followed(visit, hip, assessment, record) for hip in assessment.hips)
    return tuple(
        one
        for hip, one in zip(assessment.hips, hips, strict=True)
        if hip.stage.id != NOT_ON_PATHWAY or _has_scores(one)
    )


def _has_scores(hip: Followed) -> bool:
    return any(drawn.chart.readings for drawn in hip.scores)


def _followed(visit: Visit, hip: Hip, assessment: Assessment, record: Record) -> Followed:
    pathway, side = visit.service.pathway, Side(hip.side)
    owed = tuple(_owed(visit, hip))
    reviews = (*reviews_done(pathway, record, side), *(one.on for one in owed if one.missed))
    charts = score_charts(pathway, record, side, visit.today, reviews)
    return Followed(
        hip.side,
        hip.stage.title,
        hip.review.date if hip.review else None,
        bool(hip.review and hip.review.overdue),
        _due(hip.actions),
        tuple(Drawn(chart, _svg(visit, chart, hip.side)) for chart in charts),
        course_rows(pathway, record, side, visit.today, owed),
        tuple(_adherence(pathway, assessment, hip)),
    )


def _owed(visit: Visit, hip: Hip) -> Iterator[Owed]:
    if hip.review is not None:
        yield Owed(hip.review.date, visit.gettext("Review"), hip.review.overdue)


def _due(actions: tuple[ActionShown, ...]) -> tuple[ActionShown, ...]:
    return tuple(action for action in due_steps(actions) if action.kind in OF_FOLLOW_UP)


def _adherence(pathway: Pathway, assessment: Assessment, hip: Hip) -> Iterator[tuple[str, str, date | None]]:
    """What is known of it: the facts under its criterion and those shown beside it."""
    if ADHERENCE not in pathway.criteria:
        return
    shown = pathway.actions[ADDRESSED_BY].shows if ADDRESSED_BY in pathway.actions else ()
    under = {*shown, *facts_under(pathway)[ADHERENCE]}
    words = Words(pathway, assessment, hip)
    for fact in (*hip.facts, *assessment.person.facts):
        bare = pathway.facts[fact.id].about.title.startswith(RECORDED) and fact.value is not True
        if fact.id in under and fact.value is not None and not bare:
            yield *words.told(fact), fact.date


# ---- a drawing ----------------------------------------------------------------------------------------------------


def _svg(visit: Visit, chart: ScoreChart, side: str) -> Markup:
    if not chart.readings:
        return Markup("")
    say, known = visit.gettext, chart.known
    described = say("%(count)s readings; the table below the drawing tells each.") % {"count": len(known)}
    return Markup(score_svg(chart, f"{side}-{chart.id}", say("weeks since the first reading"), described))
