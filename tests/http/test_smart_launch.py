"""A records system launches us: there and back, what is shown, and everything that can be wrong on the way."""

import json
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from launching_system import (
    CANARY,
    CLIENT,
    OUR_KEY,
    REDIRECT,
    SECRET,
    Knowledge,
    LaunchingSystem,
    knowledge_of,
    launching,
)
from starlette.testclient import TestClient

from ischio.fhir.export.publication import Publication
from ischio.fhir.reader import FhirReader
from ischio.fhir.writer import OF_THE_PATIENT
from ischio.interfaces.http.app import guarded
from ischio.interfaces.http.service import Service
from ischio.interfaces.http.settings import LaunchServer, Settings
from ischio.interfaces.http.smart.browsers import COOKIE
from ischio.interfaces.http.smart.launching import routes
from ischio.interfaces.http.whose import person_launched
from ischio.loading.pathway import packaged
from ischio.remote import authority, keys
from ischio.remote.wire import Limits
from ischio.store.entries import Access, Action, Outcome, Person
from ischio.store.store import Store

ANKLE = Path(__file__).parents[1] / "knowledge" / "ankle"
"""A pathway of another part of the body, small, so that nothing here hangs on the one that is shipped."""


KNOWLEDGE = knowledge_of(ANKLE, "fracture", "negative-rules")


MORNING = datetime.combine(KNOWLEDGE.on, time(9), UTC)


@dataclass
class Clock:
    now: datetime

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Stage:
    """The records system, and us as a browser meets us. later: moves all clocks."""

    system: LaunchingSystem
    clock: Clock
    settings: Settings
    store: Store
    knowledge: Knowledge = KNOWLEDGE
    browser: TestClient = field(init=False)

    def __post_init__(self) -> None:
        pathway, bindings = self.knowledge.pathway, self.knowledge.bindings
        reader, publication = FhirReader(pathway.concepts, bindings), Publication(pathway, bindings)
        service = Service(pathway, bindings, reader, publication, self.settings, self.clock, store=self.store)
        self.app = guarded(service, routes(service, self.store))
        self.browser = self.another_browser()

    def another_browser(self) -> TestClient:
        return TestClient(self.app, base_url="https://ifi.example.org", follow_redirects=False)

    def later(self, **time: float) -> None:
        self.clock.now += timedelta(**time)
        self.system.now = self.clock.now

    def sent_off(self, **more: str) -> httpx.Response:
        return self.browser.get("/smart/launch", params={"iss": f"{self.system.url}/fhir", "launch": "xyz", **more})

    def back(self, patient: str = "p1") -> httpx.Response:
        """Launched, agreed, and back with a code."""
        sent = self.sent_off()
        assert sent.status_code == 302, sent.text
        return self.browser.get("/smart/callback", params=self.system.authorised(sent.headers["location"], patient))

    def opened(self, patient: str = "p1") -> str:
        """The address of the page of a patient."""
        came = self.back(patient)
        assert came.status_code == 303, came.text
        return str(came.next_request.url) if came.next_request else ""


def stage_of(system: LaunchingSystem, url: str, store: Store, knowledge: Knowledge = KNOWLEDGE, **more: Any) -> Stage:
    server = LaunchServer(f"{url}/fhir", CLIENT, **more)
    settings = Settings(
        base="https://ifi.example.org", inside=(url,), launches=(server,), frames=("https://ehr.example.org",)
    )
    return Stage(system, Clock(system.now), settings, store, knowledge)


@pytest.fixture
def stage(store: Store) -> Iterator[Stage]:
    system = LaunchingSystem(KNOWLEDGE.records(), MORNING)
    with launching(system) as served:
        yield stage_of(system, served.url, store)


def shown(page: str) -> str:
    """What a reader sees."""
    return " ".join(re.sub(r"<style.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL).split())


# ---- as it should be ------------------------------------------------------------------------------------------------


def test_one_launch_shows_the_same_answer_as_the_file(stage: Stage):
    page = stage.browser.get(stage.opened())
    assert page.status_code == 200
    for heading in KNOWLEDGE.stages("p1"):
        assert heading in shown(page.text)
    assert "Not seen here" not in page.text


def test_the_pathway_that_is_shipped_with_what_is_not_granted_unknown(store: Store):
    ifi = knowledge_of(packaged(), "sides-differ", "persistent-after-surgery")
    system = LaunchingSystem(ifi.records(), datetime.combine(ifi.on, time(9), UTC))
    with launching(system) as served:
        stage = stage_of(system, served.url, store, ifi)
        whole = shown(stage.browser.get(stage.opened()).text)
        system.scope = "patient/Patient.rs patient/Observation.rs patient/Condition.rs patient/Procedure.rs"
        part = shown(stage.browser.get(stage.opened()).text)
    assert all(heading in whole for heading in ifi.stages("p1"))
    assert "Not seen here: MedicationRequest, MedicationStatement" in part
    assert "Cannot tell" in part or "Check before you act" in part


def test_what_is_asked_of_the_authorisation_server(stage: Stage):
    asked = dict(parse_qsl(urlsplit(stage.sent_off().headers["location"]).query))
    assert asked | {"state": "", "nonce": "", "code_challenge": ""} == {
        "tenant": "4",
        "response_type": "code",
        "client_id": CLIENT,
        "redirect_uri": REDIRECT,
        "scope": "launch openid fhirUser patient/*.rs",
        "aud": f"{stage.system.url}/fhir",
        "launch": "xyz",
        "code_challenge_method": "S256",
        "state": "",
        "nonce": "",
        "code_challenge": "",
    }
    discovery = stage.system.asked[0]
    assert discovery.headers["accept"] == "application/json"


def test_states_verifiers_and_cookies_are_of_256_bits_and_none_comes_twice(stage: Stage):
    asked = [dict(parse_qsl(urlsplit(stage.sent_off().headers["location"]).query)) for _ in range(20)]
    for name in ("state", "nonce", "code_challenge"):
        values = {one[name] for one in asked}
        assert len(values) == 20
        assert {len(value) for value in values} == {43}


def test_started_by_itself_it_asks_for_a_patient_to_be_chosen(stage: Stage):
    sent = stage.browser.get("/smart/start")
    asked = dict(parse_qsl(urlsplit(sent.headers["location"]).query))
    assert asked["scope"].split()[0] == "launch/patient"
    assert "launch" not in asked
    came = stage.browser.get("/smart/callback", params=stage.system.authorised(sent.headers["location"], "p2"))
    assert stage.browser.get(f"/smart/{came.headers['location']}").status_code == 200


@pytest.mark.parametrize("proof", ["none", "secret", "key"])
def test_we_show_who_we_are_as_was_agreed(proof: str, tmp_path: Path, store: Store):
    (tmp_path / "key.json").write_text(json.dumps(OUR_KEY.as_dict(private=True)), encoding="utf-8")
    more: dict[str, Any] = {"none": {}, "secret": {"secret": SECRET}, "key": {"key": tmp_path / "key.json"}}[proof]
    system = LaunchingSystem(KNOWLEDGE.records(), MORNING, proof=proof)
    with launching(system) as served:
        stage = stage_of(system, served.url, store, **more)
        assert stage.back().status_code == 303


def test_the_page_is_kept_by_nobody_and_held_by_nobody_but_who_may(stage: Stage):
    headers = stage.browser.get(stage.opened()).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self'" in policy
    assert "frame-ancestors https://ehr.example.org" in policy
    assert "unsafe" not in policy
    assert (headers["cache-control"], headers["referrer-policy"]) == ("no-store", "no-referrer")


# ---- a refused scope is unknown, and seen to be ---------------------------------------------------------------------


def test_what_was_not_granted_is_not_asked_for_and_is_seen_to_be_missing(stage: Stage):
    stage.system.scope = "launch patient/Patient.rs patient/Observation.rs"
    page = shown(stage.browser.get(stage.opened()).text)
    assert "Not seen here: QuestionnaireResponse. What rests on it is unknown, not absent." in page
    assert "QuestionnaireResponse: not authorised: the token does not allow it" in page
    kinds = {asked.path.removeprefix("/fhir/") for asked in stage.system.asked if asked.path.startswith("/fhir/")}
    assert kinds == {".well-known/smart-configuration", "Patient/p1", "Observation"}


def test_version_1_scopes_work_too(stage: Stage):
    stage.system.scope = "patient/*.read"
    assert "Not seen here" not in stage.browser.get(stage.opened()).text


def test_without_leave_to_read_the_patient_the_rest_is_shown(stage: Stage):
    stage.system.scope = "patient/Observation.rs patient/QuestionnaireResponse.rs"
    page = shown(stage.browser.get(stage.opened()).text)
    assert "Not seen here: Patient." in page
    assert all(heading in page for heading in KNOWLEDGE.stages("p1"))


@pytest.mark.parametrize(
    ("scope", "counts"),
    [("patient/*.rs", True), ("patient/Patient.rs patient/Observation.rs", False)],
    ids=["all of it", "no answers of forms"],
)
def test_what_is_kept_counts_where_answers_of_forms_may_be_read(scope: str, counts: bool, store: Store):
    """The records system holds nothing but the Patient; the rest came in as answers of our own forms."""
    everything = KNOWLEDGE.records()["p1"]
    patient = [one for one in everything if one["resourceType"] == "Patient"]
    system = LaunchingSystem({"p1": patient}, MORNING, scope=scope)
    with launching(system) as served:
        stage = stage_of(system, served.url, store)
        whom = person_launched(stage.settings, f"{served.url}/fhir", "p1")
        events = [event for event in KNOWLEDGE.cases[0].record.events if event.concept not in OF_THE_PATIENT]
        store.events.append(whom, events, Access("test", MORNING))
        page = shown(stage.browser.get(stage.opened()).text)
        looked_up = any(one.what == "event" and one.action is Action.READ for one in store.audit.entries())
    assert all(heading in page for heading in KNOWLEDGE.stages("p1")) is counts
    assert looked_up is counts


# ---- everything that can be wrong -----------------------------------------------------------------------------------


def told(answer: httpx.Response, status: int, why: str) -> None:
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert why in shown(answer.text)
    assert CANARY not in answer.text


def tokens_asked(stage: Stage) -> int:
    return sum(asked.path == "/token" for asked in stage.system.asked)


UNKNOWN = ("https://evil.example.org/fhir", "http://169.254.169.254/", "", "javascript:alert(1)")


@pytest.mark.parametrize("iss", UNKNOWN)
def test_a_system_that_is_not_listed_is_not_even_asked(stage: Stage, iss: str):
    told(stage.sent_off(iss=iss), 403, "not one of those that may open the page")
    assert stage.system.asked == []


def test_two_systems_named_at_once(stage: Stage):
    url = f"/smart/launch?launch=x&iss={stage.system.url}/fhir&iss=https://evil.example.org"
    told(stage.browser.get(url), 403, "not one of those")


def test_a_launch_of_nothing(stage: Stage):
    told(stage.sent_off(launch=""), 400, "did not say what is open")


CONFIGURATIONS: dict[str, tuple[dict[str, Any], str]] = {
    "PKCE is not offered": ({"code_challenge_methods_supported": None}, "PKCE"),
    "PKCE is offered as plain alone": ({"code_challenge_methods_supported": ["plain"]}, "PKCE"),
    "no token endpoint": ({"token_endpoint": None}, "token_endpoint"),
    "no authorisation endpoint": ({"authorization_endpoint": None}, "authorization_endpoint"),
    "the browser would be sent elsewhere": (
        {"authorization_endpoint": "https://evil.example.org/"},
        "authorization_endpoint",
    ),
    "the browser would run something": ({"authorization_endpoint": "javascript:alert(1)"}, "authorization_endpoint"),
}


@pytest.mark.parametrize(("more", "why"), CONFIGURATIONS.values(), ids=CONFIGURATIONS)
def test_a_configuration_that_cannot_be_used(stage: Stage, more: dict[str, Any], why: str):
    stage.system.configuration_more = more
    told(stage.sent_off(), 502, why)


def test_a_token_endpoint_on_another_server_gets_nothing(stage: Stage):
    stage.system.configuration_more = {"token_endpoint": "https://evil.example.org/token"}
    told(stage.back(), 502, "not among those that may be called")


def test_a_state_that_was_never_given(stage: Stage):
    stage.sent_off()
    told(stage.browser.get("/smart/callback", params={"code": "c", "state": "made-up"}), 403, "not the answer")
    assert tokens_asked(stage) == 0


def test_a_state_of_another_browser(stage: Stage):
    """Somebody who sends the link of a launch of theirs gets nobody into it."""
    params = stage.system.authorised(stage.sent_off().headers["location"], "p1")
    told(stage.another_browser().get("/smart/callback", params=params), 403, "not the answer")
    assert tokens_asked(stage) == 0


def test_a_code_is_used_once(stage: Stage):
    params = stage.system.authorised(stage.sent_off().headers["location"], "p1")
    assert stage.browser.get("/smart/callback", params=params).status_code == 303
    told(stage.browser.get("/smart/callback", params=params), 403, "not the answer")
    assert tokens_asked(stage) == 1


def test_back_after_too_long(stage: Stage):
    params = stage.system.authorised(stage.sent_off().headers["location"], "p1")
    stage.later(minutes=11)
    told(stage.browser.get("/smart/callback", params=params), 403, "too late")


def test_the_person_did_not_agree(stage: Stage):
    asked = dict(parse_qsl(urlsplit(stage.sent_off().headers["location"]).query))
    params = {"error": "access_denied", "error_description": "<script>", "state": asked["state"]}
    answer = stage.browser.get("/smart/callback", params=params)
    told(answer, 403, "did not let you in")
    assert "<script" not in answer.text


def test_a_code_that_expired(stage: Stage):
    stage.system.faults = {"code expired"}
    answer = stage.back()
    told(answer, 502, "status 400 (invalid_grant)")
    assert "of p1" not in answer.text, "words of the server may hold anything"


TOKENS: dict[str, tuple[dict[str, Any], str]] = {
    "no patient": ({"patient": None}, "for which patient"),
    "a patient that is a path": ({"patient": "../Practitioner/1"}, "for which patient"),
    "a patient that is a list": ({"patient": ["p1"]}, "for which patient"),
    "no token": ({"access_token": None}, "no access token"),
    "another kind of token": ({"token_type": "mac"}, "no access token"),
}


@pytest.mark.parametrize(("more", "why"), TOKENS.values(), ids=TOKENS)
def test_a_token_that_cannot_be_used(stage: Stage, more: dict[str, Any], why: str):
    stage.system.token_more = more
    told(stage.back(), 502, why)


IDENTITIES: dict[str, dict[str, Any]] = {
    "for another application": {"aud": "another-app"},
    "for several, and another asked": {"aud": [CLIENT, "another-app"], "azp": "another-app"},
    "from another server": {"iss": "https://evil.example.org"},
    "of another launch": {"nonce": "x" * 43},
    "without nonce": {"nonce": None},
    "expired": {"exp": 1_000_000_000},
    "for ever": {"exp": None},
}


@pytest.mark.parametrize("more", IDENTITIES.values(), ids=IDENTITIES)
def test_an_id_token_that_is_not_for_this_launch(stage: Stage, more: dict[str, Any]):
    stage.system.id_more = more
    told(stage.back(), 502, "id_token is not for this launch")


def test_an_id_token_of_another_key(stage: Stage):
    stage.system.faults = {"another key"}
    told(stage.back(), 502, "id_token cannot be checked")


def test_an_id_token_without_signature(stage: Stage):
    stage.system.token_more = {"id_token": "eyJhbGciOiJub25lIiwia2lkIjoiaXRzIn0.e30."}
    told(stage.back(), 502, "id_token cannot be checked")


def test_keys_that_take_too_long(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(keys, "LIMITS", replace(keys.LIMITS, seconds=0.3))
    stage.system.faults = {"slow keys"}
    told(stage.back(), 502, "id_token cannot be checked")


def test_a_configuration_that_takes_too_long(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(authority, "LIMITS", Limits(seconds=0.0001, bytes=1000))
    told(stage.sent_off(), 502, "in time")


def test_the_record_of_another_patient_than_the_token_is_for(stage: Stage):
    stage.system.faults = {"another record"}
    address = stage.opened("p2")
    told(stage.browser.get(address), 502, "another resource came than was asked for")
    told(stage.browser.get(address), 403, "was closed")


# ---- tabs, and their end --------------------------------------------------------------------------------------------


def test_two_tabs_with_two_patients_do_not_mix(stage: Stage):
    first, second = stage.opened("p1"), stage.opened("p2")
    assert first != second
    pages = {name: stage.browser.get(name).text for name in (first, second)}
    stage.system.asked.clear()
    for address, patient in ((first, "p1"), (second, "p2"), (first, "p1")):
        page = stage.browser.get(address).text
        assert page == pages[address]
        assert all(heading in shown(page) for heading in KNOWLEDGE.stages(patient))
    asked = {(one.headers["authorization"], one.query["patient"]) for one in stage.system.asked if one.query}
    assert sorted(patient for _, patient in asked) == ["p1", "p2"], "each token with its own patient alone"


def test_the_address_of_a_page_opens_nothing_in_another_browser(stage: Stage):
    address = stage.opened()
    told(stage.another_browser().get(address), 403, "another browser")
    stranger = stage.another_browser()
    stranger.cookies.set(COOKIE, "A" * 43)
    told(stranger.get(address), 403, "another browser")
    told(stage.browser.get("/smart/at/made-up"), 403, "was closed")


def test_closed_is_forgotten(stage: Stage):
    address, other = stage.opened("p1"), stage.opened("p2")
    page = stage.browser.get(address).text
    (leave,) = re.findall(r'action="([^"]+)"', page)
    told(stage.another_browser().post(f"/smart/at/{leave}"), 403, "another browser")
    assert "Closed" in stage.browser.post(f"/smart/at/{leave}").text
    told(stage.browser.get(address), 403, "was closed")
    assert stage.browser.get(other).status_code == 200


def test_a_token_that_ends_is_renewed_by_asking_for_no_more_than_was_granted(stage: Stage):
    address = stage.opened()
    stage.system.token_more = {"scope": "patient/Patient.rs patient/Observation.rs", "refresh_token": None}
    stage.later(seconds=3590)
    page = stage.browser.get(address).text
    renewal = next(one.form for one in reversed(stage.system.asked) if one.path == "/token")
    assert renewal["grant_type"] == "refresh_token"
    assert set(renewal["scope"].split()) == set(stage.system.scope.split())
    assert "Not seen here: QuestionnaireResponse" in shown(page), "what is granted no longer is seen no longer"


def test_the_patient_was_changed_meanwhile(stage: Stage):
    address = stage.opened()
    stage.system.faults = {"another patient"}
    stage.later(seconds=3590)
    told(stage.browser.get(address), 502, "another patient open")
    stage.system.faults.clear()
    told(stage.browser.get(address), 403, "was closed")


def test_without_renewal_the_page_ends_with_its_token(stage: Stage):
    stage.system.token_more = {"refresh_token": None}
    address = stage.opened()
    stage.later(seconds=3599)
    assert stage.browser.get(address).status_code == 200
    stage.later(seconds=2)
    told(stage.browser.get(address), 403, "was closed")


def test_who_looked_at_whose_record_is_in_the_audit(stage: Stage, tmp_path: Path):
    stage.browser.get(stage.opened())
    stage.system.faults = {"another record"}
    stage.browser.get(stage.opened("p2"))
    entries = [one for one in stage.store.audit.entries() if one.what == "record"]
    server = f"{stage.system.url}/fhir"
    assert [(one.by.who, one.whom, one.outcome) for one in entries] == [
        (f"{server}/Practitioner/d1", Person(server, "p1"), Outcome.SUCCESS),
        (f"{server}/Practitioner/d1", Person(server, "p2"), Outcome.FAILED),
    ]
    assert CANARY.encode() not in b"".join(path.read_bytes() for path in tmp_path.iterdir())


def test_no_token_leaves_the_server(stage: Stage, caplog: pytest.LogCaptureFixture):
    """Not in an address, a cookie, a page or a log."""
    caplog.set_level(logging.DEBUG)
    sent = stage.sent_off()
    params = stage.system.authorised(sent.headers["location"], "p1")
    came = stage.browser.get("/smart/callback", params=params)
    page = stage.browser.get(f"/smart/{came.headers['location']}")
    seen = "".join(str(answer.headers.multi_items()) + answer.text for answer in (sent, came, page))
    assert any(CANARY in asked.headers.get("authorization", "") for asked in stage.system.asked)
    # The client of this test logs the addresses that it calls; it is no part of the service.
    logged = "\n".join(one.getMessage() for one in caplog.records if not one.name.startswith("httpx"))
    for secret in (CANARY, params["code"], *(asked.form["code_verifier"] for asked in _codes(stage))):
        assert secret not in seen
        assert secret not in logged
    cookie = sent.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert cookie.partition("; ")[2] == "Path=/; Secure; HttpOnly; SameSite=None; Partitioned"


def _codes(stage: Stage) -> list[Any]:
    return [asked for asked in stage.system.asked if asked.path == "/token"]
