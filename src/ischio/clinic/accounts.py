"""Accounts: opened, closed, given another password, by those who may."""

import re
from collections.abc import Callable, Collection
from dataclasses import replace
from unicodedata import normalize

from ischio.clinic.lock_out import Free, LockOut
from ischio.clinic.passwords import Passwords, check_password
from ischio.model.mistake import Mistake
from ischio.store.accounts import Account, AccountRefused, Organisation, Role
from ischio.store.entries import Access, Action, Outcome
from ischio.store.store import Store

WHAT, ELSEWHERE = "account", "account of another organisation"
"""What the audit says."""
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,63}")
_ORGANISATION = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


class Accounts:
    """Each change is kept as a version, and says in the audit by whom.

    within: the organisation beyond which there is nothing to see or to change; None: those who run the store have all.
    """

    def __init__(self, store: Store, passwords: Callable[[], Passwords], within: str | None = None) -> None:
        self._store, self._passwords, self._within = store, passwords, within

    def every(self, by: Access) -> tuple[Account, ...]:
        """Closed ones too, by their logins."""
        self._store.audit.write(by, Action.READ, WHAT, None, Outcome.SUCCESS, "list")
        return tuple(each for each in self._store.accounts.all() if self._is_ours(each.organisation))

    def add(
        self, login: str, password: str, organisation: str, roles: Collection[Role], by: Access, *, name: str = ""
    ) -> Account:
        """name: of the organisation, which is made if it is not there. Raises AccountRefused, PasswordRefused."""
        if not self._is_ours(organisation):
            self._store.audit.write(by, Action.EXECUTE, WHAT, None, Outcome.REFUSED, ELSEWHERE)
            raise AccountRefused(Mistake("This is another organisation.", "Open accounts in your own."))
        login = folded(login)
        _check(login, roles)
        check_password(password, login)
        if name:
            self._make(organisation, name, by)
        hash = self._passwords().hashed(password)
        account = Account(self._store.new_id(), login, organisation, frozenset(roles), True, hash)
        self._store.accounts.keep(account, by, "added")
        return account

    def close(self, login: str, by: Access) -> Account:
        """Nobody can sign in with it any more, and who is signed in is so no longer. Raises AccountRefused."""
        closed = replace(self.named(login, by), open=False)
        self._store.accounts.keep(closed, by, "closed")
        self._store.sessions.end_all(closed.id)
        return closed

    def set_password(self, login: str, password: str, by: Access) -> Account:
        """Ends every session of the account, and any lock-out. Raises AccountRefused, PasswordRefused."""
        account = self.named(login, by)
        check_password(password, account.login)
        changed = replace(account, hash=self._passwords().hashed(password))
        self._store.accounts.keep(changed, by, "password")
        self._store.sessions.end_all(changed.id)
        LockOut(self._store.failed, Free()).forget(changed.login)
        return changed

    def named(self, login: str, by: Access) -> Account:
        """An open account. Another organisation's is as if not there; the try is audited. Raises AccountRefused."""
        account = self._store.accounts.of_login(folded(login))
        if account is not None and not self._is_ours(account.organisation):
            self._store.audit.write(by, Action.READ, WHAT, None, Outcome.REFUSED, ELSEWHERE)
            account = None
        if account is None or not account.open:
            what = f"There is no account {login!r}." if account is None else f"The account {account.login} is closed."
            raise AccountRefused(Mistake(what, "See which there are: ischio account list"))
        return account

    def _is_ours(self, organisation: str) -> bool:
        return self._within in (None, organisation)

    def _make(self, id: str, name: str, by: Access) -> None:
        if not _ORGANISATION.fullmatch(id):
            mend = "Use up to 40 small letters, digits and hyphens, such as hip-clinic."
            raise AccountRefused(Mistake(f"{id!r} is no id of an organisation.", mend))
        if id not in {one.id for one in self._store.accounts.organisations()}:
            self._store.accounts.keep_organisation(Organisation(id, name), by)


def folded(login: str) -> str:
    """As logins are kept: in small letters."""
    return normalize("NFKC", login).strip().casefold()


def is_login(login: str) -> bool:
    return bool(_LOGIN.fullmatch(login))


def _check(login: str, roles: Collection[Role]) -> None:
    if not is_login(login):
        mend = "Use 2 to 64 letters (a to z), digits and . _ @ + -, with a letter or digit first."
        raise AccountRefused(Mistake(f"{login!r} is no login.", mend))
    if not roles:
        raise AccountRefused(Mistake("An account needs a role.", f"One of {', '.join(role.value for role in Role)}."))
