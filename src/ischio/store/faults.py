"""What a database says is wrong, in words that tell the person who runs the service what to do."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError

from ischio.model.mistake import IschioError, Mistake

if TYPE_CHECKING:
    from ischio.store.entries import Logged


class StoreUnusable(IschioError):
    """The store cannot be opened, read or written."""


class EventRefused(IschioError):
    """An event cannot be corrected or withdrawn: it is not there, or something has taken its place already."""


class PersonRefused(IschioError):
    """Somebody cannot be taken in, or a version of them cannot be written."""


class Superseded(IschioError):
    """The person's log has moved on since it was seen; nothing was kept. since: what was written, in order."""

    def __init__(self, since: "tuple[Logged, ...]") -> None:
        what = f"Something was written about this person meanwhile ({len(since)} entries)."
        super().__init__(Mistake(what, "Look at what was written, then save again."))
        self.since = since


HELD = (
    "The store is held by another writer for too long.",
    "Try again; if it stays so, look for a backup or a query that was left open on it.",
)

_KNOWN = (
    (r"database (table )?is locked|lock timeout", *HELD),
    (
        r"readonly database|read-only transaction",
        "The store can be read but not written.",
        "Give the account that runs ischio leave to write the file and the folder it is in.",
    ),
    (
        r"unable to open database file",
        "The store's file cannot be opened.",
        "See that its folder is there and that the account that runs ischio may read and write in it.",
    ),
    (
        r"not a database|malformed|disk image|Could not decode",
        "The file is no database, or it is damaged.",
        "Name another file, or put the newest backup in its place.",
    ),
    (
        r"disk is full|No space left|could not extend",
        "The disk is full; nothing was kept of what was being written.",
        "Make room on the disk of the store.",
    ),
    (
        r"disk I/O error",
        "The disk of the store cannot be read or written.",
        "Look at the disk; then put the newest backup on a sound one.",
    ),
    (
        r"password authentication failed|no password supplied",
        "The database refuses the user or the password.",
        "Correct them in the store's URL: postgresql://USER:PASSWORD@HOST/DATABASE",
    ),
    (
        r"index row (size|requires)",
        "An id is longer than the database can look up.",
        "Ids of FHIR have at most 64 characters; look at what the client sends.",
    ),
    (r'role "[^"]*" does not exist', "The database does not know this user.", "Correct the user in the store's URL."),
    (
        r'database "[^"]*" does not exist',
        "There is no such database.",
        "Make it with PostgreSQL's createdb, or correct the name in the store's URL.",
    ),
    (
        r"permission denied|must be owner",
        "The database does not let this user do that.",
        "Let the user make tables in the database, or give a user who may.",
    ),
    (
        r"refused|could not translate|resolve|timeout expired|No route|server closed|terminat|is not running",
        "The database does not answer.",
        "See that it runs, and that host and port in the store's URL are right.",
    ),
)


@contextmanager
def told(url: URL) -> Iterator[None]:
    """Turns what the database raises into StoreUnusable; a fault in our own SQL goes through as it is."""
    try:
        yield
    except DBAPIError as error:
        said = str(error.orig)
        for pattern, what, mend in _KNOWN:
            if re.search(pattern, said):
                raise unusable(url, what, mend) from error
        raise


def unusable(url: URL, what: str, mend: str) -> StoreUnusable:
    """The refusal, which names the store without its password."""
    return StoreUnusable(Mistake(what, mend, shown(url)))


def shown(url: URL) -> str:
    """The file, or the URL without its password."""
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    return url.set(drivername=url.get_backend_name()).render_as_string(hide_password=True)
