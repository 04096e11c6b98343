"""A FHIR Questionnaire (R4) as it is shown: questions, each on a screen, with what decides if it is asked."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from hashlib import sha256
from typing import Any

import msgspec

Json = dict[str, Any]
_EXTENSION = "http://hl7.org/fhir/StructureDefinition"
ORDINAL = f"{_EXTENSION}/ordinalValue"
ITEM_CONTROL = f"{_EXTENSION}/questionnaire-itemControl"
UNIT = f"{_EXTENSION}/questionnaire-unit"
PRESENT_AND_ABSENT = {"present", "absent"}


@dataclass(frozen=True, slots=True)
class Option:
    """What can be chosen. value: as an answer holds it. title: as it is told. ordinal: its number, where it has one."""

    value: Json
    title: str
    ordinal: Decimal | None = None

    @property
    def key(self) -> str:
        """By which it is known within its question."""
        return key_of(self.value)


@dataclass(frozen=True, slots=True)
class Condition:
    """One line of `enableWhen`. answer: as an answer would hold it; of `exists` a boolean."""

    question: str
    operator: str
    answer: Json


@dataclass(frozen=True, slots=True)
class Rule:
    """When an item is asked: if all the conditions hold, or with `any_of` one of them."""

    conditions: tuple[Condition, ...]
    any_of: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """A question. type: of its item. low, high: what a number may be, in its unit. when: rules that must all hold.

    above: the question under whose answer it stands in the response; None of one that stands by itself.
    """

    link: str
    text: str
    type: str
    options: tuple[Option, ...] = ()
    unit: str | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    required: bool = False
    repeats: bool = False
    when: tuple[Rule, ...] = ()
    above: str | None = None

    @property
    def is_finding(self) -> bool:
        """Whether it asks if something is there or not, by codes."""
        return {option.value["valueCoding"]["code"] for option in self.options} == PRESENT_AND_ABSENT


@dataclass(frozen=True, slots=True)
class Screen:
    """What is shown at once: one question, or a list of findings that is gone through (`together`).

    text: its heading. about: the words of the group it is in, such as the side. hints: texts that are only shown.
    """

    text: str
    questions: tuple[Question, ...]
    together: bool = False
    about: str = ""
    hints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """A form. name: the id of the Questionnaire. digest: tells this form from what it was or will be."""

    name: str
    title: str
    questionnaire: Json
    screens: tuple[Screen, ...]
    digest: str

    @property
    def questions(self) -> tuple[Question, ...]:
        return tuple(question for screen in self.screens for question in screen.questions)

    def question(self, link: str) -> Question | None:
        return next((question for question in self.questions if question.link == link), None)


def form_of(questionnaire: Json, patient_words: str = "", without: Collection[str] = ()) -> Form:
    """Reads a Questionnaire.

    patient_words: the extension of an option in words for the patient. without: linkIds of groups not asked.
    """
    screens = tuple(_Reading(patient_words, frozenset(without)).screens(questionnaire["item"]))
    digest = sha256(msgspec.json.encode([questionnaire, sorted(without)], order="deterministic")).hexdigest()[:16]
    return Form(questionnaire["id"], questionnaire["title"], questionnaire, screens, digest)


def key_of(value: Json) -> str:
    """An answer's value as one text: a code, `true`, a number, a day, or words."""
    (held,) = (each for name, each in value.items() if name.startswith("value"))
    match held:
        case {"code": code}:
            return str(code)
        case bool():
            return "true" if held else "false"
        case _:
            return str(held)


@dataclass(frozen=True, slots=True)
class _Reading:
    words: str
    without: Collection[str]

    def screens(self, items: Sequence[Json], when: tuple[Rule, ...] = (), about: str = "") -> Iterator[Screen]:
        hints: list[str] = []
        for item in items:
            rules = (*when, *_rules(item))
            if item["type"] == "display":
                hints.append(item["text"])
            elif item["type"] == "group":
                yield from self._group(item, rules)
            else:
                question = self._question(item, rules)
                yield Screen(question.text, (question,), about=about, hints=tuple(hints))
                yield from self._below(item, rules, about)
                hints = []

    def _group(self, item: Json, when: tuple[Rule, ...]) -> Iterator[Screen]:
        if item["linkId"] in self.without:
            return
        screens = tuple(self.screens(item["item"], when, item.get("text", "")))
        questions = tuple(question for screen in screens for question in screen.questions)
        if _is_list(item) and all(question.is_finding for question in questions):
            yield Screen(item["text"], questions, together=True)
        else:
            yield from screens

    def _below(self, item: Json, when: tuple[Rule, ...], about: str) -> Iterator[Screen]:
        """What is asked below an answer, which stands under it in the response."""
        for screen in self.screens(item.get("item", ()), when, about):
            questions = (replace(one, above=one.above or item["linkId"]) for one in screen.questions)
            yield replace(screen, questions=tuple(questions))

    def _question(self, item: Json, when: tuple[Rule, ...]) -> Question:
        return Question(
            link=item["linkId"],
            text=item["text"],
            type=item["type"],
            options=tuple(map(self._option, item.get("answerOption", ()))),
            unit=_unit(item),
            low=_limit(item, "minValue"),
            high=_limit(item, "maxValue"),
            required=item.get("required", False),
            repeats=item.get("repeats", False),
            when=when,
        )

    def _option(self, option: Json) -> Option:
        value = {name: each for name, each in option.items() if name.startswith("value")}
        inside = next(iter(value.values()))
        coded = inside if isinstance(inside, Mapping) else {}
        said = extension(option, self.words) or coded.get("display") or key_of(value)
        ordinal = extension(option, ORDINAL, extension(coded, ORDINAL))
        return Option(value, str(said), None if ordinal is None else Decimal(str(ordinal)))


def _rules(item: Json) -> tuple[Rule, ...]:
    conditions = tuple(
        Condition(each["question"], each["operator"], _answer_of(each)) for each in item.get("enableWhen", ())
    )
    return (Rule(conditions, item.get("enableBehavior") == "any"),) if conditions else ()


def _answer_of(condition: Json) -> Json:
    """`answerCoding` and its kind, as an answer holds it: `valueCoding`."""
    return {f"value{key.removeprefix('answer')}": each for key, each in condition.items() if key.startswith("answer")}


def extension(element: Mapping[str, Any], url: str, otherwise: Any = None) -> Any:
    """The value of an extension."""
    for one in element.get("extension", ()):
        if one["url"] == url:
            return next(value for key, value in one.items() if key.startswith("value"))
    return otherwise


def _is_list(item: Json) -> bool:
    control = extension(item, ITEM_CONTROL)
    return control is not None and any(one.get("code") == "list" for one in control["coding"])


def _unit(item: Json) -> str | None:
    coding = extension(item, UNIT)
    return None if coding is None else str(coding.get("display") or coding["code"])


def _limit(item: Json, name: str) -> Decimal | None:
    found = extension(item, f"{_EXTENSION}/{name}")
    return None if found is None else Decimal(str(found))
