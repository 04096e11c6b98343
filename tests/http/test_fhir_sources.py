"""Where the data of a person come from: the call, a listed FHIR server, the store. Each gives the same answer."""

from dataclasses import replace
from typing import Any

from fhir_calls import (
    NOW,
    SETTINGS,
    Json,
    bundle_of,
    case,
    client,
    contained,
    of_case,
    on,
    parameters,
    service,
    serving,
    told,
)
from records_system import Asked, Reply, Served, bundle
from records_system import serving as records_system

from ischio.interfaces.http.fhir.subjects import together
from ischio.interfaces.http.whose import NOBODY
from ischio.record.events import Record
from ischio.remote.tokens import Client, Unauthorised
from ischio.store.entries import Access, Person
from ischio.store.store import Store

APPLY = "/fhir/PlanDefinition/ischiofemoral/$apply"
CASE = "gate-injection-unknown"
TOKEN = "canary-5d11"
INDEX = on(case(CASE).index_date.isoformat())


def group(answer: Any) -> Json:
    assert answer.status_code == 200, answer.text
    (found,) = contained(answer.json(), "RequestGroup")
    return found


EXPECTED = group(client().post(APPLY, json=of_case(CASE)))


# ---- a FHIR server ----------------------------------------------------------------------------------------------


def resources() -> list[Json]:
    return [entry["resource"] for entry in bundle_of(CASE)["entry"]]


def answering(asked: Asked, *, refused: str = "") -> Reply:
    """A records system that holds the case and wants a token."""
    kind = asked.path.removeprefix("/fhir/").partition("/")[0]
    if asked.headers.get("authorization") != f"Bearer {TOKEN}" or kind == refused:
        return Reply(401, {"resourceType": "OperationOutcome", "issue": []})
    found = [one for one in resources() if one["resourceType"] == kind]
    if "patient" in asked.query:
        return bundle(*found)
    return Reply(body=found[0]) if found else Reply(404, {})


def asking(
    server: Served, address: str | None = None, token: str = TOKEN, subject: str = "Patient/p", **given: Any
) -> Any:
    """`$apply` with the server as the endpoint to ask."""
    base = f"{server.url}/fhir"
    one = replace(service(), settings=replace(SETTINGS, records=(base,), inside=(base,)))
    endpoint = {"resourceType": "Endpoint", "address": address or base, "header": [f"Authorization: Bearer {token}"]}
    return serving(one).post(APPLY, json=parameters(subject=subject, dataEndpoint=endpoint, parameters=INDEX, **given))


def test_a_listed_server_gives_the_same_answer():
    with records_system(answering) as server:
        assert group(asking(server))["action"] == EXPECTED["action"]
        assert {one.headers["authorization"] for one in server.asked} == {f"Bearer {TOKEN}"}


def test_what_a_server_refuses_is_unknown_and_not_absent():
    """Without observations hardly anything can be told; nothing that was unknown before becomes offered."""
    with records_system(lambda asked: answering(asked, refused="Observation")) as server:
        found = asking(server).json()
    (guidance,) = contained(found, "GuidanceResponse")
    assert guidance["status"] == "data-required"
    (outcome,) = contained(found, "OperationOutcome")
    assert len(outcome["issue"]) > 40


def test_a_patient_that_the_server_does_not_have_is_not_invented():
    with records_system(lambda _: Reply(404, {})) as server:
        answer = asking(server)
    assert (answer.status_code, TOKEN in answer.text) == (422, False)
    assert "could not be read" in told(answer)


def test_a_server_that_is_not_listed_is_not_asked():
    with records_system(answering) as server:
        answer = asking(server, address=f"{server.url}/other")
        assert (answer.status_code, server.asked) == (422, [])
    assert "may not be asked" in told(answer)


def test_a_subject_of_another_server_than_the_one_to_be_asked_is_refused():
    """Its id means somebody else there."""
    with records_system(answering) as server:
        same = asking(server, subject=f"{server.url}/fhir/Patient/p")
        before = len(server.asked)
        other = asking(server, subject="https://records.example.org/fhir/Patient/p")
        assert len(server.asked) == before
    assert group(same)["action"] == EXPECTED["action"]
    assert (other.status_code, "of another server" in told(other)) == (422, True)


# ---- the store --------------------------------------------------------------------------------------------------


def kept(store: Store, server: str) -> None:
    """The case in the store. Birth date and sex are events as well."""
    record = case(CASE).record
    store.events.append(Person(server, "p"), record.events, Access("test", NOW))


def test_what_is_kept_gives_the_same_answer(store: Store):
    one = replace(service(), store=store)
    kept(store, SETTINGS.base)
    answer = serving(one).post(APPLY, json=parameters(subject="Patient/p", parameters=INDEX))
    assert group(answer)["action"] == EXPECTED["action"]
    assert store.audit.verify().sound
    assert [entry.by.who for entry in store.audit.entries()][-1] == NOBODY.issuer


def test_what_is_kept_of_the_same_id_elsewhere_is_another_person(store: Store):
    one = replace(service(), store=store)
    kept(store, "https://records.example.org/fhir")
    asked = serving(one)
    assert asked.post(APPLY, json=parameters(subject="Patient/p", parameters=INDEX)).status_code == 404
    absolute = parameters(subject="https://records.example.org/fhir/Patient/p", parameters=INDEX)
    assert group(asked.post(APPLY, json=absolute))["action"] == EXPECTED["action"]


def test_data_and_what_is_kept_count_together_and_nothing_twice(store: Store):
    one = replace(service(), store=store)
    kept(store, SETTINGS.base)
    both = serving(one).post(APPLY, json=of_case(CASE))
    assert group(both)["action"] == EXPECTED["action"]
    alone = serving(one).post(APPLY, json=of_case(CASE, useServerData=False))
    assert group(alone)["action"] == EXPECTED["action"]
    record = case(CASE).record
    assert together([record, record]) == Record(record.patient, record.events, record.gaps, record.ignored)


def test_what_is_kept_is_left_out_on_demand(store: Store):
    one = replace(service(), store=store)
    kept(store, SETTINGS.base)
    asked = serving(one).post(APPLY, json=parameters(subject="Patient/p", useServerData=False))
    assert asked.status_code == 404


# ---- who calls --------------------------------------------------------------------------------------------------


class Listed:
    """Clients of which two are known, by tokens that are their names."""

    def verify(self, authorization: str | None, endpoint: str, _: object) -> Client:
        name = (authorization or "").removeprefix("Bearer ")
        if name not in ("one", "two"):
            raise Unauthorised(401, "The token is not known.")
        assert endpoint.startswith(f"{SETTINGS.base}/fhir/")
        return Client(name)


def test_persons_are_for_listed_callers_where_callers_are_asked(store: Store):
    """What is published is for everybody."""
    asked = serving(replace(service(), clients=Listed(), store=store))
    for path in ("/fhir/metadata", "/fhir/PlanDefinition/ischiofemoral", "/fhir/ValueSet?_count=1"):
        assert asked.get(path).status_code == 200
    for path in (APPLY, "/fhir/Questionnaire/ischiofemoral-intake/$populate", "/fhir/QuestionnaireResponse"):
        assert asked.post(path, json=of_case(CASE)).status_code == 401
    assert group(asked.post(APPLY, json=of_case(CASE), headers={"Authorization": "Bearer one"}))


def test_a_caller_sees_what_it_kept_and_not_what_another_did(store: Store):
    one = replace(service(), clients=Listed(), store=store)
    kept(store, "one")
    for name, status in (("one", 200), ("two", 404)):
        given = parameters(subject="Patient/p", parameters=INDEX)
        answer = serving(one).post(APPLY, json=given, headers={"Authorization": f"Bearer {name}"})
        assert answer.status_code == status, name
