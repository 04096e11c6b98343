"""Calls: what is refused and how, what each state of the data leads to, and that the same call has the same answer."""

import json
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hook_calls import (
    EXTENSION,
    HOOKS,
    SERVICES,
    Clock,
    Json,
    call,
    case,
    client,
    no_server,
    post,
    prefetch,
    resources_of,
    searchset,
    service,
)

from ischio.engine.assess import assess
from ischio.interfaces.http.hooks.calls import call_of
from ischio.interfaces.http.hooks.gathering import gather
from ischio.interfaces.http.hooks.services import keys
from ischio.interfaces.http.settings import Bounds, Settings
from ischio.record.events import State
from ischio.remote.records import Answer
from ischio.store.store import open_store

CLOCK = Clock()
SERVICE = service(CLOCK)
CLIENT = client(SERVICE, no_server)
CASE = case("gate-injection-passes")
RESOURCES = resources_of(CASE.record) or []
DATA = prefetch(RESOURCES)
CLOCK.set_to(CASE.index_date)
VIEW = call("patient-view", DATA)
JSON = {"content-type": "application/json"}
URL = f"/cds-services/{SERVICES['patient-view'].id}"


def issue_of(answer: Any) -> Json:
    assert answer.json()["resourceType"] == "OperationOutcome"
    return answer.json()["issue"][0]


# ---- refusals --------------------------------------------------------------------------------------------------


def without(body: Json, *path: str) -> Json:
    if len(path) == 1:
        return {name: value for name, value in body.items() if name != path[0]}
    return body | {path[0]: without(body[path[0]], *path[1:])}


ACCESS = {"access_token": "t", "token_type": "Bearer", "expires_in": 300, "scope": "patient/*.rs", "subject": "ischio"}

BAD = [
    ("no hook", without(VIEW, "hook"), 400, "hook"),
    ("no hookInstance", without(VIEW, "hookInstance"), 400, "hookInstance"),
    ("no context", without(VIEW, "context"), 400, "context"),
    ("no user", without(VIEW, "context", "userId"), 400, "userId"),
    ("no patient", without(VIEW, "context", "patientId"), 400, "patientId"),
    ("hookInstance is no UUID", VIEW | {"hookInstance": "1"}, 400, "hookInstance"),
    ("a user without a type", call("patient-view", DATA, userId="d"), 400, "userId"),
    ("a patient that is a path", call("patient-view", DATA, patient="../p"), 400, "patientId"),
    ("a patient that is a query", call("patient-view", DATA, patient="p&_count=9"), 400, "patientId"),
    ("another hook than the id's", VIEW | {"hook": "order-sign"}, 400, "hook"),
    ("prefetch that is a list", VIEW | {"prefetch": []}, 400, "prefetch"),
    ("access without a server", VIEW | {"fhirAuthorization": ACCESS}, 400, "fhirServer"),
    ("a server that is no address", VIEW | {"fhirServer": "ftp://x"}, 400, "fhirServer"),
    (
        "access of another type",
        VIEW | {"fhirServer": "https://r4.example.org", "fhirAuthorization": ACCESS | {"token_type": "Basic"}},
        400,
        "token_type",
    ),
    *(
        (
            f"access without {name}",
            VIEW | {"fhirServer": "https://r4.example.org", "fhirAuthorization": without(ACCESS, name)},
            400,
            name,
        )
        for name in ACCESS
    ),
    (
        "access to another patient",
        VIEW | {"fhirServer": "https://r4.example.org", "fhirAuthorization": ACCESS | {"patient": "q"}},
        403,
        "fhirAuthorization",
    ),
    (
        "prefetch of another Patient",
        VIEW | {"prefetch": DATA | {"patient": DATA["patient"] | {"id": "q"}}},
        403,
        "patient",
    ),
    ("no Patient: missing", VIEW | {"prefetch": without(DATA, "patient")}, 412, "`patient`"),
    ("no Patient: null", VIEW | {"prefetch": DATA | {"patient": None}}, 412, "`patient`"),
    ("no Patient: another type", VIEW | {"prefetch": DATA | {"patient": searchset()}}, 412, "`patient`"),
    ("no prefetch", without(VIEW, "prefetch"), 412, "`patient`"),
]


@pytest.mark.parametrize(("body", "status", "named"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_a_call_that_is_refused(body: Json, status: int, named: str) -> None:
    answer = post(CLIENT, body, "patient-view")
    assert answer.status_code == status, answer.text
    assert named in issue_of(answer)["diagnostics"]


@pytest.mark.parametrize(
    ("hook", "name"),
    [
        ("order-select", "selections"),
        ("order-select", "draftOrders"),
        ("order-sign", "draftOrders"),
        ("problem-list-item-create", "conditions"),
        ("encounter-discharge", "encounterId"),
    ],
)
def test_a_context_without_what_its_hook_needs_is_refused(hook: str, name: str) -> None:
    answer = post(CLIENT, without(call(hook, DATA), "context", name))
    assert (answer.status_code, name in issue_of(answer)["diagnostics"]) == (400, True)


RAW = [
    ("unknown id", "/cds-services/none", b"{}", JSON, 404),
    ("no media type", URL, b"{}", {}, 415),
    ("another media type", URL, b"{}", {"content-type": "text/plain"}, 415),
    ("a media type with a charset", URL, b"{", {"content-type": "application/json; charset=utf-8"}, 400),
    ("no JSON", URL, b"{", JSON, 400),
    ("nothing", URL, b"", JSON, 400),
    ("a list", URL, b"[]", JSON, 400),
    ("not UTF-8", URL, b'{"hook": "\xff"}', JSON, 400),
    ("a number without end", URL, b'{"hook":"patient-view","context":{"a":1e99999999999999999999}}', JSON, 400),
    ("nested too deeply", URL, b'{"context":{"a":' + b"[" * 100_000, JSON, 400),
    ("compressed", URL, b"\x1f\x8b", JSON | {"content-encoding": "gzip"}, 415),
]


@pytest.mark.parametrize(("url", "body", "headers", "status"), [row[1:] for row in RAW], ids=[row[0] for row in RAW])
def test_a_body_that_is_refused(url: str, body: bytes, headers: dict[str, str], status: int) -> None:
    answer = CLIENT.post(url, content=body, headers=headers)
    assert answer.status_code == status
    assert issue_of(answer)["severity"] == "error"


def test_a_body_that_is_too_large_is_refused() -> None:
    small = client(service(CLOCK, settings=Settings(limits=Bounds(body=1000))), no_server)
    answer = post(small, VIEW)
    assert (answer.status_code, issue_of(answer)["code"]) == (413, "too-costly")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_service_is_called_by_post_alone(method: str) -> None:
    assert CLIENT.request(method, URL).status_code == 405


def test_members_that_2_0_does_not_name_are_passed_over() -> None:
    more = VIEW | {"extension": {"a": 1}, "hookVersion": "1.0", "context": VIEW["context"] | {"more": [1]}}
    assert post(CLIENT, more).status_code == 200


def test_numbers_are_exact() -> None:
    body = b'{"hook":"patient-view","hookInstance":"%s","context":{"userId":"Practitioner/d","patientId":"p","n":14.1}}'
    assert call_of(body % VIEW["hookInstance"].encode(), "patient-view").context["n"] == Decimal("14.1")


# ---- the states of a key ---------------------------------------------------------------------------------------

FAILED = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "exception"}]}
FORBIDDEN = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "forbidden"}]}
NEXT = {"link": [{"relation": "next", "url": "https://r4.example.org/more"}]}
ABSENT = object()

STATES = [
    ("data", lambda given: given, "given", None),
    ("empty Bundle", lambda _: searchset(), "given, and empty", None),
    ("null", lambda _: None, "null: none recorded", None),
    ("missing", lambda _: ABSENT, "missing", State.NOT_ASKED),
    ("OperationOutcome", lambda _: FAILED, "failed", State.QUERY_FAILED),
    ("OperationOutcome: forbidden", lambda _: FORBIDDEN, "not authorised", State.NOT_AUTHORISED),
    ("further page", lambda given: given | NEXT, "incomplete", State.TRUNCATED),
    ("fewer than counted", lambda given: given | {"total": 999}, "incomplete", State.TRUNCATED),
    ("failure inside", lambda given: given | searchset(FAILED), "failed", State.QUERY_FAILED),
    (
        "an entry that failed",
        lambda _: searchset() | {"entry": [{"response": {"status": "500"}}]},
        "failed",
        State.QUERY_FAILED,
    ),
    ("no FHIR", lambda _: 5, "not FHIR", State.QUERY_FAILED),
]
KEYS = [key for key in keys(SERVICE) if key.name != "patient"]


@pytest.mark.parametrize(("change", "received", "state"), [row[1:] for row in STATES], ids=[row[0] for row in STATES])
@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.name)
def test_each_state_of_each_key_is_told_apart(key: Any, change: Any, received: str, state: State | None) -> None:
    """What a query did not tell is unknown for everything that it could tell; what is known to be empty is not."""
    value = change(DATA[key.name])
    data = without(DATA, key.name) if value is ABSENT else DATA | {key.name: value}
    found = gather(
        call_of(json.dumps(call("patient-view", data)).encode(), "patient-view"),
        keys(SERVICE),
        SERVICE.reader,
        no_server,
    )
    gaps = {gap.concept for gap in found.record.gaps if gap.state is state}
    told = "given, and empty" if received == "given" and not DATA[key.name]["entry"] else received
    assert found.received[key.name] == told
    assert gaps == (key.needed.concepts if state else set())
    assert {gap.state for gap in found.record.gaps} == ({state} if state else set())


def test_unknown_and_known_empty_lead_to_different_cards() -> None:
    """The medicines were reviewed; whether one forbids the course is known only if the list could be read."""
    full = post(CLIENT, VIEW).json()["cards"][0]
    failed = post(CLIENT, call("patient-view", DATA | {"observation": FAILED})).json()
    assert full["extension"][EXTENSION]["data"]["observation"] == "given"
    assert not failed["cards"] or failed["cards"][0]["summary"] != full["summary"]


# ---- data by prefetch or by access -------------------------------------------------------------------------------


class Records:
    """Answers queries from resources, as a FHIR server would."""

    def __init__(self, resources: list[Json], broken: frozenset[str] = frozenset()) -> None:
        self.asked: list[str] = []
        self._resources = json.loads(json.dumps(resources), parse_float=Decimal)  # as what reads from a server does
        self._broken = broken

    def ask(self, queries: Any) -> tuple[Answer, ...]:
        self.asked += queries
        return tuple(self._answer(query) for query in queries)

    def _answer(self, query: str) -> Answer:
        kind = query.partition("?")[0].partition("/")[0]
        if kind in self._broken:
            return Answer(query, (), State.NOT_AUTHORISED)
        return Answer(query, tuple(one for one in self._resources if one["resourceType"] == kind))


WITH_ACCESS = {"fhirServer": "https://r4.example.org", "fhirAuthorization": ACCESS}


def cards_without_names(answer: Any) -> Json:
    """The cards without uuids, and without how the data came."""
    cards = json.loads(json.dumps(answer.json()["cards"]))
    for card in cards:
        card["links"] = card["uuid"] = card["extension"][EXTENSION]["data"] = card["extension"][EXTENSION]["trace"] = (
            None
        )
        for suggestion in card.get("suggestions", ()):
            suggestion["uuid"] = None
    return cards


@pytest.mark.parametrize("given", [set(), {"patient"}, {"patient", "observation", "condition"}, set(DATA)])
@pytest.mark.parametrize("hook", ["patient-view", "encounter-discharge"])
def test_prefetch_and_access_give_equal_cards(given: set[str], hook: str) -> None:
    records = Records(RESOURCES)
    some = {name: value for name, value in DATA.items() if name in given}
    answer = post(client(SERVICE, lambda _: records), call(hook, some) | WITH_ACCESS)
    assert cards_without_names(answer) == cards_without_names(post(CLIENT, call(hook, DATA)))
    assert len(answer.json()["cards"]) == 1
    assert len(records.asked) == len(DATA) - len(given)


def test_what_failed_by_prefetch_is_not_asked_for_again() -> None:
    records = Records(RESOURCES)
    post(client(SERVICE, lambda _: records), call("patient-view", DATA | {"condition": FAILED}) | WITH_ACCESS)
    assert records.asked == []


def test_what_the_token_does_not_allow_is_unknown() -> None:
    records = Records(RESOURCES, frozenset({"Condition"}))
    answer = post(client(SERVICE, lambda _: records), without(VIEW, "prefetch") | WITH_ACCESS).json()
    assert answer["cards"][0]["extension"][EXTENSION]["data"]["condition"] == "not fetched"


def test_a_patient_that_cannot_be_fetched_is_named() -> None:
    records = Records(RESOURCES, frozenset({"Patient"}))
    answer = post(client(SERVICE, lambda _: records), without(VIEW, "prefetch") | WITH_ACCESS)
    assert (answer.status_code, "`patient`" in issue_of(answer)["diagnostics"]) == (412, True)


SERVERS = [
    ("not listed", "https://elsewhere.example.org/r4", True),
    ("the metadata of a cloud", "http://169.254.169.254/latest", True),
    ("http in production", "http://r4.example.org", True),
]


@pytest.mark.parametrize(("server", "production"), [row[1:] for row in SERVERS], ids=[row[0] for row in SERVERS])
def test_a_server_that_may_not_be_asked_is_not(server: str, production: bool) -> None:
    settings = Settings(records=("https://r4.example.org",), production=production)
    asked = client(service(CLOCK, settings=settings))
    answer = post(asked, without(VIEW, "prefetch") | {"fhirServer": server})
    assert (answer.status_code, "missing" in issue_of(answer)["diagnostics"]) == (412, True)


# ---- of whom, and how often --------------------------------------------------------------------------------------


def test_data_of_another_person_are_ignored_and_reported() -> None:
    other = [
        json.loads(json.dumps(one).replace('"Patient/p"', '"Patient/q"')) | {"id": f"q{place}"}
        for place, one in enumerate(RESOURCES[1:])
    ]
    mixed = prefetch([*RESOURCES, *other])
    assert cards_without_names(post(CLIENT, call("patient-view", mixed))) == cards_without_names(post(CLIENT, VIEW))
    found = gather(
        call_of(json.dumps(call("patient-view", mixed)).encode(), "patient-view"),
        keys(SERVICE),
        SERVICE.reader,
        no_server,
    )
    assert sum("another person" in one.why for one in found.record.ignored) == len(other)


def test_another_patient_among_the_data_is_ignored_and_reported() -> None:
    stranger = {"resourceType": "Patient", "id": "q", "birthDate": "1950-01-01"}
    data = DATA | {"condition": searchset(*(entry["resource"] for entry in DATA["condition"]["entry"]), stranger)}
    found = gather(
        call_of(json.dumps(call("patient-view", data)).encode(), "patient-view"),
        keys(SERVICE),
        SERVICE.reader,
        no_server,
    )
    assert found.record.patient.id == "p"
    assert [one.source for one in found.record.ignored if "another Patient" in one.why] == ["Patient/q"]


WITHDRAWN = {
    "Observation": "entered-in-error",
    "Procedure": "entered-in-error",
    "MedicationStatement": "entered-in-error",
}


def test_what_was_withdrawn_is_no_fact() -> None:
    withdrawn = [
        one | ({"status": WITHDRAWN[one["resourceType"]]} if one["resourceType"] in WITHDRAWN else {})
        for one in RESOURCES
        if one["resourceType"] in ("Patient", *WITHDRAWN)
    ]
    assert post(CLIENT, call("patient-view", prefetch(withdrawn))).json()["cards"] == []


@pytest.mark.parametrize("hook", HOOKS)
def test_the_same_call_has_the_same_answer(hook: str) -> None:
    """Byte for byte, where the names that are made anew each time are the same."""
    body = call(hook, DATA)
    first, second = (post(client(service(CLOCK), no_server), body) for _ in range(2))
    assert first.content == second.content
    named = service(CLOCK)
    both = client(named, no_server)
    once, again = post(both, body).json(), post(both, body).json()
    assert once["extension"][EXTENSION]["call"] != again["extension"][EXTENSION]["call"]


def test_the_judgement_is_that_of_the_engine() -> None:
    card = post(CLIENT, VIEW).json()["cards"][0]
    whole = assess(SERVICE.pathway, CASE.record, CASE.index_date)
    position = {one["side"]: one["stage"] for one in card["extension"][EXTENSION]["position"]}
    assert position == {hip.side: hip.stage.id for hip in whole.hips}


SECRET = WITH_ACCESS | {"fhirAuthorization": ACCESS | {"access_token": "canary-token"}}
VIEW_ID = SERVICES["patient-view"].id


def test_a_token_is_not_kept(tmp_path: Path) -> None:
    """Neither in the store nor in its log of changes, of a call that is kept there."""
    with closing(open_store(f"sqlite:///{tmp_path}/store.db")) as store:
        assert post(client(service(CLOCK, store), no_server), VIEW | SECRET).status_code == 200
        kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert (VIEW_ID.encode() in kept, b"canary" in kept) == (True, False)


def test_a_token_is_nowhere_shown() -> None:
    answer = post(CLIENT, VIEW | SECRET)
    made = call_of(json.dumps(VIEW | SECRET).encode(), "patient-view")
    assert "canary" not in answer.text + repr(made) + str(replace(SERVICE.settings))
