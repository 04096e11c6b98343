"""The patient's own numbers over time, where a clinician released them."""

from starlette.responses import Response

from ischio.interfaces.http.me.frame import page
from ischio.interfaces.http.me.gate import PatientVisit


def progress(visit: PatientVisit) -> Response:
    """GET /me/progress."""
    return page(visit, "progress")
