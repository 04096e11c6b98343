"""The meaning of a condition: one walk gives its truth and the reason, so that the two cannot drift apart.

Plain and never optimised: every other reading of the pathway (lanes, SQL, CQL, proofs) is tested against it.
"""

from collections.abc import Mapping
from datetime import date
from functools import cached_property, lru_cache
from typing import assert_never

from ischio.language.regions import conditions, era_of, holds
from ischio.language.text import to_text
from ischio.model.about import Side
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
    criteria_named,
    facts_named,
    walk,
)
from ischio.model.facts import FactType, ValueKind
from ischio.model.pathway import Pathway
from ischio.model.truth import UNKNOWN, conjunction, disjunction, implication, negation, truth_of
from ischio.record.events import FactData, Facts, FactValue
from ischio.record.plan import plan_of


class Judge:
    """Judges conditions for one hip on one date; what was judged once is kept.

    A judgement names the criteria that it rests on by id and truth, as the condition does; `criterion` says on what
    they rest in turn.
    like: another judge of that date. What rests on the very facts that it knows, it has judged for both.
    """

    def __init__(self, pathway: Pathway, facts: Facts, index: date, like: "Judge | None" = None) -> None:
        self.pathway = pathway
        self.facts = facts
        self.index = index
        self._like = like
        self._under = facts_under(pathway)
        self._texts = leaf_texts(pathway)
        self._leaves: dict[int, Judgement] = {}
        self._used: dict[str, UsedValue] = {}
        self._criteria: dict[str, Judgement] = {}
        self._named: dict[str, Judgement] = {}
        self._conditions: dict[int, Judgement] = {}
        self._unknown: dict[str, Mapping[str, None]] = {}

    @cached_property
    def _own(self) -> set[str]:
        """The facts that the other judge does not know as they are here."""
        like = self._like
        return {name for name, fact in self.facts.items() if like is None or not _same(like.facts.get(name), fact)}

    def condition(self, condition: Expression) -> Judgement:
        """The truth of a whole condition of the pathway, with what it rests on."""
        known = self._conditions.get(id(condition))
        if known is None:
            like = self._like_under(id(condition))
            known = self.judge(condition) if like is None else like.condition(condition)
            self._conditions[id(condition)] = known
        return known

    def criterion(self, name: str) -> Judgement:
        """A criterion or gate, with what it rests on."""
        known = self._criteria.get(name)
        if known is None:
            like = self._like_under(name)
            known = self._criterion(name) if like is None else like.criterion(name)
            self._criteria[name] = known
        return known

    def _criterion(self, name: str) -> Judgement:
        criterion = self.pathway.criteria[name]
        inner = self.judge(criterion.when)
        return Judgement(name, criterion.about.title, inner.truth, (), (inner,))

    def named(self, name: str) -> Judgement:
        """A criterion or gate by its id, title and truth alone."""
        known = self._named.get(name)
        if known is None:
            like = self._like_under(name)
            known = _by_name(self.criterion(name)) if like is None else like.named(name)
            self._named[name] = known
        return known

    def _like_under(self, rule: str | int) -> "Judge | None":
        """The other judge, if no fact under a criterion or condition is this hip's own."""
        return self._like if self._like is not None and self._own.isdisjoint(self._under[rule]) else None

    def judge(self, expression: Expression) -> Judgement:
        """The truth of a condition, with what it rests on."""
        match expression:
            case CriterionHolds(name):
                return self.named(name)
            case FactHolds() | Compare() | Between():
                return self._leaf(expression)
            case AllOf(parts):
                judged = tuple(map(self.judge, parts))
                return Judgement(None, "all of", conjunction([inner.truth for inner in judged]), (), judged)
            case AnyOf(parts):
                judged = tuple(map(self.judge, parts))
                return Judgement(None, "any of", disjunction([inner.truth for inner in judged]), (), judged)
            case Not(part):
                inner = self.judge(part)
                return Judgement(None, "not", negation(inner.truth), (), (inner,))
            case Implies(condition, consequence):
                first, second = self.judge(condition), self.judge(consequence)
                return Judgement(None, "if, then", implication(first.truth, second.truth), (), (first, second))
            case Constant(value):
                return Judgement(None, "true" if value else "false", truth_of(value))
            case _:
                assert_never(expression)

    def _leaf(self, leaf: Leaf) -> Judgement:
        known = self._leaves.get(id(leaf))
        if known is None:
            like = None if leaf.fact in self._own else self._like
            known = self._judged(leaf) if like is None else like._leaf(leaf)
            self._leaves[id(leaf)] = known
        return known

    def _judged(self, leaf: Leaf) -> Judgement:
        fact = self.facts[leaf.fact]
        truth = UNKNOWN if fact.value is None else truth_of(holds(self.pathway, leaf, fact.value, self.index))
        text = self._texts.get(id(leaf)) or to_text(leaf)  # what a fact implies is no condition of the pathway
        return Judgement(None, text, truth, (self._used_value(fact),))

    def _used_value(self, fact: FactValue) -> UsedValue:
        if fact.fact not in self._used:
            self._used[fact.fact] = used_value(self.pathway, fact)
        return self._used[fact.fact]

    def unknown_facts(self, judgement: Judgement) -> Mapping[str, None]:
        """The facts to which a path of unknown nodes leads, in reading order."""
        if judgement.truth is not UNKNOWN:
            return {}
        if judgement.id is not None:
            return self._unknown_under(judgement.id)
        found = {used.fact: None for used in judgement.values}
        for inner in judgement.because:
            found.update(self.unknown_facts(inner))
        return found

    def _unknown_under(self, name: str) -> Mapping[str, None]:
        known = self._unknown.get(name)
        if known is None:
            like = self._like_under(name)
            (inner,) = self.criterion(name).because
            known = self.unknown_facts(inner) if like is None else like._unknown_under(name)
            self._unknown[name] = known
        return known


def _same(one: FactValue | None, other: FactValue) -> bool:
    return one is other or one == other


def _by_name(judged: Judgement) -> Judgement:
    return Judgement(judged.id, judged.text, judged.truth)


def judges_of(pathway: Pathway, facts: Mapping[Side, Facts], index: date) -> dict[Side, Judge]:
    """The judges of both hips. What rests on nothing recorded is judged once for all, what the hips share once."""
    right = Judge(pathway, facts[Side.RIGHT], index, _judge_of_silence(pathway, era_of(pathway, index)))
    return {Side.RIGHT: right, Side.LEFT: Judge(pathway, facts[Side.LEFT], index, right)}


@lru_cache(maxsize=16)
def _judge_of_silence(pathway: Pathway, era: date) -> Judge:
    """Judges the facts of which nothing is recorded. None of them is a date, and so all days of an era are alike."""
    return Judge(pathway, plan_of(pathway).silent, era)


@lru_cache(maxsize=8)
def facts_under(pathway: Pathway) -> Mapping[str | int, frozenset[str]]:
    """All facts on which a criterion (by name) or a condition (by identity) rests."""
    found: dict[str | int, frozenset[str]] = {}
    for name, criterion in pathway.criteria.items():
        found[name] = _facts_under(criterion.when, found)
    return found | {id(condition): _facts_under(condition, found) for condition in conditions(pathway)}


def _facts_under(condition: Expression, criteria: Mapping[str | int, frozenset[str]]) -> frozenset[str]:
    return frozenset(facts_named(condition)).union(*(criteria[name] for name in criteria_named(condition)))


@lru_cache(maxsize=8)
def leaf_texts(pathway: Pathway) -> Mapping[int, str]:
    """Every comparison of the pathway as written, by identity (the pathway keeps them alive)."""
    found = (node for condition in conditions(pathway) for node in walk(condition))
    return {id(node): to_text(node) for node in found if isinstance(node, FactHolds | Compare | Between)}


@lru_cache(maxsize=8)
def criteria_in(pathway: Pathway) -> Mapping[str | int, frozenset[str]]:
    """The criteria that a criterion (by name) or a condition (by identity) itself names."""
    found: dict[str | int, frozenset[str]] = {
        id(condition): frozenset(criteria_named(condition)) for condition in conditions(pathway)
    }
    return found | {name: found[id(criterion.when)] for name, criterion in pathway.criteria.items()}


class Writer:
    """Writes judgements in reading order: a criterion is written out where it is first met, afterwards by id alone."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._in = criteria_in(judge.pathway)
        self._met: set[str] = set()

    def condition(self, condition: Expression) -> Judgement:
        """A whole condition of the pathway."""
        judged = self._judge.condition(condition)
        return judged if self._in[id(condition)] <= self._met else self._written_out(judged)

    def criterion(self, name: str) -> Judgement:
        """A criterion or gate."""
        if name in self._met:
            return self._judge.named(name)
        self._met.add(name)
        judged = self._judge.criterion(name)
        if self._in[name] <= self._met:
            return judged
        (inner,) = judged.because
        return Judgement(name, judged.text, judged.truth, (), (self._written_out(inner),))

    def _written_out(self, judged: Judgement) -> Judgement:
        if not judged.because and (judged.id is None or judged.id in self._met):
            return judged
        if judged.id is not None:
            return self.criterion(judged.id)
        return Judgement(None, judged.text, judged.truth, (), tuple(map(self._written_out, judged.because)))


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
