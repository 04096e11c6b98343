"""What is asked as fields of a form, and what was typed into them as answers."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ischio.clinic.answers import Answer, Ask, asks_for
from ischio.clinic.knowledge import Knowledge
from ischio.interfaces.http.pages.forms import Form
from ischio.interfaces.words import UNIT_WORDS
from ischio.model.mistake import IschioError

ASKED = "asked"
"""The facts that a form asks for, each in a field of this name."""


@dataclass(frozen=True, slots=True)
class Field:
    """A question to be answered. name: of its fields. typed: what was entered before, by the name of the field.

    fault: why that was refused, with the mend; empty if it was not. doubt: it is unlikely, and may be said to be right.
    """

    name: str
    ask: Ask
    bears_on: str
    typed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    fault: str = ""
    doubt: str = ""

    @property
    def unit(self) -> str:
        return UNIT_WORDS.get(self.ask.unit or "1", self.ask.unit or "")

    def chosen(self, part: str = "") -> str:
        """What was typed into the field, or into a part of it (day, until, a circumstance)."""
        return next(iter(self.typed.get(self.name + part, ())), "")

    def has(self, value: str) -> bool:
        """Whether one of several options was chosen."""
        return value in self.typed.get(self.name, ())


@dataclass(frozen=True, slots=True)
class Entered:
    """A form that was sent and not taken as it was. faults, doubts: by the name of the field, in words."""

    form: Form = field(default_factory=Form)
    faults: Mapping[str, str] = field(default_factory=dict)
    doubts: Mapping[str, str] = field(default_factory=dict)
    side: str = ""


def fields_for(
    knowledge: Knowledge, fact: str, bears_on: str = "", entered: Entered | None = None
) -> tuple[Field, ...]:
    """The fields that ask for a fact: one for each thing that it is made of."""
    return tuple(_field(ask, bears_on, entered or Entered()) for ask in asks_for(knowledge, fact))


def _field(ask: Ask, bears_on: str, entered: Entered) -> Field:
    name = ask.concept
    typed = {key: entered.form.all(key) for key in entered.form.names() if key.partition(".")[0] == name}
    return Field(name, ask, bears_on, typed, entered.faults.get(name, ""), entered.doubts.get(name, ""))


def answers_in(form: Form, asks: Iterable[Ask], side: str) -> Iterator[Answer]:
    """What a form says to these questions. side: of the hip that it was about; empty: of the whole person."""
    for ask in asks:
        for value in form.all(ask.concept):
            yield Answer(
                ask.concept,
                value.strip(),
                side if ask.sided else "",
                form.one(f"{ask.concept}.day"),
                form.one(f"{ask.concept}.until"),
                {one.name: form.one(f"{ask.concept}.{one.name}") for one in ask.circumstances},
                sure=form.one(f"{ask.concept}.sure") == "yes",
                kind=ask.kind,
                field=ask.concept,
            )


def asks_in(form: Form, knowledge: Knowledge) -> tuple[Ask, ...]:
    """What a form asked, by the facts that it names; those that this version of the pathway has not are left out."""
    facts = (name for name in form.all(ASKED) if name in knowledge.pathway.facts)
    return tuple({ask.concept: ask for name in facts for ask in asks_for(knowledge, name)}.values())


def told(error: IschioError) -> dict[str, str]:
    """What is wrong with each field, with the mend."""
    return {mistake.where or "": f"{mistake.what} {mistake.mend}" for mistake in error.mistakes}
