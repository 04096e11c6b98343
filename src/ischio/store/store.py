"""The store as its users see it: `open_store(url)`, then `.events`, `.people`, `.cards`, `.audit` and the rest."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy import Connection

from ischio.store.accounts import Accounts
from ischio.store.answered import Answers
from ischio.store.audit import Audit
from ischio.store.cards import Cards
from ischio.store.completed_forms import CompletedForms
from ischio.store.contacts import Contacts
from ischio.store.database import Database
from ischio.store.declines import Declines
from ischio.store.drafts import Drafts
from ischio.store.entries import Access, Action
from ischio.store.erasing import Erasures
from ischio.store.events import Events
from ischio.store.failed import FailedSignIns
from ischio.store.faults import StoreUnusable, shown, unusable
from ischio.store.feedback import Feedbacks
from ischio.store.health import Health, health_of
from ischio.store.holds import Holds
from ischio.store.identities import Identities
from ischio.store.links import Links
from ischio.store.outbox import Outbox
from ischio.store.patient_sessions import PatientSessions
from ischio.store.people import People
from ischio.store.releases import Releases
from ischio.store.sealed import Sealed
from ischio.store.sessions import Sessions
from ischio.store.standings import Standings
from ischio.store.upgrades import known, newest, other_tables, upgrade, version_of
from ischio.store.used_tokens import UsedTokens
from ischio.store.writing import writer_in

MAKER = "ischio"
"""Who is told, in the first entry of the audit, to have made the store."""


class Store:
    """May be used by many threads at once; each process opens its own."""

    def __init__(self, database: Database, new_id: Callable[[], str]) -> None:
        self.database, self.new_id = database, new_id
        self.events = Events(database, new_id)
        self.cards = Cards(database)
        self.feedback = Feedbacks(database)
        self.accounts = Accounts(database, new_id)
        self.identities = Identities(database, new_id)
        self.sessions = Sessions(database)
        self.failed = FailedSignIns(database)
        self.people = People(database, new_id)
        self.declines = Declines(database, new_id)
        self.links = Links(database, new_id)
        self.releases = Releases(database, new_id)
        self.patient_sessions = PatientSessions(database)
        self.answers = Answers(database, new_id)
        self.standings = Standings(database)
        self.audit = Audit(database)
        self.used_tokens = UsedTokens(database)
        self.sealed = Sealed(database)
        self.drafts = Drafts(database)
        self.completed_forms = CompletedForms(database)
        self.holds = Holds(database, new_id)
        self.erasures = Erasures(database, new_id)
        self.contacts = Contacts(database, new_id)
        self.outbox = Outbox(database, new_id)

    @property
    def place(self) -> str:
        """The file, or the URL without its password."""
        return shown(self.database.url)

    def tables(self) -> str:
        """The version of the tables."""
        with self.database.reading() as connection:
            return version_of(connection) or ""

    def health(self) -> Health:
        """Whether the database itself is whole, and how much is in it."""
        return health_of(self.database)

    def close(self) -> None:
        self.database.close()


def new_uuid() -> str:
    return str(uuid4())


def open_store(url: str, *, make: bool = True, migrate: bool = False, new_id: Callable[[], str] = new_uuid) -> Store:
    """The store at the URL.

    make: one that is not there yet is made. migrate: one that an older release made is brought up to date. new_id:
    makes the ids of events. Raises StoreUnusable with the mend, also for a store that a newer release made.
    """
    database = Database(url)
    _look_for_file(database, make)
    with database.reading() as connection:
        version = _version(database, connection)
    if version is None and not make:
        raise _none_yet(database)
    if version is None or (migrate and version != newest()):
        _bring_up_to_date(database)
    elif version != newest():
        mend = "Make a backup (ischio store backup FILE), then: ischio store migrate"
        raise unusable(database.url, "An older release of ischio made this store.", mend)
    return Store(database, new_id)


def _look_for_file(database: Database, make: bool) -> None:
    """SQLite makes any file that it is asked to open, and tells a missing folder by a number."""
    if database.file is None:
        return
    if not database.file.parent.is_dir():
        mend = f"Make it: mkdir -p {database.file.parent}"
        raise unusable(database.url, f"Its folder {database.file.parent} is not there.", mend)
    if not make and not database.file.exists():
        raise _none_yet(database)


def _none_yet(database: Database) -> StoreUnusable:
    return unusable(database.url, "There is no store yet.", "Make it: ischio store migrate")


def _version(database: Database, connection: Connection) -> str | None:
    """None where there is no store yet. Refuses what a newer release or another program made."""
    version = version_of(connection)
    if version is None and other_tables(connection):
        raise unusable(database.url, "It holds tables of another program.", "Name a database of the store's own.")
    if version is not None and not known(version):
        what = f"A newer release of ischio made this store (tables {version}; this release knows {newest()})."
        raise unusable(database.url, what, "Install that release, or name another store.")
    return version


def _bring_up_to_date(database: Database) -> None:
    database.prepare()
    with database.writing(on_disk=True) as connection:
        # Another process may have been first.
        made = version_of(connection) is None
        upgrade(connection)
        if made:
            first = writer_in(connection)
            first.note(Access(MAKER, datetime.now(UTC)), Action.CREATE, "store", None, record=new_uuid())
            first.write()
