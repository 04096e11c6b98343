"""The endpoint itself: what is served and said to be, reading, searching, and what becomes of bad calls."""

import json
from typing import Any

import fhirkit
import pytest
from fhir_calls import ANKLE, BASE, Json, client, parameters, service, serving, told
from httpx import Response
from starlette.routing import Route

from ischio.fhir.export.package import export
from ischio.interfaces.http.fhir.capability import OPERATIONS
from ischio.interfaces.http.fhir.published import SEARCHED, TYPES
from ischio.interfaces.http.fhir.routes import routes

PLAN = "/fhir/PlanDefinition/ischiofemoral"


def statement() -> Json:
    found: Json = client().get("/fhir/metadata").json()
    return found


def total(path: str) -> int:
    return int(client().get(path).json()["total"])


# ---- what is said to be served ----------------------------------------------------------------------------------


def test_the_capability_statement_is_valid():
    assert list(map(str, fhirkit.validate(statement()))) == []


def test_the_capability_statement_lists_exactly_what_is_routed():
    """Every route is something that the statement says, and the other way round."""
    said = set()
    for one in statement()["rest"][0]["resource"]:
        kind = one["type"]
        for interaction in one["interaction"]:
            said.add(
                {"read": f"GET {kind}/id", "search-type": f"GET {kind}", "create": f"POST {kind}"}[interaction["code"]]
            )
        for operation in one.get("operation", ()):
            said |= {f"{method} {kind} ${operation['name']}" for method in ("GET", "POST")}
    assert said == set(routed())


def routed() -> set[str]:
    """The routes but /metadata; those of any type once for each type that is served."""
    found = set()
    for route in routes(service()):
        assert isinstance(route, Route)
        parts = route.path.split("/")[2:]
        for method in route.methods - {"HEAD"} if route.methods else ():
            if parts[-1].startswith("$"):
                found.add(f"{method} {parts[0]} {parts[-1]}")
            elif parts != ["metadata"]:
                kinds = TYPES if parts[0] == "{kind}" else (parts[0],)
                found |= {f"{method} {kind}{'/id' if len(parts) > 1 else ''}" for kind in kinds}
    return found


def test_every_operation_that_is_said_to_be_served_answers_a_call():
    """With what it lacks, and not with 404 or 405."""
    for kind, operations in OPERATIONS.items():
        name = client().get(f"/fhir/{kind}").json()["entry"][0]["resource"]["id"]
        for operation in operations:
            for answer in (
                client().get(f"/fhir/{kind}/{name}/${operation}"),
                client().post(f"/fhir/{kind}/{name}/${operation}", json=parameters()),
            ):
                assert answer.status_code in (200, 400), (kind, operation, answer.text)


# ---- reading ----------------------------------------------------------------------------------------------------


def test_what_is_read_is_what_is_exported():
    """Every resource of the package but its guide, as the package has it."""
    exported = {(one["resourceType"], one["id"]): one for one in export(service().publication).resources}
    served = {key: one for key, one in exported.items() if key[0] in TYPES}
    assert {key[0] for key in exported} - {key[0] for key in served} == {"ImplementationGuide"}
    for (kind, name), one in served.items():
        answer = client().get(f"/fhir/{kind}/{name}")
        assert answer.status_code == 200
        assert answer.json() == json.loads(json.dumps(one))
    assert {kind: total(f"/fhir/{kind}?_summary=count") for kind in TYPES} == {
        kind: sum(1 for each, _ in served if each == kind) for kind in TYPES
    }


def test_a_resource_that_did_not_change_is_not_sent_again():
    first = client().get(PLAN)
    assert first.headers["last-modified"].endswith("GMT")
    again = client().get(PLAN, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client().get(PLAN, headers={"If-None-Match": 'W/"other"'}).status_code == 200


@pytest.mark.parametrize("path", ["/fhir/metadata", PLAN, "/fhir/ValueSet?_count=1"])
def test_head_has_the_headers_of_get_and_no_body(path: str):
    got, head = client().get(path), client().head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(got.content))
    assert head.headers["content-type"] == "application/fhir+json"


@pytest.mark.parametrize("path", ["/fhir/metadata/", f"{PLAN}/", "/fhir/ValueSet/"])
def test_a_slash_at_the_end_does_no_harm(path: str):
    assert client().get(path).json()["resourceType"] == client().get(path.rstrip("/")).json()["resourceType"]


# ---- searching --------------------------------------------------------------------------------------------------

ONE = "https://w3id.org/ischio/fhir/ValueSet/ischiofemoral-pain-score"
FOUND = {
    # query: how many
    "_id=ischiofemoral-pain-score": 1,
    "_id=ischiofemoral-pain-score,ischiofemoral-egfr": 2,
    f"url={ONE}": 1,
    f"url={ONE}|0.1.0": 1,
    f"url={ONE}|9": 0,
    "version=9": 0,
    "name=IschiofemoralPainScore": 1,
    "name=ischiofemoralpainscore": 1,
    "name:exact=ischiofemoralpainscore": 0,
    "name:contains=PainScore": 1,
    "status=active": 0,
    "_id=ischiofemoral-pain-score&status=active": 0,
}


@pytest.mark.parametrize("query", FOUND)
def test_a_search_finds(query: str):
    assert total(f"/fhir/ValueSet?{query}") == FOUND[query]


def test_every_search_parameter_that_is_said_to_work_narrows_the_search():
    for name in SEARCHED:
        assert total(f"/fhir/ValueSet?{name}=nothing-has-this") == 0 < total("/fhir/ValueSet")


def test_pages_lead_through_all_that_is_found_and_no_resource_twice():
    names, path = [], "/fhir/ValueSet?_count=40&status=draft"
    while path:
        page = client().get(path).json()
        names += [entry["resource"]["id"] for entry in page["entry"]]
        links = {link["relation"]: link["url"] for link in page["link"]}
        assert links["self"].startswith(f"{BASE}/fhir/ValueSet?")
        path = links.get("next", "").removeprefix(BASE)
    assert len(names) == len(set(names)) == page["total"] > 80


def test_a_summary_holds_what_names_a_resource_and_says_that_it_is_not_all():
    (entry,) = client().get(f"/fhir/ValueSet?url={ONE}&_summary=true").json()["entry"]
    resource = entry["resource"]
    assert "compose" not in resource
    assert resource["meta"]["tag"][0]["code"] == "SUBSETTED"
    assert entry["fullUrl"] == f"{BASE}/fhir/ValueSet/ischiofemoral-pain-score"


def test_a_search_is_a_valid_bundle_and_tells_what_it_did_not_use():
    found = client().get("/fhir/Questionnaire?colour=red").json()
    assert list(map(str, fhirkit.validate(found))) == []
    assert found["entry"][-1]["search"] == {"mode": "outcome"}
    assert "colour" in found["entry"][-1]["resource"]["issue"][0]["diagnostics"]
    assert "colour" not in found["link"][0]["url"]


def test_a_pathway_without_measures_finds_none():
    other = serving(service(ANKLE))
    assert other.get("/fhir/Measure").json()["total"] == 0
    assert other.get("/fhir/PlanDefinition").json()["total"] == 1


# ---- bad calls --------------------------------------------------------------------------------------------------

BAD: dict[str, tuple[str, str, dict[str, Any], int]] = {
    # what: method, address, how it is sent, status
    "an id that there is not": ("GET", "/fhir/PlanDefinition/x", {}, 404),
    "a type that is not served": ("GET", "/fhir/Patient", {}, 404),
    "a type that is not served, by id": ("GET", "/fhir/Patient/1", {}, 404),
    "an address that there is not": ("GET", "/fhir/a/b/c/d", {}, 404),
    "an operation that there is not": ("GET", f"{PLAN}/$explode", {}, 404),
    "reading a completed form where nobody is asked who they are": ("GET", "/fhir/QuestionnaireResponse/1", {}, 403),
    "writing what is published": ("PUT", PLAN, {"json": {}}, 405),
    "creating what is published": ("POST", "/fhir/ValueSet", {"json": {}}, 405),
    "deleting": ("DELETE", PLAN, {}, 405),
    "XML wanted": ("GET", PLAN, {"headers": {"Accept": "application/fhir+xml"}}, 406),
    "XML wanted by _format": ("GET", f"{PLAN}?_format=xml", {}, 406),
    "XML sent": ("POST", f"{PLAN}/$apply", {"content": "<a/>", "headers": {"Content-Type": "text/xml"}}, 415),
    "no JSON": ("POST", f"{PLAN}/$apply", {"content": "{"}, 400),
    "a list": ("POST", f"{PLAN}/$apply", {"content": "[]"}, 400),
    "nested too deep": ("POST", f"{PLAN}/$apply", {"content": "[" * 100_000}, 400),
    "no UTF-8": ("POST", f"{PLAN}/$apply", {"content": b'{"resourceType": "\xff"}'}, 400),
    "no resource": ("POST", f"{PLAN}/$apply", {"json": {"a": 1}}, 400),
    "another resource": ("POST", f"{PLAN}/$apply", {"json": {"resourceType": "Patient"}}, 400),
    "a parameter without a name": (
        "POST", f"{PLAN}/$apply", {"json": {"resourceType": "Parameters", "parameter": [{"valueString": "x"}]}}, 400),
    "a parameter without a value": (
        "POST", f"{PLAN}/$apply", {"json": {"resourceType": "Parameters", "parameter": [{"name": "subject"}]}}, 400),
    "a modifier that is not known": ("GET", "/fhir/ValueSet?status:below=draft", {}, 400),
    "a count that is no number": ("GET", "/fhir/ValueSet?_count=many", {}, 400),
    "a search that is to be strict": ("GET", "/fhir/ValueSet?x=1", {"headers": {"Prefer": "handling=strict"}}, 400),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_bad_call_is_told_what_is_wrong_as_an_operation_outcome(name: str):
    method, address, sent, status = BAD[name]
    answer: Response = client().request(method, address, **sent)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/fhir+json")
    assert list(map(str, fhirkit.validate(answer.json()))) == []
    assert told(answer)
    assert "Traceback" not in answer.text


ACCEPTED = {
    "nothing": {},
    "FHIR JSON": {"Accept": "application/fhir+json"},
    "JSON": {"Accept": "application/json"},
    "anything": {"Accept": "*/*"},
    "XML, else JSON": {"Accept": "application/fhir+xml, application/fhir+json;q=0.5"},
    "with a version": {"Accept": "application/fhir+json; fhirVersion=4.0"},
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_who_accepts_json_gets_it(name: str):
    assert client().get(PLAN, headers=ACCEPTED[name]).headers["content-type"] == "application/fhir+json"
    assert client().get(f"{PLAN}?_format=json", headers={"Accept": "text/html"}).status_code == 200
