"""Asks a FHIR server for what is recorded about one person: bounded, and from that server alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ischio.record.events import State
from ischio.remote.addresses import AddressGuard
from ischio.remote.scopes import Scopes
from ischio.remote.wire import Limits

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query gave. entries: resources, numbers as decimals. state: None if all of it is there, else why not
    (query failed, not authorised, page truncated). why: the same for a person to read, without personal data.
    """

    query: str
    entries: tuple[Json, ...] = ()
    state: State | None = None
    why: str = ""


class FhirServer:
    """A FHIR server during one call of ours. base: its address; token: sent to its origin alone, and never shown.

    scopes: what the token allows; a query beyond them is not sent. None: not known, so that the server decides.
    Raises AddressRefused where the guard does not let the base be called.
    """

    def __init__(
        self, base: str, token: str | None, limits: Limits, guard: AddressGuard, scopes: Scopes | None = None
    ) -> None: ...

    def read(self, reference: str) -> Answer:
        """One resource, `Patient/p1`; a server that gives another one is refused."""
        raise NotImplementedError

    def search(self, query: str) -> Answer:
        """A search, `Observation?patient=p1`, page after page of the same origin."""
        raise NotImplementedError

    def ask(self, queries: Sequence[str]) -> tuple[Answer, ...]:
        """Reads and searches at once, answered in their order."""
        raise NotImplementedError
