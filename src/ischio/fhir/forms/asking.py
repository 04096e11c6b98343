"""What is asked next: which questions are enabled by the answers so far, what is open, how far one has come.

What is not asked is not sent, and stays in the answers so that it is there again once it is asked again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from ischio.fhir.forms.form import Condition, Form, Json, Question, Rule, Screen, key_of

Answers = Mapping[str, tuple[Json, ...]]
"""Answers by linkId, each as the response holds it. Empty: asked, and left open ("I do not know"): it stays unknown."""

_COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {"=": eq, "!=": ne, ">": gt, "<": lt, ">=": ge, "<=": le}


@dataclass(frozen=True, slots=True)
class Shown:
    """A screen that is asked, with its number: 1 for the first of all that the form could ask."""

    number: int
    screen: Screen


def enabled(form: Form, answers: Answers) -> frozenset[str]:
    """The questions that are asked, by linkId. One that is not asked counts as not answered for the others."""
    asked = _Asked(form, answers, {})
    return frozenset(question.link for question in form.questions if asked.is_enabled(question))


def shown(form: Form, answers: Answers) -> tuple[Shown, ...]:
    """The screens that are asked."""
    return _screens(form, enabled(form, answers))


def may_come(form: Form, answers: Answers) -> tuple[Shown, ...]:
    """The screens that are asked, and those that still may be: what decides on them was not asked yet."""
    asked = _Asked(form, answers, {}, hopeful=True)
    return _screens(form, frozenset(question.link for question in form.questions if asked.is_enabled(question)))


def _screens(form: Form, asked: frozenset[str]) -> tuple[Shown, ...]:
    found = []
    for number, screen in enumerate(form.screens, 1):
        questions = tuple(question for question in screen.questions if question.link in asked)
        if questions:
            found.append(Shown(number, replace(screen, questions=questions)))
    return tuple(found)


def is_open(screen: Screen, answers: Answers) -> bool:
    """Whether something on it was neither answered nor left open on purpose; what is required has to be answered."""
    return any(
        question.link not in answers or (question.required and not answers[question.link])
        for question in screen.questions
    )


def next_open(form: Form, answers: Answers, after: int = 0) -> Shown | None:
    """The first screen after a number that is open; then the first of all. None: everything is done."""
    open_ones = [each for each in shown(form, answers) if is_open(each.screen, answers)]
    return next((each for each in open_ones if each.number > after), open_ones[0] if open_ones else None)


def progress(form: Form, answers: Answers) -> tuple[int, int]:
    """How many of the screens that are asked are done, and how many there are at most."""
    done = sum(not is_open(each.screen, answers) for each in shown(form, answers))
    return done, len(may_come(form, answers))


@dataclass(frozen=True, slots=True)
class _Asked:
    """known: what was worked out already. A question while it is being worked out counts as not asked.

    hopeful: a condition on what nobody answered yet counts as met.
    """

    form: Form
    answers: Answers
    known: dict[str, bool]
    hopeful: bool = False

    def is_enabled(self, question: Question) -> bool:
        if question.link not in self.known:
            self.known[question.link] = False
            self.known[question.link] = all(map(self._holds, question.when))
        return self.known[question.link]

    def _holds(self, rule: Rule) -> bool:
        return (any if rule.any_of else all)(map(self._is_met, rule.conditions))

    def _is_met(self, condition: Condition) -> bool:
        """By R4, of several answers one that fits is enough; without an answer only `exists` false is met."""
        question = self.form.question(condition.question)
        if self.hopeful and condition.question not in self.answers and question and self.is_enabled(question):
            return True
        given = self.answers.get(condition.question, ()) if question and self.is_enabled(question) else ()
        if condition.operator == "exists":
            return bool(given) is bool(condition.answer["valueBoolean"])
        compared, wanted = _COMPARED[condition.operator], _value(condition.answer)
        return any(type(_value(each)) is type(wanted) and compared(_value(each), wanted) for each in given)


def _value(answer: Json) -> date | Decimal | bool | tuple[str, str] | str:
    """The value in a form in which two can be compared."""
    (name, held), *_ = ((name, held) for name, held in answer.items() if name.startswith("value"))
    match name:
        case "valueCoding":
            return held.get("system", ""), held["code"]
        case "valueQuantity":
            return Decimal(str(held["value"]))
        case "valueInteger" | "valueDecimal":
            return Decimal(str(held))
        case "valueDate":
            return date.fromisoformat(held)
        case "valueBoolean":
            return bool(held)
        case _:
            return key_of(answer)
