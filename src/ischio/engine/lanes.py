"""The truth of every condition at once, for two hips on one or many dates, without reasons.

A lane is one hip on one date: with K dates, lane k is the right hip on dates[k] and lane K + k the left hip. A Kleene
value is two whole numbers, whose bit k says that it is true (false) in lane k; neither bit set is unknown. `and`, `or`
and `not` are then single operations over all lanes, which makes `valid_until` a matter of milliseconds.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import NamedTuple, assert_never

from ischio.language.regions import conditions, era_of, masks_of, regions_of, regions_of_fact
from ischio.model.about import Side
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
)
from ischio.model.facts import ValueKind
from ischio.model.pathway import Pathway
from ischio.model.truth import FALSE, TRUE, UNKNOWN, Truth
from ischio.record.events import FactData, Facts


class Kleene(NamedTuple):
    """In which lanes a condition is true, and in which it is false."""

    true: int
    false: int

    def __and__(self, other: "Kleene") -> "Kleene":
        return Kleene(self.true & other.true, self.false | other.false)

    def __or__(self, other: "Kleene") -> "Kleene":
        return Kleene(self.true | other.true, self.false & other.false)

    def __invert__(self) -> "Kleene":
        return Kleene(self.false, self.true)

    def on(self, lane: int) -> Truth:
        """The truth in one lane."""
        return TRUE if self.true >> lane & 1 else FALSE if self.false >> lane & 1 else UNKNOWN


class Imprint(NamedTuple):
    """Which comparisons and criteria are true in one lane, and which are false: bit masks, by slot."""

    true: int
    false: int

    def of(self, slot: int) -> Truth:
        """The truth of one of them."""
        return TRUE if self.true >> slot & 1 else FALSE if self.false >> slot & 1 else UNKNOWN


Column = Sequence[tuple[FactData, int]]
"""The known values of a fact, each with the lanes in which it has that value."""


@dataclass(frozen=True, slots=True)
class Lanes:
    """The facts of both hips on some dates. columns: by fact; a fact without a column is unknown in every lane."""

    dates: tuple[date, ...]
    columns: Mapping[str, Column]

    @property
    def all(self) -> int:
        return (1 << 2 * len(self.dates)) - 1

    def first(self, side: Side) -> int:
        """The lane of a hip on the first date."""
        return 0 if side is Side.RIGHT else len(self.dates)

    def swapped(self, lanes: int) -> int:
        """The same lanes for the other hip."""
        count = len(self.dates)
        return (lanes >> count | lanes << count) & self.all


def lanes_of_day(index: date, right: Facts, left: Facts) -> Lanes:
    """Two lanes: both hips on one date."""
    return Lanes((index,), standing(right, left, 1))


def standing(right: Facts, left: Facts, count: int) -> dict[str, Column]:
    """The columns of facts that stay as they are on so many dates."""
    of_right = (1 << count) - 1
    of_left, of_both = of_right << count, (1 << 2 * count) - 1
    columns: dict[str, Column] = {}
    for name, fact in right.items():
        value, other = fact.value, left[name]
        if other is fact:  # the person's, or nothing recorded of either hip
            if value is not None:
                columns[name] = ((value, of_both),)
            continue
        held = ((value, of_right), (other.value, of_left))
        columns[name] = [(each, lanes) for each, lanes in held if each is not None]
    return columns


Pair = tuple[int, int]
"""A Kleene value while it is worked out: a bare pair is quicker to make."""

Truths = list[Pair]
Condition = Callable[[Truths], Pair]


@dataclass(frozen=True, slots=True)
class Program:
    """The pathway's conditions, ready to be judged over lanes, for dates on which the parameters do not change.

    slots: where the truth of each comparison and criterion is put. leaves: per fact, the slot of each comparison with
    the regions in which it is true. criteria: in order of dependency, each with its slot. conditions: of actions and
    safety rules, by identity.
    """

    slots: Mapping[Leaf | CriterionHolds, int]
    leaves: Mapping[str, Sequence[tuple[int, int]]]
    criteria: Mapping[str, tuple[int, Condition]]
    conditions: Mapping[int, Condition]


@lru_cache(maxsize=16)
def program(pathway: Pathway, era: date) -> Program:
    """Compiles the pathway for an era: the date on which its current parameter values began."""
    slots: dict[Leaf | CriterionHolds, int] = {}
    leaves: dict[str, list[tuple[int, int]]] = {fact: [] for fact in pathway.facts}
    for leaf, mask in masks_of(pathway, era).items():
        slots[leaf] = len(slots)
        leaves[leaf.fact].append((slots[leaf], mask))
    criteria: dict[str, tuple[int, Condition]] = {}
    for name, criterion in pathway.criteria.items():
        condition = _compiled(criterion.when, slots)
        slots[CriterionHolds(name)] = len(slots)
        criteria[name] = (slots[CriterionHolds(name)], condition)
    ready = {id(condition): _compiled(condition, slots) for condition in conditions(pathway)}
    return Program(slots, leaves, criteria, ready)


def _compiled(expression: Expression, slots: Mapping[Leaf | CriterionHolds, int]) -> Condition:
    match expression:
        case Constant(value):
            constant = (-1, 0) if value else (0, -1)
            return lambda _: constant
        case FactHolds() | Compare() | Between() | CriterionHolds():
            slot = slots[expression]
            return lambda truths: truths[slot]
        case Not(part):
            return _negated(_compiled(part, slots))
        case AllOf(parts):
            return _conjoined([_compiled(part, slots) for part in parts])
        case AnyOf(parts):
            return _disjoined([_compiled(part, slots) for part in parts])
        case Implies(condition, consequence):
            return _disjoined([_negated(_compiled(condition, slots)), _compiled(consequence, slots)])
        case _:
            assert_never(expression)


def _negated(part: Condition) -> Condition:
    def negated(truths: Truths) -> Pair:
        true, false = part(truths)
        return false, true

    return negated


def _conjoined(parts: Sequence[Condition]) -> Condition:
    def conjoined(truths: Truths) -> Pair:
        true, false = -1, 0
        for part in parts:
            also_true, also_false = part(truths)
            true &= also_true
            false |= also_false
        return true, false

    return conjoined


def _disjoined(parts: Sequence[Condition]) -> Condition:
    def disjoined(truths: Truths) -> Pair:
        true, false = 0, -1
        for part in parts:
            also_true, also_false = part(truths)
            true |= also_true
            false &= also_false
        return true, false

    return disjoined


class Board:
    """All conditions of a pathway judged over the lanes. The dates must lie in one era."""

    def __init__(self, pathway: Pathway, lanes: Lanes) -> None:
        self.lanes = lanes
        self._all = lanes.all
        self._conditions: dict[int, Kleene] = {}
        era = era_of(pathway, lanes.dates[0])
        self._program, self._regions = program(pathway, era), regions_of(pathway, era)
        self._truths: Truths = [(0, 0)] * len(self._program.slots)
        for fact, column in lanes.columns.items():
            if column:
                self._judge_leaves(pathway, fact, column)
        for slot, condition in self._program.criteria.values():
            self._truths[slot] = condition(self._truths)

    def _judge_leaves(self, pathway: Pathway, fact: str, column: Column) -> None:
        leaves = self._program.leaves[fact]
        by_region = self._by_region(pathway, fact, column) if leaves else ()
        for slot, mask in leaves:
            true = false = 0
            for region, lanes in by_region:
                if mask >> region & 1:
                    true |= lanes
                else:
                    false |= lanes
            self._truths[slot] = true, false

    def _by_region(self, pathway: Pathway, fact: str, column: Column) -> Sequence[tuple[int, int]]:
        """The regions of the values, each with its lanes; only a date's region depends on the lane's date."""
        dates = self.lanes.dates
        if pathway.facts[fact].type.kind is not ValueKind.DATE:
            regions = self._regions[fact]
            return [(regions.of(value), lanes) for value, lanes in column]
        each = (1 << len(dates)) + 1  # one date for both hips
        return [
            (regions_of_fact(pathway, fact, day).of(value), lanes & each << place)
            for value, lanes in column
            for place, day in enumerate(dates)
            if lanes & each << place
        ]

    def imprint(self, lane: int) -> Imprint:
        """The truths of all comparisons and criteria in one lane."""
        true = false = 0
        for slot, (is_true, is_false) in enumerate(self._truths):
            true |= (is_true >> lane & 1) << slot
            false |= (is_false >> lane & 1) << slot
        return Imprint(true, false)

    def criterion(self, name: str) -> Kleene:
        """The truth of a criterion or gate in every lane."""
        return Kleene(*self._truths[self._program.criteria[name][0]])

    def condition(self, expression: Expression) -> Kleene:
        """The truth of an action's or safety rule's condition in every lane."""
        known = self._conditions.get(id(expression))
        if known is None:
            true, false = self._program.conditions[id(expression)](self._truths)
            known = self._conditions[id(expression)] = Kleene(true & self._all, false & self._all)
        return known

    def known(self, name: str) -> Kleene:
        """A criterion's truth, or true where a fact is known: neither where it is unknown."""
        if name in self._program.criteria:
            return self.criterion(name)
        return Kleene(sum(lanes for _, lanes in self.lanes.columns.get(name, ())), 0)

    def lanes_with(self, fact: str, value: FactData) -> int:
        """The lanes in which a fact is known to have this value."""
        return sum(lanes for held, lanes in self.lanes.columns.get(fact, ()) if held == value)
