"""The form for what was measured or seen on an image: what the pathway asks for, and what a filled form answers."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from ischio.clinic.answers import Answer, Ask, AskType, Circumstance, asks_for
from ischio.clinic.knowledge import Knowledge
from ischio.interfaces.http.pages.fields import Field
from ischio.interfaces.words import UNIT_WORDS
from ischio.model.about import Scope, Side
from ischio.model.facts import Burden, Fact, Latest, ValueKind
from ischio.model.pathway import Pathway
from ischio.record.case_values import Unfit, partial_date

DAY = "day"
SURE = ".sure"
"""After a name: the tick that says that an unlikely number is right."""
ON_WHAT = "modality"
"""The qualifier by which a fact tells that it is read on an image."""
Form = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Asked:
    """The form. circumstances: what is told once of the whole image; numbers: each with what is told of it alone."""

    circumstances: tuple[Field, ...]
    numbers: tuple[tuple[Field, tuple[Field, ...]], ...]
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


def asked(knowledge: Knowledge, form: Form, faults: Form) -> Asked:
    """The form with what was typed into it, and what was wrong with that."""
    every, pathway = asks(knowledge), knowledge.pathway
    told = {each.name: _field(each.name, each.title, "code", form, faults, each) for each in _circumstances(every)}
    often = Counter(each.name for ask in every for each in ask.circumstances)
    fields = {ask: _asked(pathway, ask, form, faults) for ask in every}
    numbers = tuple(
        (field, tuple(told[each.name] for each in ask.circumstances if often[each.name] == 1))
        for ask, field in fields.items()
        if ask.type is AskType.NUMBER
    )
    return Asked(
        tuple(field for name, field in told.items() if often[name] > 1),
        numbers,
        tuple(field for ask, field in fields.items() if ask.type is not AskType.NUMBER),
    )


def _circumstances(asks: tuple[Ask, ...]) -> tuple[Circumstance, ...]:
    return tuple({each.name: each for ask in asks for each in ask.circumstances}.values())


def _asked(pathway: Pathway, ask: Ask, form: Form, faults: Form) -> Field:
    title = pathway.concepts[ask.concept].title
    if ask.type is not AskType.NUMBER:
        return _field(ask.concept, title, "code", form, faults, ask)
    field = _field(ask.concept, title, "number", form, faults, ask)
    low, high = ("" if end is None else f"{end:f}" for end in (ask.low, ask.high))
    return replace(field, unit=UNIT_WORDS.get(ask.unit or "1", ask.unit or ""), low=low, high=high)


def _field(name: str, title: str, kind: str, form: Form, faults: Form, of: Ask | Circumstance) -> Field:
    choices = tuple((option.value, option.title) for option in of.options)
    return Field(name, title, "", kind, choices=choices, typed=form.get(name, ""), fault=faults.get(name, ""))


def day_fault(text: str, today: date) -> str:
    """What is wrong with the day of an image, and the mend; empty if nothing is."""
    try:
        return "It lies ahead. Correct it." if partial_date(text).earliest > today else ""
    except Unfit as unfit:
        return f"{unfit.what} {unfit.mend}" if text else "The day is missing. Write it, or the month or the year."


def answers(knowledge: Knowledge, side: Side, form: Form) -> tuple[Answer, ...]:
    """What a form answers: each with those circumstances of the image that some fact wants told with it."""
    return tuple(
        Answer(
            ask.concept,
            form.get(ask.concept, ""),
            side=side.value,
            day=form.get(DAY, ""),
            circumstances={each.name: form.get(each.name, "") for each in ask.circumstances},
            sure=bool(form.get(f"{ask.concept}{SURE}")),
        )
        for ask in asks(knowledge)
    )
