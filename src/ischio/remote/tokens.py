"""Who calls: the signed token (JWT) of a CDS client, checked as CDS Hooks asks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any


class Unauthorised(Exception):
    """A caller that is not let in. status: 401 not known, 403 known but not allowed, 429 too many. why: for the caller."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status, self.why = status, why


@dataclass(frozen=True, slots=True)
class Issuer:
    """A records system that may call. name: its `iss`. keys: its public keys (a JWK set), given beforehand; jku: or the
    one address from which they are fetched. services: ids of the services that it may call; None: all.
    """

    name: str
    keys: Mapping[str, Any] | None = None
    jku: str | None = None
    services: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Client:
    """Who called. issuer: the name of the records system; tenant, subject: as the token says, if it does."""

    issuer: str
    tenant: str | None = None
    subject: str | None = None


class Clients:
    """The records systems that may call. fetch: gets a key set from its address, bounded and guarded."""

    def __init__(self, issuers: Sequence[Issuer], fetch: Callable[[str], bytes]) -> None: ...

    def verify(self, authorization: str | None, endpoint: str, now: datetime) -> Client:
        """The caller by its Authorization header. endpoint: the address that was called. Raises Unauthorised."""
        raise NotImplementedError
