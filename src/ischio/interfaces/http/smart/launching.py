"""The application as a records system launches it (SMART App Launch 2.2), and as it is started by itself.

A launch ends at an address of its own, `/smart/at/{name}`: two tabs with two patients have two names, two tokens and
two answers. The name alone opens nothing: the browser has to show the cookie that it had when it was launched.
Tokens are kept sealed; they go when the page is closed, when they end, or when the patient is another one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ischio.interfaces.http.html_answers import html
from ischio.interfaces.http.outward import guard_of, registrations_of
from ischio.interfaces.http.pages.arrivals import BY_A_CLICK, Arrival, Arrivals
from ischio.interfaces.http.service import Service
from ischio.interfaces.http.smart.browsers import browser_of, is_framed, new_browser, only, sent_off
from ischio.interfaces.http.smart.kept import Kept
from ischio.interfaces.http.smart.person import seen
from ischio.interfaces.http.whose import person_launched
from ischio.interfaces.page.page import Served, message, page
from ischio.model.mistake import RecordError
from ischio.remote.addresses import AddressGuard
from ischio.remote.authority import Authority, Registration, SmartError, discover
from ischio.remote.errands import Errand
from ischio.remote.smart import Grant, begin, finish, renewed
from ischio.store.entries import Access, Action, Outcome
from ischio.store.identities import Identity
from ischio.store.store import Store

LAUNCH_LASTS = timedelta(minutes=10)
SESSION_LASTS = timedelta(hours=8)
"""The longest that a page can be used whose token can be renewed; else until the token ends."""
RENEWED_BEFORE = timedelta(seconds=30)
AGAIN = "Close this page and open it from the records system again."


def routes(service: Service, store: Store, arrivals: Arrivals | None = None) -> list[Route]:
    """arrivals: of those who are signed in by their launch; None: nobody is.

    Raises IschioError for a key in the settings that cannot be read.
    """
    registrations, guard = registrations_of(service.settings), guard_of(service.settings)
    return SmartApp(service, store, registrations, guard, arrivals).routes()


@dataclass(frozen=True, slots=True)
class _Session:
    """server: whose patient it is. authority: where the grant is renewed."""

    server: str
    authority: Authority
    grant: Grant


class _Refused(Exception):
    """A request that is answered with a page that says why. mend: what the person can do."""

    def __init__(self, status: int, what: str, mend: str = AGAIN) -> None:
        super().__init__(what)
        self.status, self.what, self.mend = status, what, mend


class SmartApp:
    """registrations: the servers that may launch it, and how they know us."""

    def __init__(
        self,
        service: Service,
        store: Store,
        registrations: Sequence[Registration],
        guard: AddressGuard,
        arrivals: Arrivals | None,
    ) -> None:
        self._service, self._store, self._guard, self._arrivals = service, store, guard, arrivals
        launches = service.settings.launches if arrivals else ()
        self._organisations = {one.iss: one.organisation for one in launches if one.organisation}
        self._registrations = {one.server.rstrip("/"): one for one in registrations}
        self._launches = Kept("launch", Errand, store, service.clock)
        self._sessions = Kept("page of a launch", _Session, store, service.clock)

    def routes(self) -> list[Route]:
        return [
            Route("/smart/launch", self._told(self.launch)),
            Route("/smart/start", self._told(self.start)),
            Route("/smart/callback", self._told(self.callback)),
            Route("/smart/at/{name}", self._told(self.show)),
            Route("/smart/at/{name}/leave", self._told(self.leave), methods=["POST"]),
        ]

    def _told(self, handle: Callable[[Request], Response]) -> Callable[[Request], Response]:
        """The handler; what it refuses becomes a page."""

        def handler(request: Request) -> Response:
            try:
                return handle(request)
            except _Refused as refused:
                return self._html(message("This page cannot be shown", refused.what, refused.mend), refused.status)

        return handler

    def _html(self, text: str, status: int = 200, *, forms: bool = False) -> Response:
        return html(self._service.settings, text, status, forms=forms)

    # ---- there and back ---------------------------------------------------------------------------------------------

    def launch(self, request: Request) -> Response:
        """From the records system, which names itself (iss) and what it has open (launch)."""
        handle = only(request, "launch")
        if not handle:
            raise _Refused(400, "The records system did not say what is open in it (launch).")
        return self._sent_off(request, self._registration(only(request, "iss")), handle)

    def start(self, request: Request) -> Response:
        """By itself: the records system lets the person choose a patient."""
        iss = only(request, "iss")
        if not iss and len(self._registrations) != 1:
            choices = [(server, f"start?iss={quote(server, safe='')}") for server in self._registrations]
            what = "Choose the records system." if choices else "No records system is set up here."
            return self._html(message("Start", what, "", choices))
        return self._sent_off(request, self._registration(iss or next(iter(self._registrations))), None)

    def _registration(self, server: str) -> Registration:
        found = self._registrations.get(server.rstrip("/"))
        if found is None:
            mend = "Those who run this service can add it to the settings ([[launches]])."
            raise _Refused(403, "This records system is not one of those that may open the page.", mend)
        return found

    def _sent_off(self, request: Request, registration: Registration, handle: str | None) -> Response:
        redirect = f"{self._service.settings.base}/smart/callback"
        try:
            authority = discover(registration.server, self._guard)
            errand, url = begin(registration, authority, redirect, handle, self._guard)
        except SmartError as error:
            raise _Refused(502, f"The records system could not be asked to let you in: {error}.") from None
        browser = browser_of(request) or new_browser()
        self._launches.put(errand, self._service.clock() + LAUNCH_LASTS, browser, errand.state)
        return sent_off(url, browser)

    def callback(self, request: Request) -> Response:
        """The browser is back with a code. What it shows is used once, whatever comes of it."""
        browser = browser_of(request)
        errand = self._launches.take(only(request, "state"), browser)
        if errand is None:
            raise _Refused(403, "This is not the answer to a launch of this browser, or it came too late.")
        code = only(request, "code")
        if not code:
            raise _Refused(403, "The records system did not let you in.")
        now = self._service.clock()
        try:
            grant = finish(errand, self._registration(errand.server), code, self._guard, now)
        except SmartError as error:
            raise _Refused(502, f"The records system gave no usable permission: {error}.") from None
        session = _Session(errand.server, errand.authority, grant)
        headers = {"cache-control": "no-store", "referrer-policy": "no-referrer"}
        into = "" if is_framed(request) else self._into(session, browser)
        if into:
            return RedirectResponse(into, 303, headers)
        until = now + SESSION_LASTS if grant.refresh else min(grant.until, now + SESSION_LASTS)
        name = self._sessions.put(session, until, browser)
        return RedirectResponse(f"at/{name}", 303, headers)

    def _into(self, session: _Session, browser: str) -> str:
        """The address by which somebody is signed in to the application, once; empty where nobody can be."""
        server, grant = session.server.rstrip("/"), session.grant
        organisation = self._organisations.get(server)
        if self._arrivals is None or organisation is None or grant.user is None:
            return ""
        return self._arrivals.put(Arrival(Identity(server, grant.user), organisation, grant=grant), browser)

    # ---- the page ---------------------------------------------------------------------------------------------------

    def show(self, request: Request) -> Response:
        """The assessment, from what the records system gives at this moment."""
        name, session = self._session(request)
        try:
            session = self._with_good_token(name, browser_of(request), session)
            found = seen(self._service, session.server, session.grant, self._guard, self._access(session))
        except SmartError as error:
            self._sessions.end(name)
            self._note(session, Outcome.FAILED)
            raise _Refused(502, f"The records system did not give what is needed: {error}.") from None
        except RecordError as error:
            self._note(session, Outcome.FAILED)
            raise _Refused(502, " ".join(mistake.what for mistake in error.mistakes)) from None
        self._note(session, Outcome.SUCCESS)
        served = Served(found.unseen, f"{name}/leave", self._into(session, BY_A_CLICK))
        return self._html(page(found.assessment, self._service.pathway, served), forms=True)

    def leave(self, request: Request) -> Response:
        """Nothing is kept of the patient then."""
        name, _ = self._session(request)
        self._sessions.end(name)
        text = message(
            "Closed", "The page of this patient is closed.", "It can be opened from the records system again."
        )
        return self._html(text)

    def _note(self, session: _Session, outcome: Outcome) -> None:
        """Into the audit: who looked at whose record."""
        whom = person_launched(self._service.settings, session.server, session.grant.patient)
        self._store.audit.write(self._access(session), Action.READ, "record", whom, outcome)

    def _access(self, session: _Session) -> Access:
        """The user, as the records system knows them."""
        server, user = session.server, session.grant.user
        return Access(f"{server}/{user}" if user else server, self._service.clock())

    def _session(self, request: Request) -> tuple[str, _Session]:
        name = request.path_params["name"]
        session = self._sessions.get(name, browser_of(request))
        if session is None:
            raise _Refused(403, "This page was closed, or it was opened in another browser.")
        return name, session

    def _with_good_token(self, name: str, browser: str, session: _Session) -> _Session:
        now = self._service.clock()
        if session.grant.refresh is None or now < session.grant.until - RENEWED_BEFORE:
            return session
        registration = self._registration(session.server)
        session = replace(session, grant=renewed(session.grant, session.authority, registration, self._guard, now))
        self._sessions.replace(name, browser, session)
        return session
