"""`ischio export`: the pathway for other readers. Each form is a command of its own."""

import typer

from ischio.interfaces.cli import export_book, export_diagram


def add_to(app: typer.Typer) -> None:
    export = typer.Typer(
        help="Writes the pathway for other readers.",
        no_args_is_help=True,
        rich_markup_mode=None,
        epilog="Example: ischio export book ifi-book",
    )
    export_book.add_to(export)
    export_diagram.add_to(export)
    app.add_typer(export, name="export")
