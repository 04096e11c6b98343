"""The plan: what the clinician released, on the screen and as a page to print."""

from starlette.responses import Response

from ischio.interfaces.http.me.frame import page
from ischio.interfaces.http.me.gate import Refused
from ischio.interfaces.http.me.visit import PatientVisit
from ischio.interfaces.http.me.words import told
from ischio.interfaces.http.on_paper import makes_pdf, on_paper


def plan(visit: PatientVisit) -> Response:
    """GET /me/plan."""
    record = visit.record
    every = (told(visit.service.pathway, one, record, visit.whose, visit.language) for one in visit.releases)
    return page(visit, "plan", plans=[one for one in every if one], pdf=makes_pdf())


def printed(visit: PatientVisit) -> Response:
    """GET /me/plan/{number}: one plan as it lies on paper, with `?as=pdf` as a file."""
    number = visit.request.path_params["number"]
    one = visit.releases[number - 1] if 0 < number <= len(visit.releases) else None
    found = told(visit.service.pathway, one, visit.record, visit.whose, visit.language) if one else None
    if found is None:
        raise Refused(404, visit.gettext("There is no such plan."), visit.gettext("Open My plan to see what is there."))
    return on_paper(visit, visit.service.settings, found)
