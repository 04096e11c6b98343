"""The plan on the screen: what the clinician released, as on paper."""

from starlette.responses import Response

from ischio.interfaces.http.me.frame import page
from ischio.interfaces.http.me.gate import PatientVisit


def plan(visit: PatientVisit) -> Response:
    """GET /me/plan."""
    return page(visit, "plan")
