"""The smallest sets of facts that fulfil what a condition comes down to, in order.

The search is best first. A state is the facts taken so far and what is left; a need that leaves no choice is taken at
once, and what the taken facts fulfil falls away. What a state can lead to is bounded from below by the cheapest way out
of each choice, where a fact that several choices name is paid in shares. Listing all sets would be intractable; the
first few are quick.
"""

import heapq
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import NamedTuple

from ischio.engine.needs import HOPELESS, SETTLED, Every, Need, Node, Some, given, join, tops

SHOWN = 5
"""How many sets are given; whether there are more is said."""

PATIENCE = 1000
"""States looked at before the search stops and says that there may be more."""


@dataclass(frozen=True, slots=True)
class Sets:
    """Deciding sets in order of (number of facts, burden, ids). more: there are others, or the search stopped.

    regions: for each set, its facts with the regions (bit mask) that would do, whichever are taken together.
    """

    sets: tuple[tuple[str, ...], ...]
    more: bool
    regions: tuple[Mapping[str, int], ...] = ()


class _State(NamedTuple):
    """taken: facts with the regions that are still open to them. left: what they do not fulfil yet."""

    taken: Mapping[str, int]
    left: Node


def smallest(root: Node, burdens: Mapping[str, int], here: Mapping[str, int]) -> Sets:
    """The first few of the smallest sets.

    burdens: of every fact named, in order of their ids. here: of the facts that are known, the region (bit mask) of the
    value; to leave it there costs nothing.
    """
    open_states, found = _Open(_weights(burdens), here), list[Mapping[str, int]]()
    open_states.add((_State({}, root),))
    for _ in range(PATIENCE):
        if not open_states or len(found) > SHOWN:
            break
        state = open_states.lightest()
        moved = open_states.moved(state)
        if any(each.keys() <= moved.keys() for each in found):
            continue  # it, or a part of it, is found already
        if state.left is SETTLED:
            found.append({fact: moved[fact] for fact in sorted(moved)})
        else:
            open_states.add(_ways(state))
    shown = tuple(found[:SHOWN])
    return Sets(tuple(map(tuple, shown)), len(found) > SHOWN or bool(open_states), shown)


def _weights(burdens: Mapping[str, int]) -> Mapping[str, int]:
    """What a fact adds to a set. The sums are in the order of (number of facts, burden, ids): no two sets weigh alike.

    Of two sets with as many facts that one comes first that holds the first fact in which they differ, so each fact
    takes off a power of two of its own, the first one the most.
    """
    ids = len(burdens)
    one = 1 << ids + sum(burdens.values()).bit_length()
    return {fact: one + (burden << ids) - (1 << ids - place) for place, (fact, burden) in enumerate(burdens.items(), 1)}


def _settled(state: _State) -> _State:
    """The state with all needs taken that leave no choice."""
    taken, left = state
    while needs := {node.fact: node.regions for node in tops(left) if isinstance(node, Need)}:
        taken, left = {**taken, **needs}, given(left, needs)
    return _State(taken, left)


def _ways(state: _State) -> Iterator[_State]:
    """The ways on from a state: by each part of the choice that names the most facts, and so settles much at once."""
    choices = [choice for choice in tops(state.left) if isinstance(choice, Some)]  # no need is left among them
    chosen = max(choices, key=lambda choice: len(choice.times))
    rest = [choice for choice in choices if choice is not chosen]
    for part in chosen.parts:
        yield _State(state.taken, join((part, *rest), every=True))


class _Open:
    """The states not yet looked at, the lightest first."""

    def __init__(self, weights: Mapping[str, int], here: Mapping[str, int]) -> None:
        self._weights, self._here = weights, here
        self._heap: list[tuple[int, int, _State]] = []
        self._added = count()

    def __bool__(self) -> bool:
        return bool(self._heap)

    def add(self, states: Iterable[_State]) -> None:
        """Adds the states that do not contradict themselves."""
        for state in map(_settled, states):
            if state.left is not HOPELESS:
                heapq.heappush(self._heap, (self._least(state), next(self._added), state))

    def lightest(self) -> _State:
        return heapq.heappop(self._heap)[-1]

    def moved(self, state: _State) -> Mapping[str, int]:
        """Of the facts taken those that must be learnt, or changed, to lie in their regions."""
        return {fact: regions for fact, regions in state.taken.items() if self._moves(fact, regions)}

    def _moves(self, fact: str, regions: int) -> bool:
        return not regions & self._here.get(fact, 0)

    def _least(self, state: _State) -> int:
        """What every set to which the state can lead weighs at least."""
        moved, weights = self.moved(state), self._weights
        shares = {fact: 0 if fact in moved else weights[fact] // often for fact, often in state.left.times.items()}
        return sum([weights[fact] for fact in moved]) + self._least_of(state.left, shares)

    def _least_of(self, node: Node, shares: Mapping[str, int]) -> int:
        if isinstance(node, Need):
            return 0 if node.regions & self._here.get(node.fact, 0) else shares[node.fact]
        each = [self._least_of(part, shares) for part in node.parts]
        return sum(each) if isinstance(node, Every) else min(each)
