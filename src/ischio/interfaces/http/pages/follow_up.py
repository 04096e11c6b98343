"""The follow-up of a person: how scores went on, what was done and missed, and what is due next."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup
from starlette.responses import Response

from ischio.clinic.follow_up import Appointment, appointments, calendar_file
from ischio.engine.judge import facts_under
from ischio.engine.steps import due_steps
from ischio.engine.timeline import timeline
from ischio.interfaces.course_rows import CourseRow, Owed, course_rows, reviews_done
from ischio.interfaces.drawing.scores import score_svg
from ischio.interfaces.http.pages.frame import page
from ischio.interfaces.http.pages.visit import Visit
from ischio.interfaces.page.view import MEANING_OF_LABEL
from ischio.interfaces.scores import ScoreChart, score_charts
from ischio.interfaces.surgery import Told
from ischio.interfaces.words import RECORDED, Words
from ischio.model.about import Side
from ischio.model.assessment import ActionShown, Assessment, FactShown, Hip
from ischio.model.measures import ThresholdOf
from ischio.model.pathway import Pathway
from ischio.model.rules import NOT_ON_PATHWAY
from ischio.model.timeline import Timeline

OF_FOLLOW_UP = ("assessment", "record", "review")
"""The kinds of actions that are told here: what asks for a score, a finding or a decision."""
SHOWN_OWED = 4
ADHERENCE, ADDRESSED_BY = "adherence_sufficient", "address_adherence"
"""The criterion of adherence, and the action beside which it is told."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A score's chart with its drawing, empty where there is nothing to draw."""

    chart: ScoreChart
    svg: Markup


@dataclass(frozen=True, slots=True)
class Followed:
    """One hip. owed: what has a day; due: actions that are due now without one; adherence: each fact that is known."""

    side: str
    stage: str
    owed: tuple[Appointment, ...]
    due: tuple[ActionShown, ...]
    scores: tuple[Drawn, ...]
    rows: tuple[CourseRow, ...]
    adherence: tuple[Told, ...]


def follow_up(visit: Visit) -> Response:
    """GET /p/{person}/follow-up."""
    chart, pathway = visit.chart, visit.service.pathway
    return page(
        visit,
        "follow_up",
        hips=followed(visit),
        body_part=pathway.body_part,
        person_due=_due(chart.assessment.person.actions),
        shown_owed=SHOWN_OWED,
        today=visit.today,
        meaning=MEANING_OF_LABEL,
        of=ThresholdOf,
        sources=pathway.sources,
    )


def calendar(visit: Visit) -> Response:
    """GET /p/{person}/follow-up.ics: what is to come, for a calendar; nobody is named in it."""
    owed = appointments(visit.clinic.knowledge, visit.chart)
    text = calendar_file(visit.known, owed, visit.now, visit.service.pathway.body_part)
    headers = {"content-disposition": 'attachment; filename="follow-up.ics"'}
    return Response(text, 200, headers, "text/calendar; charset=utf-8")


def followed(visit: Visit) -> tuple[Followed, ...]:
    """The hips on the pathway, and those with a score."""
    owed = appointments(visit.clinic.knowledge, visit.chart)
    course = timeline(visit.service.pathway, visit.chart.record, visit.today)
    hips = [(hip, _followed(visit, hip, owed, course)) for hip in visit.chart.assessment.hips]
    return tuple(one for hip, one in hips if hip.stage.id != NOT_ON_PATHWAY or _has_scores(one))


def _has_scores(hip: Followed) -> bool:
    return any(drawn.chart.readings for drawn in hip.scores)


def _followed(visit: Visit, hip: Hip, every: Sequence[Appointment], course: Timeline) -> Followed:
    pathway, record, side = visit.service.pathway, visit.chart.record, Side(hip.side)
    owed = tuple(one for one in every if one.side is side and one.day is not None)
    rows = [Owed(one.day, one.title, one.missed) for one in owed if one.day is not None]
    reviews = (*reviews_done(pathway, record, side), *(row.on for row in rows if row.missed))
    charts = score_charts(pathway, record, side, visit.today, reviews)
    return Followed(
        hip.side,
        hip.stage.title,
        owed,
        tuple(action for action in _due(hip.actions) if action.id not in [one.what for one in owed]),
        tuple(Drawn(chart, _svg(visit, chart, hip.side)) for chart in charts),
        course_rows(pathway, record, side, course, rows),
        tuple(_adherence(pathway, visit.chart.assessment, hip)),
    )


def _due(actions: tuple[ActionShown, ...]) -> tuple[ActionShown, ...]:
    return tuple(action for action in due_steps(actions) if action.kind in OF_FOLLOW_UP)


def _adherence(pathway: Pathway, assessment: Assessment, hip: Hip) -> Iterator[Told]:
    """What is known of it: the facts under its criterion and those shown beside it."""
    if ADHERENCE not in pathway.criteria:
        return
    shown = pathway.actions[ADDRESSED_BY].shows if ADDRESSED_BY in pathway.actions else ()
    under = {*shown, *facts_under(pathway)[ADHERENCE]}
    words = Words(pathway, assessment, hip)
    known = [one for one in (*hip.facts, *assessment.person.facts) if one.id in under and one.value is not None]
    valued = {concept for one in known if not _is_bare(pathway, one) for concept in words.concepts_of(one.id)}
    for fact in known:
        # That something is recorded stands only where no value of it does.
        if not _is_bare(pathway, fact) or (fact.value and valued.isdisjoint(words.concepts_of(fact.id))):
            yield *words.told(fact), fact.date


def _is_bare(pathway: Pathway, fact: FactShown) -> bool:
    return pathway.facts[fact.id].about.title.startswith(RECORDED)


# ---- a drawing ----------------------------------------------------------------------------------------------------


def _svg(visit: Visit, chart: ScoreChart, side: str) -> Markup:
    if not chart.readings:
        return Markup("")
    say, known = visit.gettext, chart.known
    described = say("%(count)s readings; the table below the drawing tells each.") % {"count": len(known)}
    return Markup(score_svg(chart, f"{side}-{chart.id}", say("weeks since the first reading"), described))
