"""Forms: filled in with what is known and where it came from; taken in as events, or refused with every fault."""

import copy
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import fhirkit
import pytest
from fhir_calls import (
    NOW,
    SETTINGS,
    Json,
    bundle_of,
    client,
    issues,
    of_case,
    service,
    serving,
    told,
)
from starlette.testclient import TestClient

from ischio.engine.answer import Answer
from ischio.fhir.apply.populate import populated, source_url
from ischio.fhir.apply.requests import Context
from ischio.fhir.export.questionnaires import questionnaires
from ischio.interfaces.inputs import read_cases
from ischio.record.events import Asserter
from ischio.store.entries import Access, Person
from ischio.store.store import Store

CASE = "gate-injection-unknown"
FORM = "ischiofemoral-intake"
CANONICAL = f"https://w3id.org/ischio/fhir/Questionnaire/{FORM}|0.1.0"
ONE = Person(SETTINGS.base, "p")
OURS = "https://w3id.org/ischio/fhir/CodeSystem/ischio"
LOOKING = Access("test", NOW)


@pytest.fixture
def caller(store: Store) -> TestClient:
    return serving(replace(service(), store=store))


def answers(response: Json) -> Iterator[tuple[str, Json]]:
    """The answers by linkId, groups left out."""
    for item in response.get("item", ()):
        yield from ((item["linkId"], answer) for answer in item.get("answer", ()))
        yield from answers(item)


# ---- $populate --------------------------------------------------------------------------------------------------


def filled(name: str = FORM, of: str = CASE, **given: Any) -> Json:
    answer = client().post(f"/fhir/Questionnaire/{name}/$populate", json=of_case(of, **given))
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()["parameter"][0]["resource"]
    return found


def test_a_form_holds_what_is_known_and_where_it_came_from():
    found = dict(answers(filled()))
    assert found["ischiofemoral-impingement.right"]["valueCoding"]["code"] == "confirmed"
    told_by = found["ischiofemoral-impingement.right"]["extension"]
    assert told_by == [{"url": source_url(service().publication), "valueString": "Condition/e17, 2026-02-16"}]
    assert "ischiofemoral-impingement.left" not in found


def test_what_is_not_known_is_left_open():
    """The pain now is what this case does not know."""
    found = dict(answers(filled()))
    assert "pain-nrs.right" not in found
    assert dict(answers(filled(of="gate-injection-passes")))["pain-nrs.right"]["valueDecimal"] == 6


def test_a_list_that_is_gone_through_is_never_filled_in_beforehand():
    data = bundle_of(CASE)
    assert "red-flag-screen" in json.dumps(data)
    links = {link for link, _ in answers(filled())}
    assert not links & {"red-flag-screen", "medicines-reviewed", "conditions-reviewed", "allergies-reviewed"}


def test_the_form_may_be_named_by_its_address_and_only_once():
    given = of_case(CASE)
    by_canonical = given | {"parameter": [*given["parameter"], {"name": "canonical", "valueCanonical": CANONICAL}]}
    answer = client().post("/fhir/Questionnaire/$populate", json=by_canonical)
    assert answer.json()["parameter"][0]["resource"] == filled()
    assert client().post(f"/fhir/Questionnaire/{FORM}/$populate", json=by_canonical).status_code == 400
    assert client().post("/fhir/Questionnaire/$populate", json=given).status_code == 400
    assert client().post("/fhir/Questionnaire/x/$populate", json=given).status_code == 404


def test_a_parameter_that_changes_nothing_is_told():
    answer = client().post(f"/fhir/Questionnaire/{FORM}/$populate", json=of_case(CASE, local=True, colour="red"))
    told_of = [(one["severity"], one["expression"]) for one in answer.json()["parameter"][1]["resource"]["issue"]]
    assert told_of == [("warning", ["colour"]), ("information", ["local"])]


def test_every_form_of_many_cases_is_valid_and_says_only_what_is_known():
    """An answer stands for a known fact; questions and order are those of the form."""
    publication, pathway = service().publication, service().pathway
    forms = list(questionnaires(publication))
    count = 0
    for one in read_cases(pathway, None)[0][::20]:
        facts = Answer(pathway, one.record, one.index_date).facts
        for form in forms:
            found = populated(publication, form, one.record, facts, Context("p", one.index_date))
            assert list(map(str, fhirkit.validate(found))) == [], one.id
            links = [link for link, _ in answers(found)]
            order = [link for link, _ in _questions(form["item"])]
            assert links == [link for link in order if link in set(links)], (one.id, form["id"])
            count += len(links)
    assert count > 300


def _questions(items: list[Json]) -> Iterator[tuple[str, Json]]:
    for item in items:
        if item["type"] != "group":
            yield item["linkId"], item
        yield from _questions(item.get("item", []))


# ---- QuestionnaireResponse --------------------------------------------------------------------------------------


def item(link: str, *given: Json) -> Json:
    return {"linkId": link, "answer": list(given)}


def response(*right: Json, **fields: Any) -> Json:
    """An intake with answers about the right side that a patient can say."""
    asked = {"linkId": "group.right.ask", "item": list(right)}
    return {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": CANONICAL,
        "status": "completed",
        "subject": {"reference": "Patient/p"},
        "source": {"reference": "Patient/p"},
        "authored": "2026-06-01",
        "item": [{"linkId": "group.right", "item": [asked]}],
    } | fields


PAIN = item("pain-nrs.right", {"valueDecimal": 6.5})
COMPLAINT = item("regional-pain.right", {"valueCoding": {"system": OURS, "code": "present"}})


def test_answers_are_kept_as_events(store: Store, caller: TestClient):
    answer = caller.post("/fhir/QuestionnaireResponse", json=response(PAIN, COMPLAINT))
    assert (answer.status_code, told(answer)) == (201, "Kept: 2 answers.")
    events = {event.concept: event for event in store.events.of(ONE, LOOKING).events}
    assert set(events) == {"pain_score", "regional_pain"}
    pain = events["pain_score"]
    assert (str(pain.value), str(pain.start), pain.side and pain.side.value) == ("6.5", "2026-06-01", "right")
    assert pain.asserter is Asserter.PATIENT
    assert pain.source.startswith("QuestionnaireResponse/")


def test_what_was_kept_is_used(caller: TestClient):
    """The complaint of the right side opens evaluation."""
    caller.post("/fhir/QuestionnaireResponse", json=response(PAIN, COMPLAINT))
    found = caller.get("/fhir/PlanDefinition/ischiofemoral/$apply?subject=Patient/p").json()
    assert found["description"].startswith("Right hip: Evaluation.")


def test_the_same_form_sent_twice_is_kept_once(store: Store, caller: TestClient):
    for status in (201, 200):
        assert caller.post("/fhir/QuestionnaireResponse", json=response(PAIN)).status_code == status
    assert len(store.events.of(ONE, LOOKING).events) == 1
    assert caller.post("/fhir/QuestionnaireResponse", json=response(COMPLAINT)).status_code == 201


def test_what_was_filled_in_beforehand_and_left_so_is_not_said_anew(store: Store, caller: TestClient):
    """Else a pain of last month would be one of today."""
    sent = filled(of="gate-injection-passes") | {"status": "completed", "authored": "2026-06-01"}
    sent |= {"source": {"reference": "Practitioner/d"}}
    answer = caller.post("/fhir/QuestionnaireResponse", json=sent)
    assert (answer.status_code, told(answer)[:20]) == (200, "It says nothing new.")
    changed = json.loads(json.dumps(sent).replace('"valueDecimal": 6', '"valueDecimal": 3'))
    for link, one in answers(changed):
        if link == "pain-nrs.right":
            del one["extension"]
    assert caller.post("/fhir/QuestionnaireResponse", json=changed).status_code == 201
    (event,) = store.events.of(ONE, LOOKING).events
    assert (event.concept, event.value, str(event.start)) == ("pain_score", 3, "2026-06-01")


def test_without_a_store_nothing_is_taken_in():
    assert client().post("/fhir/QuestionnaireResponse", json=response(PAIN)).status_code == 501


TWICE = [{"valueDecimal": 1}, {"valueDecimal": 2}]
FAULTS: dict[str, tuple[Json, str, str]] = {
    # what is wrong: the form, where, words
    "a question of no form": (response(item("x", {"valueBoolean": True})), "item[0].item[0].item[0]", "no question"),
    "a question in another place": (
        response() | {"item": [PAIN]}, "item[0]", "does not stand below the item"),
    "the other type": (response(item("pain-nrs.right", {"valueBoolean": True})), ".answer[0]", "valueDecimal"),
    "no value": (response(item("pain-nrs.right", {})), ".answer[0]", "valueDecimal"),
    "a text for a number": (response(item("pain-nrs.right", {"valueDecimal": "6"})), ".answer[0]", "not a number"),
    "above the range": (response(item("pain-nrs.right", {"valueDecimal": 11})), ".answer[0]", "outside of 0 to 10"),
    "below the range": (response(item("pain-nrs.right", {"valueDecimal": -1})), ".answer[0]", "outside of 0 to 10"),
    "a code that is not offered": (
        response(item("regional-pain.right", {"valueCoding": {"system": OURS, "code": "x"}})), ".answer[0]", "offered"),
    "a code of another system": (
        response(item("regional-pain.right", {"valueCoding": {"code": "present"}})), ".answer[0]", "offered"),
    "no truth": (response(item("acceptable-state.right", {"valueBoolean": "no"})), ".answer[0]", "neither true nor"),
    "no day": (response(item("mri-hip-pelvis.right", {"valueDate": "2026-02"})), ".answer[0]", "not a day"),
    "two answers to one": (response(item("pain-nrs.right", *TWICE)), "item[0].item[0].item[0]", "takes one"),
    "one question twice": (response(PAIN, PAIN), "item[0].item[0].item[1]", "there twice"),
    "an answered group": (
        response() | {"item": [{"linkId": "group.right", "answer": []}]}, "item[0]", "is a group"),
    "answers that are no list": (response({"linkId": "pain-nrs.right", "answer": 6}), "item[0]", "not a list"),
    "items that are no list": (response() | {"item": "x"}, "QuestionnaireResponse.item", "not a list"),
    "a form under way": (response(PAIN, status="in-progress"), "status", "completed or amended"),
    "no day of filling in": (response(PAIN, authored=None), "authored", "on which day"),
    "a day to come": (response(PAIN, authored="2026-06-02"), "authored", "day to come"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_with_its_place_and_nothing_is_kept(name: str, store: Store, caller: TestClient):
    sent, where, words = FAULTS[name]
    answer = caller.post("/fhir/QuestionnaireResponse", json=sent)
    assert answer.status_code == 422
    (found,) = issues(answer)
    assert (where in found["expression"][0], words in found["diagnostics"]) == (True, True), found
    assert store.events.of(ONE, LOOKING).events == ()


WHOLE = {
    "another resource": ({"resourceType": "Patient"}, 400),
    "no form named": (response(PAIN, questionnaire=None), 422),
    "a form that is not served": (response(PAIN, questionnaire="http://example.org/x"), 422),
    "a form of another version": (response(PAIN, questionnaire=CANONICAL.replace("0.1.0", "9")), 422),
    "nobody's": (response(PAIN, subject=None), 422),
    "a Group's": (response(PAIN, subject={"reference": "Group/1"}), 422),
}


@pytest.mark.parametrize("name", WHOLE)
def test_what_is_no_answer_to_a_form_of_ours_is_refused(name: str, store: Store, caller: TestClient):
    sent, status = WHOLE[name]
    assert caller.post("/fhir/QuestionnaireResponse", json=sent).status_code == status
    assert store.events.of(ONE, LOOKING).events == ()


def test_every_fault_is_told_at_once(caller: TestClient):
    sent = copy.deepcopy(response(item("x"), item("pain-nrs.right", {"valueDecimal": 99})))
    del sent["source"]
    answer = caller.post("/fhir/QuestionnaireResponse", json=sent)
    assert [one["expression"][0].rpartition(".")[2] for one in issues(answer)] == ["source", "item[0]", "answer[0]"]


def test_a_question_below_that_is_needed_is_asked_for(store: Store, caller: TestClient):
    """A response to the injection counts only with its moment."""
    link, below = "injection-response.right", "response-moment.injection-response.right"
    form = next(questionnaires(service().publication))
    asked = dict(_questions(form["item"]))
    given = {"valueCoding": asked[link]["answerOption"][0]["valueCoding"]}
    moment = item(below, {"valueCoding": asked[below]["answerOption"][0]["valueCoding"]})
    (fault,) = issues(caller.post("/fhir/QuestionnaireResponse", json=response(item(link, given))))
    assert (fault["code"], f"{below} is needed with it" in fault["diagnostics"]) == ("required", True)
    answer = caller.post("/fhir/QuestionnaireResponse", json=response(item(link, given | {"item": [moment]})))
    assert answer.status_code == 201
    (event,) = store.events.of(ONE, LOOKING).events
    assert event.qualifiers


def test_who_was_asked_for_whom_stands_in_the_audit(store: Store, caller: TestClient):
    caller.post("/fhir/QuestionnaireResponse", json=response(PAIN))
    whom = [entry.whom for entry in store.audit.entries() if entry.what == "event"]
    assert set(whom) == {ONE}
    assert store.audit.verify().sound
