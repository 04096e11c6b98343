"""What every way in has in common, the clinicians' and the patients': a limit of time, a bounded form that a page of
ours sent, a page for each refusal, and the cookie.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from typing import Generic, Protocol, TypeVar
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from ischio.clinic.tokens import is_same
from ischio.interfaces.http.guards.failures import log_failed
from ischio.interfaces.http.guards.headers import policy
from ischio.interfaces.http.guards.identity import request_id
from ischio.interfaces.http.pages.forms import Form, FormRefused, form_of
from ischio.interfaces.http.service import Service
from ischio.store.faults import StoreUnusable

TRUSTED_TYPES = "require-trusted-types-for 'script'; trusted-types 'none'"
LOOPBACK = ("127.0.0.1", "::1", "localhost")
Endpoint = Callable[[Request], Awaitable[Response]]


class Refused(Exception):
    """A request that is answered with a page that says what is wrong and what can be done; both in the page's language.

    why: a short reason for the audit, of no person; empty: it is none of the audit's business.
    """

    def __init__(self, status: int, what: str, mend: str, why: str = "") -> None:
        super().__init__(what)
        self.status, self.what, self.mend, self.why = status, what, mend, why


class SignedOut(Exception):
    """Nobody is signed in."""


class Coming(Protocol):
    """A visit, as far as every way in knows of it."""

    @property
    def request(self) -> Request: ...

    @property
    def form(self) -> Form: ...

    def gettext(self, text: str) -> str: ...


V = TypeVar("V", bound=Coming)


class Entrance(ABC, Generic[V]):
    """Makes endpoints of handlers; each way in says who comes, and what a refusal looks like."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._own = _origin(service.settings.base)
        self._policy = f"{policy(service.settings.frames)}; {TRUSTED_TYPES}"

    @abstractmethod
    def arrived(self, request: Request) -> V:
        """A visit of nobody as yet. It asks nothing of the store."""

    @abstractmethod
    def recognised(self, visit: V, form: Form) -> V:
        """The visit with who it is, and with what was sent."""

    @abstractmethod
    def refusal(self, visit: V, refused: Refused) -> Response:
        """The page that says so."""

    @abstractmethod
    def to_sign_in(self, visit: V) -> Response:
        """Nobody is signed in, and the page is not for everybody."""

    @abstractmethod
    def csrf(self, visit: V) -> str | None:
        """What a form of this visitor has to carry; None where nobody is signed in."""

    def note(self, visit: V, refused: Refused) -> None:
        """Into the audit, where it is any of its business."""

    # ---- step by step -----------------------------------------------------------------------------------------------

    def endpoint(
        self, handler: Callable[[V], Response], let_in: Callable[[V], V], *, reads_form: bool = True
    ) -> Endpoint:
        """reads_form: no where the address alone says all, whatever was sent to it."""

        async def endpoint(request: Request) -> Response:
            sent = await _sent(request) if reads_form else Form()
            try:
                async with asyncio.timeout(self._service.settings.limits.seconds):
                    # In a thread: what follows asks the database.
                    answer = await run_in_threadpool(self._answer, request, sent, handler, let_in)
            except TimeoutError as error:
                # The thread goes on, and may still keep what was sent.
                log_failed(request.scope, error)
                visit = self.arrived(request)
                answer = self.refusal(visit, _late(visit))
            answer.headers.setdefault("content-security-policy", self._policy)
            return answer

        return endpoint

    def _answer(
        self, request: Request, sent: Form | FormRefused, handler: Callable[[V], Response], let_in: Callable[[V], V]
    ) -> Response:
        visit = self.arrived(request)
        try:
            return self._let_through(visit, sent, handler, let_in)
        except StoreUnusable as error:
            log_failed(request.scope, error)
            return self.refusal(visit, _unusable(visit))
        except Exception as error:
            log_failed(request.scope, error)
            return self.refusal(visit, _failed(visit))

    def _let_through(
        self, visit: V, sent: Form | FormRefused, handler: Callable[[V], Response], let_in: Callable[[V], V]
    ) -> Response:
        visit = self.recognised(visit, Form() if isinstance(sent, FormRefused) else sent)
        try:
            if isinstance(sent, FormRefused):
                raise Refused(sent.status, visit.gettext(sent.what), visit.gettext(sent.mend))
            visit = let_in(visit)
            return handler(visit)
        except SignedOut:
            return self.to_sign_in(visit)
        except Refused as refused:
            self.note(visit, refused)
            return self.refusal(visit, refused)

    def own_form(self, visit: V) -> V:
        """Of a POST: that it came from a page of ours, which was made for this session."""
        wanted = self.csrf(self.of_this_site(visit)) if visit.request.method == "POST" else None
        if wanted is not None and not is_same(wanted, visit.form.one("csrf")):
            what = visit.gettext("This form is of an earlier session; nothing was kept of it.")
            raise Refused(403, what, visit.gettext("Go back, open the page again, and send it anew."), "form token")
        return visit

    def of_this_site(self, visit: V) -> V:
        """Of a POST: that it came from a page of ours."""
        if visit.request.method == "POST" and not self._from_here(visit.request):
            what = visit.gettext("A page of another site sent this.")
            raise Refused(403, what, visit.gettext("Use the pages of this site."), "form of another site")
        return visit

    def _from_here(self, request: Request) -> bool:
        """By what browsers tell of where a form came from. A page without a referrer has the origin `null`."""
        site = request.headers.get("sec-fetch-site")
        return site == "same-origin" if site is not None else request.headers.get("origin") == self._own


async def _sent(request: Request) -> Form | FormRefused:
    try:
        return await form_of(request) if request.method == "POST" else Form()
    except FormRefused as refused:
        return refused


def _unusable(visit: Coming) -> Refused:
    what = visit.gettext("The store does not answer. Nothing was kept of what you sent, if you sent anything.")
    return Refused(503, what, visit.gettext("Try again in a minute; if it stays so, tell those who run the service."))


def _late(visit: Coming) -> Refused:
    what = visit.gettext("The answer took too long.")
    mend = visit.gettext("Try again in a minute. If you sent a form, look first whether it was kept.")
    return Refused(503, what, mend)


def _failed(visit: Coming) -> Refused:
    what = visit.gettext("The service failed on this page.")
    mend = visit.gettext("Tell those who run it: request %(name)s.") % {"name": request_id(visit.request.scope)}
    return Refused(500, what, mend)


def travels_open(service: Service) -> bool:
    """Whether what is sent can be read on its way: it is neither encrypted nor stays on this machine."""
    base = urlsplit(service.settings.base)
    return base.scheme != "https" and base.hostname not in LOOPBACK


# ---- the cookie -----------------------------------------------------------------------------------------------------


def cookie_named(service: Service, name: str) -> str:
    """Browsers keep the promise of the prefix only where the service is reached by https."""
    return f"__Host-{name}" if _is_https(service) else name


def keep_cookie(service: Service, answer: Response, name: str, token: str, age: int | None = None) -> None:
    """age: seconds; None: it ends with the browser. An empty token takes the cookie away."""
    answer.set_cookie(
        cookie_named(service, name),
        token,
        max_age=age if token else 0,
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
