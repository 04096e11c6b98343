"""A browser sent to an authorisation server and back with a code (OAuth 2.0 with PKCE), for a launch or a sign-in."""

import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from urllib.parse import urlencode

from ischio.remote.addresses import AddressGuard, AddressRefused
from ischio.remote.authority import Authority, Json, Registration, SmartError, ask_token


@dataclass(frozen=True, slots=True)
class Errand:
    """What is remembered between sending the browser away and its coming back. How we show who we are is no part of it.

    server: that of the registration. redirect: where the browser comes back.
    """

    server: str
    authority: Authority
    redirect: str
    state: str = field(repr=False, default_factory=lambda: secrets.token_urlsafe(32))
    verifier: str = field(repr=False, default_factory=lambda: secrets.token_urlsafe(64))
    nonce: str = field(repr=False, default_factory=lambda: secrets.token_urlsafe(32))

    def address(self, client_id: str, scope: str, **more: str) -> str:
        """Where the browser is sent. more: what the kind of errand asks beside."""
        assert self.authority.authorize is not None
        challenge = urlsafe_b64encode(sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code",
            "client_id": client_id,
            "redirect_uri": self.redirect,
            "scope": scope,
            "state": self.state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "nonce": self.nonce,
            **more,
        }
        return f"{self.authority.authorize}{'&' if '?' in self.authority.authorize else '?'}{urlencode(asked)}"


def check_offer(authority: Authority, guard: AddressGuard) -> None:
    """That a browser can be sent there, and its code not be stolen. Raises SmartError."""
    if "S256" not in authority.challenges:
        raise SmartError("the server does not offer PKCE with S256, without which a code can be stolen")
    try:
        guard.admit(authority.authorize or "")
    except AddressRefused as refused:
        raise SmartError(f"the server names no authorization_endpoint that can be used: {refused}") from None


def exchange(errand: Errand, registration: Registration, code: str, guard: AddressGuard, now: datetime) -> Json:
    """What the server gives for the code with which the browser came back. Raises SmartError."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": errand.redirect,
        "code_verifier": errand.verifier,
    }
    return ask_token(errand.authority, registration, form, guard, now)
