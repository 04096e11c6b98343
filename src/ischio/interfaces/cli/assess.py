"""`ischio assess`: one record in, the assessment out, as a screen, JSON, a note for a chart or a page."""

from dataclasses import replace
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ischio.interfaces.cli.options import Json, Overlay, PathwayFolder
from ischio.interfaces.cli.terminal import console

if TYPE_CHECKING:
    from ischio.model.assessment import Assessment
    from ischio.model.pathway import Pathway


class SideChoice(Enum):
    left = "left"
    right = "right"


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Example: ischio assess examples/after-osteotomy.case.yaml --side left")(assess)


def assess(
    patient: Annotated[
        Path | None, typer.Argument(metavar="PATIENT", help="A FHIR R4 Bundle (JSON) or a case file (YAML).")
    ] = None,
    on: Annotated[
        datetime | None,
        typer.Option(metavar="DATE", formats=["%Y-%m-%d"], help="Index date; else the case file's own, or today."),
    ] = None,
    side: Annotated[SideChoice | None, typer.Option(help="Show this side only.")] = None,
    pathway: PathwayFolder = None,
    overlay: Overlay = None,
    as_json: Json = False,
    as_note: Annotated[bool, typer.Option("--note", help="Print plain text for a chart, 12 lines at most.")] = False,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="OUT", help="Write one self-contained page to this file.")
    ] = None,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON Schema of the --json output.")] = False,
) -> None:
    """Where each side of a person is on the pathway, what is due, and why.

    Also what cannot be told, which facts would decide it, what to ask, and until when the answer holds.
    """
    if schema:
        print(assessment_schema())
        return
    if patient is None:
        raise typer.BadParameter(
            "Name a patient file, such as examples/after-osteotomy.case.yaml.", param_hint="PATIENT"
        )

    if sum((as_json, as_note, html is not None)) > 1:
        raise typer.BadParameter("Ask for one form of the answer only.", param_hint="--json, --note, --html")

    from ischio.engine.assess import assess as assess_record
    from ischio.interfaces.inputs import read_patient
    from ischio.loading.pathway import load_pathway

    loaded = load_pathway(pathway, overlay)
    record, case_date = read_patient(patient, loaded, pathway)
    index_date = on.date() if on else case_date or date.today()
    answer = only(assess_record(loaded, record, index_date), side)
    if html is not None:
        write_page(answer, loaded, html)
    elif as_json:
        print(assessment_json(answer).decode())
    elif as_note:
        from ischio.interfaces.note import note

        print(note(answer, loaded))
    else:
        from ischio.interfaces.cli.screen import screen

        console().print(screen(answer, loaded))


def only(assessment: "Assessment", side: SideChoice | None) -> "Assessment":
    if side is None:
        return assessment
    return replace(assessment, hips=tuple(hip for hip in assessment.hips if hip.side == side.value))


def write_page(assessment: "Assessment", pathway: "Pathway", out: Path) -> None:
    """Raises RecordError if the file cannot be written."""
    from ischio.interfaces.page.page import page
    from ischio.model.mistake import Mistake, RecordError

    try:
        out.write_text(page(assessment, pathway), encoding="utf-8")
    except OSError as error:
        reason = error.strerror or str(error)
        raise RecordError(
            Mistake(f"The page could not be written: {reason}.", "Name a file in a folder that is there.", str(out))
        ) from error
    print(f"Written: {out}")


def assessment_json(assessment: "Assessment") -> bytes:
    """The assessment as the published contract has it, on one line; the same bytes for the same assessment."""
    import msgspec

    return msgspec.json.encode(assessment)


def assessment_schema() -> str:
    """The JSON Schema of the contract, made from the classes themselves."""
    from ischio.interfaces.cli.schema import schema_text
    from ischio.model.assessment import Assessment

    return schema_text(Assessment)
