"""Bulk Data Access: asks a FHIR server for the records of many persons, and fetches the files that it makes of them.

SMART Backend Services: no person is there to log in; we sign for ourselves. What was fetched stays where it is when a
pull is stopped, and the same call goes on with it.
"""

import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from ischio.model.mistake import IschioError, Mistake
from ischio.remote.addresses import AddressGuard, AddressRefused, joined
from ischio.remote.authority import Registration, SmartError
from ischio.remote.backend import ASKED, Backend, issues_in
from ischio.remote.wire import Limits, Reply, Wire, WireError

FILE = Limits(seconds=4 * 3600.0, bytes=500_000_000_000)
SOONEST, USUAL, LATEST = 1.0, 5.0, 120.0
"""Seconds between two looks at whether it is done."""
MOST_FILES = 100_000
MOST_TOLD = 20
TRIES = 3
NDJSON = "application/fhir+ndjson"
UNDER_WAY = ".pull.json"
"""In the folder: where the server tells about the export. It and files not yet whole are hidden."""


class PullError(IschioError):
    """The records cannot be pulled."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for. server: where, and as whom. group: the id of a Group; None: all patients.

    types: resource types; empty: all.
    """

    server: Registration
    group: str | None = None
    types: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        whom = f"Group/{quote(self.group, safe='')}" if self.group else "Patient"
        types = f"&_type={quote(','.join(self.types), safe=',')}" if self.types else ""
        return f"{self.server.server.rstrip('/')}/{whom}/$export?_outputFormat={quote(NDJSON, safe='')}{types}"


@dataclass(frozen=True, slots=True)
class Pulled:
    """What came. files: name -> bytes. at: the moment of the data, as the server says. told: its own errors."""

    files: Mapping[str, int]
    at: str
    told: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Source:
    type: str
    url: str


@dataclass(slots=True)
class Pull:
    """One pull into a folder; the token goes to the server alone, files may lie elsewhere if the guard lets them.

    waiting: told in the server's words how far it is; fetched: how many files of how many, and bytes of all.
    pause: waits for some seconds; now: the moment, with its zone.
    """

    order: Order
    folder: Path
    guard: AddressGuard
    waiting: Callable[[str], None] = lambda _: None
    fetched: Callable[[int, int, int], None] = lambda *_: None
    pause: Callable[[float], None] = time.sleep
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    longest: timedelta = timedelta(hours=24)
    _server: Backend = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._server = Backend(self.order.server, self.guard, lambda: self.now())

    def run(self) -> Pulled:
        """Raises PullError for whatever keeps the records from coming whole."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            status = self._under_way() or self._begin()
            manifest = self._finished(status)
            pulled = self._fetch(manifest)
            self._forget(status)
        except OSError as error:
            raise self._failed(f"It cannot be written: {error.strerror}.", "Name another folder.") from None
        except (WireError, AddressRefused, SmartError) as error:
            raise self._failed(f"{_sentence(error)}", "Run the same command again: it goes on where it was.") from None
        return pulled

    def _failed(self, what: str, mend: str) -> PullError:
        return PullError(Mistake(what, mend, self.order.server.server))

    # ---- the export on the server -----------------------------------------------------------------------------------

    def _under_way(self) -> str | None:
        """Where the server tells about an export that was asked for before, of the same order."""
        try:
            kept = msgspec.json.decode((self.folder / UNDER_WAY).read_bytes(), type=dict[str, str])
        except (FileNotFoundError, msgspec.DecodeError):
            return None
        if kept.get("order") != self.order.url:
            raise self._failed(f"{self.folder} holds a pull of something else.", "Name another folder.")
        return kept.get("status")

    def _begin(self) -> str:
        if any(self.folder.iterdir()):
            raise self._failed(f"{self.folder} is not empty.", "Name a new or empty folder.")
        headers = {"accept": "application/fhir+json", "prefer": "respond-async"}
        reply = self._server.asked("GET", self.order.url, headers)
        if reply.status != 202 or "content-location" not in reply.headers:
            raise self._refused(reply, "does not begin an export")
        status = joined(self.order.url, reply.headers["content-location"])
        if not self._server.is_own(status):
            raise self._failed("The server tells of the export on another server.", "Ask those who run it.")
        (self.folder / UNDER_WAY).write_bytes(msgspec.json.encode({"order": self.order.url, "status": status}))
        return status

    def _finished(self, status: str) -> dict[str, Any]:
        """The manifest, once it is there."""
        until = self.now() + self.longest
        while self.now() < until:
            reply = self._server.asked("GET", status, {"accept": "application/json"})
            if reply.status == 200:
                return self._manifest(reply)
            if reply.status == 404:
                (self.folder / UNDER_WAY).unlink()
                raise self._failed(
                    "The server no longer knows this export.", "Run the command again with a new folder."
                )
            if reply.status not in (202, 429, 503):
                raise self._refused(reply, "could not make the export")
            self.waiting(reply.headers.get("x-progress", "")[:100])
            self.pause(_wait(reply, self.now()))
        raise self._failed(f"The export was not ready after {self.longest}.", "Run the same command again later.")

    def _manifest(self, reply: Reply) -> dict[str, Any]:
        try:
            found: dict[str, Any] = msgspec.json.decode(reply.body, type=dict)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            found = {}
        if type(found.get("output")) is not list or len(found["output"]) > MOST_FILES:
            raise self._failed("The server's list of files cannot be read.", "Ask those who run the server.")
        return found

    def _forget(self, status: str) -> None:
        """Lets the server throw its files away; whether it does is its own affair."""
        with suppress(WireError, AddressRefused, SmartError):
            self._server.asked("DELETE", status, {})
        (self.folder / UNDER_WAY).unlink()

    # ---- files -------------------------------------------------------------------------------------------------------

    def _fetch(self, manifest: dict[str, Any]) -> Pulled:
        sources = [self._source(one) for one in manifest["output"]]
        with_token = manifest.get("requiresAccessToken") is True
        sizes: dict[str, int] = {}
        for number, source in enumerate(sources, 1):
            path = self.folder / f"{number:05}-{source.type}.ndjson"
            if not path.exists():
                self._fetch_file(source.url, path, with_token)
            sizes[path.name] = path.stat().st_size
            self.fetched(number, len(sources), sum(sizes.values()))
        return Pulled(sizes, str(manifest.get("transactionTime", "")), tuple(self._told(manifest, with_token)))

    def _source(self, entry: Any) -> _Source:
        kind, url = (entry.get(name) if type(entry) is dict else None for name in ("type", "url"))
        if type(kind) is not str or not kind.isalpha() or not kind.isascii() or type(url) is not str:
            raise self._failed("The server's list of files cannot be read.", "Ask those who run the server.")
        return _Source(kind, url)

    def _fetch_file(self, url: str, path: Path, with_token: bool) -> None:
        """Whole or not at all under its name. One that broke off goes on where it broke off, if the server can."""
        part = path.with_name(f".{path.name}.part")
        for left in reversed(range(TRIES)):
            try:
                self._append(url, part, with_token)
                break
            except WireError:
                if not left:
                    raise
                self.pause(SOONEST)
        os.replace(part, path)

    def _append(self, url: str, part: Path, with_token: bool) -> None:
        have = part.stat().st_size if part.exists() else 0
        headers = {"accept": NDJSON} | ({"range": f"bytes={have}-"} if have else {})
        headers |= self._server.bearer(url) if with_token else {}
        with Wire(self.guard, FILE) as wire, wire.opened("GET", url, headers) as (reply, pieces):
            if reply.status == 416 and reply.headers.get("content-range") == f"bytes */{have}":
                return
            goes_on = reply.status == 206 and reply.headers.get("content-range", "").startswith(f"bytes {have}-")
            if reply.status != 200 and not goes_on:
                raise self._refused(reply, "does not give a file of the export")
            with part.open("ab" if goes_on else "wb") as file:
                for piece in pieces:
                    file.write(piece)

    def _told(self, manifest: dict[str, Any], with_token: bool) -> list[str]:
        """What the server says went wrong with its export, a line for each issue."""
        listed = manifest.get("error")
        told: list[str] = []
        for source in map(self._source, listed if type(listed) is list else ()):
            headers = {"accept": NDJSON} | (self._server.bearer(source.url) if with_token else {})
            with Wire(self.guard, ASKED) as wire:
                reply = wire.send("GET", source.url, headers)
            if reply.status != 200:
                raise self._refused(reply, "does not give its list of errors")
            told += [issue for line in reply.body.splitlines() for issue in _issues(line)]
        return told[:MOST_TOLD]

    def _refused(self, reply: Reply, what: str) -> PullError:
        if reply.status in (401, 403):
            mend = "Ask those who run it whether this client may export, and with which scopes."
        else:
            mend = "Ask those who run the server."
        return self._failed(f"The server {what}: it answered with status {reply.status}.", mend)


def _wait(reply: Reply, now: datetime) -> float:
    """Seconds until the next look, as the server asks (Retry-After), but neither at once nor in hours."""
    asked = reply.headers.get("retry-after", "")
    try:
        seconds = float(asked) if asked.isdigit() else (parsedate_to_datetime(asked) - now).total_seconds()
    except (ValueError, TypeError):
        seconds = USUAL
    return min(max(seconds, SOONEST), LATEST)


def _issues(line: bytes) -> list[str]:
    found = issues_in(line)
    return (["a line that cannot be read"] if line.strip() else []) if found is None else found


def _sentence(error: Exception) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."
