"""The OpenAPI document tells every route, and what stands in it is so: requests made from it are answered."""

import os
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hook_calls import BASE, Clock, call, client, prefetch, service
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator
from starlette.applications import Starlette
from starlette.routing import Route

from ischio.interfaces.http.app import build
from ischio.interfaces.http.openapi import PATH, TOLD
from ischio.interfaces.http.settings import Bounds, Caller, Settings
from ischio.store.store import open_store

EACH = 200 if os.environ.get("HYPOTHESIS_PROFILE") == "fuzz" else 10
OPEN = Settings(base=BASE, limits=Bounds(requests=1_000_000))


def routes_of(app: Starlette) -> set[str]:
    return {route.path for route in app.routes if isinstance(route, Route)}


def document(settings: Settings = OPEN) -> Any:
    return client(service(Clock(), settings=settings)).get(PATH).json()


def test_every_route_stands_in_it(made: Path):
    """All but the application's pages, which are there where there is a store, as launches are that stand in it.

    A path with a slash at its end is the same without.
    """
    with closing(open_store(f"sqlite:///{made}")) as store:
        launches = {path for path in routes_of(build(service(Clock(), store, OPEN))) if path.startswith("/smart/")}
    without_pages = routes_of(build(service(Clock(), settings=OPEN)))
    assert {path.rstrip("/") for path in without_pages | launches} == set(TOLD)


def test_only_what_is_served_stands_in_it():
    assert set(document()["paths"]) <= routes_of(build(service(Clock(), settings=OPEN)))
    assert "/fhir/metadata" not in document()["paths"], "this application has the hooks alone"


def test_a_call_is_described_as_it_is_decoded():
    told = document()
    valid = Draft202012Validator({"$ref": "#/components/schemas/Call", "components": told["components"]})
    person = {"resourceType": "Patient", "id": "p"}
    whole = call("patient-view", prefetch([person]))
    assert valid.is_valid(whole)
    assert not valid.is_valid({key: value for key, value in whole.items() if key != "hook"})
    assert not valid.is_valid(whole | {"fhirAuthorization": {"access_token": "t"}})


def test_it_says_where_a_token_is_asked_for():
    asked = document(Settings(base=BASE, clients=(Caller("https://ehr.example.org", jku="https://ehr.example.org/k"),)))
    assert asked["paths"]["/cds-services/{id}"]["post"]["security"] == [{"client": []}]
    assert asked["paths"]["/cds-services/{id}/why/{uuid}"]["get"]["security"] == [{"client": []}, {}], "or without one"
    assert "security" not in document()["paths"]["/cds-services/{id}"]["post"]


def test_what_is_made_from_it_is_no_failure(tmp_path: Path, record_property: pytest.FixtureRequest):
    """Schemathesis makes requests of each operation, such as the schemas allow."""
    store = open_store(f"sqlite:///{tmp_path / 'ischio.db'}")
    told = schemathesis.openapi.from_asgi(PATH, build(service(Clock(), store, OPEN)))
    statuses: Counter[int] = Counter()

    def answered(case: schemathesis.Case) -> None:
        answer = case.call()
        statuses[answer.status_code] += 1
        assert answer.status_code < 500, case.as_curl_command()
        assert "Traceback" not in answer.text

    operations = [found.ok() for found in told.get_all_operations()]
    for operation in operations:
        of_each = settings(max_examples=EACH, suppress_health_check=list(HealthCheck))
        of_each(given(operation.as_strategy())(answered))()
    store.close()
    record_property("counted", f"OpenAPI, {len(operations)} operations, by status: {dict(sorted(statuses.items()))}")
    assert {operation.path for operation in operations} == set(TOLD) - {PATH}
    assert set(statuses) >= {200, 400, 404}
