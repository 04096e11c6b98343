"""Whatever is sent to whichever endpoint: no failure, no traceback, and no word of the person in a log line.

Some hundred requests of each endpoint here, 100,000 in all in `make fuzz`. The service runs in this process; it listens
on a port too, for the small record calls it over HTTP.
"""

import logging
import os
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

import pytest
from awaiting import awaited
from endpoint_requests import CANARY, PERSON, WORD, Request, Requests, walk
from listening import free_port, listening
from page_requests import PageRequests, results
from starlette.applications import Starlette
from starlette.routing import Route

from ischio.interfaces.http.app import build, service_of
from ischio.interfaces.http.guards.log import JsonLines, set_up_logging
from ischio.interfaces.http.service import Service
from ischio.interfaces.http.settings import Bounds, Pages, Settings
from ischio.store.store import open_store

FUZZ = os.environ.get("HYPOTHESIS_PROFILE") == "fuzz"
MANY = {"endpoint": (100, 90_000), "slow": (20, 10_000), "page": (40, 4_000)}
"""How many requests each gets here, and how many all of its kind get together in `make fuzz`."""
BOUNDLESS = Bounds(requests=100_000_000, seconds=600)
"""Neither how often is asked nor how loaded this machine is decides here."""
ONCE = ("/arrived/{name}", "/smart/callback", "/ehr/auth/token", "/demonstration/patient")
"""What they take counts once, and was used before; or nobody of the demonstration is here."""
SLOW = (
    *("/cds-services/{id}", "$apply", "$populate", "$evaluate-measure"),
    *("/{person}", "/orders", "/accept", "/decline", "/at/{name}"),
)
"""Endpoints that judge a record, by how they end: a tenth of what is asked."""
PAGES = ("/accounts", "/static", "/about", "/why", "/sign-", "/patients", "/author", "/cohort", "/p/", "/in/", "/me/")
PARTS = ("/cds-services", "/fhir", "/ehr", "/p/", "pages", "/")
"""The endpoints of a run begin so, and do not begin as those of an earlier one; `pages` are those without a person."""


@dataclass
class Seen:
    """What came of the requests. statuses: of each endpoint how often each. inside: endpoints that let somebody in.

    told: refusals with the name in them; who is signed in may be shown the page of a person again.
    """

    statuses: defaultdict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    inside: set[str] = field(default_factory=set)
    failed: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def note(self, request: Request, status: int, body: bytes) -> None:
        self.statuses[request.route][status] += 1
        if status >= 500 or b"Traceback" in body:
            self.failed.append(f"{status} {request} {body[:500]!r}")
        if status < 400 and (request.signed_in or not is_page(request.path)):
            self.inside.add(request.route)
        if status >= 400 and CANARY.encode() in body and not request.signed_in:
            self.told.append(f"{status} {request} {body[:500]!r}")


async def answer(app: Starlette, request: Request) -> tuple[int, bytes]:
    """Status and body, without a connection between."""
    sent, status, body = False, 0, b""

    async def receive() -> dict[str, object]:
        nonlocal sent
        if sent:
            return {"type": "http.disconnect"}
        sent = True
        return {"type": "http.request", "body": request.body, "more_body": False}

    async def send(message: dict[str, object]) -> None:
        nonlocal status, body
        if message["type"] == "http.response.start":
            status = int(str(message["status"]))
        body += message.get("body", b"")

    headers = {"host": "127.0.0.1", "content-length": str(len(request.body)), **request.headers}
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "http",
        "method": request.method,
        "path": unquote(request.path, errors="replace"),
        "raw_path": request.path.encode(),
        "query_string": request.query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode("latin-1", "replace")) for name, value in headers.items()],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 80),
    }
    await app(scope, receive, send)
    return status, body


class Spoken(logging.Handler):
    """Log lines as they would be written: how many, and those that should not be."""

    def __init__(self) -> None:
        super().__init__()
        self.lines, self.wrong, self.names = 0, list[str](), [CANARY, WORD, PERSON]
        self.setFormatter(JsonLines())

    def emit(self, record: logging.LogRecord) -> None:
        line = self.format(record)
        self.lines += 1
        named = any(name.lower() in line.lower() for name in self.names)
        if named or record.levelno >= logging.ERROR:
            self.wrong.append(line)


@contextmanager
def heard() -> Iterator[Spoken]:
    """Every logger of this process as `ischio serve` sets them up, heard instead of written."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    set_up_logging()
    root.handlers[:] = [spoken := Spoken()]
    yield spoken
    root.handlers[:] = before
    root.setLevel(level)


def part_of(route: str) -> str:
    return next(part for part in PARTS if route.startswith(part) or (part == "pages" and is_page(route)))


def is_page(route: str) -> bool:
    """Whether it is of the application, behind its gate."""
    return route in ("/", "/me") or route.startswith(PAGES)


def is_slow(route: str) -> bool:
    return route.rstrip("/").endswith(SLOW)


def numbers(routes: Sequence[Route]) -> Iterator[tuple[Route, int]]:
    """Each endpoint with how many requests it gets, in their order: who has left is let in no more."""
    often = Counter(kind_of(route.path) for route in routes)
    for route in routes:
        quick, together = MANY[kind_of(route.path)]
        yield route, -(-together // often[kind_of(route.path)]) if FUZZ else quick


def kind_of(route: str) -> str:
    return "page" if is_page(route) else "slow" if is_slow(route) else "endpoint"


async def ask(app: Starlette, requests: Requests | PageRequests, asked: Sequence[tuple[Route, int]]) -> Seen:
    seen = Seen()
    for route, many in asked:
        methods = frozenset(route.methods or ("GET",))
        for number in range(many):
            request = requests.drawn(route.path, methods, number)
            seen.note(request, *await answer(app, request))
    return seen


def drawing(part: str, service: Service, base: str) -> Requests | PageRequests:
    if part in ("/p/", "pages"):
        return PageRequests(service)
    return Requests(base, service.pathway, service.bindings, walk(base))


@pytest.mark.parametrize("part", PARTS)
def test_nothing_that_is_sent_is_a_failure_or_stands_in_a_log_line(
    part: str, tmp_path: Path, record_property: pytest.FixtureRequest
):
    taken = free_port()
    base = f"http://127.0.0.1:{taken.getsockname()[1]}"
    store = open_store(f"sqlite:///{tmp_path / 'ischio.db'}")
    pages = Pages(cohort=results(tmp_path / "results"))
    service = service_of(Settings(base=base, demo=True, limits=BOUNDLESS, pages=pages), store)
    app = build(service)
    routes = [route for route in app.routes if isinstance(route, Route)]
    asked = [one for one in numbers(routes) if part_of(one[0].path) == part]
    with heard() as spoken, listening(taken, app):
        requests = drawing(part, service, base)
        if isinstance(requests, PageRequests):
            spoken.names += requests.ids
        seen = awaited(ask(app, requests, asked))
    store.close()
    total = sum(seen.statuses.values(), Counter())
    told = f"{total.total():,} requests of the {len(seen.statuses)} endpoints of {part}"
    record_property("counted", f"{told}, by status: {dict(sorted(total.items()))}")
    assert seen.failed[:3] == []
    assert spoken.wrong[:3] == []
    assert seen.told[:3] == []
    assert spoken.lines >= total.total() == sum(many for _, many in asked)
    # The requests are not all refused at the first look, nor all let in.
    assert [route for route in seen.statuses if route not in seen.inside and route not in ONCE] == []
    assert [route for route, found in seen.statuses.items() if max(found) < 400] == []


def test_so_many_are_asked_together(tmp_path: Path):
    store = open_store(f"sqlite:///{tmp_path / 'ischio.db'}")
    app = build(service_of(Settings(demo=True), store))
    together: Counter[str] = Counter()
    for route, many in numbers([one for one in app.routes if isinstance(one, Route)]):
        together[kind_of(route.path)] += many
    store.close()
    assert all(together[kind] >= (fuzz if FUZZ else quick) for kind, (quick, fuzz) in MANY.items())
    assert sum(fuzz for kind, (_, fuzz) in MANY.items() if kind != "page") >= 100_000
