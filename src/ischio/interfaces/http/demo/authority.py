"""The authorisation server of the small record: SMART App Launch 2.2 as an app meets it, for one known app."""

import hmac
import secrets
from base64 import urlsafe_b64encode
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import msgspec
from joserfc import jwt
from joserfc.jwk import ECKey
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from ischio.interfaces.http.posted import posted
from ischio.interfaces.http.problems import Problem
from ischio.remote.scopes import Reach, Scopes

CLIENT = "ischio-demo"
USER = "Practitioner/d"
GOOD_FOR = timedelta(minutes=10)
REMEMBERED = 1000


@dataclass(frozen=True, slots=True)
class Granted:
    """What a launch, a code or a token stands for. asked: what the app said when it asked for a code."""

    person: str | None
    scope: str
    until: datetime
    asked: Mapping[str, str] | None = None


class Kept:
    """Secrets by which something is found once more, each for ten minutes; the oldest goes where there are too many."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._kept: OrderedDict[str, Granted] = OrderedDict()

    def keep(self, person: str | None, scope: str, asked: Mapping[str, str] | None = None) -> str:
        secret = secrets.token_urlsafe(32)
        self._kept[secret] = Granted(person, scope, self._clock() + GOOD_FOR, asked)
        if len(self._kept) > REMEMBERED:
            self._kept.popitem(last=False)
        return secret

    def find(self, secret: str, *, once: bool = False) -> Granted | None:
        found = self._kept.pop(secret, None) if once else self._kept.get(secret)
        return found if found is not None and found.until > self._clock() else None


class Authority:
    """base: of the service; the record is at {base}/ehr. choose: the page on which a person is chosen."""

    def __init__(
        self, base: str, clock: Callable[[], datetime], choose: Callable[[Mapping[str, str]], Response]
    ) -> None:
        self._clock, self._choose = clock, choose
        self.fhir, self._auth = f"{base}/ehr/fhir", f"{base}/ehr/auth"
        self._redirect = f"{base}/smart/callback"
        self._key = ECKey.generate_key("P-384", {"kid": secrets.token_hex(4), "use": "sig", "alg": "ES384"})
        self._launches, self._codes, self._tokens = Kept(clock), Kept(clock), Kept(clock)

    # ---- what the record itself asks of it ----

    def launch(self, person: str, scope: str) -> str:
        """The handle of a launch for a person, in which no more than the scope will be granted."""
        return self._launches.keep(person, scope)

    def token(self, person: str, scope: str) -> str:
        return self._tokens.keep(person, scope)

    def admit(self, request: Request, kind: str, doing: str, person: str | None) -> None:
        """Raises Problem where the token does not open this. doing: `r`, `s`. person: whose it is; None: nobody's."""
        word, _, secret = request.headers.get("authorization", "").partition(" ")
        granted = self._tokens.find(secret) if word.lower() == "bearer" else None
        if granted is None:
            raise Problem(401, "login", "There is no token, or it has ended.", "Ask for one.")
        if person not in (None, granted.person) or Scopes.of(granted.scope).reach(kind, doing) is not Reach.ALL:
            raise Problem(403, "forbidden", "The token does not open this.", "Ask for the scope that does.")

    # ---- what an app asks of it ----

    def routes(self) -> list[Route]:
        return [
            Route("/ehr/fhir/.well-known/smart-configuration", self._configuration),
            Route("/ehr/auth/authorize", self._authorize),
            Route("/ehr/auth/token", self._token, methods=["POST"]),
            Route("/ehr/auth/jwks", self._jwks),
        ]

    async def _configuration(self, _: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.fhir,
                "jwks_uri": f"{self._auth}/jwks",
                "authorization_endpoint": f"{self._auth}/authorize",
                "token_endpoint": f"{self._auth}/token",
                "grant_types_supported": ["authorization_code"],
                "response_types_supported": ["code"],
                "scopes_supported": ["openid", "fhirUser", "launch", "launch/patient", "patient/*.rs"],
                "code_challenge_methods_supported": ["S256"],
                "capabilities": [
                    "launch-ehr",
                    "launch-standalone",
                    "client-public",
                    "sso-openid-connect",
                    "context-ehr-patient",
                    "context-standalone-patient",
                    "permission-patient",
                    "permission-v2",
                ],
            }
        )

    async def _jwks(self, _: Request) -> Response:
        return JSONResponse({"keys": [self._key.as_dict(private=False)]})

    async def _authorize(self, request: Request) -> Response:
        """A code for the app, or why not. Nothing is sent to an address that is not the app's."""
        asked = dict(request.query_params)
        if asked.get("client_id") != CLIENT or asked.get("redirect_uri") != self._redirect:
            raise Problem(400, "security", "This app is not known here.", f"Its client_id is {CLIENT}.")
        flaw = _flaw(asked, self.fhir)
        if flaw:
            return self._back(asked, {"error": "invalid_request", "error_description": flaw})
        if "launch" in asked:
            granted = self._launches.find(asked["launch"], once=True)
            if granted is None:
                return self._back(asked, {"error": "invalid_request", "error_description": "the launch has ended"})
            scope = _within(asked["scope"], granted.scope)
            return self._back(asked, {"code": self._codes.keep(granted.person, scope, asked)})
        if "person" in asked:
            return self._back(asked, {"code": self._codes.keep(asked["person"], asked["scope"], asked)})
        return self._choose(asked)

    def _back(self, asked: Mapping[str, str], said: Mapping[str, str]) -> Response:
        state = {"state": asked["state"]} if "state" in asked else {}
        return RedirectResponse(f"{self._redirect}?{urlencode({**said, **state})}", 302)

    async def _token(self, request: Request) -> Response:
        form = await posted(request)
        granted = self._codes.find(form.get("code", ""), once=True)
        if form.get("client_id") != CLIENT:
            return _refused(401, "invalid_client")
        if form.get("grant_type") != "authorization_code" or granted is None or not self._fits(form, granted):
            return _refused(400, "invalid_grant")
        assert granted.person is not None
        assert granted.asked is not None
        said: dict[str, Any] = {
            "access_token": self.token(granted.person, granted.scope),
            "token_type": "Bearer",
            "expires_in": int(GOOD_FOR.total_seconds()),
            "scope": granted.scope,
            "patient": granted.person,
            "need_patient_banner": True,
        }
        if "openid" in granted.scope.split():
            said["id_token"] = self._identity(granted.asked)
        return JSONResponse(said)

    def _fits(self, form: Mapping[str, str], granted: Granted) -> bool:
        asked = granted.asked or {}
        proof = urlsafe_b64encode(sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=").decode()
        same = hmac.compare_digest(proof, asked.get("code_challenge", ""))
        return same and form.get("redirect_uri") == asked.get("redirect_uri")

    def _identity(self, asked: Mapping[str, str]) -> str:
        now = int(self._clock().timestamp())
        claims = {"iss": self.fhir, "sub": "d", "aud": CLIENT, "iat": now, "exp": now + 300}
        claims |= {"fhirUser": f"{self.fhir}/{USER}"} | ({"nonce": asked["nonce"]} if "nonce" in asked else {})
        return jwt.encode({"alg": "ES384", "kid": self._key.kid}, claims, self._key, algorithms=["ES384"])


def _flaw(asked: Mapping[str, str], fhir: str) -> str:
    """What is wrong with how an app asks; empty if nothing is."""
    if asked.get("response_type") != "code":
        return "response_type is not code"
    if asked.get("aud", "").rstrip("/") != fhir:
        return "aud is not this server"
    if asked.get("code_challenge_method") != "S256" or len(asked.get("code_challenge", "")) != 43:
        return "no PKCE with S256"
    return "" if asked.get("state") and asked.get("scope") else "no state or no scope"


def _within(asked: str, most: str) -> str:
    """The scopes that were asked for, those for data narrowed to what is granted."""
    plain = [one for one in asked.split() if not one.startswith("patient/")]
    return " ".join([*plain, *most.split()])


def _refused(status: int, error: str) -> Response:
    return Response(msgspec.json.encode({"error": error}), status, media_type="application/json")
