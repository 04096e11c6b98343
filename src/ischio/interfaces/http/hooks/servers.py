"""The FHIR server that a call names, where the settings let it be asked, with the token that the call lends."""

from collections.abc import Sequence
from dataclasses import dataclass

from ischio.interfaces.http.hooks.calls import Authorization, Call
from ischio.interfaces.http.hooks.gathering import Server, ServerOf
from ischio.interfaces.http.outward import guard_of
from ischio.interfaces.http.settings import Settings
from ischio.remote.addresses import AddressGuard, AddressRefused
from ischio.remote.records import Answer, FhirServer
from ischio.remote.scopes import Scopes
from ischio.remote.wire import Limits

LIMITS = Limits(seconds=2.0)
"""A clinician waits for the answer."""


def servers(settings: Settings) -> ServerOf:
    """A server is asked if the settings list it and the token has not run out; else what is missing stays unknown."""
    guard = guard_of(settings)

    def server_of(call: Call) -> Server | None:
        access = call.fhir_authorization
        if call.fhir_server is None or (access is not None and access.expires_in <= 0):
            return None
        try:
            guard.admit(call.fhir_server)
        except AddressRefused:
            return None
        return _Lent(call.fhir_server, access, guard)

    return server_of


@dataclass(frozen=True, slots=True)
class _Lent:
    base: str
    access: Authorization | None
    guard: AddressGuard

    def ask(self, queries: Sequence[str]) -> tuple[Answer, ...]:
        token = self.access.access_token if self.access else None
        scopes = Scopes.of(self.access.scope) if self.access else None
        with FhirServer(self.base, token, LIMITS, self.guard, scopes) as server:
            return server.ask(queries)
