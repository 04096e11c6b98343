"""Whose data it is: what one interface keeps of a person is found again by the others, and nobody else's is.

Everybody here has a Patient/p. Each row tells how the answers of a form come in and how a hook is called then.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import pytest
from fhir_calls import BASE, NOW, PATHWAY_ID, service
from hook_calls import call, prefetch
from starlette.testclient import TestClient
from test_fhir_forms import COMPLAINT, PAIN, response

from ischio.interfaces.http.app import build
from ischio.interfaces.http.settings import Caller, Settings
from ischio.interfaces.http.whose import NOBODY, person_launched, person_of
from ischio.remote.tokens import Client, Unauthorised
from ischio.store.entries import Access, Person
from ischio.store.store import Store

ONE, TWO, BOTH = "https://one.example.org", "https://two.example.org", "https://identity.example.org"
AT_ONE, AT_TWO = f"{ONE}/fhir", f"{TWO}/fhir"
LISTED = (
    Caller(ONE, jku=f"{ONE}/keys", server=AT_ONE),
    Caller(TWO, jku=f"{TWO}/keys"),
    Caller(BOTH, jku=f"{BOTH}/keys"),
)
SETTINGS = Settings(base=BASE, clients=LISTED)
DATA = prefetch([{"resourceType": "Patient", "id": "p"}])


class Tokens:
    """Tokens that say plainly of whom they are."""

    def verify(self, authorization: str | None, _: str, __: object) -> Client:
        told = dict(parse_qsl((authorization or "").removeprefix("Bearer ")))
        if told.get("issuer") not in (ONE, TWO, BOTH):
            raise Unauthorised(401, "The token is not known.")
        return Client(told["issuer"], told.get("tenant"))


def serving(store: Store, *, asked: bool = True, now: datetime = NOW) -> TestClient:
    settings, clients = (SETTINGS, Tokens()) if asked else (replace(SETTINGS, clients=()), None)
    one = replace(service(), settings=settings, clients=clients, store=store, clock=lambda: now)
    return TestClient(build(one))


def answered(to: TestClient, who: str, subject: str) -> None:
    """The answers of a form come in."""
    sent = response(PAIN, COMPLAINT) | {"subject": {"reference": subject}, "source": {"reference": subject}}
    took = to.post("/fhir/QuestionnaireResponse", json=sent, headers={"Authorization": f"Bearer {who}"})
    assert took.status_code == 201, took.text


def opened(to: TestClient, who: str, server: str | None) -> list[Any]:
    """The cards of a chart that is opened without any data but the Patient."""
    body = call("patient-view", DATA) | ({"fhirServer": server} if server else {})
    told = to.post(f"/cds-services/{PATHWAY_ID}-patient-view", json=body, headers={"Authorization": f"Bearer {who}"})
    assert told.status_code == 200, told.text
    return told.json()["cards"]


A, B = f"issuer={ONE}", f"issuer={TWO}"
CLINIC_1, CLINIC_2 = f"issuer={BOTH}&tenant=1", f"issuer={BOTH}&tenant=2"
HERE, ABSOLUTE = "Patient/p", f"{AT_ONE}/Patient/p"
ROWS = [
    # what it is, who sent the form, about whom, who calls the hook, with which fhirServer, is it the same person?
    ("both name no server", B, HERE, B, None, True),
    ("both name the server", A, ABSOLUTE, A, AT_ONE, True),
    ("the form names none, and the settings say which it is", A, HERE, A, AT_ONE, True),
    ("the hook names none, and the settings say which it is", A, ABSOLUTE, A, None, True),
    ("a slash at the end is no other server", A, HERE, A, f"{AT_ONE}/", True),
    ("another server of the same issuer", A, HERE, A, AT_TWO, False),
    ("two servers of an issuer of which the settings tell none", B, f"{AT_ONE}/Patient/p", B, AT_TWO, False),
    ("another records system", A, HERE, B, None, False),
    ("another records system that names the first one's server", A, ABSOLUTE, B, AT_ONE, False),
    ("one clinic of several of one issuer", CLINIC_1, HERE, CLINIC_1, None, True),
    ("two clinics of one issuer", CLINIC_1, HERE, CLINIC_2, None, False),
    ("two clinics of one issuer at one server", CLINIC_1, ABSOLUTE, CLINIC_2, AT_ONE, False),
]
OPEN = [
    ("nobody is asked, and both name no server", "", HERE, "", None, True),
    ("nobody is asked, and both name the server", "", ABSOLUTE, "", AT_ONE, True),
    ("nobody is asked, and another server is named", "", ABSOLUTE, "", AT_TWO, False),
    ("nobody is asked, and only one names a server", "", HERE, "", AT_ONE, False),
]


@pytest.mark.parametrize("row", [*ROWS, *OPEN], ids=lambda row: row[0])
def test_the_answers_of_a_form_are_found_by_a_hook_of_the_same_record(store: Store, row: tuple[Any, ...]):
    name, sender, subject, caller, server, same = row
    to = serving(store, asked=row in ROWS)
    assert opened(to, caller, server) == []
    answered(to, sender, subject)
    assert (opened(to, caller, server) != []) is same, name
    assert store.audit.verify().sound


@pytest.mark.parametrize("row", [*ROWS, *OPEN], ids=lambda row: row[0])
def test_what_was_declined_is_quiet_in_the_same_record_alone(store: Store, row: tuple[Any, ...]):
    """Both of whom the row tells have the same complaint; one of them declines the card."""
    name, sender, subject, caller, server, same = row
    to = serving(store, asked=row in ROWS)
    own = subject.removesuffix("/Patient/p") if subject != HERE else None
    answered(to, sender, subject)
    if not same:
        answered(to, caller, f"{server}/Patient/p" if server else HERE)
    (card,) = opened(to, sender, own)
    told = {"card": card["uuid"], "outcome": "overridden", "outcomeTimestamp": "2026-06-01T12:00:00Z"}
    path, who = f"/cds-services/{PATHWAY_ID}-patient-view/feedback", {"Authorization": f"Bearer {sender}"}
    assert to.post(path, json={"feedback": [told]}, headers=who).status_code == 200
    assert (opened(to, caller, server) == []) is same, name


def test_a_launch_finds_what_the_same_record_keeps():
    """It tells its FHIR server, where the others tell an issuer."""
    assert person_launched(SETTINGS, AT_ONE, "p") == person_of(SETTINGS, Client(ONE), "p", AT_ONE)
    assert person_launched(SETTINGS, AT_ONE, "p") == person_of(SETTINGS, Client(ONE), "p")
    nobody_asked = replace(SETTINGS, clients=())
    assert person_launched(nobody_asked, AT_ONE, "p") == person_of(nobody_asked, NOBODY, "p", AT_ONE)


def test_no_two_of_different_records_have_one_name():
    """Also where an issuer or a tenant is written so that it looks like the name of another."""
    said = [
        (client, server)
        for client in (
            Client(ONE),
            Client(TWO),
            Client(BOTH),
            Client(BOTH, "1"),
            Client(BOTH, f"1&server={AT_ONE}"),
            NOBODY,
        )
        for server in (None, AT_ONE, AT_TWO)
    ]
    names = {person_of(SETTINGS, client, "p", server) for client, server in said}
    assert len(names) == len(said) - 1, "the first issuer's own server, named and not named, is one"


WHO_IS_TOLD = [
    # who asks why, how long after the call, what is answered
    ("somebody with the address", "", timedelta(hours=23, minutes=59), 200),
    ("somebody with the address, too late", "", timedelta(hours=24), 404),
    ("the records system that called", A, timedelta(hours=1), 200),
    ("the records system that called, a month later", A, timedelta(days=30), 200),
    ("another records system", B, timedelta(hours=1), 404),
]


@pytest.mark.parametrize(
    ("who", "later", "status"), [row[1:] for row in WHO_IS_TOLD], ids=[row[0] for row in WHO_IS_TOLD]
)
def test_why_is_told_for_a_day_and_then_to_the_records_system_alone(
    store: Store, who: str, later: timedelta, status: int
):
    answered(serving(store), A, HERE)
    (card,) = opened(serving(store), A, AT_ONE)
    url = card["links"][0]["url"]
    headers = {"Authorization": f"Bearer {who}"} if who else {}
    assert serving(store, now=NOW + later).get(url, headers=headers).status_code == status
    assert serving(store).get(url, headers={"Authorization": "Bearer forged"}).status_code == 401


def test_feedback_of_another_records_system_changes_nothing(store: Store):
    to = serving(store)
    answered(to, A, HERE)
    (card,) = opened(to, A, AT_ONE)
    told = {"card": card["uuid"], "outcome": "overridden", "outcomeTimestamp": "2026-06-01T12:00:00Z"}
    path = f"/cds-services/{PATHWAY_ID}-patient-view/feedback"
    answer = to.post(path, json={"feedback": [told]}, headers={"Authorization": f"Bearer {B}"})
    assert (answer.status_code, len(opened(to, A, AT_ONE))) == (422, 1)


def test_the_audit_tells_of_whom_it_was(store: Store):
    to = serving(store)
    answered(to, A, HERE)
    opened(to, A, AT_ONE)
    whom = {entry.whom for entry in store.audit.entries() if entry.what in ("event", "card")}
    assert whom == {person_of(SETTINGS, Client(ONE), "p")}
    assert store.events.of(Person(ONE, "p"), Access("test", NOW)).events == ()
