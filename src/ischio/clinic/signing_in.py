"""Signing in and out: sessions. The browser holds a token of 256 random bits, the store its digest alone."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ischio.clinic.access import Who, access_of
from ischio.clinic.accounts import folded
from ischio.clinic.lock_out import Free, LockOut
from ischio.clinic.passwords import Passwords
from ischio.clinic.tokens import digest_of, form_token, new_token
from ischio.store.accounts import Account
from ischio.store.entries import Access, Action, Outcome
from ischio.store.identities import Identity
from ischio.store.sessions import Session
from ischio.store.store import Store

NOBODY = "nobody"
"""Who tried to sign in with a login that nobody has, for the audit."""
SEEN_AGAIN = timedelta(minutes=1)
"""A look at a page is written down no more often."""


@dataclass(frozen=True, slots=True)
class Lasts:
    """A session ends when nothing was looked at for so long (idle), and so long after it began at the latest."""

    idle: timedelta = timedelta(minutes=30)
    most: timedelta = timedelta(hours=12)


class SignInRefused(Exception):
    """wait: how long until another try is taken; None: the login or the password is wrong, and nobody says which."""

    def __init__(self, wait: timedelta | None = None) -> None:
        super().__init__("wait" if wait else "wrong")
        self.wait = wait


class SigningIn:
    def __init__(self, store: Store, passwords: Passwords, lasts: Lasts = Lasts(), free: Free = Free()) -> None:  # noqa: B008  # frozen
        self._store, self._passwords, self._lasts = store, passwords, lasts
        self._lock_out = LockOut(store.failed, free)

    def sign_in(self, login: str, password: str, address: str, at: datetime) -> str:
        """A new token. address: where it is tried from. Raises SignInRefused.

        A login that nobody has, one that is closed and a wrong password take the same time.
        """
        return self.begin(self.account_of(login, password, address, at), at)

    def account_of(self, login: str, password: str, address: str, at: datetime) -> Account:
        """Whose login and password these are. address: where it is tried from. Raises SignInRefused."""
        login = folded(login)
        if wait := self._lock_out.take(login, address, at):
            raise SignInRefused(wait)
        account = self._store.accounts.of_login(login)
        usable = account is not None and account.open
        fits = self._passwords.fits(account.hash if account and usable else "", password)
        if account is None or not fits:
            who = access_of(account, at) if account else Access(NOBODY, at)
            self._note(who, Outcome.REFUSED, "wrong")
            raise SignInRefused
        self._lock_out.done(login, address)
        if self._passwords.outdated(account.hash):
            account = replace(account, hash=self._passwords.hashed(password))
            self._store.accounts.keep(account, access_of(account, at), "rehashed")
        return account

    def begin(self, account: Account, at: datetime, identity: Identity | None = None, sid: str = "") -> str:
        """A session of somebody of whom it is sure who they are; its token.

        identity: by which they were let in, if not by a password; sid: of the session at that provider, if it has told.
        """
        token = new_token()
        session = Session(digest_of(token), account.id, at, at, new_token(), identity, sid)
        self._store.sessions.begin(session, at - self._lasts.most)
        self._note(access_of(account, at), Outcome.SUCCESS, "begun from elsewhere" if identity else "begun")
        return token

    def who(self, token: str, at: datetime) -> Who | None:
        """Whose token it is, if the session lasts and the account is open."""
        found = self._store.sessions.of(digest_of(token)) if token else None
        if found is None:
            return None
        session, account = found
        over = at - session.seen > self._lasts.idle or at - session.began > self._lasts.most
        if over or not account.open:
            self._store.sessions.end(session.digest)
            return None
        if at - session.seen >= SEEN_AGAIN:
            self._store.sessions.see(session.digest, at)
        return Who(account, session.digest, form_token(session.secret))

    def sign_out(self, who: Who, at: datetime, *, everywhere: bool = False) -> None:
        """everywhere: every session of the account, on whatever machine."""
        if everywhere:
            self._store.sessions.end_all(who.account.id)
        else:
            self._store.sessions.end(who.session)
        self._note(who.access(at), Outcome.SUCCESS, "ended everywhere" if everywhere else "ended")

    def _note(self, by: Access, outcome: Outcome, why: str) -> None:
        self._store.audit.write(by, Action.EXECUTE, "session", None, outcome, why)
