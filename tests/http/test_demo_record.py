"""The small record: what it shows, and that its own servers hold to SMART and FHIR as a stranger's would."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import msgspec
import pytest
from awaiting import awaited
from joserfc import jwt
from joserfc.jwk import KeySet
from starlette.testclient import TestClient

from ischio.interfaces.http.app import guarded, service_of
from ischio.interfaces.http.demo.authority import CLIENT
from ischio.interfaces.http.demo.calls import Caller, Exchange
from ischio.interfaces.http.demo.fhir import RecordServer
from ischio.interfaces.http.demo.markdown import shown
from ischio.interfaces.http.demo.orders import orders
from ischio.interfaces.http.demo.people import charts, value_of
from ischio.interfaces.http.demo.record import SmallRecord
from ischio.interfaces.http.settings import Settings

BASE = "http://127.0.0.1:8000"
FHIR, CALLBACK = f"{BASE}/ehr/fhir", f"{BASE}/smart/callback"
VERIFIER = "v" * 64
CHALLENGE = urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@cache
def service() -> Any:
    return service_of(Settings(demo=True))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def record(clock: Clock) -> SmallRecord:
    return SmallRecord(replace(service(), clock=clock))


@pytest.fixture
def client(record: SmallRecord) -> TestClient:
    return TestClient(guarded(service(), record.routes()), base_url=BASE, follow_redirects=False)


def asked(**others: str | None) -> str:
    """The address to which an app sends the browser."""
    plain = {
        "response_type": "code",
        "client_id": CLIENT,
        "redirect_uri": CALLBACK,
        "scope": "launch openid fhirUser patient/*.rs",
        "state": "s" * 30,
        "aud": FHIR,
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        "nonce": "n",
    }
    return f"/ehr/auth/authorize?{urlencode({k: v for k, v in (plain | others).items() if v is not None})}"


def came_back(answer: Any) -> dict[str, str]:
    """What stands in the address to which the browser is sent back."""
    assert answer.status_code == 302
    assert answer.headers["location"].startswith(f"{CALLBACK}?")
    return {key: value[0] for key, value in parse_qs(urlsplit(answer.headers["location"]).query).items()}


def token(client: TestClient, **others: str) -> Any:
    plain = {
        "grant_type": "authorization_code",
        "redirect_uri": CALLBACK,
        "client_id": CLIENT,
        "code_verifier": VERIFIER,
    }
    return client.post("/ehr/auth/token", data=plain | others)


# ---- the people ------------------------------------------------------------------------------------------------------


def test_people_are_synthetic_and_in_many_places_of_the_pathway(client: TestClient):
    found = charts(date(2026, 11, 23)).people.values()
    assert len(found) >= 8
    assert all(chart.patient["meta"]["tag"][0]["code"] == "HTEST" for chart in found)
    page = client.get("/ehr").text
    assert "Synthetic people only" in page
    assert all(f'href="/ehr/people/{chart.id}"' in page for chart in found)


def test_the_same_day_gives_the_same_people():
    assert charts(date(2026, 1, 1)) == charts(date(2026, 1, 1))


@pytest.mark.parametrize(
    ("resource", "told"),
    [
        ({"valueQuantity": {"value": 44.3, "unit": "{score}"}}, "44.3"),
        ({"valueQuantity": {"value": 79, "unit": "mL/min/{1.73_m2}"}}, "79 mL/min"),
        ({"valueQuantity": {"value": 11, "unit": "mm"}}, "11 mm"),
        ({"valueBoolean": False}, "no"),
        ({"valueCodeableConcept": {"coding": [{"code": "a", "display": "A"}]}}, "A"),
        ({}, ""),
    ],
)
def test_a_value_is_told_in_words(resource: dict[str, Any], told: str):
    assert value_of(resource) == told


def test_every_order_can_be_read_back_as_what_it_asks_for():
    """Each draft has the codes that the service itself publishes for it."""
    made = service()
    for order in orders(made.publication).values():
        draft = order.draft("syn-1", date(2026, 1, 1))
        told = draft.get("code") or draft["medicationCodeableConcept"]
        assert told["coding"][0]["system"] == made.publication.system
        assert (draft["status"], draft["intent"]) == ("draft", "order")


# ---- its FHIR server -------------------------------------------------------------------------------------------------


def bearer(record: SmallRecord, person: str, scope: str = "patient/*.rs") -> dict[str, str]:
    return {"Authorization": f"Bearer {record._authority.token(person, scope)}"}


# path | scope of the token | status
READS = (
    ("Patient/syn-1", "patient/*.rs", 200),
    ("Patient/syn-2", "patient/*.rs", 403),
    ("Observation?patient=syn-1", "patient/*.rs", 200),
    ("Observation?patient=Patient/syn-1", "patient/Observation.read", 200),
    ("Observation?patient=syn-2", "patient/*.rs", 403),
    ("Observation?patient=syn-1", "patient/Condition.rs", 403),
    ("Patient/nobody", "patient/*.rs", 404),
)


@pytest.mark.parametrize(("path", "scope", "status"), READS)
def test_a_token_opens_one_person_and_its_scope(
    client: TestClient, record: SmallRecord, path: str, scope: str, status: int
):
    answer = client.get(f"/ehr/fhir/{path}", headers=bearer(record, "syn-1", scope))
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/fhir+json"


def test_without_a_token_or_after_its_time_nothing_is_read(client: TestClient, record: SmallRecord, clock: Clock):
    headers = bearer(record, "syn-1")
    assert client.get("/ehr/fhir/Patient/syn-1").status_code == 401
    assert client.get("/ehr/fhir/Patient/syn-1", headers=headers).status_code == 200
    clock.now += timedelta(minutes=11)
    assert client.get("/ehr/fhir/Patient/syn-1", headers=headers).status_code == 401


def test_a_search_has_pages_that_together_are_whole(client: TestClient, record: SmallRecord):
    server: RecordServer = record._server
    whole = server.answer("Observation?patient=syn-1")
    page, found = server.answer("Observation?patient=syn-1&_count=7"), []
    while True:
        found += page["entry"]
        later = [link["url"] for link in page["link"] if link["relation"] == "next"]
        if not later:
            break
        answer = client.get(later[0].removeprefix(BASE), headers=bearer(record, "syn-1"))
        page = answer.json()
    assert found == whole["entry"]
    assert len(found) == whole["total"] > 7


# ---- its authorisation server ----------------------------------------------------------------------------------------


def test_it_says_what_it_can(client: TestClient):
    told = client.get("/ehr/fhir/.well-known/smart-configuration").json()
    assert told["code_challenge_methods_supported"] == ["S256"]
    assert told["authorization_endpoint"] == f"{BASE}/ehr/auth/authorize"


def test_a_launch_gives_a_token_for_its_person_once(client: TestClient, record: SmallRecord):
    back = came_back(client.get(asked(launch=record._authority.launch("syn-3", "patient/Condition.rs"))))
    assert back["state"] == "s" * 30
    said = token(client, code=back["code"]).json()
    assert (said["patient"], said["token_type"]) == ("syn-3", "Bearer")
    assert said["scope"] == "launch openid fhirUser patient/Condition.rs"
    headers = {"Authorization": f"Bearer {said['access_token']}"}
    assert client.get("/ehr/fhir/Condition?patient=syn-3", headers=headers).status_code == 200
    assert client.get("/ehr/fhir/Observation?patient=syn-3", headers=headers).status_code == 403
    assert token(client, code=back["code"]).json() == {"error": "invalid_grant"}


def test_who_works_with_it_is_told_by_a_signed_token(client: TestClient, record: SmallRecord):
    back = came_back(client.get(asked(launch=record._authority.launch("syn-3", "patient/*.rs"))))
    signed = token(client, code=back["code"]).json()["id_token"]
    keys = KeySet.import_key_set(client.get("/ehr/auth/jwks").json())
    claims = jwt.decode(signed, keys, algorithms=["ES384"]).claims
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (FHIR, CLIENT, "n")
    assert claims["fhirUser"] == f"{FHIR}/Practitioner/d"


def test_no_private_key_is_shown(client: TestClient):
    (key,) = client.get("/ehr/auth/jwks").json()["keys"]
    assert "d" not in key


# what is odd about the question | what is said of it, at the app's own address
FLAWS: tuple[tuple[dict[str, str | None], str], ...] = (
    ({"response_type": "token"}, "response_type"),
    ({"aud": "http://other.example"}, "aud"),
    ({"code_challenge_method": "plain"}, "PKCE"),
    ({"code_challenge": None}, "PKCE"),
    ({"state": None}, "state"),
    ({"launch": "never given"}, "launch has ended"),
)


@pytest.mark.parametrize(("others", "said"), FLAWS)
def test_a_flawed_question_is_refused_at_the_address_of_the_app(
    client: TestClient, others: dict[str, str | None], said: str
):
    back = came_back(client.get(asked(**others)))
    assert back["error"] == "invalid_request"
    assert said in back["error_description"]
    assert "code" not in back


@pytest.mark.parametrize("others", [{"redirect_uri": "https://evil.example"}, {"client_id": "other"}])
def test_nobody_is_sent_to_an_address_that_is_not_the_apps(client: TestClient, others: dict[str, str]):
    answer = client.get(asked(**others))
    assert answer.status_code == 400
    assert "location" not in answer.headers


@pytest.mark.parametrize(
    "others",
    [
        {"code_verifier": "w" * 64},
        {"redirect_uri": f"{CALLBACK}/"},
        {"grant_type": "client_credentials"},
        {"client_id": "other"},
        {"code": "guess"},
    ],
)
def test_a_code_without_its_proof_gives_no_token(client: TestClient, record: SmallRecord, others: dict[str, str]):
    code = came_back(client.get(asked(launch=record._authority.launch("syn-1", "patient/*.rs"))))["code"]
    answer = token(client, **({"code": code} | others))
    assert answer.status_code in (400, 401)
    assert "access_token" not in answer.json()


def test_a_code_ends(client: TestClient, record: SmallRecord, clock: Clock):
    code = came_back(client.get(asked(launch=record._authority.launch("syn-1", "patient/*.rs"))))["code"]
    clock.now += timedelta(minutes=11)
    assert token(client, code=code).json() == {"error": "invalid_grant"}


def test_an_app_that_starts_by_itself_has_a_person_chosen(client: TestClient):
    page = client.get(asked(scope="launch/patient patient/*.rs"))
    assert "Choose a person" in page.text
    choice = asked(scope="launch/patient patient/*.rs", person="syn-2")
    assert token(client, code=came_back(client.get(choice))["code"]).json()["patient"] == "syn-2"


# ---- forms, cards ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["orders", "accept", "decline"])
def test_a_form_of_another_site_is_refused(client: TestClient, path: str):
    answer = client.post(f"/ehr/people/syn-1/{path}", data={}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


# Markdown of a card | the HTML of it
MARKDOWN = (
    ("**Due:** a\nb", "<p><strong>Due:</strong> a<br>b</p>"),
    ("- a\n- b\n\nc", "<ul><li>a</li><li>b</li></ul><p>c</p>"),
    ("<img src=x onerror=alert(1)>", "<p>&lt;img src=x onerror=alert(1)&gt;</p>"),
    (r"\<b\> \*\*not bold\*\*", "<p>&lt;b&gt; **not bold**</p>"),
    ("[a](https://e.org/x)", '<p><a href="https://e.org/x" rel="noopener noreferrer">a</a></p>'),
    ("[a](javascript:alert(1))", "<p>[a](javascript:alert(1))</p>"),
    (
        '[a](https://e.org/"onclick="x)',
        '<p><a href="https://e.org/&#34;onclick=&#34;x" rel="noopener noreferrer">a</a></p>',
    ),
    ("**<script>**", "<p><strong>&lt;script&gt;</strong></p>"),
    ("\x000\x00 a", "<p>0 a</p>"),
)


@pytest.mark.parametrize(("text", "html"), MARKDOWN)
def test_a_card_shows_no_html_of_its_own(text: str, html: str):
    assert str(shown(text)) == html


def test_a_call_without_an_answer_is_told_and_kept(clock: Callable[[], datetime], record: SmallRecord):
    closed = Caller("http://127.0.0.1:9", record._server, record._authority, clock)
    exchange: Exchange = awaited(closed.send("feedback", "/cds-services/a/feedback", {}))
    assert (exchange.status, exchange.cards) == (0, [])
    assert "There was no answer" in exchange.answered
    assert closed.kept(exchange.id) is exchange
    assert msgspec.json.encode(exchange.asked) == b"{}"
