"""Which addresses may be called: a server that somebody names must not lead us to our own network."""

from dataclasses import dataclass


class AddressRefused(Exception):
    """An address that is not called, and why."""


@dataclass(frozen=True, slots=True)
class AddressGuard:
    """hosts: those that may be called (`fhir.example.org`, or with a port), by settings. inside: those of them that may
    lie in a private network or on this machine. plain: http is let through too (the demo, tests).
    """

    hosts: frozenset[str] = frozenset()
    inside: frozenset[str] = frozenset()
    plain: bool = False
