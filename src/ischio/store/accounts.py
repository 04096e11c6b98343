"""Organisations and the accounts of those who work in them: each change is a version, and the newest one counts."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

import msgspec
from sqlalchemy import Connection, RowMapping, Select, select

from ischio.model.mistake import IschioError, Mistake
from ischio.store.database import Database
from ischio.store.entries import Access
from ischio.store.schema import ACCOUNT, ORGANISATION
from ischio.store.writing import writer_on


class AccountRefused(IschioError):
    """An account cannot be kept as it is."""


class Role(Enum):
    """What somebody is in an organisation. What each role may do: clinic/access.py."""

    CLINICIAN = "clinician"
    COORDINATOR = "coordinator"
    AUTHOR = "author"
    RESEARCHER = "researcher"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class Organisation:
    """Those who look after the same people. id: a short name in small letters, which never changes."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may sign in. organisation: its id. hash: of the password, by Argon2; empty: none can be used.

    login: in small letters; it never changes, and nobody else ever has the same. open: no once it was closed.
    """

    id: str
    login: str
    organisation: str
    roles: frozenset[Role]
    open: bool
    hash: str = field(repr=False)


class Accounts:
    """new_id: makes the ids of versions."""

    def __init__(self, database: Database, new_id: Callable[[], str]) -> None:
        self._database, self._new_id = database, new_id

    def keep_organisation(self, organisation: Organisation, by: Access) -> None:
        """Keeps a new organisation, or another name of one."""
        row = {"id": self._new_id(), "organisation": organisation.id, "name": organisation.name}
        with writer_on(self._database, on_disk=True) as writer:
            writer.keep(ORGANISATION, row, by, None)

    def organisations(self) -> tuple[Organisation, ...]:
        """By their ids."""
        with self._database.reading() as connection:
            rows = connection.execute(select(ORGANISATION).order_by(ORGANISATION.c.entry)).mappings()
            names = {row["organisation"]: row["name"] for row in rows}
        return tuple(Organisation(id, names[id]) for id in sorted(names))

    def keep(self, account: Account, by: Access, why: str) -> None:
        """Keeps a new account or a version of one. why: a short word for the audit (added, closed, password ...).

        Raises AccountRefused where somebody else has the login, or there is no such organisation.
        """
        row = {
            "id": self._new_id(),
            "account": account.id,
            "login": account.login,
            "organisation": account.organisation,
            "roles": msgspec.json.encode(sorted(role.value for role in account.roles)).decode(),
            "hash": account.hash,
            "open": int(account.open),
        }
        with writer_on(self._database, on_disk=True) as writer:
            _refuse_strange(writer.connection, account)
            writer.keep(ACCOUNT, row, by, None, why)

    def of_login(self, login: str) -> Account | None:
        with self._database.reading() as connection:
            return _newest(connection, select(ACCOUNT).where(ACCOUNT.c.login == login))

    def of(self, id: str) -> Account | None:
        with self._database.reading() as connection:
            return account_of(connection, id)

    def all(self) -> tuple[Account, ...]:
        """Closed ones too, by their logins."""
        with self._database.reading() as connection:
            rows = connection.execute(select(ACCOUNT).order_by(ACCOUNT.c.entry)).mappings()
            newest = {row["account"]: _account(row) for row in rows}
        return tuple(sorted(newest.values(), key=lambda account: account.login))


def account_of(connection: Connection, id: str) -> Account | None:
    return _newest(connection, select(ACCOUNT).where(ACCOUNT.c.account == id))


def _newest(connection: Connection, versions: Select[tuple[object, ...]]) -> Account | None:
    found = connection.execute(versions.order_by(ACCOUNT.c.entry.desc()).limit(1)).mappings().one_or_none()
    return _account(found) if found else None


def _refuse_strange(connection: Connection, account: Account) -> None:
    there = select(ORGANISATION.c.id).where(ORGANISATION.c.organisation == account.organisation).limit(1)
    if connection.execute(there).one_or_none() is None:
        raise AccountRefused(Mistake(f"There is no organisation {account.organisation}.", "Make it first."))
    taken = select(ACCOUNT.c.account).where(ACCOUNT.c.login == account.login, ACCOUNT.c.account != account.id).limit(1)
    if connection.execute(taken).one_or_none() is not None:
        mend = "Choose another; a login is never given to a second person, so that the audit stays clear."
        raise AccountRefused(Mistake(f"There is an account {account.login} already.", mend))


def _account(row: RowMapping) -> Account:
    roles = frozenset(map(Role, msgspec.json.decode(row["roles"])))
    return Account(row["account"], row["login"], row["organisation"], roles, bool(row["open"]), row["hash"])
