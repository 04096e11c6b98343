"""A small server on this machine for tests of what we ask of others: it answers as it is told, well or badly."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec

from ischio.remote.addresses import AddressGuard


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode()))


@dataclass
class Reply:
    """What is answered. stream: writes the body itself, to a connection that then ends; raw: the head as well."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    stream: Callable[[Callable[[bytes], object]], None] | None = None
    raw: bool = False


Answer = Callable[[Asked], Reply]


class Served:
    """A server under way. answer may be exchanged; asked: all that came."""

    def __init__(self, answer: Answer) -> None:
        self.answer, self.asked = answer, list[Asked]()
        served = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                length = int(self.headers.get("content-length", 0))
                parts = urlsplit(self.path)
                headers = {name.lower(): value for name, value in self.headers.items()}
                body = self.rfile.read(length)
                asked = Asked(self.command, parts.path, dict(parse_qsl(parts.query)), headers, body)
                served.asked.append(asked)
                self.give(served.answer(asked))

            do_GET = do_POST = do_PUT = do_DELETE = handle_any

            def give(self, reply: Reply) -> None:
                if reply.raw and reply.stream:
                    self.close_connection = True
                    reply.stream(self.wfile.write)
                    return
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                if reply.stream:
                    self.send_header("connection", "close")
                    self.end_headers()
                    reply.stream(self.wfile.write)
                    return
                body = reply.body if isinstance(reply.body, bytes) else msgspec.json.encode(reply.body)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: Any) -> None:
                """Who asked has hung up, which is what many tests are about."""

        self._server = Quiet(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def host(self) -> str:
        return self.url.partition("://")[2]


@contextmanager
def serving(answer: Answer) -> Iterator[Served]:
    served = Served(answer)
    thread = threading.Thread(target=served._server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield served
    finally:
        served._server.shutdown()
        thread.join()
        served._server.server_close()


def guard_for(*servers: Served) -> AddressGuard:
    """These servers may be called, although they are on this machine and speak http."""
    hosts = frozenset(one.host for one in servers)
    return AddressGuard(hosts, hosts, plain=True)


def bundle(*resources: dict[str, Any], **more: Any) -> Reply:
    return Reply(
        body={"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": r} for r in resources], **more}
    )
