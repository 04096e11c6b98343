"""From what was typed or ticked on a screen to answers. Nothing that cannot be is taken, and nothing is guessed."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ischio.fhir.forms.form import Json, Question, Screen, key_of

NUMBER = re.compile(r"[+-]?[0-9]{1,9}([.,][0-9]{1,4})?")
LONGEST = 2000
NONE_OF_THESE = "none-of-these"
"""The code of an option that no other goes with."""
REST = "rest"
"""The tick by which somebody says that nothing (else) on a list is so."""

# What is wrong, in English for gettext.
NOTHING = "Choose an answer, or say that you do not know."
NONE_AND_SOMETHING = "You ticked that it is none of these, and something else. Keep one of the two."
NOTHING_TICKED = "Tick what is true for you, or the last line if nothing is."
NO_OPTION = "Choose one of the answers."
NO_NUMBER = "Write a number, such as 4 or 4.5."
NOT_WHOLE = "Write a whole number, such as 4."
OUT_OF_RANGE = "Write a number from %(low)s to %(high)s."
TOO_LOW = "Write a number from %(low)s upward."
TOO_HIGH = "Write a number up to %(high)s."
NO_DAY = "Write the day as year, month and day, such as 2026-03-31."
TOO_LONG = "Write less: at most %(high)s letters."
ONE_ONLY = "Give one answer."


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with an answer. what: in English, a key of gettext. limits: for the words."""

    link: str
    what: str
    limits: Mapping[str, Decimal]


class NotTaken(Exception):
    """Answers that cannot be taken."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(*(fault.what for fault in faults))
        self.faults = faults


def typed(screen: Screen, fields: Mapping[str, Sequence[str]]) -> dict[str, tuple[Json, ...]]:
    """The answers of a screen. fields: what was typed, by linkId; of options their keys; `rest` of a list.

    Raises NotTaken with everything that is wrong.
    """
    return _ticked(screen, fields) if screen.together else _typed(screen, fields)


def _typed(screen: Screen, fields: Mapping[str, Sequence[str]]) -> dict[str, tuple[Json, ...]]:
    found: dict[str, tuple[Json, ...]] = {}
    faults: list[Fault] = []
    for question in screen.questions:
        written = [text.strip() for text in fields.get(question.link, ()) if text.strip()]
        try:
            found[question.link] = _answers(question, written)
        except NotTaken as wrong:
            faults.extend(wrong.faults)
    if faults:
        raise NotTaken(*faults)
    return found


def _answers(question: Question, written: Sequence[str]) -> tuple[Json, ...]:
    if not written:
        raise _fault(question, NOTHING)
    if len(written) > 1 and not question.repeats:
        raise _fault(question, ONE_ONLY)
    if len(set(written)) > 1 and NONE_OF_THESE in written:
        raise _fault(question, NONE_AND_SOMETHING)
    return tuple(_answer(question, text) for text in dict.fromkeys(written))


def _ticked(screen: Screen, fields: Mapping[str, Sequence[str]]) -> dict[str, tuple[Json, ...]]:
    """What is ticked is there. What is not ticked is absent only where it was said that nothing else is there."""
    rest = bool(fields.get(REST))
    ticked = {question.link for question in screen.questions if fields.get(question.link)}
    if not rest and not ticked:
        raise NotTaken(Fault(REST, NOTHING_TICKED, {}))
    return {
        question.link: (_answer(question, "present"),)
        if question.link in ticked
        else ((_answer(question, "absent"),) if rest else ())
        for question in screen.questions
    }


def _answer(question: Question, text: str) -> Json:
    match question.type:
        case "boolean":
            if text not in ("true", "false"):
                raise _fault(question, NO_OPTION)
            return {"valueBoolean": text == "true"}
        case "choice":
            found = next((option.value for option in question.options if option.key == text), None)
            if found is None:
                raise _fault(question, NO_OPTION)
            return found
        case "integer" | "decimal":
            return _number(question, text)
        case "date":
            return {"valueDate": _day(question, text)}
        case _:
            if len(text) > LONGEST:
                raise _fault(question, TOO_LONG, high=Decimal(LONGEST))
            return {"valueString": text}


def _number(question: Question, text: str) -> Json:
    if NUMBER.fullmatch(text) is None:
        raise _fault(question, NO_NUMBER)
    value = Decimal(text.replace(",", "."))
    if question.type == "integer" and value != int(value):
        raise _fault(question, NOT_WHOLE)
    low, high = question.low, question.high
    if (low is not None and value < low) or (high is not None and value > high):
        words = TOO_LOW if high is None else TOO_HIGH if low is None else OUT_OF_RANGE
        bounds = {"low": low, "high": high}
        raise _fault(question, words, **{name: bound for name, bound in bounds.items() if bound is not None})
    if question.type == "integer":
        return {"valueInteger": int(value)}
    return {"valueDecimal": int(value) if value == int(value) else float(value)}


def _day(question: Question, text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise _fault(question, NO_DAY) from None


def is_possible(question: Question, answer: Json) -> bool:
    """Whether the question could be answered so."""
    try:
        return _answer(question, key_of(answer)).keys() == answer.keys()
    except (NotTaken, ValueError, TypeError):
        return False


def _fault(question: Question, what: str, **limits: Decimal) -> NotTaken:
    return NotTaken(Fault(question.link, what, limits))
