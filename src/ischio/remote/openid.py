"""OpenID Connect, our side of it: a sign-in at a provider, and its word that one ended (Back-Channel Logout 1.0)."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ischio.remote.addresses import AddressGuard
from ischio.remote.authority import Authority, Registration, SmartError, discover
from ischio.remote.errands import Errand, check_offer, exchange
from ischio.remote.id_tokens import SKEW, Claims, check_id_token, is_for_us, lasts, signed
from ischio.remote.keys import KEPT, Key, KeySets, fetching

WELL_KNOWN = "/.well-known/openid-configuration"
LOGOUT = "http://schemas.openid.net/event/backchannel-logout"
RECENT = 300.0
"""Seconds for which a word that somebody signed out is taken: until then its id has to be remembered."""
LONGEST_NAME = 255
"""Characters of a `sub`, by the standard."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who came back. subject: as the provider names them; sid: its session, if it tells; claims: what else it says."""

    subject: str
    sid: str
    claims: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Ended:
    """That somebody signed out at the provider. subject, sid: one may be empty. id: of the token, which counts once.

    until: seconds since 1970; later the token is refused for its age.
    """

    subject: str
    sid: str
    id: str
    until: float


class Provider:
    """One provider; what it says of itself is asked when it is needed and remembered for an hour."""

    def __init__(self, registration: Registration, guard: AddressGuard) -> None:
        self.registration = registration
        self._guard, self._keys = guard, KeySets(fetching(guard))
        self._known: tuple[float, Authority] | None = None

    def begin(self, redirect: str) -> tuple[Errand, str]:
        """A sign-in under way, and where the browser is sent. redirect: where it comes back. Raises SmartError."""
        authority = self._authority()
        check_offer(authority, self._guard)
        errand = Errand(self.registration.server, authority, redirect)
        return errand, errand.address(self.registration.client_id, self.registration.scope)

    def finish(self, errand: Errand, code: str, now: datetime) -> SignedIn:
        """Who it was, for the code with which the browser came back. Raises SmartError."""
        answer = exchange(errand, self.registration, code, self._guard, now)
        claims = self._signed(answer.get("id_token"), "id_token")
        check_id_token(claims, errand, self.registration.client_id, now)
        subject = _name(claims, "sub")
        if not subject:
            raise SmartError("the id_token does not say who it is (sub)")
        return SignedIn(subject, _name(claims, "sid"), claims)

    def ended(self, token: object, now: datetime) -> Ended:
        """Checks a logout token, but for whether it came before. Raises SmartError."""
        claims = self._signed(token, "logout token")
        issued, id = claims.get("iat"), _name(claims, "jti")
        subject, sid = _name(claims, "sub"), _name(claims, "sid")
        events = claims.get("events")
        fits = (
            is_for_us(claims, self._authority().issuer, self.registration.client_id)
            and isinstance(issued, int | float)
            and abs(now.timestamp() - issued) < RECENT + SKEW
            and ("exp" not in claims or lasts(claims, now))
            and isinstance(events, Mapping)
            and isinstance(events.get(LOGOUT), Mapping)
            and "nonce" not in claims  # an id_token must not pass for it
            and id
            and (subject or sid)
        )
        if not fits:
            raise SmartError("the logout token is not one for us, or not one of now")
        return Ended(subject, sid, id, now.timestamp() + RECENT + 2 * SKEW)

    def _authority(self) -> Authority:
        if self._known is None or time.monotonic() - self._known[0] > KEPT:
            found = discover(self.registration.server, self._guard, WELL_KNOWN)
            if found.issuer is None or found.issuer.rstrip("/") != self.registration.server.rstrip("/"):
                raise SmartError("the server names itself otherwise than the settings do (issuer)")
            self._known = time.monotonic(), found
        return self._known[1]

    def _signed(self, token: object, what: str) -> Claims:
        keys = self._authority().keys
        if keys is None:
            raise SmartError("the server names no keys by which its tokens can be checked")

        def key(kid: str) -> Key | None:
            return self._keys.key(keys, kid)

        return signed(token, key, what)


def _name(claims: Claims, name: str) -> str:
    found = claims.get(name)
    return found if type(found) is str and len(found) <= LONGEST_NAME else ""
