import typer


def add_to(app: typer.Typer) -> None:
    app.command()(verify)


def verify() -> None:
    """."""
