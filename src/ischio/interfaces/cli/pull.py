"""`ischio pull`: the records of many persons from a FHIR server (Bulk Data), into a folder for `ischio cohort`."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ischio.interfaces.cli.cohort import require
from ischio.interfaces.cli.options import Json, PathwayFolder
from ischio.interfaces.cli.terminal import console, print_json
from ischio.interfaces.printable import clean
from ischio.model.mistake import IschioError, Mistake

if TYPE_CHECKING:
    from ischio.remote.bulk import Pull, Pulled

SECRET = "ISCHIO_CLIENT_SECRET"
"""The variable that may hold a client's secret: an option would stand in the list of processes."""


def add_to(app: typer.Typer) -> None:
    app.command(
        epilog="Example: ischio pull https://fhir.example.org/r4 --out registry --client ischio --key key.json"
    )(pull)


def pull(
    server: Annotated[str, typer.Argument(metavar="URL", help="The address of the FHIR server.")],
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="A new or empty folder, or that of a stopped pull.")
    ],
    client: Annotated[
        str | None,
        typer.Option(metavar="ID", help="The id under which the server knows us; else no token is asked for."),
    ] = None,
    key: Annotated[
        Path | None, typer.Option(metavar="FILE", help=f"Our private key, a JWK; else the secret in {SECRET}.")
    ] = None,
    group: Annotated[str | None, typer.Option(metavar="ID", help="A Group of the server; else all patients.")] = None,
    scope: Annotated[str, typer.Option(metavar="WORDS", help="What to ask to be allowed.")] = "system/*.rs",
    also: Annotated[
        list[str] | None,
        typer.Option(metavar="HOST", help="Another host that may be asked: for tokens, or for the files."),
    ] = None,
    inside: Annotated[
        bool, typer.Option("--inside", help="The server may lie in a private network, or on this machine.")
    ] = False,
    plain: Annotated[bool, typer.Option("--http", help="The server may speak http, which anybody can read.")] = False,
    pathway: PathwayFolder = None,
    as_json: Json = False,
) -> None:
    """The records of many persons from a FHIR server, into a folder for `ischio cohort`.

    Asks for the resource types that the pathway reads, waits until the server has made its files, and fetches them. A
    pull that was stopped goes on with the same command. The folder names persons: keep it as you keep records.
    """
    if (client is None) != (key is None and SECRET not in os.environ):
        raise typer.BadParameter(f"Give --client with --key, or with {SECRET} set; or neither.", param_hint="--client")
    require("httpcore", "serve")

    from ischio.remote.addresses import AddressGuard, AddressRefused, host_of
    from ischio.remote.authority import Registration
    from ischio.remote.bulk import Order, Pull
    from ischio.remote.signing import read_client_key

    try:
        host = host_of(server)
    except AddressRefused as refused:
        mend = "Write it as in https://fhir.example.org/r4"
        raise IschioError(Mistake(f"This is no address of a server: {refused}.", mend, server)) from None
    signing = read_client_key(key) if key else None
    secret = os.environ.get(SECRET) if client and not key else None
    known_as = Registration(server, client or "", scope, secret, signing)
    hosts = frozenset((host, *(name.lower() for name in also or ())))
    guard = AddressGuard(hosts, hosts if inside else frozenset(), plain)
    pulled = fetch(Pull(Order(known_as, group, types_of(pathway)), out, guard), quiet=as_json)
    if as_json:
        print_json(data(pulled, out))
    else:
        show(pulled, out)


def types_of(pathway: Path | None) -> tuple[str, ...]:
    """The resource types that the pathway reads."""
    from ischio.fhir.bindings import load_bindings
    from ischio.fhir.requirements import requirements
    from ischio.interfaces.inputs import knowledge
    from ischio.loading.pathway import load_pathway

    bindings = load_bindings(knowledge(pathway) / "bindings.yaml")
    return tuple(each.type for each in requirements(load_pathway(pathway).concepts, bindings))


def fetch(pull: "Pull", *, quiet: bool) -> "Pulled":
    """Pulls; on a terminal a line says what goes on."""
    to = console(errors=True)
    if quiet or not to.is_terminal:
        return pull.run()
    with to.status("Asking the server") as line:
        pull.waiting = lambda progress: line.update(f"The server makes its files {clean(progress)}")
        pull.fetched = lambda done, of, size: line.update(f"Fetched {done} of {of} files, {size / 1e6:.1f} MB")
        return pull.run()


def data(pulled: "Pulled", out: Path) -> dict[str, Any]:
    return {"out": str(out), "at": pulled.at, "files": dict(pulled.files), "told": list(pulled.told)}


def show(pulled: "Pulled", out: Path) -> None:
    from rich.text import Text

    to = console()
    moment = f", as of {clean(pulled.at)}" if pulled.at else ""
    to.print(Text(f"{len(pulled.files)} files, {sum(pulled.files.values()) / 1e6:.1f} MB{moment}", style="bold"))
    for name, size in pulled.files.items():
        to.print(Text(f"{size:12} {name}"))
    for line in pulled.told:
        to.print(Text(f"! The server says: {clean(line)}"), soft_wrap=True)
    to.print(Text(f"{out} names persons: keep it as you keep records."), soft_wrap=True)
    to.print(Text(f"Go on: ischio cohort {out} --out results"), soft_wrap=True)
