"""`ischio timeline`: how each hip moved through the pathway, as a table, JSON or a drawing."""

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ischio.interfaces.cli.assess import SideChoice
from ischio.interfaces.cli.options import Json, Overlay, PathwayFolder

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ischio.model.pathway import Pathway
    from ischio.model.timeline import Timeline

NOTHING = "Nothing that this pathway reads is recorded with a date, so there is no timeline up to {}."


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Example: ischio timeline examples/two-hips-differ.json --side right --svg right.svg")(timeline)


def timeline(
    patient: Annotated[
        Path | None, typer.Argument(metavar="PATIENT", help="A FHIR R4 Bundle (JSON) or a case file (YAML).")
    ] = None,
    side: Annotated[SideChoice | None, typer.Option(help="Show this hip only.")] = None,
    since: Annotated[
        datetime | None,
        typer.Option("--from", metavar="DATE", formats=["%Y-%m-%d"], help="First day; else that of the first entry."),
    ] = None,
    to: Annotated[
        datetime | None, typer.Option("--to", metavar="DATE", formats=["%Y-%m-%d"], help="Last day; else that of --on.")
    ] = None,
    on: Annotated[
        datetime | None,
        typer.Option(metavar="DATE", formats=["%Y-%m-%d"], help="Index date; else the case file's own, or today."),
    ] = None,
    pathway: PathwayFolder = None,
    overlay: Overlay = None,
    as_json: Json = False,
    svg: Annotated[
        Path | None, typer.Option("--svg", metavar="OUT", help="Draw one hip to this file (with --side).")
    ] = None,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON Schema of the --json output.")] = False,
) -> None:
    """How each hip moved through the pathway, day by day.

    Every entry counts from the date on which it was, also if it was written down later: the table shows how things
    were, and not what was known then. Days on which nothing changed are left out. `ischio assess --on DATE` gives the
    reasons of any row.
    """
    if schema:
        from ischio.interfaces.cli.schema import schema_text
        from ischio.model.timeline import Timeline

        print(schema_text(Timeline))
        return
    if patient is None:
        raise typer.BadParameter("Name a patient file, such as examples/two-hips-differ.json.", param_hint="PATIENT")
    if svg is not None and (side is None or as_json):
        raise typer.BadParameter("A drawing is of one hip: add --side, and leave --json out.", param_hint="--svg")

    import msgspec

    from ischio.engine.timeline import timeline as follow
    from ischio.interfaces.cli.terminal import console
    from ischio.interfaces.inputs import read_patient
    from ischio.interfaces.words import day
    from ischio.loading.pathway import load_pathway

    loaded = load_pathway(pathway, overlay)
    record, case_date = read_patient(patient, loaded, pathway)
    chosen = to or on
    until = chosen.date() if chosen else case_date or date.today()
    if since is not None and since.date() > until:
        raise typer.BadParameter(f"It lies after the last day, {until}.", param_hint="--from")
    found = follow(loaded, record, until, since.date() if since else None)
    if as_json:
        print(msgspec.json.encode(found).decode())
    elif found.since is None:
        print(NOTHING.format(day(until)))
    elif svg is not None and side is not None:
        draw(found, loaded, side.value, svg)
    else:
        console().print(screen(found, loaded, [side.value] if side else ["right", "left"]))


def draw(found: "Timeline", pathway: "Pathway", side: str, out: Path) -> None:
    """Raises IschioError if the file cannot be written."""
    from ischio.interfaces.cli.written import write
    from ischio.interfaces.drawing.timeline import timeline_svg

    write(out, timeline_svg(found, pathway, side))
    print(f"Written: {out}")


def screen(found: "Timeline", pathway: "Pathway", sides: list[str]) -> "RenderableType":
    """A table for each hip that was on the pathway, a sentence for the others, and how long the last row holds."""
    from rich.console import Group
    from rich.text import Text

    from ischio.interfaces.cli.screen import SHOWN_STATEMENTS, rule
    from ischio.interfaces.printable import clean
    from ischio.interfaces.supposing import site_words
    from ischio.interfaces.timeline_rows import ever_on_pathway, footing, span_words
    from ischio.interfaces.words import side_title

    heading = f"Timeline   Patient {clean(found.patient.id)}   {span_words(found)}"
    pieces: list[RenderableType] = [Text(heading, style="bold")]
    for side in sides:
        if ever_on_pathway(found, side) or len(sides) == 1:
            pieces += [rule(Text(side_title(pathway, side), style="bold"), "="), table(found, pathway, side)]
        else:
            pieces.append(Text(f"{side_title(pathway, side)}: not on the pathway on any of these days."))
    pieces += [rule(Text(), "-"), *map(Text, footing(found))]
    version = f"Pathway {found.pathway.id} {found.pathway.version}. "
    return Group(*pieces, Text(site_words(pathway) + version + " ".join(pathway.statements[:SHOWN_STATEMENTS])))


def table(found: "Timeline", pathway: "Pathway", side: str) -> "RenderableType":
    from rich.table import Table
    from rich.text import Text

    from ischio.interfaces.printable import clean
    from ischio.interfaces.timeline_rows import changed_words, happened_words, rows
    from ischio.interfaces.words import day

    shown = Table(box=None, padding=(0, 2, 0, 0), show_edge=False)
    shown.add_column("Date", no_wrap=True)
    shown.add_column("What happened", ratio=3)
    shown.add_column("Stage", ratio=2)
    shown.add_column("Next step", ratio=2)
    shown.add_column("Changed", ratio=3)
    for row in rows(found, pathway, side):
        stage = Text.assemble((row.stage, "bold" if row.staged else ""), *(f"\n{held}" for held in row.held))
        happened = Text(clean(happened_words(row)), style="dim" if row.by_time else "")
        shown.add_row(day(row.date), happened, stage, Text(row.step or "-"), Text(changed_words(row)))
    return shown
