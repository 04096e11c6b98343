"""Discovery: what is offered, and prefetch templates in the grammar of CDS Hooks 2.0."""

import re

import pytest
from hook_calls import EXTENSION, HOOKS, SERVICES, Clock, Json, call, client, post, prefetch, service

from ischio.fhir.requirements import requirements
from ischio.interfaces.http.hooks.services import keys
from ischio.interfaces.http.settings import Settings

SERVICE = service(Clock())
CLIENT = client(SERVICE)
FOUND = CLIENT.get("/cds-services").json()["services"]

READ = re.compile(r"(?P<type>[A-Z][A-Za-z]+)/\{\{context\.(?P<token>\w+)\}\}")
SEARCH = re.compile(r"(?P<type>[A-Z][A-Za-z]+)\?(?P<parameters>.+)")
PARAMETER = re.compile(
    r"[a-z-]+(:in)?=(\{\{context\.(?P<token>\w+)\}\}|(eq|lt|gt|ge|le)?[\w.:|/-]+)|_count=\d+|_sort=[\w-]+"
)
TOKENS = {"userId", "patientId"}
"""What the context of every hook that is offered holds, and 2.0 lets templates name."""


@pytest.mark.parametrize("path", ["/cds-services", "/cds-services/"])
@pytest.mark.parametrize("accept", ["*/*", "application/json", "text/html"])
def test_discovery_answers(path: str, accept: str) -> None:
    answer = CLIENT.get(path, headers={"accept": accept})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert answer.json() == {"services": FOUND}
    assert CLIENT.head(path).status_code == 200


def test_under_a_prefix_of_a_proxy_addresses_hold_it() -> None:
    """The proxy takes the prefix off; the settings say that there is one."""
    base = "https://hospital.example.org/pathways"
    under = client(service(Clock(), settings=Settings(base=base)))
    assert under.get("/cds-services").json() == {"services": FOUND}
    answer = post(under, call("patient-view", prefetch([{"resourceType": "Patient", "id": "p"}]))).json()
    assert answer["extension"][EXTENSION]["why"].startswith(f"{base}/cds-services/")


def test_every_hook_is_offered_once() -> None:
    assert [(one["hook"], one["id"]) for one in FOUND] == [(hook, SERVICES[hook].id) for hook in HOOKS]


def test_a_service_has_all_it_needs_and_nothing_empty() -> None:
    def empty(value: Json) -> bool:
        return value in (None, "", [], {}) or (
            any(map(empty, value.values()))
            if isinstance(value, dict)
            else isinstance(value, list) and any(map(empty, value))
        )

    for one in FOUND:
        assert {"hook", "id", "title", "description", "prefetch"} <= one.keys()
        assert not empty(one)


@pytest.mark.parametrize("key", keys(SERVICE), ids=lambda key: key.name)
def test_a_template_is_in_the_grammar_of_2_0(key: Json) -> None:
    """A read, or a search of one type by tokens of the context, dates and counts; no FHIRPath, no today()."""
    read, search = READ.fullmatch(key.template), SEARCH.fullmatch(key.template)
    assert read or search, key.template
    if read:
        assert (read["type"], read["token"]) == ("Patient", "patientId")
    else:
        assert search is not None
        found = [PARAMETER.fullmatch(one) for one in search["parameters"].split("&")]
        assert all(found), key.template
        assert {one["token"] for one in found if one and one["token"]} <= TOKENS


def test_there_is_one_key_for_each_type_that_is_read() -> None:
    types = [key.needed.type for key in keys(SERVICE)]
    assert types == ["Patient", *(kind for kind in SERVICE.bindings.resources if kind in types)]
    assert len(types) == len(set(types)) == len(requirements(SERVICE.pathway.concepts, SERVICE.bindings))
    assert all(one["prefetch"] == {key.name: key.template for key in keys(SERVICE)} for one in FOUND)


def test_a_template_resolves_to_a_query_of_the_patient() -> None:
    assert keys(SERVICE)[0].query("17") == "Patient/17"
    assert all("17" in key.query("17") and "{" not in key.query("17") for key in keys(SERVICE))
