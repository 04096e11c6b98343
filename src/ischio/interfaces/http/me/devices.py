"""The devices of a patient: one more, and signing out on this one."""

from starlette.responses import RedirectResponse, Response

from ischio.interfaces.http.me.frame import page
from ischio.interfaces.http.me.gate import PatientVisit, set_cookie


def devices(visit: PatientVisit) -> Response:
    """GET /me/devices."""
    return page(visit, "devices", made=None)


def another(visit: PatientVisit) -> Response:
    """POST /me/devices: a link with which one goes on elsewhere. It stands in the answer alone, never in an address."""
    return page(visit, "devices", made=None)


def sign_out(visit: PatientVisit) -> Response:
    """POST /me/out: on this device alone."""
    visit.clinic.links.sign_out(visit.user, visit.now)
    answer = RedirectResponse("/me/out", 303)
    set_cookie(visit, answer, "")
    return answer


def out(visit: PatientVisit) -> Response:
    """GET /me/out."""
    return page(visit, "out")
