"""`ischio what-if`: the answer with facts supposed to be otherwise, beside the answer as it is. Nothing is written."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from ischio.interfaces.cli.assess import SideChoice
from ischio.interfaces.cli.options import Json, Overlay, PathwayFolder


def add_to(app: typer.Typer) -> None:
    example = "Example: ischio what-if examples/two-hips-differ.json pain_now=6 pregnancy_status=unknown --side right"
    app.command("what-if", epilog=example)(what_if)


def what_if(
    patient: Annotated[
        Path | None, typer.Argument(metavar="PATIENT", help="A FHIR R4 Bundle (JSON) or a case file (YAML).")
    ] = None,
    supposed: Annotated[
        list[str] | None,
        typer.Argument(metavar="FACT=VALUE", help="Supposed: pain_now=6, left.ifi_test=yes, pain_now=unknown ..."),
    ] = None,
    on: Annotated[
        datetime | None,
        typer.Option(metavar="DATE", formats=["%Y-%m-%d"], help="Index date; else the case file's own, or today."),
    ] = None,
    side: Annotated[SideChoice | None, typer.Option(help="The hip of facts that name none; show it only.")] = None,
    pathway: PathwayFolder = None,
    overlay: Overlay = None,
    as_json: Json = False,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON Schema of the --json output.")] = False,
) -> None:
    """What would change if facts were otherwise. Nothing is saved.

    A fact is named by its id (`ischio assess --json` lists them), its value is written as in a case file; `unknown`
    forgets it. With nothing supposed: whether measurements are sure enough, and what would open the next stage.
    """
    if schema:
        from ischio.interfaces.cli.schema import schema_text
        from ischio.model.what_if import WhatIf

        print(schema_text(WhatIf))
        return
    if patient is None:
        raise typer.BadParameter("Name a patient file, such as examples/two-hips-differ.json.", param_hint="PATIENT")

    import msgspec

    from ischio.engine.what_if import what_if as ask
    from ischio.interfaces.cli.terminal import console
    from ischio.interfaces.cli.what_if_screen import screen
    from ischio.interfaces.inputs import read_patient
    from ischio.loading.pathway import load_pathway
    from ischio.model.about import Side
    from ischio.record.supposition import read_suppositions

    loaded = load_pathway(pathway, overlay)
    suppositions = read_suppositions(loaded, supposed or (), Side(side.value) if side else None)
    record, case_date = read_patient(patient, loaded, pathway)
    answer = ask(loaded, record, on.date() if on else case_date or date.today(), suppositions)
    if as_json:
        print(msgspec.json.encode(answer).decode())
    else:
        console().print(screen(answer, loaded, side.value if side else None))
