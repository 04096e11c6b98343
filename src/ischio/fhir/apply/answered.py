"""A filled-in form and the events that it says: read from it, and it made again from them."""

import re
from collections.abc import Iterable, Iterator, Sequence

from ischio.fhir.apply.populate import answer_of, link_of, said_anew
from ischio.fhir.export.publication import Json, Publication
from ischio.fhir.export.questionnaires import questionnaires
from ischio.fhir.export.questions import FORMS, Form, questions
from ischio.fhir.forms.completed import answered_items
from ischio.fhir.reader import FhirReader
from ischio.record.events import Event, Record

SOURCE = "QuestionnaireResponse/"
_ID = re.compile(r"(?P<form>[a-z-]+)\.v(?P<version>[A-Za-z0-9.-]+?)\.(?P<id>[0-9A-Za-z-]+)")


def read_response(publication: Publication, reader: FhirReader, response: Json, person: str, name: str) -> Record:
    """What a filled-in form says of a person, by the one reader. name: the id that the form is known by from now on."""
    patient = {"resourceType": "Patient", "id": person}
    own = {"reference": f"Patient/{person}"}
    by_themselves = response.get("source") == response["subject"]
    items = list(said_anew(publication, response.get("item", ())))
    named = {**response, "id": name, "subject": own, "item": items, **({"source": own} if by_themselves else {})}
    return reader.read_resources([patient, named], "the form")


def response_id(publication: Publication, form: Form, id: str) -> str:
    """The id of a response that was filled in here; with it the source of its events names the form and its version."""
    return f"{form.name}.v{publication.pathway.version}.{id}"


def response_again(publication: Publication, source: str, events: Sequence[Event], person: Json) -> Json | None:
    """The response from which these events came, as far as they still stand.

    None where it was filled in elsewhere, or this version of the pathway cannot tell it.
    """
    found = _ID.fullmatch(source.removeprefix(SOURCE))
    form = next((form for form in FORMS if found and form.name == found["form"] and form.patient), None)
    day = events[0].start
    if found is None or form is None or day is None:
        return None
    given = _given(publication, form, events)
    (questionnaire,) = questionnaires(publication, (form,))
    if given is None:
        return None
    return {
        "resourceType": "QuestionnaireResponse",
        "id": found.string,
        "questionnaire": f"{questionnaire['url']}|{found['version']}",
        "status": "completed",
        "subject": person,
        "source": person,
        "authored": str(day),
        "item": list(answered_items(questionnaire["item"], given)),
    }


def _given(publication: Publication, form: Form, events: Iterable[Event]) -> dict[str, tuple[Json, ...]] | None:
    """The answers by linkId; None if one of the events is none to a question of the form."""
    asked = {question.concept.id: question for question in questions(publication, form)}
    given: dict[str, tuple[Json, ...]] = {}
    for event in events:
        question = asked.get(event.concept)
        answer = answer_of(publication, question, event) if question and not event.qualifiers else None
        if question is None or answer is None:
            return None
        link = link_of(question, event.side)
        given[link] = (*given.get(link, ()), answer)
    return given


def by_source(events: Iterable[Event]) -> Iterator[tuple[str, list[Event]]]:
    """The events of each filled-in form together, and every other by itself, in the order in which they came."""
    groups: dict[str, list[Event]] = {}
    for number, event in enumerate(events):
        groups.setdefault(event.source if event.source.startswith(SOURCE) else f"{number}", []).append(event)
    yield from groups.items()
