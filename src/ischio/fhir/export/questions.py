"""Which questions a form asks: one for each concept that an enquiry is about, and that an answer of one day can tell.

A form's answers all bear the day on which it was filled in. So what has a day of its own is asked for by that day (an
injection, the start of exercise) or, where a value comes with it (a measured space, an operation), not asked in a form.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ischio.engine.status import PRESENT
from ischio.fhir.export.publication import Publication, own_code
from ischio.model.about import Scope
from ischio.model.facts import (
    Burden,
    Compared,
    Count,
    CourseLength,
    DateOf,
    Enquiry,
    Fact,
    FactType,
    Latest,
    Selection,
    SideRule,
    ValueKind,
)
from ischio.model.patient import ENGLISH
from ischio.model.terminology import Code, Concept

ANSWERED = "QuestionnaireResponse"
LIGHT = (Burden.ASK, Burden.EXAMINE)
YES_AND_NO = {"yes", "no"}
TOGETHER = ("red_flags", "after_surgery")
"""Sets of which everything is asked on one list."""


@dataclass(frozen=True, slots=True)
class Form:
    """A form. patient: in the patient's words, and only what a patient can say. again: only what grows old.

    set: only what belongs to that set of questions for patients.
    """

    name: str
    title: str
    patient: bool
    again: bool
    set: str | None = None


FORMS = (
    Form("intake", "Intake", patient=False, again=False),
    Form("intake-patient", "Intake, for the patient", patient=True, again=False),
    Form("follow-up", "Follow-up", patient=False, again=True),
    Form("follow-up-patient", "Follow-up, for the patient", patient=True, again=True),
    Form("pain", "Your pain", patient=True, again=False, set="pain"),
    Form("symptoms", "What you feel", patient=True, again=False, set="symptoms"),
    Form("red-flags", "Warning signs", patient=True, again=False, set="red_flags"),
    Form("after-surgery", "Warning signs after an operation", patient=True, again=False, set="after_surgery"),
)


@dataclass(frozen=True, slots=True)
class Question:
    """What a form asks: a concept, with the facts that the answer bears on, in its own or an enquiry's words.

    type: of the item. values: those that are offered, where it has coded ones. answers: values in words for the
    patient. after: the fact without whose yes it is not asked.
    """

    concept: Concept
    code: Code
    words: str
    burden: Burden
    type: str
    facts: tuple[Fact, ...]
    values: tuple[str, ...]
    answers: Mapping[str, str] = field(default_factory=dict)
    after: str | None = None

    @property
    def sided(self) -> bool:
        sides = (selection_of(fact).side for fact in self.facts if fact.scope is Scope.HIP)
        return any(side in (SideRule.THIS, SideRule.THIS_OR_UNSIDED, SideRule.OTHER) for side in sides)


Asked = tuple[Enquiry, Fact]


def questions(publication: Publication, form: Form) -> list[Question]:
    """One question for each concept, in the order of enquiries.yaml."""
    found: dict[str, list[Asked]] = {}
    for enquiry in publication.pathway.enquiries.values():
        fact = publication.pathway.facts[enquiry.fact]
        if not isinstance(fact.derivation, Compared) and _can_be_stated(fact):
            for concept in selection_of(fact).concepts:
                found.setdefault(concept, []).append((enquiry, fact))
    asked = (_question(publication, form, publication.pathway.concepts[name], found[name]) for name in found)
    return [question for question in asked if question is not None]


def _can_be_stated(fact: Fact) -> bool:
    kinds = selection_of(fact).kinds
    return not kinds or "stated" in kinds


def _theirs(form: Form, enquiry: Enquiry, fact: Fact) -> bool:
    """Whether who fills in the form can say it."""
    asserters = selection_of(fact).asserters
    if form.set not in (None, enquiry.patient_set):
        return False
    return not form.patient or (enquiry.ask_patient is not None and (not asserters or "patient" in asserters))


def _grows_old(fact: Fact) -> bool:
    stale = isinstance(fact.derivation, Latest) and fact.derivation.stale_after is not None
    return stale or selection_of(fact).window is not None


def _question(publication: Publication, form: Form, concept: Concept, asked: list[Asked]) -> Question | None:
    """None where the form does not ask it, no answer is read, or it has a day of its own and a value as well."""
    code, facts = own_code(concept), tuple(fact for _, fact in asked)
    theirs = [(enquiry, fact) for enquiry, fact in asked if _theirs(form, enquiry, fact)]
    wanted = any(_grows_old(fact) or not form.again for _, fact in theirs)
    if not wanted or code is None or publication.bindings.of(concept.id, ANSWERED) is None:
        return None
    bare = concept.unit is None and not concept.values
    own_day = has_own_day(publication, concept, asked)
    if own_day and not bare:
        return None
    by_day = bare and not is_attestation(publication, facts) and (own_day or day_matters(facts))
    offered = _offered(publication, form, concept, facts)
    words, burden = _words(form, concept, theirs, by_day=by_day)
    return Question(
        concept,
        code,
        words,
        burden,
        _type(concept, facts, by_day=by_day),
        facts,
        offered,
        _answers(publication, form, concept, offered),
        next((enquiry.patient_after for enquiry, _ in theirs if enquiry.patient_after and form.set), None),
    )


def _answers(publication: Publication, form: Form, concept: Concept, offered: Iterable[str]) -> Mapping[str, str]:
    """What can be chosen, in words for the patient, as far as there are any."""
    words = publication.pathway.patient.get(ENGLISH) if form.patient else None
    found = {code: words.answer(concept.id, code) for code in offered} if words else {}
    return {code: phrase.text for code, phrase in found.items() if phrase is not None}


def has_own_day(publication: Publication, concept: Concept, asked: list[Asked]) -> bool:
    """Whether it has a day of its own: it was done, or found in an image or a sample.

    A choice among codes is a judgement of the day on which it is made, whatever it rests on.
    """
    on_the_spot = all(enquiry.burden in LIGHT or fact.type.kind is ValueKind.CODE for enquiry, fact in asked)
    is_act = publication.bindings.of(concept.id, "Procedure") is not None
    return not on_the_spot or (is_act and concept.values.keys() != YES_AND_NO)


def is_attestation(publication: Publication, facts: Iterable[Fact]) -> bool:
    """Whether what is asked is a list gone through while the form is filled in."""
    attestations = {fact.absent.no_when for fact in publication.pathway.facts.values()}
    return any(fact.id in attestations for fact in facts)


def day_matters(facts: Iterable[Fact]) -> bool:
    """Whether the day decides what the facts say: it is what they tell, or they look back over different times."""
    facts = tuple(facts)
    told = any(isinstance(fact.derivation, DateOf | CourseLength | Count) for fact in facts)
    return told or len({selection_of(fact).window for fact in facts}) > 1


def _words(form: Form, concept: Concept, asked: list[Asked], *, by_day: bool) -> tuple[str, Burden]:
    """Those of the enquiry after the fact of the same name, else after a fact of this concept alone; and its burden."""
    own = sorted(asked, key=lambda each: each[1].id != concept.id)
    for enquiry, fact in own:
        alone = fact.id == concept.id or len(selection_of(fact).concepts) == 1
        if alone and (not by_day or isinstance(fact.derivation, DateOf)):
            return (enquiry.ask_patient if form.patient else None) or enquiry.ask, enquiry.burden
    words = f"{concept.title}: on which day, if at all?" if by_day else f"{concept.title}?"
    return words, own[0][0].burden


def _type(concept: Concept, facts: Iterable[Fact], *, by_day: bool) -> str:
    if by_day:
        return "date"
    if concept.unit is not None:
        steps = [type_.step for type_ in numbers_of(facts)]
        return "integer" if steps and all(step % 1 == 0 for step in steps) else "decimal"
    return "choice" if concept.values and concept.values.keys() != YES_AND_NO else "boolean"


def _offered(publication: Publication, form: Form, concept: Concept, facts: tuple[Fact, ...]) -> tuple[str, ...]:
    """The values to choose from: of a red flag a patient says only whether it is there, and not what explains it."""
    flags = {flag.fact for flag in publication.pathway.flags}
    flag = next((fact for fact in facts if fact.id in flags), None)
    if not form.patient or flag is None:
        return tuple(concept.values)
    return tuple(value for value in concept.values if value in (PRESENT, flag.absent.code))


def numbers_of(facts: Iterable[Fact]) -> Iterator[FactType]:
    """The types of the numbers that facts take from an answer."""
    return (fact.type for fact in facts if fact.type.kind is ValueKind.NUMBER and isinstance(fact.derivation, Latest))


def selection_of(fact: Fact) -> Selection:
    """What a fact looks at. Not asked of a fact that is worked out from others."""
    assert not isinstance(fact.derivation, Compared)
    return fact.derivation.selection
