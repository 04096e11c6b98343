"""The pathway view of a person: where each hip is, what comes next and why, what to check first."""

from dataclasses import dataclass, replace

from starlette.responses import Response

from ischio.clinic.answers import screens
from ischio.clinic.declines import REASONS, DeclineRefused
from ischio.clinic.knowledge import Knowledge
from ischio.clinic.taken_over import last_taken_over
from ischio.interfaces.http.pages.fields import Entered, Field, fields_for
from ischio.interfaces.http.pages.frame import gone_to, page
from ischio.interfaces.http.pages.gate import Refused
from ischio.interfaces.http.pages.visit import Visit
from ischio.interfaces.http.pages.writing import UNPROCESSABLE, write
from ischio.interfaces.note import note
from ischio.interfaces.page.view import View, view
from ischio.interfaces.telling import is_dead, red_flagged
from ischio.interfaces.words import Words
from ischio.model.about import Side
from ischio.model.assessment import Assessment
from ischio.model.pathway import Pathway

SHOWN_CHECKS = 5


@dataclass(frozen=True, slots=True)
class NotNow:
    """An action that is not offered. done: because it was done; else fails: what would have to be otherwise."""

    id: str
    title: str
    done: bool
    fails: tuple[str, ...]


def position(visit: Visit) -> Response:
    """GET /p/{person}."""
    return _shown(visit, 200, Entered(), ())


def answers(visit: Visit) -> Response:
    """POST /p/{person}/answers: what was filled in under "check before you act"."""
    return write(visit, f"/p/{visit.known.id}", lambda *again: _shown(visit, *again))


def decline(visit: Visit) -> Response:
    """POST /p/{person}/decline."""
    form = visit.form
    side = Side(form.one("side")) if form.one("side") in {one.value for one in Side} else None
    try:
        visit.clinic.declines.decline(
            visit.known, form.one("action"), side, form.one("reason"), visit.by, form.one("text")
        )
    except DeclineRefused as refused:
        (mistake, *_) = refused.mistakes
        raise Refused(UNPROCESSABLE, mistake.what, mistake.mend) from None
    return gone_to(f"/p/{visit.known.id}", "declined")


def _shown(visit: Visit, status: int, entered: Entered, since: tuple[str, ...]) -> Response:
    chart, knowledge = visit.chart, visit.clinic.knowledge
    told = urgent_first(view(chart.assessment, knowledge.pathway), chart.assessment)
    declined = visit.clinic.declines.of(visit.known, visit.by)
    return page(
        visit,
        "position",
        status,
        view=told,
        note=note(chart.assessment, knowledge.pathway, visit.known.identifier or visit.known.name),
        checks=checks(visit.clinic.knowledge, told, entered),
        rest=not_now(chart.assessment, knowledge.pathway),
        lists={one.fact for one in screens(knowledge)},
        dead=is_dead(chart.assessment, knowledge.pathway),
        taken=last_taken_over(chart.logged),
        unread=sorted({gap.state.value for gap in chart.record.gaps}),
        asks=any(hip.ask for hip in told.quiet),
        reasons=tuple(REASONS),
        declined={(one.rule, one.side.value if one.side else ""): one for one in reversed(declined)},
        seen=chart.seen,
        since=since,
    )


def urgent_first(told: View, assessment: Assessment) -> View:
    """The hip with a red flag before the other one: what is urgent stands in the first window."""
    flagged = {hip.side for hip in assessment.hips if red_flagged(hip)}
    return replace(told, hips=tuple(sorted(told.hips, key=lambda hip: hip.side.lower() not in flagged)))


def not_now(assessment: Assessment, pathway: Pathway) -> dict[str, tuple[NotNow, ...]]:
    """By side, and under the empty name for the whole person: the actions that are shown nowhere else."""
    every = [(hip.side, hip) for hip in assessment.hips] + [("", assessment.person)]
    return {
        side: tuple(
            NotNow(
                action.id,
                action.title,
                action.status == "done",
                Words(pathway, assessment, about).reasons(action.because),
            )
            for action in about.actions
            if action.status in ("not_applicable", "done")
        )
        for side, about in every
    }


def checks(knowledge: Knowledge, told: View, entered: Entered) -> tuple[Field, ...]:
    """What to check before one acts: at most five questions of both hips and the person, the most decisive first.

    Of two that are as decisive that of the hip which stands first on the page comes first.
    """
    asked = [(hip.side.lower(), one) for hip in told.hips for one in hip.steps.questions]
    asked += [("", one) for one in told.person.questions] if told.person else []
    fields: dict[str, Field] = {}
    for side, one in sorted(asked, key=lambda each: each[1].rank):
        for field in fields_for(knowledge, one.fact, one.bears_on, entered, side):
            fields.setdefault(field.name, field)
    return tuple(fields.values())[:SHOWN_CHECKS]
