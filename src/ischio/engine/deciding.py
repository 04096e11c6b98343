"""What would decide a condition: the smallest sets of facts that, given the right values, make it true (or false).

The condition is put in negation normal form with the settled facts folded away (needs.py), and that is searched
(smallest.py).
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import assert_never

from ischio.engine.needs import HOPELESS, SETTLED, Need, Node, join
from ischio.engine.smallest import Sets, smallest
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

BURDENS = {burden: weight for weight, burden in enumerate(Burden)}


def burden_of(pathway: Pathway, facts: Facts, fact: str) -> int:
    """The weight of asking for a fact: of its enquiry, or of the heaviest unknown input it is computed from."""
    if fact in pathway.enquiries:
        return BURDENS[pathway.enquiries[fact].burden]
    derivation = pathway.facts[fact].derivation
    if isinstance(derivation, Compared):
        inputs = (term.fact for term in derivation.terms if facts[term.fact].value is None)
        return max((burden_of(pathway, facts, source) for source in inputs), default=len(BURDENS))
    return len(BURDENS)


Found = dict[tuple[Node, tuple[int, ...]], Sets]
"""The sets found already: by what a condition came down to, and the burdens of its facts."""


class Deciding:
    """What would decide conditions about one hip on one date. What is found of a criterion is kept for the next.

    truths: the truth that each criterion has by now; one that is settled need not be searched. found: the sets found
    for another hip too, of which often as little is known.
    """

    def __init__(
        self, pathway: Pathway, facts: Facts, index: date, truths: Callable[[str], Truth], found: Found
    ) -> None:
        self.pathway, self.facts, self.index = pathway, facts, index
        self._truth = truths
        self._masks = masks_by_identity(pathway, era_of(pathway, index))
        self._criteria: dict[tuple[str, bool], Node] = {}
        self._burdens: dict[str, int] = {}
        self._found = found
        self._here: Mapping[str, int] = {}  # of known facts that may be changed, the region (bit mask) of the value

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

    def _normal(self, expression: Expression, want: bool) -> Node:
        match expression:
            case Constant(value):
                return SETTLED if value is want else HOPELESS
            case FactHolds() | Compare() | Between():
                return self._need(expression, want)
            case CriterionHolds(name):
                return self._criterion(name, want)
            case Not(part):
                return self._normal(part, not want)
            case AllOf(parts):
                return join((self._normal(part, want) for part in parts), every=want)
            case AnyOf(parts):
                return join((self._normal(part, want) for part in parts), every=not want)
            case Implies(condition, consequence):
                both = (self._normal(condition, not want), self._normal(consequence, want))
                return join(both, every=not want)
            case _:
                assert_never(expression)

    def _criterion(self, name: str, want: bool) -> Node:
        if (name, want) not in self._criteria:
            truth = self._truth(name)
            if truth is UNKNOWN:
                self._criteria[name, want] = self._normal(self.pathway.criteria[name].when, want)
            else:
                self._criteria[name, want] = SETTLED if truth is truth_of(want) else HOPELESS
        return self._criteria[name, want]

    def _need(self, leaf: Leaf, want: bool) -> Node:
        fact, mask = leaf.fact, self._masks[id(leaf)]
        regions, value = regions_of_fact(self.pathway, fact, self.index), self.facts[fact].value
        mask = mask if want else (1 << regions.count) - 1 & ~mask
        if not self._movable(fact):
            return SETTLED if value is not None and mask >> regions.of(value) & 1 else HOPELESS
        return Need(fact, mask) if mask else HOPELESS

    # ---- the search ----

    def _sets(self, root: Node) -> Sets:
        """The smallest sets that fulfil what a condition comes down to; many conditions come down to the same."""
        burdens = {fact: self._burden(fact) for fact in sorted(root.times)}
        asked = root, tuple(burdens.values())
        if asked not in self._found:
            self._found[asked] = smallest(root, burdens, self._here)
        return self._found[asked]

    def _burden(self, fact: str) -> int:
        if fact not in self._burdens:
            self._burdens[fact] = burden_of(self.pathway, self.facts, fact)
        return self._burdens[fact]


class Changing(Deciding):
    """The counterfactual: known facts may be changed too, but not age, sex and past events."""

    def __init__(self, pathway: Pathway, facts: Facts, index: date) -> None:
        super().__init__(pathway, facts, index, lambda _: UNKNOWN, {})  # with known facts changed, nothing is settled
        values = {name: fact.value for name, fact in facts.items() if self._movable(name)}
        self._here = {
            name: 1 << regions_of_fact(pathway, name, index).of(value)
            for name, value in values.items()
            if value is not None
        }

    def _movable(self, fact: str) -> bool:
        return self.facts[fact].value is None or self.pathway.facts[fact].changeable
