"""An authorisation server (SMART App Launch 2.2, OpenID Connect): what it says of itself, and how a token is asked."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus, urlencode

import msgspec

from ischio.remote.addresses import AddressGuard, AddressRefused
from ischio.remote.signing import ClientKey, assertion
from ischio.remote.wire import Limits, Wire, WireError

WELL_KNOWN = "/.well-known/smart-configuration"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIMITS = Limits(seconds=5.0, bytes=200_000)

Json = dict[str, Any]


class SmartError(Exception):
    """A launch, sign-in or token that cannot be had; why, in words that hold no token and nothing about a person."""


@dataclass(frozen=True, slots=True)
class Registration:
    """How a records system or a provider knows us. server: the address of its FHIR server, as it names itself at a
    launch (`iss`), or the provider's issuer.

    scope: what we ask for. secret or key: how we show that we are we; neither: a public client.
    """

    server: str
    client_id: str
    scope: str = "launch openid fhirUser patient/*.rs"
    secret: str | None = field(default=None, repr=False)
    key: ClientKey | None = None


@dataclass(frozen=True, slots=True)
class Authority:
    """What a server says of itself. authorize: where a launch begins; None for one that launches nothing."""

    issuer: str | None
    token: str
    authorize: str | None
    keys: str | None
    challenges: tuple[str, ...]


def discover(server: str, guard: AddressGuard, well_known: str = WELL_KNOWN) -> Authority:
    """well_known: where it says of itself what it is. Raises SmartError where it does not say what it should."""
    found = _asked("GET", server.rstrip("/") + well_known, {"accept": "application/json"}, b"", guard)
    token = _text(found, "token_endpoint")
    if token is None:
        raise SmartError("the server names no token_endpoint in its configuration")
    offered = found.get("code_challenge_methods_supported")
    challenges = tuple(one for one in offered if type(one) is str) if type(offered) is list else ()
    issuer, authorize, keys = (_text(found, name) for name in ("issuer", "authorization_endpoint", "jwks_uri"))
    return Authority(issuer, token, authorize, keys, challenges)


def ask_token(
    authority: Authority, registration: Registration, form: Mapping[str, str], guard: AddressGuard, now: datetime
) -> Json:
    """What the token endpoint answers to a form, with our proof of who we are. Raises SmartError."""
    headers = {"accept": "application/json", "content-type": "application/x-www-form-urlencoded"}
    sent = dict(form)
    if registration.key is not None:
        proof = assertion(registration.client_id, authority.token, registration.key, now)
        sent |= {"client_assertion_type": ASSERTION, "client_assertion": proof}
    elif registration.secret is not None:
        both = f"{quote_plus(registration.client_id)}:{quote_plus(registration.secret)}"
        headers["authorization"] = f"Basic {b64encode(both.encode()).decode()}"
    else:
        sent["client_id"] = registration.client_id
    found = _asked("POST", authority.token, headers, urlencode(sent).encode(), guard)
    if str(found.get("token_type")).lower() != "bearer" or _text(found, "access_token") is None:
        raise SmartError("the server gave no access token of the type Bearer")
    return found


def _asked(method: str, url: str, headers: Mapping[str, str], body: bytes, guard: AddressGuard) -> Json:
    try:
        with Wire(guard, LIMITS) as wire:
            reply = wire.send(method, url, headers, body)
    except (WireError, AddressRefused) as error:
        raise SmartError(f"the server cannot be asked: {error}") from None
    try:
        found = msgspec.json.decode(reply.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        found = None
    if reply.status != 200:
        raise SmartError(f"the server refused with status {reply.status}{_code(found)}")
    if type(found) is not dict:
        raise SmartError("the server answered with something that is no JSON object")
    return found


_CODES = ("invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "invalid_scope")


def _code(answer: Any) -> str:
    """The error code, where it is one of those of OAuth 2.0; no other word of the answer is shown."""
    code = answer.get("error") if type(answer) is dict else None
    return f" ({code})" if code in _CODES else ""


def _text(found: Mapping[str, Any], name: str) -> str | None:
    value = found.get(name)
    return value if type(value) is str and value else None
