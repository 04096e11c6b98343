"""The guards, each against a small application behind all of them."""

import asyncio
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

import pytest
from awaiting import awaited
from sqlalchemy import make_url
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from ischio.interfaces.http.app import guarded, service_of
from ischio.interfaces.http.guards.log import JsonLines
from ischio.interfaces.http.guards.rates import REMEMBERED, Buckets, caller
from ischio.interfaces.http.service import Service
from ischio.interfaces.http.settings import Bounds, Settings
from ischio.remote.tokens import Client, Unauthorised
from ischio.store.faults import HELD, unusable

CANARY = "Canaria-Mustermann"
HOME = "https://ehr.example.org"


async def told(request: Request) -> Response:
    body = await request.body()
    return JSONResponse({"bytes": len(body)})


async def fails(request: Request) -> Response:
    raise ValueError(f"cannot read {request.query_params} {(await request.body()).decode()}")


async def held(_: Request) -> Response:
    raise unusable(make_url("sqlite:///ischio.db"), *HELD)


async def slow(_: Request) -> Response:
    await asyncio.sleep(60)
    return Response()


async def who(request: Request) -> Response:
    request.state.cards = ["info", "critical"]
    return JSONResponse({"issuer": request.state.client.issuer if hasattr(request.state, "client") else None})


ROUTES = [
    Route("/tell/{name}", told, methods=["GET", "POST"]),
    Route("/fail", fails, methods=["GET", "POST"]),
    Route("/held", held, methods=["POST"]),
    Route("/slow", slow),
    Route("/cds-services", who),
    Route("/cds-services/{id}", who, methods=["POST"]),
    Route("/cds-services/{id}/feedback", who, methods=["POST"]),
    Route("/cds-services/{id}/why/{uuid}", who),
]


@cache
def service() -> Service:
    return service_of(Settings())


def application(settings: Settings = Settings(), clients: Any = None) -> Starlette:  # noqa: B008  # frozen
    return guarded(replace(service(), settings=settings, clients=clients), ROUTES)


def client(settings: Settings = Settings(), clients: Any = None) -> TestClient:  # noqa: B008  # frozen
    return TestClient(application(settings, clients), client=("127.0.0.1", 50000))


def outcome(answer: Any) -> str:
    """The words of an OperationOutcome; nothing else is accepted."""
    assert answer.headers["content-type"] == "application/fhir+json"
    content = answer.json()
    assert content["resourceType"] == "OperationOutcome"
    (issue,) = content["issue"]
    assert issue["severity"] == "error"
    return str(issue["diagnostics"])


@pytest.fixture
def lines() -> Iterator[list[str]]:
    """The log lines of a test, as they would be written."""
    found: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.append(self.format(record))

    handler, logger = Kept(), logging.getLogger("ischio.http")
    handler.setFormatter(JsonLines())
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield found
    logger.removeHandler(handler)


# ---- a name for each request -----------------------------------------------------------------------------------------


def test_each_request_has_a_name_of_ours():
    calls = [client().get("/tell/a", headers={"X-Request-ID": CANARY}) for _ in range(2)]
    names = {answer.headers["x-request-id"] for answer in calls}
    assert len(names) == 2
    assert CANARY not in names


# ---- how large, how slow ---------------------------------------------------------------------------------------------

SMALL = Settings(limits=Bounds(body=10_000, seconds=0.2))


@pytest.mark.parametrize(("size", "status"), [(0, 200), (10_000, 200), (10_001, 413), (1_000_000, 413)])
def test_a_body_has_a_largest_size(size: int, status: int):
    answer = client(SMALL).post("/tell/a", content=b"x" * size)
    assert answer.status_code == status
    if status == 413:
        assert "more than 10000 bytes" in outcome(answer)
        assert answer.headers["connection"] == "close"


def test_a_body_without_a_length_is_counted_while_it_arrives_and_not_read_on():
    read = awaited(posted(application(SMALL), [b"x" * 1000] * 500))
    assert read.status == 413
    assert read.taken == 11


def test_a_body_that_does_not_arrive_is_given_up():
    read = awaited(posted(application(SMALL), [b"x"] * 3, then_wait=True))
    assert (read.status, read.taken) == (408, 3)


def test_a_compressed_body_is_not_unpacked():
    answer = client().post("/tell/a", content=b"x", headers={"Content-Encoding": "gzip"})
    assert (answer.status_code, "compressed" in outcome(answer)) == (415, True)


class Read:
    status = 0
    taken = 0


async def posted(app: Starlette, pieces: list[bytes], then_wait: bool = False) -> Read:
    """Posts piece by piece, and counts how many were taken."""
    read = Read()

    async def receive() -> dict[str, Any]:
        if read.taken == len(pieces) and then_wait:
            await asyncio.sleep(600)
        read.taken += 1
        return {"type": "http.request", "body": pieces[read.taken - 1], "more_body": True}

    async def send(message: Any) -> None:
        read.status = message.get("status", read.status)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/tell/a",
        "query_string": b"",
        "headers": [],
        "client": ("a", 1),
    }
    await app(scope | {"root_path": "", "scheme": "http", "server": ("s", 80)}, receive, send)
    return read


def test_an_answer_that_takes_too_long_is_given_up():
    answer = client(SMALL).get("/slow")
    assert (answer.status_code, "took too long" in outcome(answer)) == (503, True)


# ---- how often -------------------------------------------------------------------------------------------------------


def test_who_asks_too_often_is_told_when_to_come_again():
    calling = client(Settings(limits=Bounds(requests=3)))
    answers = [calling.get("/tell/a") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert outcome(answers[-1]).startswith("Too many requests.")
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 20
    assert calling.get("/health/live").status_code == 200


def test_a_bucket_fills_again_steadily():
    now = [0.0]
    buckets = Buckets(60, lambda: now[0])
    assert [buckets.take("a") for _ in range(60)] == [0.0] * 60
    assert buckets.take("a") == pytest.approx(1.0)
    assert buckets.take("b") == 0.0
    now[0] = 1.0
    assert buckets.take("a") == 0.0
    assert buckets.take("a") > 0
    now[0] = 1e6
    assert [buckets.take("a") for _ in range(61)].count(0.0) == 60


# two addresses | whether they are one caller
NEIGHBOURS = (
    ("10.0.0.1", "10.0.0.2", False),
    ("2001:db8:1:2::5", "2001:db8:1:2:9:8:7:6", True),
    ("2001:db8::a:b", "2001:db8::c:d", True),
    ("2001:db8:1:2::5", "2001:db8:1:3::5", False),
    ("testclient", "other", False),
)


@pytest.mark.parametrize(("one", "other", "same"), NEIGHBOURS)
def test_a_household_is_one_caller(one: str, other: str, same: bool):
    assert (caller({"client": (one, 1)}) == caller({"client": (other, 2)})) == same


def test_many_callers_do_not_fill_the_memory():
    buckets = Buckets(1, lambda: 0.0)
    for number in range(REMEMBERED + 500):
        buckets.take(str(number))
    assert len(buckets) == REMEMBERED


# ---- pages of other sites --------------------------------------------------------------------------------------------

LISTED = Settings(origins=(HOME,))
PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}


def cors(answer: Any) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name.startswith("access-control-")}


@pytest.mark.parametrize("path", ["/cds-services", "/cds-services/a", "/cds-services/a/feedback"])
def test_a_listed_origin_may_call_with_a_token(path: str):
    answer = client(LISTED, Listed()).options(path, headers=PREFLIGHT | {"Origin": HOME})
    assert answer.status_code == 200
    assert cors(answer)["access-control-allow-origin"] == HOME
    assert cors(answer)["access-control-allow-methods"] == "GET, POST"
    allowed = cors(answer)["access-control-allow-headers"].lower()
    assert {"authorization", "content-type"} <= set(allowed.split(", "))
    assert "access-control-allow-credentials" not in cors(answer)


def test_a_listed_origin_is_named_never_all():
    answer = client(LISTED).get("/tell/a", headers={"Origin": HOME})
    assert cors(answer) == {"access-control-allow-origin": HOME}
    assert answer.headers["vary"] == "Origin"


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", f"{HOME}.evil.example", HOME.replace("https", "http")]
)
@pytest.mark.parametrize("listed", [LISTED, Settings()], ids=["some listed", "none listed"])
def test_an_origin_that_is_not_listed_hears_nothing(origin: str, listed: Settings):
    calling = client(listed)
    assert cors(calling.get("/tell/a", headers={"Origin": origin})) == {}
    assert cors(calling.options("/cds-services", headers=PREFLIGHT | {"Origin": origin})) == {}


# ---- who calls -------------------------------------------------------------------------------------------------------


class Listed:
    """Stands in for the check of tokens: `good` is good, and every address asked about is kept."""

    def __init__(self) -> None:
        self.endpoints: list[str] = []

    def verify(self, authorization: str | None, endpoint: str, now: datetime) -> Client:
        assert now.tzinfo is not None
        self.endpoints.append(endpoint)
        if authorization is None:
            raise Unauthorised(401, "No token.")
        if authorization != "Bearer good":
            raise Unauthorised(403, "This issuer may not call.")
        return Client(HOME)


# path | method | Authorization | status
CALLS = (
    ("/cds-services", "GET", None, 401),
    ("/cds-services/", "GET", None, 401),
    ("/cds-services/a", "POST", None, 401),
    ("/cds-services/a/feedback", "POST", None, 401),
    ("/cds-services/nothing/here", "POST", None, 401),
    ("/cds-services", "GET", "Bearer bad", 403),
    ("/cds-services", "GET", "Bearer good", 200),
    ("/cds-services/a/feedback", "POST", "Bearer good", 200),
    ("/cds-services/a/why/7f3a", "GET", None, 200),
    ("/cds-services/a/why/7f3a", "GET", "Bearer bad", 403),
    ("/cds-services/a/why/7f3a", "GET", "Bearer good", 200),
    ("/cds-services/a/why/7f3a/more", "GET", None, 401),
    ("/health/live", "GET", None, 200),
)


@pytest.mark.parametrize(("path", "method", "token", "status"), CALLS)
def test_hooks_are_for_those_who_say_who_they_are(path: str, method: str, token: str | None, status: int):
    answer = client(clients=Listed()).request(method, path, headers={"Authorization": token} if token else {})
    assert answer.status_code == status
    assert answer.headers.get("www-authenticate") == ("Bearer" if status == 401 else None)
    if status > 400:
        assert "JWT" in outcome(answer)


@pytest.mark.parametrize("end", ["%0A", "%0D%0A", "%00", "%09", "%E2%80%AE", "%C2%85"])
def test_an_address_with_something_unseen_in_it_is_none(end: str):
    """What answers it would take `/cds-services` and a line end for `/cds-services`, and the guard would not."""
    for path in (f"/cds-services{end}", f"/cds-services{end}/a", f"/{end}cds-services"):
        answer = client(clients=Listed()).get(path)
        assert (answer.status_code, outcome(answer).startswith("There is nothing at this address.")) == (404, True)


@pytest.mark.parametrize(
    "path", ["/cds-services/../cds-services", "//cds-services", "/cds-services%2F", "/CDS-Services"]
)
def test_an_address_in_disguise_lets_nobody_in(path: str):
    assert client(clients=Listed()).get(path).status_code in (401, 404)


def test_an_address_longer_than_any_of_ours_is_none():
    assert client().get("/tell/" + "9" * 5000).status_code == 404


def test_a_token_is_checked_for_the_address_under_which_others_reach_us():
    listed = Listed()
    client(Settings(base="https://ifi.example.org/pathway"), listed).get(
        "/cds-services", headers={"Authorization": "Bearer good", "Host": "evil.example"}
    )
    assert listed.endpoints == ["https://ifi.example.org/pathway/cds-services"]


def test_an_endpoint_knows_who_called():
    assert client(clients=Listed()).get("/cds-services", headers={"Authorization": "Bearer good"}).json() == {
        "issuer": HOME
    }


# ---- what a browser is told ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/tell/a", "/none", "/fail", "/health/live"])
def test_every_answer_says_what_a_browser_may_do(path: str):
    headers = client().get(path).headers
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert (policy["default-src"], policy["frame-ancestors"], policy["base-uri"]) == ("'none'",) * 3
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert "server" not in headers


def test_frames_are_for_those_listed_and_https_is_remembered():
    headers = client(Settings(base="https://ifi.example.org", frames=(HOME,))).get("/tell/a").headers
    assert headers["content-security-policy"].endswith(f"frame-ancestors {HOME}")
    assert headers["strict-transport-security"] == "max-age=31536000"


# ---- errors and the log ----------------------------------------------------------------------------------------------


def test_an_error_of_ours_is_told_without_a_traceback(lines: list[str]):
    answer = client().post(f"/fail?name={CANARY}", content=CANARY)
    name = answer.headers["x-request-id"]
    assert answer.status_code == 500
    assert outcome(answer) == f"The service failed on this request. Tell its operator: request {name}."
    failed, answered = map(json.loads, lines)
    assert (failed["error"], failed["level"], failed["request"]) == ("ValueError", "error", name)
    assert failed["at"][-1].startswith("fails:")
    assert (answered["status"], answered["route"], answered["request"]) == (500, "/fail", name)


def test_a_store_that_does_not_answer_is_told_as_such(lines: list[str]):
    """As where many wait for their turn to write: whoever called may call again."""
    answer = client().post("/held", content=CANARY)
    assert answer.status_code == 503
    assert outcome(answer).startswith("The store does not answer. Nothing was kept of this request. Ask again")
    assert json.loads(lines[0])["error"] == "StoreUnusable"
    assert CANARY not in "".join(lines)


def test_nothing_of_a_person_stands_in_a_log_line(lines: list[str]):
    calling = client(clients=Listed())
    said = {"Authorization": f"Bearer {CANARY}", "X-Request-ID": CANARY, "User-Agent": CANARY, "Referer": CANARY}
    for path in ("/tell/", "/none/", "/cds-services/", "/fail?p="):
        for method in ("GET", "POST", "OPTIONS", CANARY):
            calling.request(method, path + CANARY, headers=said, content=CANARY if method == "POST" else None)
    assert len([line for line in lines if '"status"' in line]) == 16
    assert [line for line in lines if CANARY in line] == []


def test_the_words_of_other_loggers_lose_what_was_put_into_them():
    record = logging.LogRecord("sqlalchemy", logging.WARNING, "x", 1, "odd parameters %s", (CANARY,), None)
    assert json.loads(JsonLines().format(record))["message"] == "odd parameters %s"


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/none", 404), ("DELETE", "/tell/a", 405)])
def test_what_is_not_served_is_told_in_the_same_form(method: str, path: str, status: int):
    answer = client().request(method, path)
    assert answer.status_code == status
    outcome(answer)
    assert ("allow" in answer.headers) == (status == 405)


# ---- health and numbers ----------------------------------------------------------------------------------------------


def test_numbers_are_counted_by_pattern():
    calling = client()
    for _ in range(3):
        calling.get(f"/tell/{CANARY}")
    calling.post("/cds-services/a")
    calling.get(f"/{CANARY}")
    page = calling.get("/metrics").text
    assert 'ischio_requests_total{method="GET",route="/tell/{name}",status="200"} 3.0' in page
    assert 'ischio_request_seconds_count{route="/tell/{name}"} 3.0' in page
    assert 'ischio_cards_total{indicator="critical"} 1.0' in page
    assert 'ischio_refusals_total{status="404"} 1.0' in page
    assert CANARY not in page


# the caller's address | token set | token sent | status
LOOKS = (
    ("127.0.0.1", None, None, 200),
    ("::1", None, None, 200),
    ("10.0.0.9", None, None, 403),
    ("10.0.0.9", None, "guess", 403),
    ("10.0.0.9", "hush", "hush", 200),
    ("10.0.0.9", "hush", "hus", 403),
    ("127.0.0.1", "hush", None, 403),
)


@pytest.mark.parametrize(("host", "token", "sent", "status"), LOOKS)
def test_numbers_are_for_this_machine_or_for_the_token(host: str, token: str | None, sent: str | None, status: int):
    calling = TestClient(application(Settings(metrics=token)), client=(host, 1))
    headers = {"Authorization": f"Bearer {sent}"} if sent else {}
    assert calling.get("/metrics", headers=headers).status_code == status


def test_a_service_that_runs_says_so():
    calling = client()
    assert calling.get("/health/live").json() == {"status": "pass"}
    assert calling.get("/health/ready").json()["status"] == "pass"
