"""Stores to test: each in a database of its own, of SQLite and of PostgreSQL, which is started for the tests alone."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from store_server import Server, owner, programs

from ischio.store.store import Store, open_store


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new store of SQLite, to be copied: making one takes longer than a test."""
    file = tmp_path_factory.mktemp("made") / "store.db"
    open_store(f"sqlite:///{file}").close()
    return file


@pytest.fixture(scope="session")
def made_in_postgresql(postgresql: Server) -> str:
    """The same of PostgreSQL: the name of its database."""
    address = postgresql.database()
    open_store(address).close()
    return address.rpartition("/")[2]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """A store's address, on each of the two databases."""
    if request.param == "sqlite":
        return f"sqlite:///{shutil.copy(request.getfixturevalue('made'), request.getfixturevalue('tmp_path'))}"
    server: Server = request.getfixturevalue("postgresql")
    return server.database(request.getfixturevalue("made_in_postgresql"))


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An address at which there is no store yet, on each of the two databases."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'new.db'}"
    server: Server = request.getfixturevalue("postgresql")
    return server.database()


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = open_store(url)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    folder = programs()
    if folder is None:
        pytest.skip("PostgreSQL is not installed (on Debian: apt-get install postgresql)")
    place = Path(tempfile.mkdtemp(prefix="ischio-postgresql-"))
    server = Server(folder, place, owner())
    yield server
    server.stop()
    shutil.rmtree(place)


Tamper = Callable[[str], None]


@pytest.fixture
def tamper(url: str) -> Tamper:
    """Runs SQL past the service, as somebody could who has the rights of the database's owner."""

    def in_sqlite(statement: str) -> None:
        import sqlite3

        with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                connection.execute(f"DROP TRIGGER {name}")
            connection.execute(statement)
        connection.close()

    def in_postgresql(statement: str) -> None:
        import psycopg

        with psycopg.connect(url) as connection:
            connection.execute("SET session_replication_role = replica")
            connection.execute(statement)

    return in_sqlite if url.startswith("sqlite") else in_postgresql
