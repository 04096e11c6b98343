"""`ischio store`: the database in which the service keeps events, cards, feedback and the audit."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from ischio.interfaces.cli import erasing
from ischio.interfaces.cli.cohort import progress
from ischio.interfaces.cli.options import Json
from ischio.interfaces.cli.stored import DEFAULT, StoreUrl, opened, operator
from ischio.interfaces.cli.terminal import console, print_json
from ischio.interfaces.printable import clean


def add_to(app: typer.Typer) -> None:
    store = typer.Typer(
        help="The database of the service: made, brought up to date, looked over, copied; and people erased from it.",
        no_args_is_help=True,
        rich_markup_mode=None,
        epilog="Example: ischio store check --json",
    )
    store.command(epilog="Example: ischio store migrate --store sqlite:////srv/ischio/store.db")(migrate)
    store.command(epilog="Example: ischio store check")(check)
    store.command(epilog="Example: ischio store backup store-2026-06-01.db")(backup)
    store.command(epilog="Example: ischio store refresh --outdated")(refresh)
    erasing.add_to(store)
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


def refresh(
    outdated: Annotated[
        bool, typer.Option("--outdated", help="Only people of whom the list may no longer be true today.")
    ] = False,
    store: StoreUrl = DEFAULT,
    as_json: Json = False,
) -> None:
    """Works out anew where everybody stands in the list of patients, of all organisations.

    The service does so by itself after each change, and for some people each time the list is opened. After another
    pathway was installed, or overnight, this does it for all; the service may run meanwhile.
    """
    with opened(store) as found:
        from ischio.clinic.knowledge import read_knowledge
        from ischio.clinic.standings import Standings
        from ischio.store.entries import Action, Outcome

        by = operator()
        found.audit.write(by, Action.EXECUTE, "store", None, Outcome.SUCCESS, "refresh")
        place, done = found.place, 0
        with progress(as_json) as watch:
            for done, people in Standings(found, read_knowledge()).refresh(by.at.date(), everybody=not outdated):
                watch("working out the list", done, people)
    if as_json:
        print_json({"store": place, "people": done})
    else:
        console().print(Text(f"Worked out anew: {done} {'person' if done == 1 else 'people'}"))
