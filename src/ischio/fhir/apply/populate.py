"""A form with the answers that a record already gives, each with where it came from.

What a form says bears the day on which it is filled in, and a value carried over is not said anew. So an answer that
still says where it came from is left out when the form is taken in (`said_anew`), and a list that is gone through while
the form is filled in is never filled in beforehand.
"""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from ischio.fhir.apply.requests import Context
from ischio.fhir.export.publication import Json, Publication, own_code, own_value
from ischio.fhir.export.questions import FORMS, Question, is_attestation, questions
from ischio.language.units import UnitError, convert
from ischio.model.about import Side
from ischio.model.terminology import Concept
from ischio.record.events import Event, EventSide, Facts, Kind, Record

SAID = (Kind.DONE, Kind.STATED)


def populated(
    publication: Publication, questionnaire: Json, record: Record, facts: Mapping[Side, Facts], about: Context
) -> Json:
    """A response in progress. An answer stands for a fact that is known on the index date, and for no other.

    questionnaire: one of those that are published. facts: those derived from the record.
    """
    known = dict(_answers(publication, questionnaire, record, facts))
    items = list(_filled(questionnaire["item"], known))
    return {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": f"{questionnaire['url']}|{questionnaire['version']}",
        "status": "in-progress",
        "subject": about.subject,
        **({"item": items} if items else {}),
    }


def source_url(publication: Publication) -> str:
    """The extension on an answer that says from which resource it was taken, and of which day."""
    return f"{publication.base}/StructureDefinition/answered-from"


def said_anew(publication: Publication, items: Iterable[Json]) -> Iterator[Json]:
    """The items of a response without the answers that were carried over, and without what then holds nothing."""
    carried = source_url(publication)
    for item in items:
        answers = [one for one in item.get("answer", ()) if not _bears(one, carried)]
        inside = list(said_anew(publication, item.get("item", ())))
        if answers or inside:
            head = {key: value for key, value in item.items() if key not in ("answer", "item")}
            yield {**head, **({"answer": answers} if answers else {}), **({"item": inside} if inside else {})}


def _bears(answer: Json, url: str) -> bool:
    return any(one.get("url") == url for one in answer.get("extension", ()))


def _filled(items: Iterable[Json], known: Mapping[str, Json]) -> Iterator[Json]:
    """The items that have an answer, and the groups that hold such."""
    for item in items:
        link = item["linkId"]
        head = {"linkId": link, "text": item["text"]}
        if item["type"] == "group":
            if inside := list(_filled(item["item"], known)):
                yield {**head, "item": inside}
        elif link in known:
            below = list(_filled(item.get("item", ()), known))
            yield {**head, "answer": [{**known[link], **({"item": below} if below else {})}]}


def _answers(
    publication: Publication, questionnaire: Json, record: Record, facts: Mapping[Side, Facts]
) -> Iterator[tuple[str, Json]]:
    """Each answer by its linkId."""
    form = next(form for form in FORMS if publication.id(form.name) == questionnaire["id"])
    asked = (one for one in questions(publication, form) if not is_attestation(publication, one.facts))
    for question in asked:
        for side in Side if question.sided else (None,):
            event = _behind(question, record, facts[side or Side.RIGHT], side)
            answer = answer_of(publication, question, event) if event else None
            if event and answer:
                link = link_of(question, side)
                yield link, {**answer, "extension": [_source(publication, event)]}
                yield from _qualifiers(publication, event, link)


def _behind(question: Question, record: Record, facts: Facts, side: Side | None) -> Event | None:
    """The event on which a known fact of the question rests, unless it is said of the other side."""
    for fact in question.facts:
        held = facts[fact.id]
        for event in record.events if held.value is not None else ():
            about_it = event.concept == question.concept.id and event.source == held.source
            if about_it and event.kind in SAID and event.unread is None and _concerns(event, side):
                return event
    return None


def _concerns(event: Event, side: Side | None) -> bool:
    return side is None or event.side in (None, EventSide.BOTH, EventSide(side.value))


def link_of(question: Question, side: Side | EventSide | None) -> str:
    """The linkId of a question, asked of a side or of the person."""
    return f"{question.code.code}.{side.value}" if side else question.code.code


def answer_of(publication: Publication, question: Question, event: Event) -> Json | None:
    """The value of the event in the type of the question; None where it has no such value."""
    value, concept = event.value, question.concept
    if question.type == "date":
        known = event.start is not None and event.start.exact
        return {"valueDate": str(event.start)} if known else None
    if question.type == "boolean":
        return {"valueBoolean": value is not False} if value is None or isinstance(value, bool) else None
    if question.type == "choice":
        return _coded(publication, concept, value) if isinstance(value, str) and value in question.values else None
    return _number(concept, question.type, event)


def _number(concept: Concept, kind: str, event: Event) -> Json | None:
    if concept.unit is None or not isinstance(event.value, Decimal):
        return None
    try:
        value = convert(event.value, event.unit or concept.unit, concept.unit, concept.id)
    except UnitError:
        return None
    if kind == "integer":
        return {"valueInteger": int(value)} if value == int(value) else None
    return {"valueDecimal": float(value)}


def _qualifiers(publication: Publication, event: Event, above: str) -> Iterator[tuple[str, Json]]:
    """What is asked below the answer."""
    for name, value in event.qualifiers.items():
        concept = publication.pathway.concepts[name]
        code, answer = own_code(concept), _coded(publication, concept, value)
        if code is not None and answer is not None:
            yield f"{code.code}.{above}", answer


def _coded(publication: Publication, concept: Concept, value: str) -> Json | None:
    code = own_value(concept, value)
    return {"valueCoding": publication.coding(code.code, code.display)} if code else None


def _source(publication: Publication, event: Event) -> Json:
    day = f", {event.start}" if event.start else ""
    return {"url": source_url(publication), "valueString": f"{event.source}{day}"}
