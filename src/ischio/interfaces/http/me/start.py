"""Opening a link: /in/{secret}. To look at it changes nothing: programs look at addresses in mails before people do;
the date of birth opens it, once.
"""

import math
from datetime import date

from starlette.responses import RedirectResponse, Response

from ischio.clinic.demo import ORGANISATION
from ischio.clinic.links import LinkShut, Shut
from ischio.interfaces.http.entrance import travels_open
from ischio.interfaces.http.guards.rates import caller
from ischio.interfaces.http.me.frame import page
from ischio.interfaces.http.me.gate import Refused, set_cookie
from ischio.interfaces.http.me.visit import PatientVisit

SHOWN = "/demonstration/patient"
GONE = {Shut.USED, Shut.ENDED, Shut.REVOKED, Shut.LOCKED}
EARLIEST = 1880
"""A year before it was written with two digits, and costs no try."""
FIELDS = ("day", "month", "year")


def look(visit: PatientVisit) -> Response:
    """GET /in/{secret}."""
    shut = visit.clinic.links.look(visit.request.path_params["secret"], visit.now)
    return _shut(visit, shut) if shut else _asked(visit, 200, "")


def enter(visit: PatientVisit) -> Response:
    """POST /in/{secret}: with the right date of birth, the session of this device begins."""
    if travels_open(visit.service):
        what = visit.gettext("This page is not safe: what you write could be read on its way.")
        raise Refused(403, what, visit.gettext("Tell your clinic."))
    born = _born(visit)
    if born is None:
        return _asked(
            visit, 422, visit.gettext("This is no date. Write numbers, and the whole year, such as 31 3 1984.")
        )
    secret, address = visit.request.path_params["secret"], caller(visit.request.scope)
    try:
        token = visit.clinic.links.open(secret, born, address, visit.now)
    except LinkShut as shut:
        return _refused(visit, shut)
    return _begun(visit, token)


def shown(visit: PatientVisit) -> Response:
    """POST, of the demonstration alone: as somebody synthetic, without a link. Nobody named: the first with a plan."""
    asked = visit.form.one("person")
    every = visit.clinic.store.people.all(ORGANISATION)
    found = (one for one in every if one.id == asked or (not asked and visit.clinic.releases.of(one)))
    known = next(found, None)
    if known is None:
        raise Refused(404, visit.gettext("Nobody has a plan yet."), visit.gettext("Release one as a clinician first."))
    return _begun(visit, visit.clinic.links.begin(known, visit.now))


def _begun(visit: PatientVisit, token: str) -> Response:
    if visit.patient is not None:
        # Whoever was let in on this device before is no longer.
        visit.clinic.links.sign_out(visit.patient, visit.now)
    answer = RedirectResponse("/me?said=welcome", 303)
    set_cookie(visit, answer, token)
    return answer


def _refused(visit: PatientVisit, shut: LinkShut) -> Response:
    why = visit.clinic.links.look(visit.request.path_params["secret"], visit.now) or shut.why
    if why in GONE:
        return _shut(visit, why)
    if why is Shut.WAIT:
        minutes = math.ceil(shut.wait.total_seconds() / 60)
        told = visit.ngettext("Too many tries. Wait a minute.", "Too many tries. Wait %(count)s minutes.", minutes)
        return _asked(visit, 429, told % {"count": minutes})
    told = visit.gettext("The link or the date is not right. Look at the date again.")
    return _asked(visit, 403, told)


def _asked(visit: PatientVisit, status: int, fault: str) -> Response:
    typed = {name: visit.form.one(name) for name in FIELDS}
    return page(visit, "start", status, fault=fault, typed=typed)


def _shut(visit: PatientVisit, shut: Shut) -> Response:
    return page(visit, "shut", 410, why=shut.name)


def _born(visit: PatientVisit) -> date | None:
    day, month, year = (visit.form.number(name) for name in FIELDS)
    if day is None or month is None or year is None or year < EARLIEST:
        return None
    try:
        return date(year, month, day)
    except (ValueError, OverflowError):
        return None
