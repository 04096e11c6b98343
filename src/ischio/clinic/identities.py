"""Who is signed in from elsewhere: the account that an identity at another provider is linked to."""

from dataclasses import replace

from ischio.clinic.access import access_of
from ischio.clinic.accounts import folded, is_login
from ischio.store.accounts import Account, Role
from ischio.store.entries import Access, Action, Outcome
from ischio.store.identities import Identity
from ischio.store.store import Store

CLOSED, ELSEWHERE, UNKNOWN = "account closed", "account of another organisation", "identity not linked"
NO_ROLE = "no role"
"""Why nobody was let in, for the audit."""


class NotLetIn(Exception):
    """Why: CLOSED or ELSEWHERE."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Identities:
    def __init__(self, store: Store) -> None:
        self._store = store

    def account_of(self, identity: Identity, organisation: str, by: Access) -> Account | None:
        """The account that may be used, open and of the organisation; None where none is linked. Raises NotLetIn.

        by: the identity itself, for the audit.
        """
        id = self._store.identities.account_of(identity)
        account = self._store.accounts.of(id) if id is not None else None
        if account is not None:
            self.check(account, organisation, by)
        return account

    def check(self, account: Account, organisation: str, by: Access) -> None:
        """Raises NotLetIn unless the account is open and of the organisation."""
        why = CLOSED if not account.open else ELSEWHERE if account.organisation != organisation else ""
        if why:
            self._refused(access_of(account, by.at), why)
            raise NotLetIn(why)

    def link(self, identity: Identity, account: Account, by: Access) -> None:
        """Raises AccountRefused where it is linked to another."""
        self._store.identities.link(identity, account.id, by)

    def unlink(self, identity: Identity, by: Access) -> Account:
        """Ends what was begun by it, too. Returns the account that it was linked to. Raises AccountRefused."""
        account = self._store.accounts.of(self._store.identities.unlink(identity, by))
        self._store.sessions.end_those_of(identity.issuer, identity.subject, "")
        assert account is not None
        return account

    def ask(self, by: Access) -> None:
        """That nobody is let in until they have said who they are here."""
        self._refused(by, UNKNOWN)

    def let_go(self, identity: Identity, by: Access) -> None:
        """Whom no role is given any more: what they began is ended, too."""
        self._store.sessions.end_those_of(identity.issuer, identity.subject, "")
        self._refused(by, NO_ROLE)

    def with_roles(self, account: Account, roles: frozenset[Role], by: Access) -> Account:
        """The account with the roles that it has now; a version of its own if they are others."""
        if account.roles == roles:
            return account
        changed = replace(account, roles=roles)
        self._store.accounts.keep(changed, by, "roles")
        return changed

    def make(self, identity: Identity, wish: str, organisation: str, roles: frozenset[Role], by: Access) -> Account:
        """An account without a password, linked to the identity. wish: the login that it would like.

        Raises AccountRefused where there is no such organisation.
        """
        id = self._store.new_id()
        login = folded(wish)
        if not is_login(login) or self._store.accounts.of_login(login) is not None:
            login = f"account-{id[:8]}"
        account = Account(id, login, organisation, roles, True, "")
        self._store.accounts.keep(account, by, "added")
        self.link(identity, account, by)
        return account

    def _refused(self, by: Access, why: str) -> None:
        self._store.audit.write(by, Action.EXECUTE, "session", None, Outcome.REFUSED, why)
