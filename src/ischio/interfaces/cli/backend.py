"""What the commands share that ask a FHIR server for themselves: where it is, who we are to it, where it may lie."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ischio.interfaces.cli.cohort import require
from ischio.model.mistake import IschioError, Mistake

if TYPE_CHECKING:
    from ischio.remote.addresses import AddressGuard
    from ischio.remote.authority import Registration

SECRET = "ISCHIO_CLIENT_SECRET"
"""The variable that may hold a client's secret: an option would stand in the list of processes."""

Server = Annotated[str, typer.Argument(metavar="URL", help="The address of the FHIR server.")]
Client = Annotated[
    str | None,
    typer.Option(metavar="ID", help="The id under which the server knows us; else no token is asked for."),
]
Key = Annotated[Path | None, typer.Option(metavar="FILE", help=f"Our private key, a JWK; else the secret in {SECRET}.")]
Scope = Annotated[str, typer.Option(metavar="WORDS", help="What to ask to be allowed.")]
Also = Annotated[
    list[str] | None,
    typer.Option(metavar="HOST", help="Another host that may be asked: for tokens, or for files."),
]
Inside = Annotated[bool, typer.Option("--inside", help="The server may lie in a private network, or on this machine.")]
Plain = Annotated[bool, typer.Option("--http", help="The server may speak http, which anybody can read.")]


@dataclass(frozen=True, slots=True)
class Place:
    """Where the server may lie: also on these hosts, in a private network, without encryption."""

    also: list[str] | None
    inside: bool
    plain: bool


def registered(
    server: str, client: str | None, key: Path | None, scope: str, place: Place
) -> tuple["Registration", "AddressGuard"]:
    """Raises BadParameter, or IschioError where the address or the key is none."""
    if (client is None) != (key is None and SECRET not in os.environ):
        raise typer.BadParameter(f"Give --client with --key, or with {SECRET} set; or neither.", param_hint="--client")
    require("httpcore", "serve")

    from ischio.remote.addresses import AddressGuard, AddressRefused, host_of
    from ischio.remote.authority import Registration
    from ischio.remote.signing import read_client_key

    try:
        host = host_of(server)
    except AddressRefused as refused:
        mend = "Write it as in https://fhir.example.org/r4"
        raise IschioError(Mistake(f"This is no address of a server: {refused}.", mend, server)) from None
    signing = read_client_key(key) if key else None
    secret = os.environ.get(SECRET) if client and not key else None
    hosts = frozenset((host, *(name.lower() for name in place.also or ())))
    guard = AddressGuard(hosts, hosts if place.inside else frozenset(), place.plain)
    return Registration(server, client or "", scope, secret, signing), guard
