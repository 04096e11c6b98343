"""The meaning of a condition: one walk gives its truth and the reason, so that the two cannot drift apart.

Plain and never optimised: every other reading of the pathway (lanes, SQL, CQL, proofs) is tested against it.
"""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import assert_never

from ischio.language.regions import conditions, holds
from ischio.language.text import to_text
from ischio.model.assessment import Judgement, Shown, UsedValue
from ischio.model.expression import (
    AllOf,
    AnyOf,
    Between,
    Compare,
    Constant,
    CriterionHolds,
    Expression,
    FactHolds,
    Implies,
    Leaf,
    Not,
    walk,
)
from ischio.model.pathway import FactType, Pathway, ValueKind
from ischio.model.truth import UNKNOWN, conjunction, disjunction, implication, negation, truth_of
from ischio.record.events import FactData, Facts, FactValue


class Judge:
    """Judges conditions for one hip on one date. A criterion is written out where it is first met, then by id alone."""

    def __init__(self, pathway: Pathway, facts: Facts, index: date) -> None:
        self.pathway = pathway
        self.facts = facts
        self.index = index
        self._texts = leaf_texts(pathway)
        self._leaves: dict[int, Judgement] = {}
        self.written: dict[str, Judgement] = {}

    def afresh(self) -> "Judge":
        """A judge of the same hip to whom no criterion has been met yet."""
        other = Judge(self.pathway, self.facts, self.index)
        other._leaves = self._leaves
        return other

    def judge(self, expression: Expression) -> Judgement:
        """The truth of a condition, with what it rests on."""
        match expression:
            case Constant(value):
                return Judgement(None, "true" if value else "false", truth_of(value))
            case FactHolds() | Compare() | Between():
                return self._leaf(expression)
            case CriterionHolds(name):
                return self.criterion(name)
            case Not(part):
                inner = self.judge(part)
                return Judgement(None, "not", negation(inner.truth), (), (inner,))
            case AllOf(parts):
                judged = tuple(self.judge(part) for part in parts)
                return Judgement(None, "all of", conjunction(inner.truth for inner in judged), (), judged)
            case AnyOf(parts):
                judged = tuple(self.judge(part) for part in parts)
                return Judgement(None, "any of", disjunction(inner.truth for inner in judged), (), judged)
            case Implies(condition, consequence):
                first, second = self.judge(condition), self.judge(consequence)
                return Judgement(None, "if, then", implication(first.truth, second.truth), (), (first, second))
            case _:
                assert_never(expression)

    def criterion(self, name: str) -> Judgement:
        """A named criterion or gate."""
        if name in self.written:
            known = self.written[name]
            return Judgement(name, known.text, known.truth)
        criterion = self.pathway.criteria[name]
        inner = self.judge(criterion.when)
        self.written[name] = Judgement(name, criterion.about.title, inner.truth, (), (inner,))
        return self.written[name]

    def unknown_facts(self, judgement: Judgement) -> dict[str, None]:
        """The facts to which a path of unknown nodes leads, in reading order."""
        found: dict[str, None] = {}
        self._follow(judgement, found, set())
        return found

    def _follow(self, judgement: Judgement, found: dict[str, None], visited: set[str]) -> None:
        if judgement.truth is not UNKNOWN or judgement.id in visited:
            return
        if judgement.id is not None:
            visited.add(judgement.id)
            judgement = self.written[judgement.id]
        found.update(dict.fromkeys(used.fact for used in judgement.values))
        for inner in judgement.because:
            self._follow(inner, found, visited)

    def _leaf(self, leaf: Leaf) -> Judgement:
        known = self._leaves.get(id(leaf))
        if known is None:
            fact = self.facts[leaf.fact]
            truth = UNKNOWN if fact.value is None else truth_of(holds(self.pathway, leaf, fact.value, self.index))
            known = Judgement(None, self._texts[id(leaf)], truth, (used_value(self.pathway, fact),))
            self._leaves[id(leaf)] = known
        return known


@lru_cache(maxsize=8)
def leaf_texts(pathway: Pathway) -> Mapping[int, str]:
    """Every comparison of the pathway as written, by identity (the pathway keeps them alive)."""
    found = (node for condition in conditions(pathway) for node in walk(condition))
    return {id(node): to_text(node) for node in found if isinstance(node, FactHolds | Compare | Between)}


def used_value(pathway: Pathway, fact: FactValue) -> UsedValue:
    """A fact as a rule read it."""
    type_ = pathway.facts[fact.fact].type
    return UsedValue(fact.fact, shown(type_, fact.value), unit_shown(type_), fact.date, fact.source, fact.state.value)


def shown(type_: FactType, value: FactData | None) -> Shown:
    """A value as shown to a reader: numbers in their unit, dates in ISO form."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, date):
        return value.isoformat()
    amount = type_.amount(value)
    return int(amount) if amount == amount.to_integral_value() else float(amount)


def unit_shown(type_: FactType) -> str | None:
    """The unit of a number; None for all else and for bare numbers."""
    return type_.unit if type_.kind is ValueKind.NUMBER and type_.unit != "1" else None
