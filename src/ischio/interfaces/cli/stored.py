"""What the commands on the store of the service share: its address, and opening it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ischio.model.mistake import IschioError, Mistake

if TYPE_CHECKING:
    from ischio.interfaces.http.settings import Settings
    from ischio.store.entries import Access
    from ischio.store.store import Store

VARIABLE = "ISCHIO_STORE_URL"

StoreUrl = Annotated[
    str,
    typer.Option(
        "--store", metavar="URL", envvar=VARIABLE, help="sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE."
    ),
]
DEFAULT = "sqlite:///ischio.db"
SettingsFile = Annotated[
    Path | None, typer.Option("--settings", metavar="FILE", help="A TOML file; else the one in ISCHIO_SETTINGS.")
]


def settings_of(file: Path | None) -> "Settings":
    """The settings of the service. Raises IschioError where they, or what they need, are not there."""
    try:
        from ischio.interfaces.http.settings_file import FILE, load_settings
    except ImportError as error:
        what = f"{error.name} is not installed."
        raise IschioError(Mistake(what, "Install it: pip install 'ischio[serve]'")) from None
    named = str(file) if file else os.environ.get(FILE)
    return load_settings(Path(named) if named else None, os.environ)


@contextmanager
def opened(url: str, *, make: bool = False, migrate: bool = False) -> "Iterator[Store]":
    """The store for the length of a command. Raises IschioError where it, or what it needs, is not there."""
    try:
        from ischio.store.store import open_store
    except ImportError as error:
        what = f"{error.name} is not installed."
        raise IschioError(Mistake(what, "Install it: pip install 'ischio[serve]'")) from None
    store = open_store(url, make=make, migrate=migrate)
    try:
        yield store
    finally:
        store.close()


def refuse_unknown_organisation(store: "Store", id: str, none_there: str) -> None:
    """A mistyped id must not become a second organisation, nor look like an empty one. Raises IschioError.

    none_there: the mend where the id may be of one that is still to be made.
    """
    ids = [one.id for one in store.accounts.organisations()]
    if id not in ids:
        there = f"There are: {', '.join(ids)}." if ids else ""
        raise IschioError(Mistake(f"There is no organisation {id!r}.", f"{there} {none_there}".strip()))


def operator() -> "Access":
    """Who gives the command, for the audit: the account of the operating system."""
    from datetime import UTC, datetime
    from getpass import getuser

    from ischio.store.entries import Access

    try:
        account = getuser()
    except (KeyError, OSError):
        account = str(os.getuid())
    return Access(f"command line, account {account}", datetime.now(UTC))
