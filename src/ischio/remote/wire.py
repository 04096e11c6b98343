"""Requests over HTTP with an end to everything: how long, how much, and where to. No redirect is followed."""

import ssl
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from threading import Lock
from typing import Any

import httpcore

from ischio.remote.addresses import PORTS, AddressGuard

AT_ONCE = 4
"""Connections that one call of ours opens at once."""


@dataclass(frozen=True, slots=True)
class Limits:
    """seconds, bytes: of all that one server is asked during one call of ours. pages: of one query.

    silence: seconds in which nothing comes at all.
    """

    seconds: float = 4.0
    bytes: int = 20_000_000
    pages: int = 10
    silence: float = 60.0


class WireError(Exception):
    """Nothing usable came back; why, in words that hold nothing of the answer."""


@dataclass(frozen=True, slots=True)
class Reply:
    """headers: by their names in lower case. body: shown nowhere, it may hold a token or a person's data."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


class Wire:
    """Connections during one call of ours; what is asked through them together stays within the limits.

    Certificates are checked against those that the machine trusts. Proxies named by the environment are not used: the
    address would be resolved there, and not be the one that was checked.
    """

    def __init__(self, guard: AddressGuard, limits: Limits) -> None:
        self._guard = guard
        self._budget = _Budget(limits)
        backend = _Guarded(guard, self._budget)
        self._pool = httpcore.ConnectionPool(_trust(), max_connections=AT_ONCE, network_backend=backend)

    def __enter__(self) -> "Wire":
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.close()

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> Reply:
        """One request. Raises AddressRefused, or WireError for whatever else gives no whole answer."""
        with self.opened(method, url, headers, body) as (reply, parts):
            return Reply(reply.status, reply.headers, b"".join(parts))

    @contextmanager
    def opened(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes = b""
    ) -> Iterator[tuple[Reply, Iterable[bytes]]]:
        """The same, with the body in parts as they come."""
        scheme, host, port = (found := self._guard.admit(url)).origin
        named = f"[{host}]" if ":" in host else host
        sent = [
            ("host", named if port == PORTS[scheme] else f"{named}:{port}"),
            ("accept-encoding", "identity"),  # what is not packed cannot grow when it is unpacked
            *headers.items(),
            *([("content-length", str(len(body)))] if body else []),
        ]
        if not all(value.isascii() and value.isprintable() for _, value in sent):
            raise WireError("the token cannot be sent as it is")  # a caller lent it, and it may be anything
        place = httpcore.URL(scheme=scheme, host=host, port=port, target=found.target)
        times = dict.fromkeys(("connect", "read", "write", "pool"), self._budget.seconds_left())
        try:
            with self._pool.stream(method, place, headers=sent, content=body, extensions={"timeout": times}) as given:
                told = {name.decode().lower(): value.decode("latin-1") for name, value in given.headers}
                if told.get("content-encoding", "identity") != "identity":
                    raise WireError("the answer is packed, although that was not asked for")
                yield Reply(given.status, told, b""), given.iter_stream()
        except httpcore.TimeoutException:
            raise WireError("no whole answer came in time") from None
        except (httpcore.NetworkError, httpcore.ProtocolError, ssl.SSLError, UnicodeDecodeError):
            raise WireError("the connection failed, or what came was no HTTP") from None


@cache
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()


class _Budget:
    """What is left of the limits; several threads draw on it."""

    def __init__(self, limits: Limits) -> None:
        self._until = time.monotonic() + limits.seconds
        self._bytes, self._silence = limits.bytes, limits.silence
        self._lock = Lock()

    def seconds_left(self) -> float:
        """For the next thing to happen."""
        left = self._until - time.monotonic()
        if left <= 0:
            raise WireError("no whole answer came in time")
        return min(left, self._silence)

    def take(self, amount: int) -> None:
        with self._lock:
            self._bytes -= amount
            if self._bytes < 0:
                raise WireError("the answer is longer than is read")


class _Guarded(httpcore.NetworkBackend):
    """Connects to the addresses that the guard found, and to no other."""

    def __init__(self, guard: AddressGuard, budget: _Budget) -> None:
        self._guard, self._budget, self._network = guard, budget, httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002  # what is left of the budget is never more
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        last: Exception = WireError("its name leads to no address")
        for place in self._guard.places(host, port):
            try:
                left = self._budget.seconds_left()
                stream = self._network.connect_tcp(place, port, left, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                last = error
            else:
                return _Counted(stream, self._budget)
        raise last


class _Counted(httpcore.NetworkStream):
    """What arrives is counted and timed as a whole: a server that sends a letter a second gets no more time by it."""

    def __init__(self, stream: httpcore.NetworkStream, budget: _Budget) -> None:
        self._stream, self._budget = stream, budget

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002  # the budget's is never more
        found = self._stream.read(max_bytes, self._budget.seconds_left())
        self._budget.take(len(found))
        return found

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002  # the budget's is never more
        self._stream.write(buffer, self._budget.seconds_left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002  # the budget's is never more
    ) -> httpcore.NetworkStream:
        left = self._budget.seconds_left()
        return _Counted(self._stream.start_tls(ssl_context, server_hostname, left), self._budget)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
