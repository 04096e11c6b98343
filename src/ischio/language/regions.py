"""Regions: the finitely many parts into which the pathway's comparisons cut the values of one fact.

Every comparison names one fact, so on a given index date two values of one region are alike to every rule. Conflicts,
deciding sets, counterfactuals, validity, test generators and proofs all work on regions.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import assert_never

from ischio.model.dates import Duration, shift
from ischio.model.expression import (
    Between,
    Compare,
    Expression,
    FactHolds,
    IndexDate,
    Leaf,
    Limit,
    Literal,
    Operator,
    ParameterValue,
    walk,
)
from ischio.model.facts import FactType, ValueKind
from ischio.model.parameters import Quantity
from ischio.model.pathway import Pathway

FactData = bool | int | str | date


def interval_on(pathway: Pathway, interval: Duration | ParameterValue, index: date) -> Duration:
    """The duration that an interval means on the index date."""
    if isinstance(interval, Duration):
        return interval
    value = pathway.parameters[interval.parameter].on(index)
    assert isinstance(value, Duration), f"{interval.parameter} is no duration"
    return value


def limit_on(pathway: Pathway, limit: Limit, type_: FactType, index: date) -> int | str | date:
    """The constant that a limit means on the index date: steps of the fact's type, a code, or a date."""
    match limit:
        case Literal(value):
            return _in_steps(value, type_) if isinstance(value, Decimal) else value
        case ParameterValue(name):
            quantity = pathway.parameters[name].on(index)
            assert isinstance(quantity, Quantity), f"{name} is no number"
            return _in_steps(quantity.value, type_)
        case IndexDate(offset, sign):
            return index if offset is None else shift(index, interval_on(pathway, offset, index), sign)
        case _:
            assert_never(limit)


def _in_steps(value: Decimal, type_: FactType) -> int:
    steps = type_.steps(value)
    assert steps is not None, f"{value} does not fall on a step of {type_.step}"
    return steps


@dataclass(frozen=True, slots=True)
class Regions:
    """The regions of one fact on one index date, numbered from 0 upward in the order of the values.

    Numbers and dates (as ordinals): region k holds the values v with cuts[k-1] < v <= cuts[k]. Codes: one region for
    each code that a rule names, then one for all others, if there are others. Yes or no: 0 is no, 1 is yes.
    """

    type: FactType
    cuts: tuple[int, ...] = ()
    codes: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        match self.type.kind:
            case ValueKind.BOOLEAN:
                return 2
            case ValueKind.CODE:
                return len(self.codes) + (len(self.codes) < len(self.type.codes))
            case ValueKind.NUMBER | ValueKind.DATE:
                return len(self.cuts) + 1
            case _:
                assert_never(self.type.kind)

    def of(self, value: FactData) -> int:
        """The region of a value (numbers in steps)."""
        if isinstance(value, bool):
            return int(value)
        if isinstance(value, str):
            return self.codes.index(value) if value in self.codes else len(self.codes)
        return bisect_left(self.cuts, value.toordinal() if isinstance(value, date) else value)

    def sample(self, region: int) -> FactData:
        """A value in the region, of those allowed to the fact: next to its cut, where mistakes are made."""
        match self.type.kind:
            case ValueKind.BOOLEAN:
                return region == 1
            case ValueKind.CODE:
                named = self.codes[region : region + 1]
                return named[0] if named else next(code for code in self.type.codes if code not in self.codes)
            case ValueKind.NUMBER | ValueKind.DATE:
                if region < len(self.cuts):
                    value = self.cuts[region]
                elif self.cuts:
                    value = self.cuts[-1] + 1
                else:
                    value = self.type.low or 0
                return value if self.type.kind is ValueKind.NUMBER else date.fromordinal(max(value, 1))
            case _:
                assert_never(self.type.kind)


def common(first: Regions, second: Regions) -> Regions | None:
    """Regions each of which lies within one region of both, over the values that both types allow.

    None where the types hold different things: another kind, unit or step, or no value that both allow.
    """
    one, other = first.type, second.type
    if (one.kind, one.unit, one.step) != (other.kind, other.unit, other.step):
        return None
    codes = {code: words for code, words in one.codes.items() if code in other.codes}
    lows = [low for low in (one.low, other.low) if low is not None]
    highs = [high for high in (one.high, other.high) if high is not None]
    type_ = replace(one, codes=codes, low=max(lows, default=None), high=min(highs, default=None))
    if (one.codes and not codes) or (type_.low is not None and type_.high is not None and type_.low > type_.high):
        return None
    cuts = sorted(cut for cut in {*first.cuts, *second.cuts} if _inside(type_, cut))
    named = tuple(code for code in codes if code in first.codes or code in second.codes)
    return Regions(type_, tuple(cuts), named)


def leaves(pathway: Pathway) -> Iterator[tuple[str, Leaf]]:
    """Every fact name with a comparison (or bare use) of it, over all conditions of the pathway, repeats included."""
    for condition in conditions(pathway):
        for node in walk(condition):
            if isinstance(node, FactHolds | Compare | Between):
                yield node.fact, node


def conditions(pathway: Pathway) -> Iterator[Expression]:
    """Every condition of the pathway that is judged for a hip: criteria, actions and safety rules."""
    for criterion in pathway.criteria.values():
        yield criterion.when
    for action in pathway.actions.values():
        own = (action.when, action.due_when, action.done, action.in_progress)
        needed = (must.needed_when for must in action.must_know)
        safety = (rule.when for rules in (action.stops, action.strong_cautions, action.cautions) for rule in rules)
        yield from (condition for condition in (*own, *needed, *safety) if condition is not None)


@lru_cache(maxsize=8)
def leaves_by_fact(pathway: Pathway) -> Mapping[str, tuple[Leaf, ...]]:
    """The different comparisons of each fact that a condition, or an implication between facts, makes."""
    found: dict[str, dict[Leaf, None]] = {fact: {} for fact in pathway.facts}
    for fact, leaf in leaves(pathway):
        found[fact][leaf] = None
    for fact, leaf in _implied_leaves(pathway):
        found[fact][leaf] = None
    return {fact: tuple(different) for fact, different in found.items()}


def _implied_leaves(pathway: Pathway) -> Iterator[tuple[str, Leaf]]:
    for fact in pathway.facts.values():
        for implication in fact.implies:
            for node in (*walk(implication.when), *walk(implication.then)):
                if isinstance(node, FactHolds | Compare | Between):
                    yield node.fact, node


@lru_cache(maxsize=64)
def regions_of(pathway: Pathway, index: date) -> Mapping[str, Regions]:
    """The regions of every fact on the index date.

    The order of the cuts does not depend on the date (loading refuses two cuts whose order would), so what is shown
    for the regions of one date holds on every date.
    """
    return {fact: regions_of_fact(pathway, fact, index) for fact in pathway.facts}


@lru_cache(maxsize=65536)
def regions_of_fact(pathway: Pathway, fact: str, index: date) -> Regions:
    """The regions of one fact on the index date."""
    return _regions(pathway, pathway.facts[fact].type, leaves_by_fact(pathway)[fact], index)


def _regions(pathway: Pathway, type_: FactType, different: Iterable[Leaf], index: date) -> Regions:
    cuts: set[int] = set()
    codes: dict[str, None] = {}
    for leaf in different:
        if isinstance(leaf, FactHolds):
            continue
        for operator, limit in _comparisons(leaf):
            value = limit_on(pathway, limit, type_, index)
            if isinstance(value, str):
                codes[value] = None
            else:
                cuts |= _cuts(operator, value.toordinal() if isinstance(value, date) else value)
    kept = (cut for cut in cuts if _inside(type_, cut))
    return Regions(type_, tuple(sorted(kept)), tuple(code for code in type_.codes if code in codes))


def _comparisons(leaf: Compare | Between) -> tuple[tuple[Operator, Limit], ...]:
    if isinstance(leaf, Compare):
        return ((leaf.operator, leaf.limit),)
    return ((Operator.AT_LEAST, leaf.low), (Operator.AT_MOST, leaf.high))


def _cuts(operator: Operator, value: int) -> set[int]:
    """After which whole numbers the comparison changes its truth."""
    match operator:
        case Operator.AT_MOST | Operator.GREATER:
            return {value}
        case Operator.LESS | Operator.AT_LEAST:
            return {value - 1}
        case Operator.EQUAL | Operator.NOT_EQUAL:
            return {value - 1, value}
        case _:
            assert_never(operator)


def _inside(type_: FactType, cut: int) -> bool:
    """Whether allowed values lie on both sides of the cut."""
    return (type_.low is None or type_.low <= cut) and (type_.high is None or cut < type_.high)


def holds(pathway: Pathway, leaf: Leaf, value: FactData, index: date) -> bool:
    """Whether a comparison is true of a known value (numbers in steps)."""
    if isinstance(leaf, FactHolds):
        return bool(value)
    type_ = pathway.facts[leaf.fact].type
    return all(
        compare(operator, value, limit_on(pathway, limit, type_, index)) for operator, limit in _comparisons(leaf)
    )


def compare(operator: Operator, value: FactData, limit: FactData) -> bool:
    """One comparison of two values of one type."""
    match operator:
        case Operator.EQUAL:
            return value == limit
        case Operator.NOT_EQUAL:
            return value != limit
        case Operator.LESS:
            return value < limit  # type: ignore[operator]  # one type, by the check at loading
        case Operator.AT_MOST:
            return value <= limit  # type: ignore[operator]  # one type, by the check at loading
        case Operator.GREATER:
            return value > limit  # type: ignore[operator]  # one type, by the check at loading
        case Operator.AT_LEAST:
            return value >= limit  # type: ignore[operator]  # one type, by the check at loading
        case _:
            assert_never(operator)


def era_of(pathway: Pathway, day: date) -> date:
    """A date that stands for all dates with the same parameter values as that day: the date since which they hold."""
    changes = changes_of_parameters(pathway)
    beginning = min((date(2000, 1, 1), *(since - timedelta(days=1) for since in changes[:1])))
    return max((since for since in changes if since <= day), default=beginning)


@lru_cache(maxsize=8)
def changes_of_parameters(pathway: Pathway) -> tuple[date, ...]:
    """The dates from which a dated parameter has a new value."""
    dated = (value.since for parameter in pathway.parameters.values() for value in parameter.values)
    return tuple(sorted({since for since in dated if since is not None}))


def mask_of(pathway: Pathway, leaf: Leaf, regions: Regions, index: date) -> int:
    """The regions in which the comparison is true, as a bit mask: bit k for region k."""
    return sum(1 << k for k in range(regions.count) if holds(pathway, leaf, regions.sample(k), index))


@lru_cache(maxsize=16)
def masks_of(pathway: Pathway, era: date) -> Mapping[Leaf, int]:
    """The mask of every comparison of the pathway, on all dates of an era (`era_of`)."""
    regions = regions_of(pathway, era)
    return {
        leaf: mask_of(pathway, leaf, regions[fact], era)
        for fact, different in leaves_by_fact(pathway).items()
        for leaf in different
    }


@lru_cache(maxsize=16)
def masks_by_identity(pathway: Pathway, era: date) -> Mapping[int, int]:
    """The same for every comparison as it stands in a condition, by identity (the pathway keeps them alive)."""
    masks = masks_of(pathway, era)
    return {id(leaf): masks[leaf] for _, leaf in leaves(pathway)}
