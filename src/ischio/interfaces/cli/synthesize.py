"""`ischio synthesize`: a registry of synthetic people as FHIR R4 NDJSON, with the truth about them apart."""

import os
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from ischio.interfaces.cli.options import Json
from ischio.interfaces.cli.terminal import console, print_json

if TYPE_CHECKING:
    from ischio.synthesis.registry import Counts, Order


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Example: ischio synthesize 1000 --seed 1 --on 2026-03-31 --out registry")(synthesize)


def synthesize(
    people: Annotated[int, typer.Argument(metavar="N", min=1, max=100_000_000, help="How many people.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="A new or empty folder.")],
    seed: Annotated[int, typer.Option(metavar="S", help="The same seed gives the same people.")] = 1,
    on: Annotated[
        datetime | None,
        typer.Option(metavar="DATE", formats=["%Y-%m-%d"], help="The last day the registry tells of; else today."),
    ] = None,
    packed: Annotated[bool, typer.Option("--gzip", help="Write .ndjson.gz.")] = False,
    processes: Annotated[int, typer.Option(metavar="P", min=1, max=64, help="How many processes write it.")] = 2,
    as_json: Json = False,
) -> None:
    """A registry of synthetic people: a folder of FHIR R4 NDJSON, as of a bulk export, to try and test with.

    People with ischiofemoral impingement in every stage, with other causes, with narrow spaces that never hurt; their
    records lack, repeat and garble things as real ones do. What is true about them stands apart in DIR/truth.
    The same N, seed and date give the same bytes, and person k is the same in any registry of that seed and date.
    """
    from ischio.synthesis.registry import Order, refuse_used

    last = on.date() if on else date.today()
    if not 1950 <= last.year <= 2200:
        raise typer.BadParameter("Name a date from 1950 to 2200.", param_hint="--on")
    refuse_used(out)
    order = Order(people, seed, last, packed)
    counts = make(order, out, min(processes, os.cpu_count() or 1), quiet=as_json)
    if as_json:
        print_json(data(order, counts, out))
    else:
        show(order, counts, out)


def make(order: "Order", out: Path, processes: int, *, quiet: bool) -> "Counts":
    """Writes it; on a terminal a bar shows how far."""
    from rich.progress import Progress

    from ischio.synthesis.readme import readme
    from ischio.synthesis.registry import Counts, write_registry

    to = console(errors=True)
    counts = Counts()
    with Progress(console=to, transient=True, disable=quiet or not to.is_terminal) as progress:
        bar = progress.add_task("Telling people", total=order.people)
        for counts in write_registry(order, out, processes, readme(order)):
            progress.update(bar, completed=counts.people)
    return counts


def data(order: "Order", counts: "Counts", out: Path) -> dict[str, Any]:
    return {
        "people": counts.people,
        "seed": order.seed,
        "on": str(order.on),
        "bytes": counts.size,
        "resources": dict(sorted(counts.resources.items())),
        "truth": {
            "conditions": dict(sorted(counts.conditions.items())),
            "stages": dict(sorted(counts.stages.items())),
            "diversions": dict(sorted(counts.diversions.items())),
            "flaws": dict(sorted(counts.flaws.items())),
        },
        "written": str(out),
    }


def show(order: "Order", counts: "Counts", out: Path) -> None:
    to = console()
    total = sum(counts.resources.values())
    size = f"{counts.size / 1e6:.1f} MB"
    to.print(Text(f"{counts.people} synthetic people up to {order.on}: {total} resources, {size}", style="bold"))
    for kind, number in sorted(counts.resources.items()):
        to.print(Text(f"{number:9} {kind}"))
    to.print(
        Text(f"The truth about them stands in {out / 'truth'}; README.md there says how to read it."), soft_wrap=True
    )
    to.print(Text(f"Look at it: {out / 'README.md'}"), soft_wrap=True)
