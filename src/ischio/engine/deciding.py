"""What would decide a condition: the smallest sets of facts that, given the right values, make it true (or false).

The condition is put in negation normal form with the settled facts folded away, and searched best first: a state is
the regions still open to each fact and the alternatives not yet chosen; its lower bound counts, for each of those, the
cheapest way out through facts that occur only once. Listing all sets would be intractable; the first few are quick.
"""

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import assert_never

from ischio.language.regions import era_of, masks_by_identity, regions_of_fact
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
from ischio.model.facts import Burden, Compared
from ischio.model.pathway import Pathway
from ischio.model.truth import UNKNOWN, Truth, truth_of
from ischio.record.events import Facts

SHOWN = 5
"""How many sets are given; whether there are more is said."""

PATIENCE = 4000
"""States looked at before the search stops and says that there may be more."""

BURDENS = {burden: weight for weight, burden in enumerate(Burden)}


@dataclass(frozen=True, slots=True)
class Sets:
    """Deciding sets in order of (number of facts, burden, ids). more: there are others, or the search stopped.

    regions: for each set, its facts with the regions (bit mask) that would do, whichever are taken together.
    """

    sets: tuple[tuple[str, ...], ...]
    more: bool
    regions: tuple[Mapping[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class _Need:
    """The fact must lie in one of these regions (bit mask)."""

    fact: str
    regions: int


@dataclass(frozen=True, slots=True)
class _Every:
    parts: tuple["_Node", ...]


@dataclass(frozen=True, slots=True)
class _Some:
    parts: tuple["_Node", ...]


_Node = _Need | _Every | _Some
_SETTLED, _HOPELESS = _Every(()), _Some(())


def burden_of(pathway: Pathway, facts: Facts, fact: str) -> int:
    """The weight of asking for a fact: of its enquiry, or of the heaviest unknown input it is computed from."""
    if fact in pathway.enquiries:
        return BURDENS[pathway.enquiries[fact].burden]
    derivation = pathway.facts[fact].derivation
    if isinstance(derivation, Compared):
        inputs = (term.fact for term in derivation.terms if facts[term.fact].value is None)
        return max((burden_of(pathway, facts, source) for source in inputs), default=len(BURDENS))
    return len(BURDENS)


_Cost = tuple[int, int]
_Found = tuple[_Cost, tuple[str, ...], Mapping[str, int]]


class Deciding:
    """What would decide conditions about one hip on one date. What is found of a criterion is kept for the next.

    truths: the truth that each criterion has by now; one that is settled need not be searched.
    """

    def __init__(self, pathway: Pathway, facts: Facts, index: date, truths: Callable[[str], Truth]) -> None:
        self.pathway, self.facts = pathway, facts
        self._truth = truths
        self._masks = masks_by_identity(pathway, era_of(pathway, index))
        self._regions = {fact: regions_of_fact(pathway, fact, index) for fact in pathway.facts}
        self._criteria: dict[tuple[str, bool], _Node] = {}
        self._burdens: dict[str, int] = {}
        self._found: dict[_Node, Sets] = {}

    def opens_with(self, condition: Expression) -> Sets:
        """The smallest sets of unknown facts of which some allowed values alone make the condition true."""
        return self._sets(self._normal(condition, True))

    def closes_with(self, condition: Expression) -> Sets:
        """The smallest sets of unknown facts of which some allowed values alone make the condition false."""
        return self._sets(self._normal(condition, False))

    def _movable(self, fact: str) -> bool:
        """Whether the search may choose the fact's region."""
        return self.facts[fact].value is None

    # ---- negation normal form ----

    def _normal(self, expression: Expression, want: bool) -> _Node:
        match expression:
            case Constant(value):
                return _SETTLED if value is want else _HOPELESS
            case FactHolds() | Compare() | Between():
                return self._need(expression, want)
            case CriterionHolds(name):
                return self._criterion(name, want)
            case Not(part):
                return self._normal(part, not want)
            case AllOf(parts):
                return self._join((self._normal(part, want) for part in parts), every=want)
            case AnyOf(parts):
                return self._join((self._normal(part, want) for part in parts), every=not want)
            case Implies(condition, consequence):
                both = (self._normal(condition, not want), self._normal(consequence, want))
                return self._join(both, every=not want)
            case _:
                assert_never(expression)

    def _criterion(self, name: str, want: bool) -> _Node:
        if (name, want) not in self._criteria:
            truth = self._truth(name)
            if truth is UNKNOWN:
                self._criteria[name, want] = self._normal(self.pathway.criteria[name].when, want)
            else:
                self._criteria[name, want] = _SETTLED if truth is truth_of(want) else _HOPELESS
        return self._criteria[name, want]

    def _need(self, leaf: Leaf, want: bool) -> _Node:
        fact, mask = leaf.fact, self._masks[id(leaf)]
        regions, value = self._regions[fact], self.facts[leaf.fact].value
        mask = mask if want else (1 << regions.count) - 1 & ~mask
        if not self._movable(fact):
            return _SETTLED if value is not None and mask >> regions.of(value) & 1 else _HOPELESS
        return _Need(fact, mask) if mask else _HOPELESS

    def _join(self, parts: Iterable[_Node], every: bool) -> _Node:
        """Joins parts, merging the needs of one fact into one, until one of them decides the whole."""
        neutral, decisive = (_SETTLED, _HOPELESS) if every else (_HOPELESS, _SETTLED)
        masks: dict[str, int] = {}
        others: list[_Node] = []
        for part in _flat(parts, _Every if every else _Some):
            if part is decisive:
                return decisive
            if isinstance(part, _Need):
                known = masks.get(part.fact, part.regions)
                masks[part.fact] = known & part.regions if every else known | part.regions
            elif part not in others:
                others.append(part)
        if every and not all(masks.values()):
            return _HOPELESS
        kept = (*(_Need(fact, mask) for fact, mask in masks.items()), *others)
        if len(kept) == 1:
            return kept[0]
        return (_Every if every else _Some)(kept) if kept else neutral

    # ---- best-first search ----

    def _sets(self, root: _Node) -> Sets:
        """The smallest sets that fulfil what a condition comes down to; many conditions come down to the same."""
        if root not in self._found:
            self._found[root] = self._search(root)
        return self._found[root]

    def _search(self, root: _Node) -> Sets:
        occurrences = Counter(need.fact for need in _needs(root))
        bounds: dict[int, _Cost] = {}

        def bound(node: _Node) -> _Cost:
            if id(node) not in bounds:
                bounds[id(node)] = self._bound(node, occurrences, bound)
            return bounds[id(node)]

        tie = count()
        found: list[_Found] = []
        heap: list[tuple[_Cost, int, dict[str, int], tuple[_Some, ...]]] = []

        def push(masks: dict[str, int], pending: tuple[_Some, ...], node: _Node) -> None:
            step = self._take(node, masks, pending)
            if step is not None:
                ahead = (bound(choice) for choice in step[1])
                heapq.heappush(heap, (_sum((self._cost(step[0]), *ahead)), next(tie), *step))

        push({}, (), root)
        looked = 0
        while heap and looked < PATIENCE:
            cost, _, masks, pending = heapq.heappop(heap)
            if len(found) > SHOWN and cost > found[SHOWN][0]:
                break
            looked += 1
            if not pending:
                _keep(found, cost, {fact: masks[fact] for fact in sorted(masks) if self._moved(fact, masks[fact])})
                continue
            chosen, *rest = sorted(pending, key=lambda choice: len(choice.parts))
            for part in chosen.parts:
                push(masks, tuple(rest), part)
        found.sort(key=lambda each: each[:2])
        shown = found[:SHOWN]
        more = len(found) > SHOWN or bool(heap)
        return Sets(tuple(facts for _, facts, _ in shown), more, tuple(regions for *_, regions in shown))

    def _take(
        self, node: _Node, masks: dict[str, int], pending: tuple[_Some, ...]
    ) -> tuple[dict[str, int], tuple[_Some, ...]] | None:
        """Adds an obligation to a state; None if it contradicts what was chosen before."""
        masks, choices, queue = dict(masks), list(pending), [node]
        while queue:
            match queue.pop():
                case _Need(fact, regions):
                    masks[fact] = masks.get(fact, regions) & regions
                    if not masks[fact]:
                        return None
                case _Every(parts):
                    queue.extend(parts)
                case _Some(()):
                    return None
                case _Some() as choice:
                    choices.append(choice)
        return masks, tuple(choices)

    def _moved(self, fact: str, regions: int) -> bool:
        """Whether the fact must be learnt or changed to lie in the regions."""
        value = self.facts[fact].value
        return value is None or not regions >> self._regions[fact].of(value) & 1

    def _cost(self, masks: Mapping[str, int]) -> _Cost:
        facts = burden = 0
        for fact, regions in masks.items():
            if self._moved(fact, regions):
                facts += 1
                burden += self._burden(fact)
        return facts, burden

    def _burden(self, fact: str) -> int:
        if fact not in self._burdens:
            self._burdens[fact] = burden_of(self.pathway, self.facts, fact)
        return self._burdens[fact]

    def _bound(self, node: _Node, occurrences: Mapping[str, int], bound: Callable[[_Node], _Cost]) -> _Cost:
        match node:
            case _Need(fact, regions):
                return self._cost({fact: regions}) if occurrences[fact] == 1 else (0, 0)
            case _Every(parts):
                return _sum(bound(part) for part in parts)
            case _Some(parts):
                # The fewest facts and the least burden may come from different parts: still a lower bound.
                costs = [bound(part) for part in parts]
                return min(cost[0] for cost in costs), min(cost[1] for cost in costs)
            case _:
                assert_never(node)


def _flat(parts: Iterable[_Node], kind: type[_Every] | type[_Some]) -> Iterator[_Node]:
    """The parts, with those of nested nodes of the same kind in their place (so what is neutral falls away)."""
    for part in parts:
        if isinstance(part, kind):
            yield from part.parts
        else:
            yield part


class Changing(Deciding):
    """The counterfactual: known facts may be changed too, but not age, sex and past events."""

    def __init__(self, pathway: Pathway, facts: Facts, index: date) -> None:
        super().__init__(pathway, facts, index, lambda _: UNKNOWN)  # with known facts changed, nothing is settled

    def _movable(self, fact: str) -> bool:
        return self.facts[fact].value is None or self.pathway.facts[fact].changeable


def _needs(node: _Node) -> Iterator[_Need]:
    if isinstance(node, _Need):
        yield node
    else:
        for part in node.parts:
            yield from _needs(part)


def _sum(costs: Iterable[_Cost]) -> _Cost:
    facts = burden = 0
    for cost in costs:
        facts += cost[0]
        burden += cost[1]
    return facts, burden


def _keep(found: list[_Found], cost: _Cost, regions: Mapping[str, int]) -> None:
    """Keeps a set unless it, or a part of it, is known already (smaller sets come first)."""
    if not any(set(known) <= regions.keys() for _, known, _ in found):
        found.append((cost, tuple(regions), regions))
