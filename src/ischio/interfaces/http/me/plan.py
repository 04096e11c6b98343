"""The plan on the screen: what the clinician released, as on paper."""

from starlette.responses import Response

from ischio.interfaces.http.me.frame import page
from ischio.interfaces.http.me.gate import PatientVisit
from ischio.interfaces.http.me.words import plan_of, words_of


def plan(visit: PatientVisit) -> Response:
    """GET /me/plan."""
    pathway, language = visit.service.pathway, visit.language
    words = words_of(pathway, language) if visit.releases else None
    plans = tuple(plan_of(pathway, one, language) for one in visit.releases)
    return page(visit, "plan", plans=plans, condition=words.condition if words else None)
