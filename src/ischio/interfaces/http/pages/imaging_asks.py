"""The form for what was measured or seen on an image: what the pathway asks for, and what a filled form answers.

What is true of the whole image (its day, how it was made, the position of the leg) is asked once.
"""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date

from ischio.clinic.answers import Answer, Ask, AskType, Circumstance, asks_for
from ischio.clinic.knowledge import Knowledge
from ischio.interfaces.http.pages import one_day
from ischio.interfaces.http.pages.fields import Entered, Field
from ischio.interfaces.http.pages.forms import Form
from ischio.model.about import Scope
from ischio.model.facts import Burden, Fact, Latest, ValueKind
from ischio.model.mistake import Mistake
from ischio.model.pathway import Pathway

ON_WHAT = "modality"
"""The qualifier by which a fact tells that it is read on an image."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The form. circumstances: what is told once of the whole image."""

    circumstances: tuple[Circumstance, ...]
    numbers: tuple[Field, ...]
    findings: tuple[Field, ...]


def read_on_images(pathway: Pathway, fact: Fact) -> bool:
    """Whether a fact of a side is a number or a yes or no that is read on an image."""
    if fact.scope is not Scope.HIP or not isinstance(fact.derivation, Latest):
        return False
    enquiry = pathway.enquiries.get(fact.id)
    costs_imaging = enquiry is not None and enquiry.burden is Burden.IMAGING
    measured = fact.type.kind in (ValueKind.NUMBER, ValueKind.BOOLEAN)
    return measured and (costs_imaging or ON_WHAT in fact.derivation.selection.qualifiers)


def asks(knowledge: Knowledge) -> tuple[Ask, ...]:
    """What is asked of an image, one question for each concept, with all circumstances that any fact wants told."""
    found: dict[str, Ask] = {}
    for fact in knowledge.pathway.facts.values():
        for ask in asks_for(knowledge, fact.id) if read_on_images(knowledge.pathway, fact) else ():
            known = found.setdefault(ask.concept, ask)
            told = {each.name: each for each in (*known.circumstances, *ask.circumstances)}
            found[ask.concept] = replace(known, circumstances=tuple(told.values()))
    return tuple(found.values())


def shared(asks: tuple[Ask, ...]) -> tuple[Circumstance, ...]:
    """The circumstances that more than one answer wants told: those of the image."""
    often = Counter(each.name for ask in asks for each in ask.circumstances)
    found = {each.name: each for ask in asks for each in ask.circumstances if often[each.name] > 1}
    return tuple(found.values())


def asked(knowledge: Knowledge, entered: Entered) -> Asked:
    """The form with what was typed into it, and what was wrong with that."""
    every = asks(knowledge)
    whole = shared(every)
    fields = tuple(_field(knowledge.pathway, ask, whole, entered) for ask in every)
    numbers = tuple(field for field in fields if field.ask.type is AskType.NUMBER)
    return Asked(whole, numbers, tuple(field for field in fields if field.ask.type is not AskType.NUMBER))


def _field(pathway: Pathway, ask: Ask, whole: tuple[Circumstance, ...], entered: Entered) -> Field:
    """A question without what is told once of the whole image."""
    names, form = {each.name for each in whole}, entered.form
    own = tuple(each for each in ask.circumstances if each.name not in names)
    short = replace(ask, words=pathway.concepts[ask.concept].title, circumstances=own, day_needed=False)
    typed = {key: form.all(key) for key in form.names() if key.partition(".")[0] == ask.concept}
    return Field(
        ask.concept, short, "", typed, entered.faults.get(ask.concept, ""), entered.doubts.get(ask.concept, "")
    )


def answers(knowledge: Knowledge, form: Form, today: date) -> tuple[Answer, ...]:
    """What a form answers. Raises AnswersRefused."""
    nothing = Mistake("Nothing was filled in.", "Write a number, or choose what was seen.")
    return one_day.answers(asks(knowledge), form, today, nothing, "The day of the image is missing.")
