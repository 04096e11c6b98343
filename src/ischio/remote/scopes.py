"""What an access token allows: SMART scopes of version 1 (`patient/Observation.read`) and 2 (`patient/Observation.rs`)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scopes:
    """The scopes of a token, as the server granted them."""

    granted: frozenset[str]

    @classmethod
    def of(cls, text: str) -> "Scopes":
        return cls(frozenset(text.split()))
