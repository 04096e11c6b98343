"""Forms that patients completed, read and searched by the records system that knows them, and by nobody else."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import fhirkit
import pytest
from completed_forms import FOUR, complete
from fhir_calls import NOW, service, told
from httpx import Response
from starlette.testclient import TestClient
from test_whose import AT_ONE, BOTH, ONE, SETTINGS, TWO, Tokens

from ischio.clinic.clinic import Clinic
from ischio.clinic.knowledge import read_knowledge
from ischio.interfaces.http.app import build
from ischio.interfaces.http.fhir.subjects import together
from ischio.interfaces.http.whose import kept_of, person_launched
from ischio.store.completed_forms import Pushing
from ischio.store.entries import Access, Known, Outcome, Person
from ischio.store.events import standing
from ischio.store.store import open_store

BY = Access("patient", NOW)
PATH = "/fhir/QuestionnaireResponse"
ANNA = person_launched(SETTINGS, AT_ONE, "anna")


@pytest.fixture
def clinic(tmp_path: Path) -> Iterator[Clinic]:
    store = open_store(f"sqlite:///{tmp_path}/store.db")
    yield Clinic(store, read_knowledge())
    store.close()


def known(clinic: Clinic, whom: Person = ANNA) -> Known:
    return clinic.people.take_over(whom, f"Sample {whom.id}", "", "north", BY)


@cache
def serving(clinic: Clinic) -> TestClient:
    one = replace(service(), settings=SETTINGS, clients=Tokens(), store=clinic.store, clock=lambda: NOW)
    return TestClient(build(one))


def asked(clinic: Clinic, path: str = PATH, who: str = ONE, **query: str) -> Response:
    address = f"{path}?{urlencode(query)}" if query else path
    return serving(clinic).get(address, headers={"Authorization": f"Bearer issuer={who}"})


def found(answer: Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    entries = answer.json().get("entry", ())
    return [one["resource"] for one in entries if one["search"]["mode"] == "match"]


def test_a_form_is_found_and_read_as_a_valid_resource_that_says_who_answered(clinic: Clinic):
    form = complete(clinic, known(clinic), BY)
    (response,) = found(asked(clinic, patient="anna"))
    assert list(map(str, fhirkit.validate(response))) == []
    who = {"reference": f"{AT_ONE}/Patient/anna"}
    assert (response["id"], response["status"], response["authored"]) == (form.id, "completed", "2026-06-01")
    assert (response["subject"], response["source"]) == (who, who)
    assert response["identifier"]["value"] == form.id
    answers = {one["linkId"]: one["answer"] for one in items(response)}
    assert answers == {"pain-nrs.left": [{"valueDecimal": 4.0}], "acceptable-state.left": [{"valueBoolean": False}]}
    assert asked(clinic, f"{PATH}/{form.id}").json() == response


def test_nobody_else_learns_that_there_is_one(clinic: Clinic):
    """Another records system, and the same for a person whom no records system knows; each try is audited."""
    form = complete(clinic, known(clinic), BY)
    local = clinic.people.register("Bert Sample", "", "north", BY)
    own = complete(clinic, local, BY)
    for who, id in ((TWO, form.id), (f"{BOTH}&tenant=1", form.id), (ONE, own.id), (ONE, "pain.v0.1.0.none")):
        answer = asked(clinic, f"{PATH}/{id}", who)
        assert (answer.status_code, "None of your patients" in told(answer)) == (404, True)
        newest = list(clinic.store.audit.entries())[-1]
        assert (newest.what, newest.outcome, newest.whom) == ("completed form", Outcome.REFUSED, None)
    assert found(asked(clinic, who=TWO, patient="anna")) == []
    assert found(asked(clinic, patient=local.whom.id)) == []
    assert asked(clinic, who="https://stranger.example", patient="anna").status_code == 401
    assert clinic.store.audit.verify().sound


def test_where_nobody_is_asked_who_they_are_nothing_is_given(clinic: Clinic):
    form = complete(clinic, known(clinic), BY)
    to = TestClient(build(replace(service(), store=clinic.store)))
    for path in (f"{PATH}/{form.id}", f"{PATH}?patient={AT_ONE}/Patient/anna"):
        answer = to.get(path)
        assert (answer.status_code, "[[clients]]" in told(answer)) == (403, True)


def test_who_read_is_in_the_audit(clinic: Clinic):
    complete(clinic, known(clinic), BY)
    asked(clinic, patient="anna")
    newest = list(clinic.store.audit.entries())[-1]
    assert (newest.by.who, newest.what, newest.whom) == (ONE, "event", ANNA)


SEARCHES: dict[str, tuple[dict[str, str], list[int]]] = {
    "all": ({}, [0, 1, 2]),
    "on a day": ({"authored": "2026-06-02"}, [1]),
    "in a month": ({"authored": "2026-06"}, [0, 1, 2]),
    "since": ({"authored": "ge2026-06-02"}, [1, 2]),
    "after": ({"authored": "gt2026-06-02"}, [2]),
    "until": ({"authored": "le2026-06-02"}, [0, 1]),
    "before": ({"authored": "lt2026-06-02"}, [0]),
    "one of two days": ({"authored": "2026-06-01,2026-06-03"}, [0, 2]),
    "of a form": ({"questionnaire": "https://w3id.org/ischio/fhir/Questionnaire/ischiofemoral-pain"}, [0, 1, 2]),
    "of a version": (
        {"questionnaire": "https://w3id.org/ischio/fhir/Questionnaire/ischiofemoral-pain|0.1.0"},
        [0, 1, 2],
    ),
    "of another form": ({"questionnaire": "https://w3id.org/ischio/fhir/Questionnaire/ischiofemoral-symptoms"}, []),
    "of a status": ({"status": "amended,entered-in-error"}, []),
    "two that must both fit": ({"status": "completed", "authored": "2026-06-03"}, [2]),
    "a page": ({"_count": "1", "_offset": "1"}, [1]),
    "by subject": ({"subject": "Patient/anna"}, [0, 1, 2]),
    "by the address of their own server": ({"patient": f"{AT_ONE}/Patient/anna"}, [0, 1, 2]),
}


def test_searches(clinic: Clinic):
    anna, days = known(clinic), [replace(BY, at=NOW + timedelta(days=day)) for day in range(3)]
    forms = [complete(clinic, anna, by) for by in days]
    for name, (query, wanted) in SEARCHES.items():
        whose = {} if {"subject", "patient"} & set(query) else {"patient": "anna"}
        ids = [one["id"] for one in found(asked(clinic, **whose, **query))]
        assert ids == [forms[number].id for number in wanted], name
    (system,) = {one["identifier"]["system"] for one in found(asked(clinic, patient="anna"))}
    for token in (forms[1].id, f"{system}|{forms[1].id}"):
        assert len(found(asked(clinic, patient="anna", identifier=token))) == 1
    page = asked(clinic, patient="anna", _count="2").json()
    assert (page["total"], len(page["entry"]), page["link"][1]["relation"]) == (3, 2, "next")
    assert asked(clinic, patient="anna", _summary="count").json()["total"] == 3
    (short, *_) = found(asked(clinic, patient="anna", _summary="true"))
    assert ("authored" in short, "item" in short) == (True, False)


REFUSED = {
    "nobody": ({}, 400, "It is not said whose"),
    "two people": ({"patient": "anna", "subject": "bert"}, 400, "or of several"),
    "no patient": ({"patient": "Group/1"}, 422, "one Patient"),
    "of another server": ({"patient": "https://two.example.org/fhir/Patient/anna"}, 422, "another server"),
    "no date": ({"patient": "anna", "authored": "yesterday"}, 400, "authored=ge2026-03-31"),
    "a day that is none": ({"patient": "anna", "authored": "2026-02-30"}, 400, "authored is no date"),
    "a modifier": ({"patient": "anna", "status:not": "amended"}, 400, "modifier :not"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_searched_is_refused_with_the_mend(clinic: Clinic, name: str):
    query, status, words = REFUSED[name]
    answer = asked(clinic, **query)
    assert (answer.status_code, words in told(answer)) == (status, True), answer.text


@pytest.mark.parametrize("value", ["", "\0", "%ff", "9" * 4000, "../../etc", "Patient/", "|", ",", "ge", "gt2026-13"])
def test_a_spoilt_query_is_answered_and_costs_no_failure(clinic: Clinic, value: str):
    complete(clinic, known(clinic), BY)
    for name in ("patient", "subject", "authored", "questionnaire", "identifier", "_id", "status", "_count", "_offset"):
        query = {"patient": "anna"} | {name: value}
        assert asked(clinic, **query).status_code in (200, 400, 422), name
    assert asked(clinic, f"{PATH}/{quote(value, safe='')}").status_code in (200, 307, 400, 404, 422)


def test_a_parameter_that_is_not_known_is_told(clinic: Clinic):
    complete(clinic, known(clinic), BY)
    *_, last = asked(clinic, patient="anna", encounter="1").json()["entry"]
    assert (last["search"]["mode"], "encounter" in last["resource"]["issue"][0]["diagnostics"]) == ("outcome", True)


def test_what_was_taken_back_is_said_no_more(clinic: Clinic):
    """One answer of two, then both."""
    form = complete(clinic, known(clinic), BY)
    for status, links in (("amended", ["pain-nrs.left"]), ("entered-in-error", [])):
        (first, *_) = standing(clinic.store.events.unaudited(ANNA))
        clinic.store.events.withdraw(first.id, BY)
        response = asked(clinic, f"{PATH}/{form.id}").json()
        assert (response["status"], list(map(str, fhirkit.validate(response)))) == (status, [])
        assert [item["linkId"] for item in items(response)] == links


def items(response: dict[str, Any]) -> list[dict[str, Any]]:
    """The items that have an answer, wherever they stand."""
    below = [one for item in response.get("item", ()) for one in items(item)]
    return [*([response] if "answer" in response else []), *below]


def test_what_this_version_cannot_tell_is_not_passed_over_in_silence(clinic: Clinic):
    form = complete(clinic, known(clinic), BY, FOUR)
    (pain,) = standing(clinic.store.events.unaudited(ANNA))
    assert pain.event is not None
    odd = replace(pain.event, qualifiers={"modality": "of a later version"})
    clinic.store.events.append(ANNA, [odd], BY)
    assert asked(clinic, f"{PATH}/{form.id}").status_code == 404
    (entry,) = asked(clinic, patient="anna").json()["entry"]
    assert "There are 1 more" in entry["resource"]["issue"][0]["diagnostics"]


@pytest.mark.parametrize("there", ["", "17"])
def test_a_copy_in_the_record_and_the_original_count_once(clinic: Clinic, there: str):
    """As a hook, an operation or a launch joins what the record says and what is kept here."""
    form = complete(clinic, known(clinic), BY)
    clinic.store.completed_forms.take(form, NOW)
    clinic.store.completed_forms.settle(replace(form, there=there), Pushing.PUSHED, NOW)
    copy = asked(clinic, f"{PATH}/{form.id}").json() | ({"id": there} if there else {})
    entries = [{"resource": one} for one in ({"resourceType": "Patient", "id": "anna"}, copy)]
    one = replace(service(), settings=SETTINGS, store=clinic.store)
    record = one.reader.read(json.dumps({"resourceType": "Bundle", "entry": entries}).encode())
    kept = kept_of(one, ANNA, BY)
    assert kept is not None
    assert (len(record.events), len(kept.events)) == (2, 2)
    assert together([record, kept]).events == kept.events
