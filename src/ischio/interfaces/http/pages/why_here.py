"""What a rule comes to for one side of somebody, and the values that it used."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ischio.engine.answer import Answer
from ischio.engine.explain import Explanation
from ischio.engine.hip import HipView
from ischio.interfaces.rule_parts import value_text
from ischio.interfaces.supposing import status_words
from ischio.interfaces.words import Words, amount, day, nodes, number
from ischio.model.about import Side
from ischio.model.assessment import Assessment, Judgement
from ischio.model.expression import Expression
from ischio.model.parameters import Quantity
from ischio.model.pathway import Pathway
from ischio.record.events import Record


@dataclass(frozen=True, slots=True)
class Input:
    """A value as a rule used it. source: where it was read; both empty where nothing is recorded."""

    fact: str
    title: str
    value: str
    date: str
    source: str


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition of the rule. name: `when`, `done` ...; truth: `true`, `false` or `unknown`."""

    name: str
    truth: str


@dataclass(frozen=True, slots=True)
class Here:
    """What a rule comes to. answer: in words, of a rule that has more than a truth.

    deciding: the values that make it so; others: those that it looks at besides.
    """

    answer: str
    conditions: tuple[Condition, ...]
    deciding: tuple[Input, ...]
    others: tuple[Input, ...]


def here(pathway: Pathway, record: Record, assessment: Assessment, side: Side, found: Explanation) -> Here | None:
    """None for rules that speak of no one: properties, and what is counted over many."""
    hip = Answer(pathway, record, assessment.index_date).hips[side]
    shown = next(each for each in assessment.hips if each.side == side.value)
    inputs = _Inputs(Words(pathway, assessment, shown), assessment, side)
    match found.kind:
        case "parameter":
            value = pathway.parameters[found.id].on(assessment.index_date)
            told = amount(number(value.value), value.unit) if isinstance(value, Quantity) else value_text(value)
            return Here(told, (), (), ())
        case "fact" | "red flag":
            return Here("", (), tuple(inputs.of([found.id])), ())
        case "property" | "measure" | "milestone" | "follow-up" | "outcome" | "time":
            return None
        case _:
            answer = status_words(hip.statuses[found.id].value) if found.kind == "action" else ""
            return _judged(hip, inputs, answer, dict(_trees(pathway, found)))


def _trees(pathway: Pathway, found: Explanation) -> Iterator[tuple[str, Expression]]:
    """The conditions of a rule; a stage has those of its criterion."""
    if found.kind == "stage":
        yield "when", pathway.criteria[pathway.stage(found.id).criterion].when
    yield from found.trees.items()


def _judged(hip: HipView, inputs: "_Inputs", answer: str, trees: dict[str, Expression]) -> Here:
    judged = {name: hip.writer.condition(tree) for name, tree in trees.items()}
    deciding = dict.fromkeys(fact for node in judged.values() for fact in inputs.deciding(node))
    every = dict.fromkeys(used.fact for top in judged.values() for node in nodes(top) for used in node.values)
    conditions = tuple(Condition(name, node.truth.value) for name, node in judged.items())
    others = (fact for fact in every if fact not in deciding)
    return Here(answer, conditions, tuple(inputs.of(deciding)), tuple(inputs.of(others)))


class _Inputs:
    """Tells the values of facts of one side."""

    def __init__(self, words: Words, assessment: Assessment, side: Side) -> None:
        self._words = words
        hip = next(each for each in assessment.hips if each.side == side.value)
        self._known = {fact.id: fact for fact in (*assessment.person.facts, *hip.facts)}

    def deciding(self, judged: Judgement) -> Iterator[str]:
        """The facts that make a truth what it is."""
        tops = [judged] if judged.values else self._words.facts_under(judged)
        return (used.fact for node in tops for used in node.values)

    def of(self, facts: Iterable[str]) -> Iterator[Input]:
        for name in facts:
            fact = self._known[name]
            title, value = self._words.told(fact)
            yield Input(name, title, value, day(fact.date) if fact.date else "", _read_in(fact.source))


def _read_in(source: str | None) -> str:
    """The kind of entry that a value was read from, in words: its number tells a reader nothing."""
    kind = (source or "").partition("/")[0]
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind).lower()
