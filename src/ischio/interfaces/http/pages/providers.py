"""Sign-in at an institution's provider by OpenID Connect: there, back, and out again when the provider says so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import msgspec
from joserfc import jws
from joserfc.errors import JoseError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ischio.clinic.identities import Identities
from ischio.interfaces.http.outward import providers_of
from ischio.interfaces.http.pages.arrivals import Arrival, Arrivals, elsewhere, sentence
from ischio.interfaces.http.pages.gate import Gate, Refused, safe_next
from ischio.interfaces.http.pages.visit import Visit
from ischio.interfaces.http.posted import posted
from ischio.interfaces.http.service import Service
from ischio.interfaces.http.settings import SignInProvider
from ischio.interfaces.http.smart.browsers import browser_of, new_browser, only, sent_off
from ischio.interfaces.http.smart.kept import Kept
from ischio.remote.authority import SmartError
from ischio.remote.errands import Errand
from ischio.remote.openid import Provider, SignedIn
from ischio.store.accounts import Role
from ischio.store.entries import Access, Action, Outcome
from ischio.store.identities import Identity
from ischio.store.store import Store

BACK, ENDED = "/sign-in/callback", "/sign-in/ended"
LASTS = timedelta(minutes=10)
LOGINS = ("preferred_username", "email")
"""Claims that an account to be made would like for its login, the first that there is."""


@dataclass(frozen=True, slots=True)
class _UnderWay:
    """A sign-in. number: the provider's place in the settings. going: where to afterwards."""

    number: int
    going: str
    errand: Errand


class Providers:
    """Raises IschioError, when it is made, for a key in the settings that cannot be read."""

    def __init__(self, service: Service, store: Store, arrivals: Arrivals) -> None:
        self._service, self._store, self._arrivals = service, store, arrivals
        self._identities = Identities(store)
        self._every = tuple(zip(service.settings.sign_in, providers_of(service.settings), strict=True))
        self._under_way = Kept("sign-in", _UnderWay, store, service.clock)

    def routes(self, gate: Gate) -> list[Route]:
        if not self._every:
            return []
        return [
            Route("/sign-in/with/{number:int}", gate.open(self.sent_off), methods=["GET"]),
            Route(BACK, gate.open(self.back), methods=["GET"]),
            Route(ENDED, self.ended, methods=["POST"]),
        ]

    def sent_off(self, visit: Visit) -> Response:
        """To the provider, by its place in the settings."""
        number = visit.request.path_params["number"]
        if number >= len(self._every):
            raise Refused(404, visit.gettext("There is no such provider."), visit.gettext("Choose one at the sign-in."))
        try:
            errand, url = self._every[number][1].begin(f"{self._service.settings.base}{BACK}")
        except SmartError as error:
            raise self._failed(visit, error) from None
        browser = browser_of(visit.request) or new_browser()
        going = safe_next(visit.request.query_params.get("next", ""))
        self._under_way.put(_UnderWay(number, going, errand), visit.now + LASTS, browser, errand.state)
        return sent_off(url, browser)

    def back(self, visit: Visit) -> Response:
        """The browser is back with a code. What it shows is used once, whatever comes of it."""
        request = visit.request
        browser = browser_of(request)
        kept = self._under_way.take(only(request, "state"), browser)
        if kept is None or not self._is_known(kept):
            what = visit.gettext("This is not the answer to a sign-in of this browser, or it came too late.")
            raise Refused(403, what, visit.gettext("Begin at the sign-in again."))
        errand = kept.errand
        told, provider = self._every[kept.number]
        code = only(request, "code")
        if not code or (only(request, "iss") or errand.authority.issuer) != errand.authority.issuer:
            what = visit.gettext("The provider did not let you in.")
            raise Refused(403, what, visit.gettext("Begin at the sign-in again."))
        try:
            found = provider.finish(errand, code, visit.now)
        except SmartError as error:
            raise self._failed(visit, error) from None
        arrival = _arrival(told, found, kept.going)
        if not arrival.roles:
            self._identities.let_go(arrival.identity, elsewhere(arrival, visit))
            what = visit.gettext("Your account there has none of the roles that are let in here.")
            raise Refused(403, what, visit.gettext("Ask those who give roles at your institution."))
        return _on(self._arrivals.put(arrival, browser))

    def _is_known(self, kept: _UnderWay) -> bool:
        """Whether the provider still stands where it stood: the service may have other settings since it began."""
        return kept.number < len(self._every) and self._every[kept.number][0].issuer == kept.errand.server

    async def ended(self, request: Request) -> Response:
        """POST, from the provider itself: somebody signed out there (Back-Channel Logout 1.0)."""
        token = (await posted(request)).get("logout_token", "")
        fits = await run_in_threadpool(self._end, token)
        headers = {"cache-control": "no-store"}
        return Response(status_code=200, headers=headers) if fits else _refusal(headers)

    def _end(self, token: str) -> bool:
        """Ends what the token says, in every process: sessions lie in the store. Whether it was one for us."""
        now = self._service.clock()
        for _, provider in self._named_by(token):
            try:
                ended = provider.ended(token, now)
            except SmartError:
                continue
            issuer, at = provider.registration.server, now.timestamp()
            if self._store.used_tokens.first_time(issuer, ended.id, ended.until, at):
                self._store.sessions.end_those_of(issuer, ended.subject, ended.sid)
                who = f"{issuer}/{ended.subject}" if ended.subject else issuer
                self._store.audit.write(
                    Access(who, now), Action.EXECUTE, "session", None, Outcome.SUCCESS, "ended by the provider"
                )
                return True
        return False

    def _named_by(self, token: str) -> Sequence[tuple[SignInProvider, Provider]]:
        """Those whose token it may be, by its own word, which is believed by nobody yet: no other is asked."""
        try:
            claims = msgspec.json.decode(jws.extract_compact(token.encode("ascii")).payload, type=dict)
        except (JoseError, ValueError, TypeError, RecursionError):
            return ()
        issuer = str(claims.get("iss")).rstrip("/")
        return [one for one in self._every if one[0].issuer.rstrip("/") == issuer]

    def _failed(self, visit: Visit, error: SmartError) -> Refused:
        return Refused(502, visit.gettext("The provider could not be asked who you are."), sentence(error))


def _arrival(told: SignInProvider, found: SignedIn, going: str) -> Arrival:
    login = next((name for claim in LOGINS if isinstance(name := found.claims.get(claim), str)), "")
    return Arrival(
        Identity(told.issuer, found.subject),
        told.organisation,
        going,
        sid=found.sid,
        roles=roles_in(found.claims, told.claim, told.roles),
        makes=login if told.create else None,
    )


def roles_in(claims: Mapping[str, Any], claim: str, given: Sequence[tuple[str, str]]) -> frozenset[Role]:
    """The roles that the values of a claim give. Dots in its name lead inside, where no claim has the whole name."""
    found: Any = claims.get(claim)
    if found is None:
        found = claims
        for part in claim.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
    values = found if isinstance(found, list) else [found]
    return frozenset(Role(role) for value, role in given if value in values)


def _on(address: str) -> Response:
    headers = {"location": address, "cache-control": "no-store", "referrer-policy": "no-referrer"}
    return Response(status_code=303, headers=headers)


def _refusal(headers: Mapping[str, str]) -> Response:
    return JSONResponse({"error": "invalid_request"}, 400, headers)
