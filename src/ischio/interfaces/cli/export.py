"""`ischio export`: the pathway for other readers. Each form is a command of its own."""

import typer

from ischio.interfaces.cli import export_book, export_cql, export_diagram, export_fhir


def add_to(app: typer.Typer) -> None:
    export = typer.Typer(
        help="Writes the pathway for other readers.",
        no_args_is_help=True,
        rich_markup_mode=None,
        epilog="Example: ischio export book ifi-book",
    )
    for command in (export_book, export_diagram, export_cql, export_fhir):
        command.add_to(export)
    app.add_typer(export, name="export")
