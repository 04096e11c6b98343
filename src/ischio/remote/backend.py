"""A FHIR server of which we ask for ourselves, with nobody there to log in (SMART Backend Services)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import msgspec

from ischio.fhir.routes import shown
from ischio.remote.addresses import AddressGuard, address
from ischio.remote.authority import Authority, Registration, ask_token, discover
from ischio.remote.wire import Limits, Reply, Wire

ASKED = Limits(seconds=60.0, bytes=5_000_000)
"""Of one request."""
RENEWED_BEFORE = timedelta(seconds=60)


@dataclass(slots=True)
class Backend:
    """server: where, and as whom. now: the moment, with its zone."""

    server: Registration
    guard: AddressGuard
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    _authority: Authority | None = None
    _token: tuple[str, datetime] | None = field(default=None, repr=False)

    def asked(self, method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> Reply:
        """One request. Raises WireError, AddressRefused, SmartError."""
        with Wire(self.guard, ASKED) as wire:
            return wire.send(method, url, {**headers, **self.bearer(url)}, body)

    def is_own(self, url: str) -> bool:
        """Whether it lies on the server itself."""
        return address(url).origin == address(self.server.server).origin

    def bearer(self, url: str) -> dict[str, str]:
        """The token, a new one where it would end soon; none for another server, or where we have nothing to show."""
        server = self.server
        if not self.is_own(url) or (server.key is None and server.secret is None):
            return {}
        if self._token is None or self._token[1] - RENEWED_BEFORE < self.now():
            self._authority = self._authority or discover(server.server, self.guard)
            form = {"grant_type": "client_credentials", "scope": server.scope}
            answer = ask_token(self._authority, server, form, self.guard, self.now())
            seconds = answer.get("expires_in")
            good_for = seconds if type(seconds) is int and 0 < seconds < 10**7 else 300
            self._token = answer["access_token"], self.now() + timedelta(seconds=good_for)
        return {"authorization": f"Bearer {self._token[0]}"}


def issues_in(body: bytes) -> list[str] | None:
    """What a server says in an OperationOutcome, a line for each issue; None where that cannot be read."""
    try:
        found = msgspec.json.decode(body, type=dict)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    listed = found.get("issue")
    return [
        f"{shown(one.get('severity'))}, {shown(one.get('code'))}: {shown(one.get('diagnostics', 'no more said'), 200)}"
        for one in (listed if type(listed) is list else ())
        if type(one) is dict
    ]
