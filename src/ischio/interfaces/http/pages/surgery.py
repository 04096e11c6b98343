"""Planning of surgery: what the meeting has to know of each hip, on one page, and the decision as it is recorded."""

from collections.abc import Iterator
from dataclasses import dataclass

from starlette.responses import RedirectResponse, Response

from ischio.clinic.decisions import Decision, decide, sets_aside
from ischio.clinic.declines import LONGEST
from ischio.interfaces.http.pages.frame import page
from ischio.interfaces.http.pages.visit import Visit
from ischio.interfaces.http.pages.writing import seen_in
from ischio.interfaces.page.view import MEANING_OF_LABEL
from ischio.interfaces.surgery import OPINION, Plan, plan
from ischio.interfaces.telling import alerts, is_dead, on_pathway
from ischio.model.about import Side
from ischio.store.entries import Logged
from ischio.store.faults import Superseded


@dataclass(frozen=True, slots=True)
class Typed:
    """What was sent and not kept. faults: field and what is wrong; since: what somebody else wrote meanwhile."""

    side: str = ""
    decision: str = ""
    reason: str = ""
    faults: tuple[tuple[str, str], ...] = ()
    since: tuple[Logged, ...] = ()


def surgery(visit: Visit) -> Response:
    """GET /p/{person}/surgery."""
    return _shown(visit, Typed())


def decided(visit: Visit) -> Response:
    """POST /p/{person}/surgery: a decision on one hip."""
    typed = Typed(visit.form.one("side"), visit.form.one("decision"), visit.form.one("reason"))
    faults = tuple(_faults(visit, typed))
    if faults:
        return _shown(visit, Typed(typed.side, typed.decision, typed.reason, faults), 422)
    side, decision = Side(typed.side), Decision(typed.decision)
    try:
        decide(visit.clinic, visit.known, side, decision, typed.reason, seen_in(visit), visit.by)
    except Superseded as superseded:
        since = superseded.since
        return _shown(visit, Typed(typed.side, typed.decision, typed.reason, since=since), 409)
    return RedirectResponse(f"/p/{visit.known.id}/surgery#decision-{typed.side}", 303)


def plans(visit: Visit) -> tuple[Plan, ...]:
    """Of each hip on the pathway; none under a red flag, whichever hip it is of, or for the dead."""
    assessment, record, pathway = visit.chart.assessment, visit.chart.record, visit.service.pathway
    if any(alerts(assessment, pathway)) or is_dead(assessment, pathway):
        return ()
    return tuple(plan(pathway, record, assessment, hip) for hip in on_pathway(assessment))


def _faults(visit: Visit, typed: Typed) -> Iterator[tuple[str, str]]:
    say = visit.gettext
    if typed.side not in [side.value for side in Side] or visit.form.number("seen") is None:
        yield "decision", say("The form is not whole. Open the page again.")
    elif typed.decision not in [decision.value for decision in Decision]:
        yield "decision", say("Choose what was decided.")
    elif sets_aside(Decision(typed.decision)) and not typed.reason:
        yield "reason", say("Write why surgery is set aside.")
    elif len(typed.reason) > LONGEST:
        yield "reason", say("Shorten the reason to %(most)s letters.") % {"most": LONGEST}


def _shown(visit: Visit, typed: Typed, status: int = 200) -> Response:
    pathway = visit.service.pathway
    return page(
        visit,
        "surgery",
        status,
        plans=plans(visit),
        dead=is_dead(visit.chart.assessment, pathway),
        body_part=pathway.body_part,
        today=visit.today,
        seen=visit.chart.seen,
        typed=typed,
        faults=dict(typed.faults),
        meaning=MEANING_OF_LABEL,
        sources=pathway.sources,
        opinion=OPINION,
        longest=LONGEST,
    )
