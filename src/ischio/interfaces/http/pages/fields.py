"""What is asked as fields of a form, and what was typed into them as answers."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ischio.clinic.answers import Answer, Ask, asks_for
from ischio.clinic.knowledge import Knowledge
from ischio.interfaces.http.pages.forms import Form
from ischio.interfaces.words import UNIT_WORDS
from ischio.model.about import Side
from ischio.model.mistake import IschioError

ASKED = "asked"
"""The facts that a form asks for, each in a field of this name; as `fact@left` where a form asks of both sides."""
_SIDES = tuple(side.value for side in Side)


@dataclass(frozen=True, slots=True)
class Field:
    """A question to be answered. name: of its fields. typed: what was entered before, by the name of the field.

    fault: why that was refused, with the mend; empty if it was not. doubt: it is unlikely, and may be said to be right.
    of: the side that it asks of, in a form that asks of both.
    """

    name: str
    ask: Ask
    bears_on: str
    typed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    fault: str = ""
    doubt: str = ""
    of: str = ""

    @property
    def asks(self) -> str:
        """What the form tells that it asked."""
        return _of(self.ask.fact, self.of)

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
    knowledge: Knowledge, fact: str, bears_on: str = "", entered: Entered | None = None, of: str = ""
) -> tuple[Field, ...]:
    """The fields that ask for a fact: one for each thing that it is made of. of: the side, in a form about both."""
    return tuple(_field(ask, bears_on, entered or Entered(), of) for ask in asks_for(knowledge, fact))


def _field(ask: Ask, bears_on: str, entered: Entered, of: str) -> Field:
    name = _of(ask.concept, of if ask.sided else "")
    typed = {key: entered.form.all(key) for key in entered.form.names() if key.partition(".")[0] == name}
    return Field(name, ask, bears_on, typed, entered.faults.get(name, ""), entered.doubts.get(name, ""), of)


def _of(name: str, side: str) -> str:
    return f"{name}@{side}" if side else name


def answers_in(form: Form, asks: Iterable[Ask], side: str) -> Iterator[Answer]:
    """What a form about one side says to these questions. side: empty for the whole person."""
    for ask in asks:
        yield from _answers(form, ask, ask.concept, side)


def answers_of(form: Form, knowledge: Knowledge, side: str) -> Iterator[Answer]:
    """What a form says to all that it asked. side: of what names none itself; empty: of the whole person.

    Facts that this version of the pathway has not are left out. A field counts once, though two facts may ask for it.
    """
    found: dict[str, tuple[Ask, str]] = {}
    for named in form.all(ASKED):
        fact, _, of = named.partition("@")
        if fact in knowledge.pathway.facts and of in ("", *_SIDES):
            found |= {_of(ask.concept, of if ask.sided else ""): (ask, of or side) for ask in asks_for(knowledge, fact)}
    for name, (ask, of) in found.items():
        yield from _answers(form, ask, name, of)


def _answers(form: Form, ask: Ask, name: str, side: str) -> Iterator[Answer]:
    for value in form.all(name):
        yield Answer(
            ask.concept,
            value.strip(),
            side if ask.sided else "",
            form.one(f"{name}.day"),
            form.one(f"{name}.until"),
            {one.name: form.one(f"{name}.{one.name}") for one in ask.circumstances},
            sure=form.one(f"{name}.sure") == "yes",
            kind=ask.kind,
            field=name,
        )


def told(error: IschioError) -> dict[str, str]:
    """What is wrong with each field, with the mend."""
    return {mistake.where or "": f"{mistake.what} {mistake.mend}" for mistake in error.mistakes}
