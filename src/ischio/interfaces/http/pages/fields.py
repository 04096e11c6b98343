"""Questions of the pathway as fields of a form: what is asked, in which unit, and between which bounds."""

from collections.abc import Mapping
from dataclasses import dataclass

from ischio.interfaces.words import UNIT_WORDS
from ischio.model.assessment import Question
from ischio.model.facts import ValueKind
from ischio.model.pathway import Pathway

YES, NO = "true", "false"


@dataclass(frozen=True, slots=True)
class Field:
    """A question to be answered. name: of the field in the form, the fact's id. kind: by the type of its values.

    choices: value -> word, of a code. low, high, step: of a number, in its unit. typed: what was entered already.
    fault: why that was refused, with the mend; empty if it was not.
    """

    name: str
    ask: str
    bears_on: str
    kind: str
    unit: str = ""
    low: str = ""
    high: str = ""
    step: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    typed: str = ""
    fault: str = ""


def field(
    pathway: Pathway,
    fact: str,
    ask: str,
    bears_on: str = "",
    typed: Mapping[str, str] | None = None,
    faults: Mapping[str, str] | None = None,
) -> Field:
    """The field that asks for a fact of the pathway, with what was typed into it before, and what was wrong with that."""
    kind = pathway.facts[fact].type
    return Field(
        fact,
        ask,
        bears_on,
        kind.kind.value,
        UNIT_WORDS.get(kind.unit, kind.unit),
        "" if kind.low is None else f"{kind.amount(kind.low):f}",
        "" if kind.high is None else f"{kind.amount(kind.high):f}",
        f"{kind.step:f}" if kind.kind is ValueKind.NUMBER else "",
        tuple(kind.codes.items()),
        (typed or {}).get(fact, ""),
        (faults or {}).get(fact, ""),
    )


def fields(pathway: Pathway, questions: tuple[Question, ...], **entered: Mapping[str, str]) -> tuple[Field, ...]:
    return tuple(field(pathway, one.fact, one.ask, **entered) for one in questions)
