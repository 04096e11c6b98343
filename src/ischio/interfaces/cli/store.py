"""`ischio store`: the database in which the service keeps events, cards, feedback and the audit."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from ischio.interfaces.cli.options import Json
from ischio.interfaces.cli.stored import DEFAULT, StoreUrl, opened, operator
from ischio.interfaces.cli.terminal import clean, console, print_json


def add_to(app: typer.Typer) -> None:
    store = typer.Typer(
        help="The database of the service: made, brought up to date, looked over, copied.",
        no_args_is_help=True,
        rich_markup_mode=None,
        epilog="Example: ischio store check --json",
    )
    store.command(epilog="Example: ischio store migrate --store sqlite:////srv/ischio/store.db")(migrate)
    store.command(epilog="Example: ischio store check")(check)
    store.command(epilog="Example: ischio store backup store-2026-06-01.db")(backup)
    app.add_typer(store, name="store")


def migrate(store: StoreUrl = DEFAULT, as_json: Json = False) -> None:
    """Makes the store, or brings one that an older release made up to date."""
    with opened(store, make=True, migrate=True) as found:
        place, tables = found.place, found.tables()
    if as_json:
        print_json({"store": place, "tables": tables})
    else:
        console().print(Text(f"Up to date: {place} (tables {tables})"), soft_wrap=True)


def check(store: StoreUrl = DEFAULT, as_json: Json = False) -> None:
    """Says what is in the store, and whether the database itself is whole. `ischio audit verify` looks at each row."""
    with opened(store) as found:
        health = found.health()
    if as_json:
        print_json(asdict(health))
    else:
        to = console()
        to.print(Text(f"{health.place} ({health.database}, tables {health.tables})"), soft_wrap=True)
        for name, count in health.rows.items():
            to.print(Text(f"  {name}: {count}"))
        for problem in health.problems:
            to.print(Text(clean(f"x {problem}")), soft_wrap=True)
        to.print(Text("Not whole." if health.problems else "Whole; rows can only be added."))
    raise typer.Exit(bool(health.problems))


def backup(
    to: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write; there must be none of that name.")],
    store: StoreUrl = DEFAULT,
    as_json: Json = False,
) -> None:
    """Copies the store while it is in use (SQLite; for PostgreSQL it says what to run)."""
    with opened(store) as found:
        from ischio.store.backup import back_up
        from ischio.store.entries import Action, Outcome

        found.audit.write(operator(), Action.EXECUTE, "store", None, Outcome.SUCCESS, "backup")
        back_up(found.database, to)
    if as_json:
        print_json({"written": str(to)})
    else:
        console().print(Text(f"Written: {to}"), soft_wrap=True)
