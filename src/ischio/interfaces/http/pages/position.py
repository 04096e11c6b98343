"""The pathway view of a person: where each hip is, what comes next and why, what to check first."""

from starlette.responses import Response

from ischio.interfaces.http.pages.fields import Field, field
from ischio.interfaces.http.pages.frame import page
from ischio.interfaces.http.pages.gate import Visit
from ischio.interfaces.note import note
from ischio.interfaces.page.view import Steps, View, view
from ischio.model.pathway import Pathway

SHOWN_CHECKS = 5
REASONS = ("not-appropriate", "already-done", "patient-declines", "disagree", "not-available", "other")
"""Why an action is declined, as codes; the page words them."""


def position(visit: Visit) -> Response:
    """GET /p/{person}."""
    return shown(visit)


def shown(visit: Visit, status: int = 200, **entered: object) -> Response:
    """The view, also after an answer that was refused. entered: what was typed, and what is wrong with it."""
    chart, pathway = visit.chart, visit.service.pathway
    told = view(chart.assessment, pathway)
    return page(
        visit,
        "position",
        status,
        view=told,
        note=note(chart.assessment, pathway),
        checks={side: fields for side, fields in _checks(pathway, told).items() if fields},
        reasons=REASONS,
        seen=chart.seen,
        **entered,
    )


def _checks(pathway: Pathway, told: View) -> dict[str, tuple[Field, ...]]:
    """The questions that decide most, at most five for a side; those of the whole person stand under the empty name."""
    asked: list[tuple[str, Steps]] = [(hip.side.lower(), hip.steps) for hip in told.hips]
    asked += [("", told.person)] if told.person else []
    return {
        side: tuple(field(pathway, one.fact, one.ask, one.bears_on) for one in steps.questions[:SHOWN_CHECKS])
        for side, steps in asked
    }
