"""One request over HTTP with an end to everything: seconds, bytes, redirects, and where it may go."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """seconds, bytes: of all that one server is asked during one call of ours. pages: of one query."""

    seconds: float = 4.0
    bytes: int = 20_000_000
    pages: int = 10
