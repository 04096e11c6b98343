"""The enquiries as Questionnaires, whose answers intake reads back: linkIds are the pathway's own codes, with the side.

A form's answers all bear the day on which it was filled in. So what has a day of its own is asked for by that day (an
injection, the start of exercise) or, where a value comes with it (a measured space, an operation), not asked in a form.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from ischio.engine.status import PRESENT
from ischio.fhir.export.publication import Json, Publication, own_code, own_value
from ischio.model.pathway import (
    Burden,
    Code,
    Compared,
    Concept,
    Conflict,
    Count,
    CourseLength,
    DateOf,
    Enquiry,
    Fact,
    FactType,
    Latest,
    Scope,
    Selection,
    Side,
    SideRule,
    ValueKind,
)

ANSWERED = "QuestionnaireResponse"
LIGHT = (Burden.ASK, Burden.EXAMINE)
_YES_AND_NO = {"yes", "no"}
_EXTENSION = "http://hl7.org/fhir/StructureDefinition"
_UCUM = "http://unitsofmeasure.org"
_BURDENS = {
    Burden.ASK: "To ask",
    Burden.EXAMINE: "To examine",
    Burden.LABORATORY: "From the laboratory",
    Burden.IMAGING: "From imaging",
    Burden.PROCEDURE: "From procedures",
}


@dataclass(frozen=True, slots=True)
class Form:
    """A form. patient: in the patient's words, and only what a patient can say. again: only what grows old."""

    name: str
    title: str
    patient: bool
    again: bool


FORMS = (
    Form("intake", "Intake", patient=False, again=False),
    Form("intake-patient", "Intake, for the patient", patient=True, again=False),
    Form("follow-up", "Follow-up", patient=False, again=True),
    Form("follow-up-patient", "Follow-up, for the patient", patient=True, again=True),
)


@dataclass(frozen=True, slots=True)
class Question:
    """What a form asks: a concept, with the facts that the answer bears on, in its own or an enquiry's words.

    type: of the item. values: those that are offered, where it has coded ones.
    """

    concept: Concept
    code: Code
    words: str
    burden: Burden
    type: str
    facts: tuple[Fact, ...]
    values: tuple[str, ...]

    @property
    def sided(self) -> bool:
        sides = (_selection(fact).side for fact in self.facts if fact.scope is Scope.HIP)
        return any(side in (SideRule.THIS, SideRule.OTHER) for side in sides)


def questionnaires(publication: Publication) -> Iterator[Json]:
    """The forms that ask at least one question."""
    for form in FORMS:
        if asked := questions(publication, form):
            yield _questionnaire(publication, form, asked)


def _questionnaire(publication: Publication, form: Form, asked: list[Question]) -> Json:
    pathway = publication.pathway
    whom = "a patient" if form.patient else "a clinician"
    about = f"{form.title} of the pathway {pathway.title}: for {whom} to fill in. A question left out stays unknown."
    head = publication.head("Questionnaire", publication.id(form.name), f"{form.title}: {pathway.title}", about)
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


# ---- what is asked ------------------------------------------------------------------------------------------------

Asked = tuple[Enquiry, Fact]


def questions(publication: Publication, form: Form) -> list[Question]:
    """One question for each concept, in the order of enquiries.yaml."""
    found: dict[str, list[Asked]] = {}
    for enquiry in publication.pathway.enquiries.values():
        fact = publication.pathway.facts[enquiry.fact]
        if not isinstance(fact.derivation, Compared) and _can_be_stated(fact):
            for concept in _selection(fact).concepts:
                found.setdefault(concept, []).append((enquiry, fact))
    asked = (_question(publication, form, publication.pathway.concepts[name], found[name]) for name in found)
    return [question for question in asked if question is not None]


def _can_be_stated(fact: Fact) -> bool:
    kinds = _selection(fact).kinds
    return not kinds or "stated" in kinds


def _theirs(form: Form, enquiry: Enquiry, fact: Fact) -> bool:
    """Whether who fills in the form can say it."""
    asserters = _selection(fact).asserters
    return not form.patient or (enquiry.ask_patient is not None and (not asserters or "patient" in asserters))


def _grows_old(fact: Fact) -> bool:
    stale = isinstance(fact.derivation, Latest) and fact.derivation.stale_after is not None
    return stale or _selection(fact).window is not None


def _question(publication: Publication, form: Form, concept: Concept, asked: list[Asked]) -> Question | None:
    """None where the form does not ask it, no answer is read, or it has a day of its own and a value as well."""
    bindings, code = publication.bindings, own_code(concept)
    theirs = [(enquiry, fact) for enquiry, fact in asked if _theirs(form, enquiry, fact)]
    wanted = any(_grows_old(fact) or not form.again for _, fact in theirs)
    if not wanted or code is None or bindings.of(concept.id, ANSWERED) is None:
        return None
    facts = tuple(fact for _, fact in asked)
    bare = concept.unit is None and not concept.values
    # A choice among codes is a judgement of the day; a finding is of the day of its image or sample.
    on_the_spot = all(enquiry.burden in LIGHT or fact.type.kind is ValueKind.CODE for enquiry, fact in asked)
    done = bindings.of(concept.id, "Procedure") is not None and concept.values.keys() != _YES_AND_NO
    measured = done or not on_the_spot
    if measured and not bare:
        return None
    by_day = bare and not _attested(publication, facts) and (measured or _day_matters(facts))
    offered = _offered(publication, form, concept, facts)
    words, burden = _words(form, concept, theirs, by_day=by_day)
    return Question(concept, code, words, burden, _type(concept, facts, by_day=by_day), facts, offered)


def _attested(publication: Publication, facts: Iterable[Fact]) -> bool:
    """Whether what is asked is a list gone through while the form is filled in."""
    attestations = {fact.absent.no_when for fact in publication.pathway.facts.values()}
    return any(fact.id in attestations for fact in facts)


def _day_matters(facts: Iterable[Fact]) -> bool:
    """Whether the day decides what the facts say: it is what they tell, or they look back over different times."""
    facts = tuple(facts)
    told = any(isinstance(fact.derivation, DateOf | CourseLength | Count) for fact in facts)
    return told or len({_selection(fact).window for fact in facts}) > 1


def _words(form: Form, concept: Concept, asked: list[Asked], *, by_day: bool) -> tuple[str, Burden]:
    """Those of the enquiry after the fact of the same name, else after a fact of this concept alone; and its burden."""
    own = sorted(asked, key=lambda each: each[1].id != concept.id)
    for enquiry, fact in own:
        alone = fact.id == concept.id or len(_selection(fact).concepts) == 1
        if alone and (not by_day or isinstance(fact.derivation, DateOf)):
            return (enquiry.ask_patient if form.patient else None) or enquiry.ask, enquiry.burden
    words = f"{concept.title}: on which day, if at all?" if by_day else f"{concept.title}?"
    return words, own[0][0].burden


def _type(concept: Concept, facts: Iterable[Fact], *, by_day: bool) -> str:
    if by_day:
        return "date"
    if concept.unit is not None:
        steps = [type_.step for type_ in _numbers(facts)]
        return "integer" if steps and all(step % 1 == 0 for step in steps) else "decimal"
    return "choice" if concept.values and concept.values.keys() != _YES_AND_NO else "boolean"


def _offered(publication: Publication, form: Form, concept: Concept, facts: tuple[Fact, ...]) -> tuple[str, ...]:
    """The values to choose from: of a red flag a patient says only whether it is there, and not what explains it."""
    flags = {flag.fact for flag in publication.pathway.flags}
    flag = next((fact for fact in facts if fact.id in flags), None)
    if not form.patient or flag is None:
        return tuple(concept.values)
    return tuple(value for value in concept.values if value in (PRESENT, flag.absent.code))


# ---- how it is asked ----------------------------------------------------------------------------------------------


def _item(publication: Publication, question: Question, side: Side | None) -> Json:
    link = f"{question.code.code}.{side.value}" if side else question.code.code
    below = [
        _qualifier(
            publication, name, link, required=all(name in _selection(fact).qualifiers for fact in question.facts)
        )
        for name in dict.fromkeys(name for fact in question.facts for name in _selection(fact).qualifiers)
    ]
    return {
        **_limits(question),
        "linkId": link,
        "code": [publication.coding(question.code.code, question.code.display)],
        "text": question.words,
        "type": question.type,
        **({"repeats": True} if _repeats(question) else {}),
        **(
            {"answerOption": _options(publication, question.concept, question.values)}
            if question.type == "choice"
            else {}
        ),
        **({"item": below} if below else {}),
    }


def _repeats(question: Question) -> bool:
    """Several days where they are counted; several values where one that counts suffices."""
    if question.type == "date":
        return any(isinstance(fact.derivation, Count) for fact in question.facts)
    return question.type == "choice" and all(_one_suffices(fact) for fact in question.facts)


def _one_suffices(fact: Fact) -> bool:
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


def _options(publication: Publication, concept: Concept, values: Iterable[str]) -> list[Json]:
    """The values in our own codes."""
    codes = (own_value(concept, value) for value in values)
    return [{"valueCoding": publication.coding(code.code, code.display)} for code in codes if code is not None]


def _limits(question: Question) -> Json:
    """Unit and range of a number, as extensions."""
    types = [type_ for type_ in _numbers(question.facts) if type_.unit == question.concept.unit]
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


def _numbers(facts: Iterable[Fact]) -> Iterator[FactType]:
    return (fact.type for fact in facts if fact.type.kind is ValueKind.NUMBER and isinstance(fact.derivation, Latest))


def _selection(fact: Fact) -> Selection:
    assert not isinstance(fact.derivation, Compared)
    return fact.derivation.selection
