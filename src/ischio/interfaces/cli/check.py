import typer


def add_to(app: typer.Typer) -> None:
    app.command()(check)


def check() -> None:
    """."""
