"""SMART App Launch 2.2, our side of it: from the address to which a browser is sent to the token for one patient."""

import hmac
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import msgspec
from joserfc import jws
from joserfc.errors import JoseError

from ischio.remote.addresses import AddressGuard, AddressRefused
from ischio.remote.authority import Authority, Json, Registration, SmartError, ask_token
from ischio.remote.keys import fetching, keys_of
from ischio.remote.records import REFERENCE
from ischio.remote.scopes import Scopes
from ischio.remote.wire import WireError

SIGNED_WITH = ("RS256", "RS384", "ES256", "ES384")
"""How an id_token may be signed."""
SKEW = 60.0
GOOD_FOR = 300
"""Seconds for which a token is taken to be good whose server does not say for how long."""


@dataclass(frozen=True, slots=True)
class Launch:
    """A launch under way: what is remembered between sending the browser away and its coming back."""

    registration: Registration
    authority: Authority
    redirect: str
    launch: str | None = field(repr=False)
    state: str = field(repr=False, default_factory=lambda: secrets.token_urlsafe(32))
    verifier: str = field(repr=False, default_factory=lambda: secrets.token_urlsafe(64))
    nonce: str = field(repr=False, default_factory=lambda: secrets.token_urlsafe(32))

    @property
    def url(self) -> str:
        """Where the browser is sent."""
        assert self.authority.authorize is not None
        challenge = urlsafe_b64encode(sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code",
            "client_id": self.registration.client_id,
            "redirect_uri": self.redirect,
            "scope": _scope(self.registration.scope, self.launch),
            "state": self.state,
            "aud": self.registration.server,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "nonce": self.nonce,
            **({"launch": self.launch} if self.launch is not None else {}),
        }
        return f"{self.authority.authorize}{'&' if '?' in self.authority.authorize else '?'}{urlencode(asked)}"


@dataclass(frozen=True, slots=True)
class Grant:
    """What was granted. patient: the id of the one patient. scopes: as granted, whatever was asked for.

    user: who works with the records system (`Practitioner/p1`), by a checked id_token. until: the token ends then.
    """

    token: str = field(repr=False)
    until: datetime
    scopes: Scopes
    patient: str
    encounter: str | None = None
    user: str | None = None
    refresh: str | None = field(repr=False, default=None)


def begin(
    registration: Registration, authority: Authority, redirect: str, launch: str | None, guard: AddressGuard
) -> Launch:
    """A launch from the records system (launch: its handle) or by itself (None). Raises SmartError."""
    if "S256" not in authority.challenges:
        raise SmartError("the server does not offer PKCE with S256, without which a code can be stolen")
    try:
        guard.admit(authority.authorize or "")
    except AddressRefused as refused:
        raise SmartError(f"the server names no authorization_endpoint that can be used: {refused}") from None
    return Launch(registration, authority, redirect, launch)


def finish(launch: Launch, code: str, guard: AddressGuard, now: datetime) -> Grant:
    """The token for the code with which the browser came back. Raises SmartError."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": launch.redirect,
        "code_verifier": launch.verifier,
    }
    answer = ask_token(launch.authority, launch.registration, form, guard, now)
    user = _user(answer, launch, guard, now)
    return _granted(answer, launch.registration.scope, now, user)


def renewed(grant: Grant, launch: Launch, guard: AddressGuard, now: datetime) -> Grant:
    """Another token for the same patient, asked for with no more than was granted before. Raises SmartError."""
    if grant.refresh is None:
        raise SmartError("the server gave no token to renew it with")
    scope = " ".join(sorted(grant.scopes.granted))
    form = {"grant_type": "refresh_token", "refresh_token": grant.refresh, "scope": scope}
    answer = ask_token(launch.authority, launch.registration, form, guard, now)
    found = _granted({"patient": grant.patient, **answer}, scope, now, grant.user)
    if found.patient != grant.patient:
        raise SmartError("the records system has another patient open now")
    return replace(found, encounter=grant.encounter, refresh=found.refresh or grant.refresh)


def _scope(asked: str, launch: str | None) -> str:
    """A launch by itself asks for a patient to be chosen."""
    words = [word for word in asked.split() if word not in ("launch", "launch/patient")]
    return " ".join(["launch" if launch is not None else "launch/patient", *words])


def _granted(answer: Json, asked: str, now: datetime, user: str | None) -> Grant:
    seconds, scope = answer.get("expires_in"), answer.get("scope")
    patient, encounter, refresh = (answer.get(name) for name in ("patient", "encounter", "refresh_token"))
    if type(patient) is not str or not REFERENCE.fullmatch(f"Patient/{patient}"):
        raise SmartError("the server did not say for which patient the token is")
    good_for = seconds if type(seconds) is int and 0 < seconds < 10**7 else GOOD_FOR
    return Grant(
        answer["access_token"],
        now + timedelta(seconds=good_for),
        Scopes.of(scope if type(scope) is str else asked),
        patient,
        encounter if type(encounter) is str and REFERENCE.fullmatch(f"Encounter/{encounter}") else None,
        user,
        refresh if type(refresh) is str else None,
    )


# ---- who works with it -----------------------------------------------------------------------------------------------


def _user(answer: Json, launch: Launch, guard: AddressGuard, now: datetime) -> str | None:
    """The `fhirUser` of the id_token, if there is one; one that does not hold ends the launch."""
    text = answer.get("id_token")
    if type(text) is not str:
        return None
    claims = _signed(text, launch.authority, guard)
    aud, expires, user = claims.get("aud"), claims.get("exp"), claims.get("fhirUser")
    fits = (
        launch.authority.issuer is not None
        and claims.get("iss") == launch.authority.issuer
        and launch.registration.client_id in (aud if type(aud) is list else [aud])
        and claims.get("azp", launch.registration.client_id) == launch.registration.client_id
        and isinstance(expires, int | float)
        and expires > now.timestamp() - SKEW
        and hmac.compare_digest(str(claims.get("nonce")).encode(), launch.nonce.encode())
    )
    if not fits:
        raise SmartError("the id_token is not for this launch")
    return user if type(user) is str else None


def _signed(text: str, authority: Authority, guard: AddressGuard) -> dict[str, Any]:
    if authority.keys is None:
        raise SmartError("the server names no keys by which its id_token can be checked")
    try:
        keys = keys_of(msgspec.json.decode(fetching(guard)(authority.keys), type=dict))
        header = jws.extract_compact(text.encode("ascii")).headers()
        key = keys[str(header.get("kid"))]
        claims = jws.deserialize_compact(text, key, algorithms=list(SIGNED_WITH)).payload
        found: dict[str, Any] = msgspec.json.decode(claims, type=dict)
    except (WireError, AddressRefused, JoseError, ValueError, TypeError, KeyError, RecursionError):
        raise SmartError("the id_token cannot be checked, or its signature is not that of the server") from None
    return found
