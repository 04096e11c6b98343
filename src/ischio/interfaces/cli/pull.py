"""`ischio pull`: the records of many persons from a FHIR server (Bulk Data), into a folder for `ischio cohort`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ischio.interfaces.cli.backend import Also, Client, Inside, Key, Place, Plain, Scope, Server, registered
from ischio.interfaces.cli.options import Json, PathwayFolder
from ischio.interfaces.cli.terminal import console, print_json
from ischio.interfaces.printable import clean

if TYPE_CHECKING:
    from ischio.remote.bulk import Pull, Pulled


def add_to(app: typer.Typer) -> None:
    app.command(
        epilog="Example: ischio pull https://fhir.example.org/r4 --out registry --client ischio --key key.json"
    )(pull)


def pull(
    server: Server,
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="A new or empty folder, or that of a stopped pull.")
    ],
    client: Client = None,
    key: Key = None,
    group: Annotated[str | None, typer.Option(metavar="ID", help="A Group of the server; else all patients.")] = None,
    scope: Scope = "system/*.rs",
    also: Also = None,
    inside: Inside = False,
    plain: Plain = False,
    pathway: PathwayFolder = None,
    as_json: Json = False,
) -> None:
    """The records of many persons from a FHIR server, into a folder for `ischio cohort`.

    Asks for the resource types that the pathway reads, waits until the server has made its files, and fetches them. A
    pull that was stopped goes on with the same command. The folder names persons: keep it as you keep records.
    """
    known_as, guard = registered(server, client, key, scope, Place(also, inside, plain))

    from ischio.remote.bulk import Order, Pull

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
