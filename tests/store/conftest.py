"""Stores to test: each in a database of its own, of SQLite and of PostgreSQL, which is started for the tests alone."""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ischio.store.store import Store, open_store


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new store of SQLite, to be copied: making one takes longer than a test."""
    file = tmp_path_factory.mktemp("made") / "store.db"
    open_store(f"sqlite:///{file}").close()
    return file


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """A store's address, on each of the two databases."""
    if request.param == "sqlite":
        return f"sqlite:///{shutil.copy(request.getfixturevalue('made'), request.getfixturevalue('tmp_path'))}"
    server: Server = request.getfixturevalue("postgresql")
    return server.database()


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = open_store(url)
    yield opened
    opened.close()


class Server:
    """A PostgreSQL of our own, on a free port of this machine."""

    def __init__(self, programs: Path, folder: Path, owner: str | None) -> None:
        self.password, self._folder, self._owner, self._programs = "s3cret", folder, owner, programs
        (folder / "password").write_text(self.password, encoding="ascii")
        if owner:
            for path in (folder, folder / "password"):
                shutil.chown(path, owner)
        self._run(
            "initdb", "-D", "data", "-U", "ischio", "--pwfile=password", "--auth=scram-sha-256", "-E", "UTF8", "-N"
        )
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        settings = ("-c", "fsync=off", "-c", "unix_socket_directories=", "-c", "listen_addresses=127.0.0.1")
        words = (str(programs / "postgres"), "-D", "data", "-p", str(self.port), *settings)
        with (folder / "log").open("wb") as log:
            self._process = subprocess.Popen(words, cwd=folder, stdout=log, stderr=log, user=owner, extra_groups=[])
        self._wait()

    def database(self) -> str:
        """The address of a new, empty database."""
        import psycopg

        name = f"d{secrets.token_hex(6)}"
        with psycopg.connect(self.plain("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return self.plain(name)

    def plain(self, name: str, user: str = "ischio", password: str | None = None) -> str:
        return f"postgresql://{user}:{password or self.password}@127.0.0.1:{self.port}/{name}"

    def stop(self) -> None:
        self._process.send_signal(signal.SIGINT)
        self._process.wait(30)

    def _run(self, program: str, *words: str) -> None:
        environment = {**os.environ, "LC_ALL": "C.UTF-8"}
        subprocess.run(
            [self._programs / program, *words],
            cwd=self._folder,
            check=True,
            capture_output=True,
            user=self._owner,
            extra_groups=[],
            env=environment,
        )

    def _wait(self) -> None:
        import psycopg

        until = time.monotonic() + 60
        while True:
            try:
                psycopg.connect(self.plain("postgres")).close()
                return
            except psycopg.OperationalError:
                assert time.monotonic() < until, (self._folder / "log").read_text(encoding="utf-8")
                time.sleep(0.1)


def programs() -> Path | None:
    """Where PostgreSQL's programs are; Debian keeps them off the path."""
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return folders[-1] if folders else None


def owner() -> str | None:
    """PostgreSQL does not run as root."""
    if os.geteuid():
        return None
    return next(one.pw_name for one in map(_account, ("postgres", "nobody")) if one)


def _account(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


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
