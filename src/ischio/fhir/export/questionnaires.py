"""The forms as Questionnaires, whose answers intake reads back: linkIds are the pathway's own codes, with the side."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import groupby
from types import MappingProxyType

from ischio.engine.status import PRESENT
from ischio.fhir.export.publication import Json, Publication, own_code, own_value
from ischio.fhir.export.questions import FORMS, TOGETHER, Form, Question, numbers_of, questions, selection_of
from ischio.model.about import Side
from ischio.model.facts import Burden, Conflict, Count, Fact, Latest
from ischio.model.terminology import Concept

_EXTENSION = "http://hl7.org/fhir/StructureDefinition"
_UCUM = "http://unitsofmeasure.org"
_ITEM_CONTROL = "http://hl7.org/fhir/questionnaire-item-control"
_ON_ONE_LIST: Json = {
    "url": f"{_EXTENSION}/questionnaire-itemControl",
    "valueCodeableConcept": {"coding": [{"system": _ITEM_CONTROL, "code": "list"}]},
}
NO_WORDS: Mapping[str, str] = MappingProxyType({})
_BURDENS = {
    Burden.ASK: "To ask",
    Burden.EXAMINE: "To examine",
    Burden.LABORATORY: "From the laboratory",
    Burden.IMAGING: "From imaging",
    Burden.PROCEDURE: "From procedures",
}


def questionnaires(publication: Publication, forms: Iterable[Form] = FORMS) -> Iterator[Json]:
    """Of these forms those that ask at least one question."""
    for form in forms:
        if asked := questions(publication, form):
            yield _questionnaire(publication, form, asked)


def _questionnaire(publication: Publication, form: Form, asked: list[Question]) -> Json:
    pathway = publication.pathway
    whom = "a patient" if form.patient else "a clinician"
    about = f"{form.title} of the pathway {pathway.title}: for {whom} to fill in. A question left out stays unknown."
    head = publication.head("Questionnaire", publication.id(form.name), f"{form.title}: {pathway.title}", about)
    if form.set is not None:
        whole = [group for side in (None, *Side) for group in _of_a_set(publication, form, side, asked)]
        return {**head, "subjectType": ["Patient"], "purpose": publication.intended_use, "item": whole}
    sides = [_side(publication, side, asked) for side in Side]
    person = _groups(publication, None, (question for question in asked if not question.sided))
    whole = [{"linkId": "group.person", "text": "The person", "type": "group", "item": person}] if person else []
    return {
        **head,
        "subjectType": ["Patient"],
        "purpose": publication.intended_use,
        "item": [*whole, *(side for side in sides if side["item"])],
    }


def _side(publication: Publication, side: Side, asked: Iterable[Question]) -> Json:
    items = _groups(publication, side, (question for question in asked if question.sided))
    words = f"{side.value.capitalize()} {publication.pathway.body_part}"
    return {"linkId": f"group.{side.value}", "text": words, "type": "group", "item": items}


def _of_a_set(publication: Publication, form: Form, side: Side | None, asked: Iterable[Question]) -> Iterator[Json]:
    """What a set for patients asks of a side, or of the person (None): one group, or none."""
    theirs = [question for question in asked if question.sided == (side is not None)]
    if not theirs:
        return
    where = side.value if side else "person"
    words = f"{where.capitalize()} {publication.pathway.body_part}" if side else "You"
    together = form.set in TOGETHER
    if together:
        about = f" about your {where} side" if side else ""
        words = f"Would you say yes to any of these{about} today?"
    yield {
        **({"extension": [_ON_ONE_LIST]} if together else {}),
        "linkId": f"group.{where}",
        "text": words,
        "type": "group",
        "item": [_item(publication, question, side) for question in theirs],
    }


def _groups(publication: Publication, side: Side | None, asked: Iterable[Question]) -> list[Json]:
    """The questions by what they cost to answer, lightest first."""
    order = list(Burden)
    by_burden = sorted(asked, key=lambda question: order.index(question.burden))
    where = side.value if side else "person"
    return [
        {
            "linkId": f"group.{where}.{burden.value}",
            "text": _BURDENS[burden],
            "type": "group",
            "item": [_item(publication, question, side) for question in group],
        }
        for burden, group in groupby(by_burden, lambda question: question.burden)
    ]


# ---- how it is asked ----------------------------------------------------------------------------------------------


def _item(publication: Publication, question: Question, side: Side | None) -> Json:
    link = f"{question.code.code}.{side.value}" if side else question.code.code
    below = [
        _qualifier(
            publication, name, link, required=all(name in selection_of(fact).qualifiers for fact in question.facts)
        )
        for name in dict.fromkeys(name for fact in question.facts for name in selection_of(fact).qualifiers)
    ]
    return {
        **_limits(question),
        "linkId": link,
        "code": [publication.coding(question.code.code, question.code.display)],
        "text": question.words,
        "type": question.type,
        **({"enableWhen": [_after(publication, question.after, side)]} if question.after else {}),
        **({"repeats": True} if _repeats(question) else {}),
        **(
            {"answerOption": _options(publication, question.concept, question.values, question.answers)}
            if question.type == "choice"
            else {}
        ),
        **({"item": below} if below else {}),
    }


def _repeats(question: Question) -> bool:
    """Several days where they are counted; several values where one that counts suffices."""
    if question.type == "date":
        return any(isinstance(fact.derivation, Count) for fact in question.facts)
    return question.type == "choice" and all(one_suffices(fact) for fact in question.facts)


def one_suffices(fact: Fact) -> bool:
    several = isinstance(fact.derivation, Latest) and len(fact.derivation.yes) > 1
    return several and fact.conflict is Conflict.ANY_YES


def _qualifier(publication: Publication, name: str, above: str, *, required: bool) -> Json:
    """What is asked below an answer, once there is one. required: no fact would use the answer without it."""
    concept = publication.pathway.concepts[name]
    code = own_code(concept)
    assert code is not None, f"the qualifier {name} has no code of ours"
    return {
        "linkId": f"{code.code}.{above}",
        "code": [publication.coding(code.code, code.display)],
        "text": f"{concept.title}?",
        "type": "choice",
        **({"required": True} if required else {}),
        "enableWhen": [{"question": above, "operator": "exists", "answerBoolean": True}],
        "answerOption": _options(publication, concept, concept.values),
    }


def _after(publication: Publication, fact: str, side: Side | None) -> Json:
    """That the answer about a fact is yes: in the question about its concept, of several the one of the same name."""
    names = selection_of(publication.pathway.facts[fact]).concepts
    concept = publication.pathway.concepts[fact if fact in names else names[0]]
    code = own_code(concept)
    assert code is not None, f"{fact} is asked, and has no code of ours"
    link = f"{code.code}.{side.value}" if side else code.code
    present = own_value(concept, PRESENT) if PRESENT in concept.values else None
    yes = {"answerCoding": publication.coding(present.code, present.display)} if present else {"answerBoolean": True}
    return {"question": link, "operator": "=", **yes}


def _options(
    publication: Publication, concept: Concept, values: Iterable[str], words: Mapping[str, str] = NO_WORDS
) -> list[Json]:
    """The values in our own codes. words: for the patient, of values that have any."""
    codes = ((value, own_value(concept, value)) for value in values)
    return [
        {
            **(
                {"extension": [{"url": patient_words(publication), "valueString": words[value]}]}
                if value in words
                else {}
            ),
            "valueCoding": publication.coding(code.code, code.display),
        }
        for value, code in codes
        if code is not None
    ]


def patient_words(publication: Publication) -> str:
    """The extension on an option that says it in words for the patient."""
    return f"{publication.base}/StructureDefinition/patient-words"


def _limits(question: Question) -> Json:
    """Unit and range of a number, as extensions."""
    types = [type_ for type_ in numbers_of(question.facts) if type_.unit == question.concept.unit]
    if question.type not in ("integer", "decimal") or not types:
        return {}
    type_, key = types[0], f"value{question.type.capitalize()}"
    found: list[Json] = [
        {"url": f"{_EXTENSION}/{name}", key: _number(type_.amount(steps))}
        for name, steps in (("minValue", type_.low), ("maxValue", type_.high))
        if steps is not None
    ]
    unit = question.concept.unit
    if unit not in (None, "1"):
        found.append({"url": f"{_EXTENSION}/questionnaire-unit", "valueCoding": {"system": _UCUM, "code": unit}})
    return {"extension": found} if found else {}


def _number(amount: Decimal) -> int | float:
    return int(amount) if amount == int(amount) else float(amount)
