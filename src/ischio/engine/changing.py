"""The counterfactual: the smallest changes that would make a condition true, of what is known as well."""

from datetime import date

from ischio.engine.deciding import burden_of
from ischio.engine.needs import HOPELESS, SETTLED, Node
from ischio.engine.normal import Normal
from ischio.engine.smallest import Sets, smallest
from ischio.language.regions import era_of, regions_of_fact
from ischio.model.expression import Expression, Leaf
from ischio.model.pathway import Pathway
from ischio.record.events import Facts


class Changing(Normal):
    """Facts that are unknown may be learnt and known ones changed, but not age, sex and past events.

    Nothing is settled for a criterion as a whole: what it rests on may be changed.
    """

    def __init__(self, pathway: Pathway, facts: Facts, index: date) -> None:
        super().__init__(pathway, era_of(pathway, index))
        self._facts, self._index = facts, index

    def opens_with(self, condition: Expression) -> Sets:
        """The smallest sets of facts of which some allowed values would make the condition true."""
        root = self.of(condition, True)
        facts = sorted(root.times)
        burdens = {fact: burden_of(self._pathway, self._facts, fact) for fact in facts}
        return smallest(root, burdens, {fact: 1 << self._here(fact) for fact in facts if self._is_known(fact)})

    def _leaf(self, leaf: Leaf, want: bool) -> Node:
        if not self._is_known(leaf.fact) or self._pathway.facts[leaf.fact].changeable:
            return self._need(leaf, want)
        return SETTLED if self._in_regions(leaf, want) >> self._here(leaf.fact) & 1 else HOPELESS

    def _is_known(self, fact: str) -> bool:
        return self._facts[fact].value is not None

    def _here(self, fact: str) -> int:
        """The region of the value that a fact has."""
        value = self._facts[fact].value
        assert value is not None, "as asked before"
        return regions_of_fact(self._pathway, fact, self._index).of(value)
