"""The devices of a patient: one more, and signing out on this one."""

from markupsafe import Markup
from starlette.responses import RedirectResponse, Response

from ischio.clinic.links import LinkRefused
from ischio.interfaces.drawing.qr import qr_svg
from ischio.interfaces.http.me.diary import owner
from ischio.interfaces.http.me.frame import page
from ischio.interfaces.http.me.gate import Refused, set_cookie
from ischio.interfaces.http.me.visit import PatientVisit
from ischio.interfaces.http.pages import files


def devices(visit: PatientVisit) -> Response:
    """GET /me/devices."""
    return _shown(visit)


def another(visit: PatientVisit) -> Response:
    """POST /me/devices: a link with which one goes on elsewhere. It stands in this answer alone."""
    try:
        made = visit.clinic.links.make_for_device(visit.user, visit.now)
    except LinkRefused:
        mend = visit.gettext("Ask your clinic: your date of birth is missing there.")
        raise Refused(409, visit.gettext("No link can be made."), mend) from None
    return _shown(visit, f"{visit.service.settings.base}/in/{made.secret}")


def _shown(visit: PatientVisit, address: str = "") -> Response:
    count = visit.clinic.links.devices(visit.known, visit.now)
    words = visit.gettext("QR code of the link")
    return page(
        visit,
        "devices",
        count=count,
        address=address,
        qr=Markup(qr_svg(address, words)) if address else "",
        owner=owner(visit),
        js=files.address("js", "diary"),
    )


def sign_out(visit: PatientVisit) -> Response:
    """POST /me/out: on this device alone."""
    visit.clinic.links.sign_out(visit.user, visit.now)
    answer = RedirectResponse("/me/out", 303)
    set_cookie(visit, answer, "")
    return answer


def out(visit: PatientVisit) -> Response:
    """GET /me/out."""
    return page(visit, "out")
