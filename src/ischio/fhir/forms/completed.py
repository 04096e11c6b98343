"""The finished QuestionnaireResponse, and which answers still fit a form that has changed."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from ischio.fhir.forms.asking import Answers, enabled
from ischio.fhir.forms.form import Form, Json, Question
from ischio.fhir.forms.typed import is_possible


def response(form: Form, answers: Answers, id: str, person: Json, authored: datetime) -> Json:
    """What somebody answered about themselves: what was asked and answered, and nothing else.

    person: the reference of who it is about, and who answered.
    """
    asked = enabled(form, answers)
    given = {link: values for link, values in answers.items() if link in asked and values}
    items = list(answered_items(form.questionnaire["item"], given))
    return {
        "resourceType": "QuestionnaireResponse",
        "id": id,
        "questionnaire": f"{form.questionnaire['url']}|{form.questionnaire['version']}",
        "status": "completed",
        "subject": person,
        "source": person,
        "authored": authored.isoformat(timespec="seconds"),
        **({"item": items} if items else {}),
    }


def answered_items(items: Sequence[Json], given: Answers) -> Iterator[Json]:
    """The items that have an answer, in the groups in which the form has them."""
    for item in items:
        link, inside = item["linkId"], list(answered_items(item.get("item", ()), given))
        head = {"linkId": link, **({"text": item["text"]} if "text" in item else {})}
        if item["type"] == "group" and inside:
            yield {**head, "item": inside}
        elif link in given:
            first, *others = given[link]
            yield {**head, "answer": [{**first, **({"item": inside} if inside else {})}, *others]}


def fitting(form: Form, answers: Answers) -> Answers:
    """The answers that the form still asks for, and can take."""
    return {
        question.link: answers[question.link]
        for question in form.questions
        if question.link in answers and _fits(question, answers[question.link])
    }


def _fits(question: Question, given: Sequence[Json]) -> bool:
    return (len(given) <= 1 or question.repeats) and all(is_possible(question, each) for each in given)
