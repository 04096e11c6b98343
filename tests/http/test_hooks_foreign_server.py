"""End to end with a FHIR server that nobody here wrote: records posted, hooks called with and without prefetch."""

import json
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

import pytest
from foreign_server import ask, sekmet
from hook_calls import EXTENSION, Clock, Json, call, case, client, post, prefetch, resources_of, service

from ischio.interfaces.http.settings import Settings

CASES = ("gate-injection-passes", "cauda-equina", "sides-differ", "closed", "evaluation-by-pain-score")
SCOPE = {
    "access_token": "none",
    "token_type": "Bearer",
    "expires_in": 300,
    "scope": "patient/*.rs",
    "subject": "ischio",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HTTPConnection]:
    with sekmet(tmp_path_factory.mktemp("sekmet"), validation={"inbound": "off"}) as connection:
        for name in CASES:
            for resource in written(name):
                status, answer = ask(connection, "PUT", f"{resource['resourceType']}/{resource['id']}", resource)
                assert status in (200, 201), answer
        yield connection


def written(name: str) -> list[Json]:
    """The resources of a case, with ids of their own."""
    resources = resources_of(case(name).record)
    assert resources is not None
    text = json.dumps(resources).replace('"Patient/p"', f'"Patient/{name}"').replace('"id": "e', f'"id": "{name}-e')
    found: list[Json] = json.loads(text)
    return [found[0] | {"id": name}, *found[1:]]


def told(answer: Any) -> Json:
    """What the cards of an answer say and suggest, without ids and how the data came."""
    assert answer.status_code == 200, answer.text
    cards = answer.json()["cards"]
    for card in cards:
        suggestions = card.get("suggestions", ())
        card["suggestions"] = [(one["label"], one["actions"]) for one in suggestions]
        card["extension"] = {
            key: value for key, value in card["extension"][EXTENSION].items() if key not in ("data", "trace")
        }
        card["uuid"] = card["links"] = None
    return cards


@pytest.mark.parametrize("name", CASES)
def test_a_hook_called_with_and_without_prefetch_gives_equal_cards(server: HTTPConnection, name: str) -> None:
    clock, base = Clock(), f"http://127.0.0.1:{server.port}/fhir"
    clock.set_to(case(name).index_date)
    to = client(service(clock, settings=Settings(records=(base,), inside=(base,))))
    given = post(to, call("patient-view", prefetch(written(name)), patient=name))
    access = {"fhirServer": base, "fhirAuthorization": SCOPE}
    fetched = post(to, call("patient-view", None, patient=name) | access)
    came = {word for card in fetched.json()["cards"] for word in card["extension"][EXTENSION]["data"].values()}
    assert told(fetched) == told(given)
    assert came <= {"fetched"}
    assert bool(fetched.json()["cards"]) is (name != "closed")
