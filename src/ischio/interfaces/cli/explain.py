import typer


def add_to(app: typer.Typer) -> None:
    app.command()(explain)


def explain() -> None:
    """."""
