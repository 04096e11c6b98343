"""The way in for patients: on which device somebody is let in, and that they sent it themselves.

Nobody is named in an address: whose pages these are is known by the device alone. What they show of the pathway is
what a clinician released.
"""

from collections.abc import Callable
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from ischio.clinic.clinic import Clinic
from ischio.interfaces.http.entrance import Endpoint, Entrance, SignedOut, cookie_named, keep_cookie
from ischio.interfaces.http.entrance import Refused as Refused
from ischio.interfaces.http.guards.answered import pattern
from ischio.interfaces.http.me.frame import page
from ischio.interfaces.http.me.visit import PatientVisit
from ischio.interfaces.http.pages.forms import Form
from ischio.interfaces.http.pages.language import SPOKEN, spoken
from ischio.interfaces.http.service import Service
from ischio.store.entries import Action, Outcome

COOKIE = "ischio-patient"
"""What names the session."""
A_YEAR = 365 * 24 * 3600


Handler = Callable[[PatientVisit], Response]


class PatientGate(Entrance[PatientVisit]):
    """Makes endpoints of handlers."""

    def __init__(self, service: Service, clinic: Clinic) -> None:
        super().__init__(service)
        self._clinic = clinic

    def page(self, handler: Handler) -> Endpoint:
        """A page of whoever is let in on the device; that it was looked at is audited."""
        return self.endpoint(_remembering(handler), self._let_in)

    def open(self, handler: Handler) -> Endpoint:
        """A page for everybody; who is let in is known there too. A form may only come from a page of ours."""
        return self.endpoint(_remembering(handler), self.own_form)

    def addressed(self, handler: Handler) -> Endpoint:
        """For whoever holds the address, whatever program sends to it, and in whatever form (RFC 8058)."""
        return self.endpoint(_remembering(handler), lambda visit: visit, reads_form=False)

    def _let_in(self, visit: PatientVisit) -> PatientVisit:
        if visit.patient is None:
            raise SignedOut
        visit = self.own_form(visit)
        action = Action.EXECUTE if visit.request.method == "POST" else Action.READ
        place = pattern(visit.request.scope)
        self._clinic.store.audit.write(visit.by, action, "patient page", visit.known.whom, Outcome.SUCCESS, place)
        return replace(visit, releases=self._clinic.releases.of(visit.known))

    # ---- what the entrance asks -------------------------------------------------------------------------------------

    def arrived(self, request: Request) -> PatientVisit:
        return PatientVisit(request, self._service, self._clinic, None, self._service.clock(), spoken(request))

    def recognised(self, visit: PatientVisit, form: Form) -> PatientVisit:
        token = visit.request.cookies.get(cookie_named(self._service, COOKIE), "")
        return replace(visit, patient=self._clinic.links.who(token, visit.now), form=form)

    def refusal(self, visit: PatientVisit, refused: Refused) -> Response:
        return page(visit, "refused", refused.status, what=refused.what, mend=refused.mend)

    def to_sign_in(self, visit: PatientVisit) -> Response:
        return page(visit, "not_let_in", 401, sent=visit.request.method == "POST")

    def csrf(self, visit: PatientVisit) -> str | None:
        return visit.patient.csrf if visit.patient else None

    def note(self, visit: PatientVisit, refused: Refused) -> None:
        """Who is not let in can write nothing there: else they could fill it."""
        if refused.why and visit.patient is not None:
            why = f"{refused.why}: {pattern(visit.request.scope)}"
            whom = visit.known.whom
            self._clinic.store.audit.write(visit.by, Action.EXECUTE, "patient page", whom, Outcome.REFUSED, why)


def set_cookie(visit: PatientVisit, answer: Response, token: str) -> None:
    """Lasts as long as a device stays let in at most. An empty token takes it away."""
    age = int(visit.clinic.links.lasts.most.total_seconds())
    keep_cookie(visit.service, answer, COOKIE, token, age)


def _remembering(handler: Handler) -> Handler:
    """A language that was chosen on a page is the language of the next ones on this device."""

    def answered(visit: PatientVisit) -> Response:
        answer = handler(visit)
        if visit.request.query_params.get("lang"):
            secure = visit.service.settings.base.startswith("https://")
            answer.set_cookie(SPOKEN, visit.language, A_YEAR, path="/", secure=secure, httponly=True, samesite="lax")
        return answer

    return answered
