"""Answers to the exported forms are read back: a fact that a form asks for is known once its question is answered."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from fhir_export import Json, of_type, publication, walk
from fhir_forms import PERSON, READER, patient

from ischio.fhir.export.questions import FORMS, LIGHT, Question, questions
from ischio.model.about import Side
from ischio.model.facts import Compared, Fact, SideRule, ValueKind
from ischio.record.derivation import derive
from ischio.record.events import Record

DAY = "2026-03-20"
EARLIER = "2026-03-10"
SIDE = Side.RIGHT


def forms() -> dict[str, Json]:
    return {one["id"].removeprefix("ischiofemoral-"): one for one in of_type("Questionnaire")}


def items(form: Json) -> dict[str, Json]:
    """The questions of a form by linkId, groups left out."""
    return {node["linkId"]: node for node in walk(form) if "linkId" in node and node["type"] != "group"}


def answered(item: Json, fact: Fact) -> Json:
    """An item of a response: the answer that the fact would look for, with what is asked below it."""
    answer = answer_to(item, fact)
    below = [answered(one, fact) for one in item.get("item", ())]
    return {"linkId": item["linkId"], "answer": [answer | ({"item": below} if below else {})]}


def answer_to(item: Json, fact: Fact) -> Json:
    match item["type"]:
        case "boolean":
            return {"valueBoolean": True}
        case "date":
            return {"valueDate": EARLIER}
        case "choice":
            return {"valueCoding": option(item, fact)}
        case "integer":
            return {"valueInteger": 6}
        case "decimal":
            return {"valueDecimal": 6.5}
        case other:
            raise AssertionError(f"a form has a question of type {other}")


def option(item: Json, fact: Fact) -> Json:
    """The first option that is a value the fact looks for, else the first."""
    selection = fact.derivation.selection
    wanted = {value.replace("_", "-") for values in selection.qualifiers.values() for value in values}
    wanted |= {value.replace("_", "-") for value in selection.values}
    options: list[Json] = [one["valueCoding"] for one in item["answerOption"]]
    return next((one for one in options if one["code"] in wanted), options[0])


def record_of(*answers: Json) -> Record:
    response = {
        "resourceType": "QuestionnaireResponse",
        "id": "r",
        "status": "completed",
        "subject": PERSON,
        "authored": DAY,
        "source": {"reference": "Practitioner/d"},
        "item": list(answers),
    }
    entries = [{"resource": one} for one in (patient(), response)]
    return READER.read(json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}).encode())


def asked() -> Iterator[Any]:
    """Each question of the clinician's intake with each fact on which its answer bears."""
    for question in questions(publication(), FORMS[0]):
        for fact in question.facts:
            yield pytest.param(question, fact, id=f"{question.code.code}-{fact.id}")


@pytest.mark.parametrize(("question", "fact"), list(asked()))
def test_an_answer_is_read_back(question: Question, fact: Fact):
    """The answer becomes one event; the fact is known from it, unless it looks after an event that did not happen."""
    link = f"{question.code.code}.{SIDE.value}" if question.sided else question.code.code
    item = items(forms()["intake"])[link]
    record = record_of(answered(item, fact))
    (event,) = (event for event in record.events if event.concept == question.concept.id)
    assert (event.unread, event.side and event.side.value) == (None, SIDE.value if question.sided else None)
    assert str(event.start) == (EARLIER if item["type"] == "date" else DAY)
    assert len(event.qualifiers) == len(item.get("item", ()))
    selection = fact.derivation.selection
    if not selection.anchors and selection.side is not SideRule.OTHER:
        found = derive(publication().pathway, record, date.fromisoformat(DAY))[SIDE][fact.id]
        assert found.value not in (None, False), found


def test_most_facts_that_can_be_asked_for_are_asked_in_a_form(capsys: pytest.CaptureFixture[str]):
    pathway = publication().pathway
    there = {fact.id for question in questions(publication(), FORMS[0]) for fact in question.facts}
    left_out = [name for name in pathway.enquiries if name not in there]
    with capsys.disabled():
        print(f"\n{len(there)} of {len(pathway.enquiries)} enquiries are in the forms; not: {', '.join(left_out)}")
    for name in left_out:
        derivation = pathway.facts[name].derivation
        concepts = () if isinstance(derivation, Compared) else derivation.selection.concepts
        assert all(has_a_day_of_its_own(name, concept) for concept in concepts), name


def has_a_day_of_its_own(fact: str, concept: str) -> bool:
    """Or is told by the Patient resource, or declined, which an answer cannot say."""
    pathway, bindings = publication().pathway, publication().bindings
    costly = any(
        enquiry.burden not in LIGHT and pathway.facts[enquiry.fact].type.kind is not ValueKind.CODE
        for enquiry in pathway.enquiries.values()
        if concept in concepts_of(enquiry.fact)
    )
    coded = pathway.concepts[concept].values.keys() - {"yes", "no"}
    done = bindings.of(concept, "Procedure") is not None and bool(coded)
    return costly or done or not bindings.concepts.get(concept, True) or "declined" in kinds_of(fact)


def concepts_of(fact: str) -> tuple[str, ...]:
    derivation = publication().pathway.facts[fact].derivation
    return () if isinstance(derivation, Compared) else derivation.selection.concepts


def kinds_of(fact: str) -> tuple[str, ...]:
    derivation = publication().pathway.facts[fact].derivation
    return () if isinstance(derivation, Compared) else derivation.selection.kinds


@pytest.mark.parametrize("name", ["intake", "intake-patient", "follow-up", "follow-up-patient"])
def test_a_form_asks_each_question_once_and_in_words(name: str):
    form = forms()[name]
    links = [node["linkId"] for node in walk(form) if "linkId" in node]
    assert len(links) == len(set(links)) > 20
    assert all(node["text"].strip() for node in walk(form) if "linkId" in node)
    for item in items(form).values():
        assert ("answerOption" in item) == (item["type"] == "choice")
        for condition in item.get("enableWhen", ()):
            assert condition["question"] in links


def test_a_patient_is_asked_in_their_own_words_and_not_what_only_a_clinician_can_say():
    theirs, whole = items(forms()["intake-patient"]), items(forms()["intake"])
    assert theirs.keys() < whole.keys()
    assert "ifi-test.right" not in theirs
    assert theirs["pain-nrs.right"]["text"].startswith("How bad was your hip pain")
    options = [one["valueCoding"]["code"] for one in theirs["flag-sphincter"]["answerOption"]]
    assert options == ["present", "absent"]


def test_follow_up_asks_only_again_what_grows_old():
    again, whole = items(forms()["follow-up"]), items(forms()["intake"])
    assert again.keys() < whole.keys()
    assert {"pain-nrs.right", "flag-infection", "medicines-reviewed"} <= again.keys()
    assert "earlier-symptoms.right" not in again


def test_what_no_fact_would_use_alone_is_asked_together():
    asked = items(forms()["intake"])
    response, injection = asked["injection-response.left"], asked["ischiofemoral-space-injection.left"]
    assert [(one["linkId"], one["required"]) for one in response["item"]] == [
        ("response-moment.injection-response.left", True)
    ]
    assert "required" not in injection["item"][0], "an injection counts without what was injected"
    assert injection["text"] == "When was the last image-guided injection into this hip?"


def test_a_number_is_asked_with_its_unit_and_range():
    extensions = items(forms()["intake"])["ihot12.left"]["extension"]
    given = {one["url"].rpartition("/")[2]: one for one in extensions}
    assert (given["minValue"]["valueDecimal"], given["maxValue"]["valueDecimal"]) == (0, 100)
    assert given["questionnaire-unit"]["valueCoding"]["code"] == "{score}"
