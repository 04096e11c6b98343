"""Sessions of those who are signed in. Only what is needed while they last: no part of what is kept."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from ischio.store.accounts import Account, account_of
from ischio.store.database import Database
from ischio.store.identities import Identity
from ischio.store.moments import moment, read_moment
from ischio.store.schema import SESSION


@dataclass(frozen=True, slots=True)
class Session:
    """digest: SHA-256, in hex, of the token that the browser holds. account: its id. secret: for the forms' tokens.

    identity: by which they signed in; None: by a password. sid: of the session at that provider, if it has told.
    """

    digest: str
    account: str
    began: datetime
    seen: datetime
    secret: str = field(repr=False)
    identity: Identity | None = None
    sid: str = ""


class Sessions:
    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, session: Session, dropped_before: datetime) -> None:
        """dropped_before: sessions that began earlier are over, and go."""
        row = {
            "digest": session.digest,
            "account": session.account,
            "began": moment(session.began),
            "seen": moment(session.seen),
            "secret": session.secret,
            "issuer": session.identity.issuer if session.identity else "",
            "subject": session.identity.subject if session.identity else "",
            "sid": session.sid,
        }
        with self._database.writing(on_disk=False) as connection:
            connection.execute(delete(SESSION).where(SESSION.c.began < moment(dropped_before)))
            connection.execute(insert(SESSION), row)

    def of(self, digest: str) -> tuple[Session, Account] | None:
        """The session, and the account as it is now."""
        with self._database.reading() as connection:
            row = connection.execute(select(SESSION).where(SESSION.c.digest == digest)).mappings().one_or_none()
            account = account_of(connection, row["account"]) if row else None
        if row is None or account is None:
            return None
        began, seen = read_moment(row["began"]), read_moment(row["seen"])
        identity = Identity(row["issuer"], row["subject"]) if row["issuer"] else None
        return Session(row["digest"], row["account"], began, seen, row["secret"], identity, row["sid"]), account

    def see(self, digest: str, at: datetime) -> None:
        with self._database.writing(on_disk=False) as connection:
            connection.execute(update(SESSION).where(SESSION.c.digest == digest).values(seen=moment(at)))

    def end(self, digest: str) -> None:
        with self._database.writing(on_disk=True) as connection:
            connection.execute(delete(SESSION).where(SESSION.c.digest == digest))

    def end_all(self, account: str) -> int:
        """Ends every session of an account. Returns how many there were."""
        with self._database.writing(on_disk=True) as connection:
            return connection.execute(delete(SESSION).where(SESSION.c.account == account)).rowcount

    def end_those_of(self, issuer: str, subject: str, sid: str) -> tuple[str, ...]:
        """Ends the sessions that were begun by an identity, or belong to one session of its provider.

        subject, sid: empty: whichever; not both. Returns the ids of their accounts.
        """
        asked = [(SESSION.c.issuer, issuer), (SESSION.c.subject, subject), (SESSION.c.sid, sid)]
        same = [column == value for column, value in asked if value]
        with self._database.writing(on_disk=True) as connection:
            accounts = connection.execute(select(SESSION.c.account).where(*same)).scalars().all()
            connection.execute(delete(SESSION).where(*same))
        return tuple(dict.fromkeys(accounts))
