"""A PostgreSQL started for the tests alone, where its programs are installed."""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path


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
        self.start()

    def start(self) -> None:
        settings = ("-c", "fsync=off", "-c", "unix_socket_directories=", "-c", "listen_addresses=127.0.0.1")
        words = (str(self._programs / "postgres"), "-D", "data", "-p", str(self.port), *settings)
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                words, cwd=self._folder, stdout=log, stderr=log, user=self._owner, extra_groups=[]
            )
        self._wait()

    def database(self, like: str = "template1") -> str:
        """The address of a new database, a copy of another one: of an empty one, if none is named."""
        import psycopg

        name = f"d{secrets.token_hex(6)}"
        # As files, which takes half of what copying page by page does.
        with psycopg.connect(self.plain("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{like}" STRATEGY file_copy')
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
