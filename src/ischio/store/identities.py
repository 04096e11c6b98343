"""By which name somebody else knows the holder of an account: each link and each unlinking is a version."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, Select, select

from ischio.model.mistake import Mistake
from ischio.store.accounts import AccountRefused
from ischio.store.database import Database
from ischio.store.entries import Access
from ischio.store.schema import IDENTITY
from ischio.store.writing import writer_on


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody as another provider knows them. issuer: the provider's own name; subject: the name that it gave them."""

    issuer: str
    subject: str


class Identities:
    """new_id: makes the ids of versions."""

    def __init__(self, database: Database, new_id: Callable[[], str]) -> None:
        self._database, self._new_id = database, new_id

    def link(self, identity: Identity, account: str, by: Access) -> None:
        """Links it to an account, by its id. Raises AccountRefused where it is linked to another."""
        with writer_on(self._database, on_disk=True) as writer:
            held = _account_of(writer.connection, identity)
            if held not in (None, account):
                what = "This identity is linked to another account."
                raise AccountRefused(Mistake(what, "Unlink it there first: ischio account unlink --help"))
            if held is None:
                writer.keep(IDENTITY, self._row(identity, account, 1), by, None, "linked")

    def unlink(self, identity: Identity, by: Access) -> str:
        """Returns the id of the account that it was linked to. Raises AccountRefused where it is linked to none."""
        with writer_on(self._database, on_disk=True) as writer:
            account = _account_of(writer.connection, identity)
            if account is None:
                mend = "See which are linked: ischio account identities"
                raise AccountRefused(Mistake("This identity is linked to no account.", mend))
            writer.keep(IDENTITY, self._row(identity, account, 0), by, None, "unlinked")
        return account

    def account_of(self, identity: Identity) -> str | None:
        """The id of the account that it is linked to."""
        with self._database.reading() as connection:
            return _account_of(connection, identity)

    def all(self) -> tuple[tuple[Identity, str], ...]:
        """Every one that is linked, with the id of its account, in the order of their names."""
        with self._database.reading() as connection:
            rows = connection.execute(select(IDENTITY).order_by(IDENTITY.c.entry)).mappings()
            newest = {(row["issuer"], row["subject"]): row for row in rows}
        return tuple((Identity(*name), row["account"]) for name, row in sorted(newest.items()) if row["linked"])

    def _row(self, identity: Identity, account: str, linked: int) -> dict[str, object]:
        return {
            "id": self._new_id(),
            "issuer": identity.issuer,
            "subject": identity.subject,
            "account": account,
            "linked": linked,
        }


def _account_of(connection: Connection, identity: Identity) -> str | None:
    found: RowMapping | None = connection.execute(_versions(identity).limit(1)).mappings().one_or_none()
    return str(found["account"]) if found and found["linked"] else None


def _versions(identity: Identity) -> Select[tuple[object, ...]]:
    same = (IDENTITY.c.issuer == identity.issuer, IDENTITY.c.subject == identity.subject)
    return select(IDENTITY).where(*same).order_by(IDENTITY.c.entry.desc())
