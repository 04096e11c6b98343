"""Feedback: kept once, judged entry by entry; what was acknowledged or declined is not said again until it changes."""

import json
from datetime import timedelta
from typing import Any

import pytest
from hook_calls import (
    EXTENSION,
    INSTANCE,
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
from test_hooks_orders import INJECTION

from ischio.interfaces.http.hooks.feedback import MOST
from ischio.interfaces.http.hooks.why import LINK_LASTS
from ischio.store.entries import Access, Person
from ischio.store.store import Store

CLOCK = Clock()
CASE = case("gate-injection-passes")
DATA = prefetch(resources_of(CASE.record) or [])
VIEW, SIGN = SERVICES["patient-view"].id, SERVICES["order-sign"].id
AT = "2026-06-01T12:00:00Z"


@pytest.fixture(autouse=True)
def today() -> None:
    CLOCK.set_to(CASE.index_date)


@pytest.fixture
def to(store: Store) -> Any:
    return client(service(CLOCK, store), no_server)


def tell(to: Any, *entries: Json, of: str = VIEW) -> Any:
    body = json.dumps({"feedback": list(entries)})
    return to.post(f"/cds-services/{of}/feedback", content=body, headers={"content-type": "application/json"})


def overridden(card: str, **more: Json) -> Json:
    return {"card": card, "outcome": "overridden", "outcomeTimestamp": AT} | more


def accepted(card: str, *ids: str) -> Json:
    taken = [{"id": one} for one in ids]
    return {"card": card, "outcome": "accepted", "acceptedSuggestions": taken, "outcomeTimestamp": AT}


def shown(to: Any, data: Json = DATA, hook: str = "patient-view", **more: Json) -> list[Json]:
    answer = post(to, call(hook, data, **more))
    assert answer.status_code == 200, answer.text
    return answer.json()["cards"]


def flagged() -> Json:
    """The data of the case, with a red flag."""
    flag = {"resourceType": "Flag", "id": "f", "status": "active", "subject": {"reference": "Patient/p"}}
    system = service(CLOCK).publication.system
    flag |= {"code": {"coding": [{"system": system, "code": "flag-infection"}]}, "period": {"start": "2026-05-30"}}
    return DATA | {"flag": searchset(flag)}


FLAGGED = flagged()
REASONED = {"reason": {"code": "c", "system": "s"}, "userComment": "no"}


@pytest.mark.parametrize(
    "entry",
    [overridden, lambda card: accepted(card, "s1"), lambda card: overridden(card, overrideReason=REASONED)],
    ids=["plain", "accepted", "reasons"],
)
def test_what_was_answered_is_not_said_again(to: Any, entry: Any) -> None:
    (card,) = shown(to)
    assert len(shown(to)) == 1, "a card that nobody answered is shown again"
    assert tell(to, entry(card["uuid"])).status_code == 200
    assert shown(to) == []


def test_it_is_said_again_when_it_changes(to: Any) -> None:
    """And a red flag is said whatever was declined."""
    (card,) = shown(to)
    tell(to, overridden(card["uuid"]))
    assert shown(to) == []
    (now,) = shown(to, FLAGGED)
    assert (now["indicator"], card["indicator"]) == ("critical", "info")
    (again,) = shown(to)
    assert again["summary"] == card["summary"], "after the flag was taken back it is said anew"


@pytest.mark.parametrize(
    ("entry", "quiet"),
    [
        (lambda card: accepted(card["uuid"], card["suggestions"][0]["uuid"]), False),
        (lambda card: accepted(card["uuid"], *(one["uuid"] for one in card["suggestions"])), False),
        (lambda card: accepted(card["uuid"], card["suggestions"][0]["uuid"]) | {"overrideReason": REASONED}, False),
        (lambda card: overridden(card["uuid"]), False),
        (lambda card: overridden(card["uuid"], overrideReason={"userComment": " "}), False),
        (lambda card: overridden(card["uuid"], overrideReason={"reason": {"code": "c", "system": "s"}}), True),
        (lambda card: overridden(card["uuid"], overrideReason={"userComment": "explained by the fall"}), True),
    ],
    ids=[
        "one accepted",
        "all accepted",
        "accepted with a reason",
        "no reason",
        "an empty reason",
        "a coded reason",
        "a reason in words",
    ],
)
def test_a_red_flag_is_quieted_by_a_reason_alone(to: Any, entry: Any, quiet: bool):
    (card,) = shown(to, FLAGGED)
    assert (card["indicator"], len(card["suggestions"]) > 0) == ("critical", True)
    assert tell(to, entry(card)).status_code == 200
    assert (shown(to, FLAGGED) == []) is quiet
    assert [one["indicator"] for one in shown(to)] == ["info"], "without the flag its card is gone"
    assert [one["indicator"] for one in shown(to, FLAGGED)] == ["critical"], "it came back, and so is told anew"


def test_one_person_is_quieted_alone(to: Any) -> None:
    (card,) = shown(to)
    tell(to, overridden(card["uuid"]))
    other = json.loads(json.dumps(DATA).replace('"Patient/p"', '"Patient/q"')) | {
        "patient": DATA["patient"] | {"id": "q"}
    }
    assert len(post(to, call("patient-view", other, patient="q")).json()["cards"]) == 1
    elsewhere = call("patient-view", DATA) | {"fhirServer": "https://another.example.org"}
    assert len(post(to, elsewhere).json()["cards"]) == 1, "the same id at another server is another person"


def test_an_order_is_quieted_alone(to: Any) -> None:
    drafts = [INJECTION, INJECTION | {"id": "s2"}]
    first, second = (call("order-sign", DATA, draftOrders=searchset(one)) for one in drafts)
    (card,) = post(to, first).json()["cards"]
    tell(to, overridden(card["uuid"]), of=SIGN)
    assert post(to, first).json()["cards"] == []
    assert len(post(to, second).json()["cards"]) == 1


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["in order", "out of order"])
def test_accepted_then_overridden(to: Any, store: Store, order: tuple[int, int]) -> None:
    (card,) = shown(to)
    told = [accepted(card["uuid"], "s1"), overridden(card["uuid"], outcomeTimestamp="2026-06-01T13:00:00Z")]
    for place in order:
        assert tell(to, told[place]).status_code == 200
    kept = store.feedback.about(card["uuid"], Access("test", CLOCK()))
    assert [one.outcome.value for one in kept] == ["accepted", "overridden"]


def test_told_twice_is_kept_once(to: Any, store: Store) -> None:
    (card,) = shown(to)
    for _ in range(3):
        answer = tell(to, overridden(card["uuid"]), overridden(card["uuid"]))
        assert (answer.status_code, answer.content) == (200, b"")
    assert len(store.feedback.about(card["uuid"], Access("test", CLOCK()))) == 1


BAD = [
    ("no card", {"outcome": "overridden", "outcomeTimestamp": AT}),
    ("another outcome", overridden("x") | {"outcome": "ignored"}),
    ("no time", {"card": "x", "outcome": "overridden"}),
    ("a time without a zone", overridden("x", outcomeTimestamp="2026-06-01T12:00:00")),
    ("a time that is none", overridden("x", outcomeTimestamp="yesterday")),
    ("accepted without a suggestion", {"card": "x", "outcome": "accepted", "outcomeTimestamp": AT}),
    ("a suggestion without an id", accepted("x") | {"acceptedSuggestions": [{}]}),
    ("a reason without a code", overridden("x", overrideReason={"reason": {}})),
    ("no entry", 5),
    ("an unknown card", overridden(INSTANCE)),
]


@pytest.mark.parametrize("entry", [row[1] for row in BAD], ids=[row[0] for row in BAD])
def test_an_entry_that_is_wrong_stops_no_other(to: Any, entry: Json) -> None:
    alone = tell(to, entry)
    assert (alone.status_code, len(alone.json()["issue"])) == (422, 1)
    (card,) = shown(to)
    mixed = tell(to, entry, overridden(card["uuid"]))
    assert (mixed.status_code, [one["expression"] for one in mixed.json()["issue"]]) == (200, [["feedback[0]"]])
    assert shown(to) == []


def test_feedback_to_another_service_is_refused(to: Any) -> None:
    (card,) = shown(to)
    answer = tell(to, overridden(card["uuid"]), of=SIGN)
    assert (answer.status_code, "another service" in answer.json()["issue"][0]["diagnostics"]) == (422, True)
    assert len(shown(to)) == 1


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"feedback": 5}', b"{}"])
def test_a_body_without_a_list_is_refused(to: Any, body: bytes) -> None:
    answer = to.post(f"/cds-services/{VIEW}/feedback", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["resourceType"]) == (400, "OperationOutcome")


def test_more_entries_than_are_taken_at_once_are_refused_whole(to: Any) -> None:
    (card,) = shown(to)
    assert tell(to, *[overridden(card["uuid"])] * (MOST + 1)).status_code == 413
    assert len(shown(to)) == 1, "nothing of it was kept"


def test_an_unknown_service_is_told(to: Any) -> None:
    assert tell(to, overridden(INSTANCE), of="none").status_code == 404


def test_what_the_service_keeps_of_a_person_counts_too(to: Any, store: Store) -> None:
    """Answers of our own forms are no part of the prefetch."""
    empty = prefetch([DATA["patient"]])
    assert shown(to, empty) == []
    events = [event for event in CASE.record.events if event.concept not in ("birth_date", "sex", "death")]
    store.events.append(Person(service(CLOCK).settings.base, "p"), events, Access("test", CLOCK()))
    assert [one["summary"] for one in shown(to, empty)] == [one["summary"] for one in shown(to)]


def test_a_new_problem_is_seen_beside_what_the_service_keeps(to: Any, store: Store) -> None:
    """What is on the pathway by our own forms already is not offered to start."""
    problem = resource_of_pain()
    asked = call("problem-list-item-create", prefetch([DATA["patient"]]), conditions=searchset(problem))
    (offer,) = post(to, asked).json()["cards"]
    assert "can start" in offer["summary"]
    events = [event for event in CASE.record.events if event.concept not in ("birth_date", "sex", "death")]
    store.events.append(Person(service(CLOCK).settings.base, "p"), events, Access("test", CLOCK()))
    assert post(to, asked).json()["cards"] == []


def resource_of_pain() -> Json:
    """A new problem: pain in the right hip."""
    code = {"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "M25.551"}
    active = {"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}
    return {
        "resourceType": "Condition",
        "id": "new",
        "subject": {"reference": "Patient/p"},
        "clinicalStatus": {"coding": [active]},
        "code": {"coding": [code]},
        "onsetDateTime": CASE.index_date.isoformat(),
    }


# ---- why -------------------------------------------------------------------------------------------------------


def test_why_a_card_was_given(to: Any) -> None:
    (card,) = shown(to)
    told = to.get(card["links"][0]["url"]).json()
    assert (told["card"], told["why"], told["stage"], told["side"]) == (True, "shown", "injection", "right")
    assert told["pathway"]["version"] == service(CLOCK).pathway.version
    assert {"review_progress", "injection"} <= {rule["id"] for rule in told["rules"]}
    assert all(rule["title"] for rule in told["rules"])


def test_why_no_card_was_given(to: Any) -> None:
    empty = prefetch([DATA["patient"]])
    (card,) = shown(to)
    tell(to, overridden(card["uuid"]))
    for body, why in (
        (call("patient-view", empty), "not-on-pathway"),
        (call("patient-view", DATA), "quieted"),
        (call("order-sign", DATA), "no-order-of-the-pathway"),
        (call("problem-list-item-create", DATA), "not-opened"),
    ):
        answer = post(to, body).json()
        assert answer["cards"] == []
        told = to.get(answer["extension"][EXTENSION]["why"]).json()
        assert (told["card"], told["why"]) == (False, why)
        assert told["words"]


def test_why_as_a_page_without_anything_of_the_person(to: Any) -> None:
    (card,) = shown(to)
    page = to.get(card["links"][0]["url"], headers={"accept": "text/html"})
    assert page.headers["content-type"].startswith("text/html")
    assert "<h1>Ischiofemoral impingement: why this card</h1>" in page.text
    assert "Right hip, Injection." in page.text
    assert "Patient/" not in page.text
    assert "style-src 'sha256-" in page.headers["content-security-policy"]


def test_the_address_of_a_why_ends(to: Any) -> None:
    (card,) = shown(to)
    url, began = card["links"][0]["url"], CLOCK.now
    for passed, status in ((LINK_LASTS - timedelta(seconds=1), 200), (LINK_LASTS, 404)):
        CLOCK.now = began + passed
        assert to.get(url).status_code == status
    page = to.get(url, headers={"accept": "text/html"})
    assert (page.status_code, "<h1>Nothing to show</h1>" in page.text) == (404, True)


def test_a_why_holds_nothing_but_what_the_card_told(to: Any) -> None:
    """Neither the id of a person nor anything of the record: not a value, not a date of one."""
    (card,) = shown(to)
    told = to.get(card["links"][0]["url"]).json()
    assert set(told) == {
        *("call", "service", "hook", "answeredAt", "card", "why", "words", "pathway", "indicator", "side", "stage"),
        "rules",
    }
    assert {name for rule in told["rules"] for name in rule} == {"id", "title", "sentence", "label"}
    words = {rule["id"] for rule in told["rules"]} | {told["side"], told["stage"], told["indicator"]}
    assert json.dumps(told["rules"]).count("2026-") == 0
    assert all(one.islower() for one in words)


def test_why_of_an_unknown_call(to: Any) -> None:
    (card,) = shown(to)
    assert to.get(f"/cds-services/{VIEW}/why/{INSTANCE}").status_code == 404
    assert to.get(f"/cds-services/{SIGN}/why/{card['uuid']}").status_code == 404
