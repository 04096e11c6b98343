"""The way in: who is signed in, whether they may, whether they sent it themselves, and whose page it is.

Each page of the application is behind it. The person is in the address alone: the session knows of nobody, so that two
tabs with two people have nothing in common.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from typing import Any, Protocol
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ischio.clinic.access import May
from ischio.clinic.signing_in import SigningIn
from ischio.interfaces.http.entrance import Endpoint, Entrance, SignedOut, cookie_named, keep_cookie
from ischio.interfaces.http.entrance import Refused as Refused
from ischio.interfaces.http.guards.answered import pattern
from ischio.interfaces.http.pages.forms import Form
from ischio.interfaces.http.pages.frame import page
from ischio.interfaces.http.pages.language import spoken
from ischio.interfaces.http.pages.visit import Visit
from ischio.interfaces.http.service import Service
from ischio.store.entries import Access, Action, Outcome, Person

SIGN_IN = "/sign-in"
COOKIE = "ischio-session"
WAYS_IN = (SIGN_IN, "/sign-out", "/arrived", "/smart")
LONGEST_NEXT = 500
_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
_PLAIN = re.compile(r"/(?:[\w~-][\w.~-]*(?:/[\w~-][\w.~-]*)*/?)?", re.ASCII)


class Found(Protocol):
    """Somebody whom an organisation looks after. whom: as the store knows them."""

    @property
    def whom(self) -> Person: ...


class Finds(Protocol):
    def find(self, id: str, organisation: str, by: Access) -> Found | None:
        """Somebody of the organisation by the id in the address. None for anybody else; the try is audited then."""


Handler = Callable[[Visit], Response]


class Gate(Entrance[Visit]):
    """Makes endpoints of handlers. clinic: given to each visit. people: those who can be found."""

    def __init__(self, service: Service, signing_in: SigningIn, people: Finds, clinic: Any = None) -> None:
        assert service.store is not None
        super().__init__(service)
        self._store = service.store
        self._signing_in, self._people, self._clinic = signing_in, people, clinic

    def page(self, may: May | None, handler: Handler) -> Endpoint:
        """A page for those who may do that; None: for everybody who is signed in."""
        return self.endpoint(handler, lambda visit: self._let_in(visit, may))

    def of_person(self, may: May, handler: Handler) -> Endpoint:
        """A page about the `{person}` of its address, for those of their organisation who may do that."""
        return self.endpoint(handler, lambda visit: self._with_person(self._let_in(visit, may)))

    def open(self, handler: Handler) -> Endpoint:
        """A page for everybody; who is signed in is known there too. A form may only come from a page of ours."""
        return self.endpoint(handler, self.own_form)

    # ---- what the entrance asks -------------------------------------------------------------------------------------

    def arrived(self, request: Request) -> Visit:
        return _visit(self._service, request, self._clinic)

    def recognised(self, visit: Visit, form: Form) -> Visit:
        who = self._signing_in.who(token_of(self._service, visit.request), visit.now)
        return replace(visit, who=who, form=form)

    def refusal(self, visit: Visit, refused: Refused) -> Response:
        return refusal(visit, refused)

    def to_sign_in(self, visit: Visit) -> Response:
        return _to_sign_in(visit)

    def csrf(self, visit: Visit) -> str | None:
        return visit.who.csrf if visit.who else None

    def note(self, visit: Visit, refused: Refused) -> None:
        """Who is not signed in can write nothing there: else they could fill it."""
        if refused.why and visit.who is not None:
            whom = visit.known.whom if visit.known else None
            why = f"{refused.why}: {pattern(visit.request.scope)}"
            self._store.audit.write(visit.by, Action.EXECUTE, "page", whom, Outcome.REFUSED, why)

    # ---- who may ----------------------------------------------------------------------------------------------------

    def _let_in(self, visit: Visit, may: May | None) -> Visit:
        if visit.who is None:
            raise SignedOut
        if may is not None and not visit.who.may(may):
            what = visit.gettext("Your account is not allowed to do this.")
            raise Refused(
                403, what, visit.gettext("Ask an administrator if it should be."), f"may not {may.name.lower()}"
            )
        return self.own_form(visit)

    def _with_person(self, visit: Visit) -> Visit:
        assert visit.who is not None
        id = visit.request.path_params["person"]
        known = self._people.find(id, visit.who.organisation, visit.by) if _ID.fullmatch(id) else None
        if known is None:
            what = visit.gettext("There is nobody of this number here.")
            raise Refused(404, what, visit.gettext("Look the person up in the list."))
        reads = visit.request.method != "POST"
        action = Action.READ if reads else Action.EXECUTE
        self._store.audit.write(visit.by, action, "page", known.whom, Outcome.SUCCESS, pattern(visit.request.scope))
        drawn = cache(partial(self._clinic.charts.of, known, visit.today, visit.by)) if self._clinic else None
        return replace(visit, known=known, drawn=drawn)


def _visit(service: Service, request: Request, clinic: Any = None) -> Visit:
    """Of nobody as yet."""
    return Visit(request, service, clinic, None, service.clock(), spoken(request))


# ---- answers --------------------------------------------------------------------------------------------------------


def refusal(visit: Visit, refused: Refused) -> Response:
    return page(visit, "refused", refused.status, what=refused.what, mend=refused.mend)


def not_served(service: Service, request: Request, status: int) -> Response:
    """The page for an address at which there is none, or that takes something else than it was sent."""
    visit = _visit(service, request)
    what = visit.gettext("There is no page at this address.")
    return refusal(visit, Refused(status, what, visit.gettext("It may be mistyped, or of an earlier release.")))


def _to_sign_in(visit: Visit) -> Response:
    """What was sent is lost then, and is said to be."""
    if visit.request.method == "POST":
        what = visit.gettext("Your session has ended. Nothing was kept of what you sent.")
        mend = visit.gettext("Go back to copy what you wrote, sign in, and send it anew.")
        return refusal(visit, Refused(401, what, mend))
    url = visit.request.url
    place = url.path + (f"?{url.query}" if url.query else "")
    return RedirectResponse(f"{SIGN_IN}?next={quote(place)}", 303)


def safe_next(place: str) -> str:
    """An address of this site that somebody is sent to, or nothing if it is none: it must lead nowhere else.

    Browsers read a backslash as a slash, pass over tabs and line ends, and take out `..` and what stands before it,
    however that is written: so only an address is let through that can be read in one way.
    """
    path, _, query = place.partition("?")
    if not _PLAIN.fullmatch(path) or not query.isprintable() or "#" in query or len(place) > LONGEST_NEXT:
        return ""
    # Nobody is sent on to a way in: it might be one that somebody else began, and that would sign them in as that one.
    return "" if place.startswith(WAYS_IN) else place


# ---- the cookie -----------------------------------------------------------------------------------------------------


def cookie_name(service: Service) -> str:
    return cookie_named(service, COOKIE)


def token_of(service: Service, request: Request) -> str:
    return request.cookies.get(cookie_name(service), "")


def set_cookie(service: Service, answer: Response, token: str) -> None:
    """Ends with the browser; the session itself ends earlier. An empty token takes it away."""
    keep_cookie(service, answer, COOKIE, token)
