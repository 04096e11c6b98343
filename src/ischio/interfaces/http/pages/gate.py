"""The way in: who is signed in, whether they may, whether they sent it themselves, and whose page it is.

Each page of the application is behind it. The person is in the address alone: the session knows of nobody, so that two
tabs with two people have nothing in common.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Protocol
from urllib.parse import quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ischio.clinic.access import May, Who
from ischio.clinic.signing_in import SigningIn, is_csrf
from ischio.interfaces.http.guards.answered import pattern
from ischio.interfaces.http.guards.failures import log_failed
from ischio.interfaces.http.guards.headers import policy
from ischio.interfaces.http.guards.identity import request_id
from ischio.interfaces.http.pages.forms import Form, FormRefused, form_of
from ischio.interfaces.http.pages.frame import page
from ischio.interfaces.http.pages.language import chosen, translations
from ischio.interfaces.http.service import Service
from ischio.store.entries import Access, Action, Outcome, Person
from ischio.store.faults import StoreUnusable

SIGN_IN = "/sign-in"
TRUSTED_TYPES = "require-trusted-types-for 'script'; trusted-types 'none'"
WAYS_IN = (SIGN_IN, "/sign-out", "/arrived", "/smart")
LONGEST_NEXT = 500
_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")


class Found(Protocol):
    """Somebody whom an organisation looks after. whom: as the store knows them."""

    @property
    def whom(self) -> Person: ...


class Finds(Protocol):
    def find(self, id: str, organisation: str, by: Access) -> Found | None:
        """Somebody of the organisation by the id in the address. None for anybody else; the try is audited then."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One request for a page, let in. who: None where nobody is signed in, which few pages allow.

    clinic: what the application does. form: what was sent; empty but for a POST. known: whose page it is, if it is
    somebody's, and chart: their chart of today. now: the moment, with its zone. language: of the page.
    """

    request: Request
    service: Service
    clinic: Any
    who: Who | None
    now: datetime
    language: str
    form: Form = field(default_factory=Form)
    known: Any = None
    chart: Any = None

    @property
    def today(self) -> date:
        """The index date of what is shown."""
        return self.now.date()

    @property
    def user(self) -> Who:
        """Who is signed in. Only where somebody is."""
        assert self.who is not None
        return self.who

    @property
    def by(self) -> Access:
        """Who reads or writes, for the store. Only where somebody is signed in."""
        return self.user.access(self.now)

    def gettext(self, text: str) -> str:
        return translations(self.language).gettext(text)

    def ngettext(self, one: str, many: str, count: int) -> str:
        return translations(self.language).ngettext(one, many, count)


Handler = Callable[[Visit], Response]
Endpoint = Callable[[Request], Awaitable[Response]]


class Refused(Exception):
    """A request that is answered with a page that says what is wrong and what can be done; both in the page's language.

    why: a short reason for the audit, of no person; empty: it is none of the audit's business.
    """

    def __init__(self, status: int, what: str, mend: str, why: str = "") -> None:
        super().__init__(what)
        self.status, self.what, self.mend, self.why = status, what, mend, why


class _SignedOut(Exception):
    """Nobody is signed in."""


class Gate:
    """Makes endpoints of handlers. clinic: given to each visit. people: those who can be found."""

    def __init__(self, service: Service, signing_in: SigningIn, people: Finds, clinic: Any = None) -> None:
        assert service.store is not None
        self._service, self._store = service, service.store
        self._signing_in, self._people, self._clinic = signing_in, people, clinic
        self._own = _origin(service.settings.base)
        self._policy = f"{policy(service.settings.frames)}; {TRUSTED_TYPES}"

    def page(self, may: May | None, handler: Handler) -> Endpoint:
        """A page for those who may do that; None: for everybody who is signed in."""
        return self._endpoint(handler, lambda visit: self._let_in(visit, may))

    def of_person(self, may: May, handler: Handler) -> Endpoint:
        """A page about the `{person}` of its address, for those of their organisation who may do that."""
        return self._endpoint(handler, lambda visit: self._with_person(self._let_in(visit, may)))

    def open(self, handler: Handler) -> Endpoint:
        """A page for everybody; who is signed in is known there too. A form may only come from a page of ours."""
        return self._endpoint(handler, self._own_form)

    # ---- step by step -----------------------------------------------------------------------------------------------

    def _endpoint(self, handler: Handler, let_in: Callable[[Visit], Visit]) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            sent = await _sent(request)
            try:
                async with asyncio.timeout(self._service.settings.limits.seconds):
                    # In a thread: what follows asks the database.
                    answer = await run_in_threadpool(self._answer, request, sent, handler, let_in)
            except TimeoutError as error:
                # The thread goes on, and may still keep what was sent.
                log_failed(request.scope, error)
                visit = _visit(self._service, request, self._clinic)
                answer = refusal(visit, _late(visit))
            answer.headers.setdefault("content-security-policy", self._policy)
            return answer

        return endpoint

    def _answer(
        self, request: Request, sent: Form | FormRefused, handler: Handler, let_in: Callable[[Visit], Visit]
    ) -> Response:
        visit = _visit(self._service, request, self._clinic)
        try:
            return self._let_through(visit, sent, handler, let_in)
        except StoreUnusable as error:
            log_failed(request.scope, error)
            return refusal(visit, _unusable(visit))
        except Exception as error:
            log_failed(request.scope, error)
            return refusal(visit, _failed(visit))

    def _let_through(
        self, visit: Visit, sent: Form | FormRefused, handler: Handler, let_in: Callable[[Visit], Visit]
    ) -> Response:
        visit = replace(visit, who=self._signing_in.who(token_of(self._service, visit.request), visit.now))
        try:
            if isinstance(sent, FormRefused):
                raise Refused(sent.status, visit.gettext(sent.what), visit.gettext(sent.mend))
            visit = let_in(replace(visit, form=sent))
            return handler(visit)
        except _SignedOut:
            return _to_sign_in(visit)
        except Refused as refused:
            self._note(visit, refused)
            return refusal(visit, refused)

    def _let_in(self, visit: Visit, may: May | None) -> Visit:
        if visit.who is None:
            raise _SignedOut
        if may is not None and not visit.who.may(may):
            what = visit.gettext("Your account is not allowed to do this.")
            raise Refused(
                403, what, visit.gettext("Ask an administrator if it should be."), f"may not {may.name.lower()}"
            )
        return self._own_form(visit)

    def _own_form(self, visit: Visit) -> Visit:
        """Of a POST: that it came from a page of ours, which was made for this session."""
        if visit.request.method != "POST":
            return visit
        if not self._from_here(visit.request):
            what = visit.gettext("A page of another site sent this.")
            raise Refused(403, what, visit.gettext("Use the pages of this site."), "form of another site")
        if visit.who is not None and not is_csrf(visit.who, visit.form.one("csrf")):
            what = visit.gettext("This form is of an earlier session; nothing was kept of it.")
            raise Refused(403, what, visit.gettext("Go back, open the page again, and send it anew."), "form token")
        return visit

    def _from_here(self, request: Request) -> bool:
        """By what browsers tell of where a form came from. A page without a referrer has the origin `null`."""
        site = request.headers.get("sec-fetch-site")
        return site == "same-origin" if site is not None else request.headers.get("origin") == self._own

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
        chart = self._clinic.charts.of(known, visit.today, visit.by) if self._clinic else None
        return replace(visit, known=known, chart=chart)

    def _note(self, visit: Visit, refused: Refused) -> None:
        """Into the audit. Who is not signed in can write nothing there: else they could fill it."""
        if refused.why and visit.who is not None:
            whom = visit.known.whom if visit.known else None
            why = f"{refused.why}: {pattern(visit.request.scope)}"
            self._store.audit.write(visit.by, Action.EXECUTE, "page", whom, Outcome.REFUSED, why)


def _visit(service: Service, request: Request, clinic: Any = None) -> Visit:
    """Of nobody as yet."""
    language = chosen(request.query_params.get("lang"), request.headers.get("accept-language", ""))
    return Visit(request, service, clinic, None, service.clock(), language)


async def _sent(request: Request) -> Form | FormRefused:
    try:
        return await form_of(request) if request.method == "POST" else Form()
    except FormRefused as refused:
        return refused


# ---- answers --------------------------------------------------------------------------------------------------------


def refusal(visit: Visit, refused: Refused) -> Response:
    return page(visit, "refused", refused.status, what=refused.what, mend=refused.mend)


def not_served(service: Service, request: Request, status: int) -> Response:
    """The page for an address at which there is none, or that takes something else than it was sent."""
    visit = _visit(service, request)
    what = visit.gettext("There is no page at this address.")
    return refusal(visit, Refused(status, what, visit.gettext("It may be mistyped, or of an earlier release.")))


def _unusable(visit: Visit) -> Refused:
    what = visit.gettext("The store does not answer. Nothing was kept of what you sent, if you sent anything.")
    return Refused(503, what, visit.gettext("Try again in a minute; if it stays so, tell those who run the service."))


def _late(visit: Visit) -> Refused:
    what = visit.gettext("The answer took too long.")
    mend = visit.gettext("Try again in a minute. If you sent a form, look first whether it was kept.")
    return Refused(503, what, mend)


def _failed(visit: Visit) -> Refused:
    what = visit.gettext("The service failed on this page.")
    mend = visit.gettext("Tell those who run it: request %(name)s.") % {"name": request_id(visit.request.scope)}
    return Refused(500, what, mend)


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

    Browsers read a backslash as a slash and pass over tabs and line ends, so none of them is let through.
    """
    inside = place.startswith("/") and not place.startswith("//") and "\\" not in place and place.isprintable()
    if not inside or len(place) > LONGEST_NEXT:
        return ""
    # Nobody is sent on to a way in: it might be one that somebody else began, and that would sign them in as that one.
    return "" if place.startswith(WAYS_IN) else place


# ---- the cookie -----------------------------------------------------------------------------------------------------


def cookie_name(service: Service) -> str:
    """Browsers keep the promise of the prefix only where the service is reached by https."""
    return "__Host-ischio-session" if _is_https(service) else "ischio-session"


def token_of(service: Service, request: Request) -> str:
    return request.cookies.get(cookie_name(service), "")


def set_cookie(service: Service, answer: Response, token: str) -> None:
    """Ends with the browser; the session itself ends earlier. An empty token takes it away."""
    answer.set_cookie(
        cookie_name(service),
        token,
        max_age=None if token else 0,
        path="/",
        secure=_is_https(service),
        httponly=True,
        samesite="lax",
    )


def _is_https(service: Service) -> bool:
    return service.settings.base.startswith("https://")


def _origin(base: str) -> str:
    parts = urlsplit(base)
    return f"{parts.scheme}://{parts.netloc}"
