"""Who calls: the signed token (JWT) of a CDS client, checked as CDS Hooks 2.0 asks ("Trusting CDS Clients")."""

import re
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any, NoReturn, Protocol

import msgspec
from joserfc import jws
from joserfc.errors import JoseError

from ischio.remote.keys import PUBLISHED, Fetch, Key, KeySets, keys_of

ALGORITHMS = ("ES384", "RS384")
SKEW = 60.0
"""Seconds by which two clocks may differ."""
LONGEST = 3600.0
"""Seconds for which a token may be good: until then its id has to be remembered."""
LATEST = 1e11
"""Seconds since 1970 that are still a date."""
LONGEST_TOKEN = 8192
LONGEST_ID = 256
REMEMBERED = 100_000
"""Ids of tokens at once; more are refused, so that memory has an end."""
FEEDBACK = "/feedback"
_SERVICE = re.compile(r"/cds-services/([^/]+)")


class Unauthorised(Exception):
    """A caller that is not let in. status: 401 not known, 403 known but not allowed, 429 too many. why: to be told."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status, self.why = status, why


@dataclass(frozen=True, slots=True)
class Issuer:
    """A records system that may call. name: its `iss`. keys: its public keys (a JWK set), given beforehand; jku: or the
    one address from which they are fetched. services: ids of the services that it may call; None: all.
    published: let in with a key whose private half anyone can have (the public sandbox), to try things out.
    """

    name: str
    keys: Mapping[str, Any] | None = None
    jku: str | None = None
    services: frozenset[str] | None = None
    published: bool = False


@dataclass(frozen=True, slots=True)
class Client:
    """Who called. issuer: the name of the records system; tenant, subject: as the token says, if it does."""

    issuer: str
    tenant: str | None = None
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    header: Mapping[str, Any]
    claims: Mapping[str, Any]


class Used(Protocol):
    """Remembers the tokens that came."""

    def first_time(self, issuer: str, name: str, until: float, now: float) -> bool:
        """Notes a token; whether it came for the first time. name: its id (`jti`). until, now: seconds since 1970."""
        ...


class Clients:
    """The records systems that may call. fetch: gets a key set from its address, bounded and guarded
    (`keys.fetching`). used: what several processes remember together (a store); None: what this one saw.
    """

    def __init__(self, issuers: Sequence[Issuer], fetch: Fetch, used: Used | None = None) -> None:
        self._issuers = {issuer.name: issuer for issuer in issuers}
        self._given = {issuer.name: keys_of(issuer.keys or {}) for issuer in issuers}
        self._fetched = KeySets(fetch)
        self._used = used or _Seen()

    def verify(self, authorization: str | None, endpoint: str, now: datetime) -> Client:
        """The caller by its Authorization header. endpoint: the address that was called. Raises Unauthorised."""
        token = _read(authorization)
        issuer = self._issuers.get(_text(token.claims, "iss"))
        if issuer is None:
            _unknown("the issuer of the token is not known here")
        _check_signature(token, self._key(issuer, token.header))
        _check_audience(token.claims, endpoint)
        until = _check_times(token.claims, now.timestamp())
        _check_allowed(issuer, endpoint)
        if not self._used.first_time(issuer.name, _text(token.claims, "jti"), until, now.timestamp()):
            _unknown("the token was used before (jti)")
        return Client(issuer.name, _optional(token.claims, "tenant"), _optional(token.claims, "sub"))

    def _key(self, issuer: Issuer, header: Mapping[str, Any]) -> Key:
        """No address is called but the one that settings name."""
        kid, jku = _text(header, "kid"), header.get("jku")
        if jku is not None and jku != issuer.jku:
            _unknown("the token names an address of keys (jku) that is not known here")
        key = self._given[issuer.name].get(kid)
        if key is None and issuer.jku is not None:
            key = self._fetched.key(issuer.jku, kid)
        if key is None:
            _unknown("no key of the issuer has the id (kid) that the token names")
        if key.thumbprint() in PUBLISHED and not issuer.published:
            _unknown("the key of the token is one that anybody can have")
        return key


def _unknown(why: str) -> NoReturn:
    raise Unauthorised(401, why)


def _read(authorization: str | None) -> _Token:
    """The token, not yet believed."""
    scheme, _, text = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not text:
        _unknown("no token was sent: an Authorization header with Bearer and a signed token (JWT) is needed")
    if len(text) > LONGEST_TOKEN:
        _unknown("the token is too long")
    try:
        read = jws.extract_compact(text.encode("ascii"))
        claims = msgspec.json.decode(read.payload, type=dict)
        header = read.headers()
    except (JoseError, ValueError, TypeError, RecursionError):
        _unknown("the token cannot be read")
    if header.get("alg") not in ALGORITHMS:
        _unknown(f"the token is not signed with {' or '.join(ALGORITHMS)}")
    if str(header.get("typ")).upper() != "JWT":
        _unknown("the token does not say that it is a JWT (typ)")
    return _Token(text, header, claims)


def _check_signature(token: _Token, key: Key) -> None:
    try:
        jws.deserialize_compact(token.text, key, algorithms=list(ALGORITHMS))
    except (JoseError, ValueError, TypeError):
        _unknown("the signature of the token is not that of its issuer")


def _check_audience(claims: Mapping[str, Any], endpoint: str) -> None:
    """Feedback may be sent with a token for its own address, or for that of the service."""
    aud = claims.get("aud")
    named = aud if type(aud) is list else [aud]
    called = endpoint.rstrip("/")
    if called not in named and not (called.endswith(FEEDBACK) and called.removesuffix(FEEDBACK) in named):
        _unknown("the token is for another address than the one that was called (aud)")


def _check_times(claims: Mapping[str, Any], now: float) -> float:
    """Until when the token counts, in seconds since 1970."""
    expires, issued, begins = (_number(claims, name, now) for name in ("exp", "iat", "nbf"))
    if expires <= now - SKEW:
        _unknown("the token has expired (exp)")
    if expires > now + LONGEST + SKEW:
        _unknown("the token is good for longer than is accepted (exp)")
    if max(issued, begins) > now + SKEW:
        _unknown("the token is from the future (iat, nbf)")
    return expires + SKEW


def _check_allowed(issuer: Issuer, endpoint: str) -> None:
    called = _SERVICE.search(endpoint)
    if issuer.services is not None and called is not None and called[1] not in issuer.services:
        raise Unauthorised(403, "this records system may not call this service")


def _number(claims: Mapping[str, Any], name: str, now: float) -> float:
    found = claims.get(name, now if name == "nbf" else None)
    if type(found) not in (int, float) or not abs(found) < LATEST:
        _unknown(f"the token says nothing readable about `{name}`")
    return float(found)


def _text(part: Mapping[str, Any], name: str) -> str:
    found = part.get(name)
    if type(found) is not str or not 0 < len(found) <= LONGEST_ID:
        _unknown(f"the token says nothing readable about `{name}`")
    return found


def _optional(claims: Mapping[str, Any], name: str) -> str | None:
    found = claims.get(name)
    return found if type(found) is str and len(found) <= LONGEST_ID else None


class _Seen:
    """Ids of tokens that came, each until the token ends; they stand in the order in which they came."""

    def __init__(self) -> None:
        self._until: dict[tuple[str, str], float] = {}
        self._order: deque[tuple[str, str]] = deque()
        self._lock = Lock()

    def first_time(self, issuer: str, name: str, until: float, now: float) -> bool:
        """Raises Unauthorised where there are too many."""
        token = issuer, name
        with self._lock:
            while self._order and self._until[self._order[0]] < now:
                del self._until[self._order.popleft()]
            if token in self._until:
                return False
            if len(self._order) >= REMEMBERED:
                raise Unauthorised(429, "too many tokens at once")
            self._until[token] = until
            self._order.append(token)
        return True
