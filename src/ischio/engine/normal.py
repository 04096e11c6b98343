"""Negation normal form: what it takes for a condition to be true (or false), with what is settled folded away."""

from abc import ABC, abstractmethod
from datetime import date
from typing import assert_never

from ischio.engine.needs import HOPELESS, SETTLED, Need, Node, join
from ischio.language.regions import masks_of, regions_of
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
from ischio.model.pathway import Pathway


class Normal(ABC):
    """Puts conditions in negation normal form, in an era of the parameters. What is settled, each kind says."""

    def __init__(self, pathway: Pathway, era: date) -> None:
        self._pathway = pathway
        self._masks, self._regions = masks_of(pathway, era), regions_of(pathway, era)

    def of(self, expression: Expression, want: bool) -> Node:
        """What it takes for the condition to be as wanted."""
        match expression:
            case Constant(value):
                return SETTLED if value is want else HOPELESS
            case FactHolds() | Compare() | Between():
                return self._leaf(expression, want)
            case CriterionHolds(name):
                return self._criterion(name, want)
            case Not(part):
                return self.of(part, not want)
            case AllOf(parts):
                return join((self.of(part, want) for part in parts), every=want)
            case AnyOf(parts):
                return join((self.of(part, want) for part in parts), every=not want)
            case Implies(condition, consequence):
                return join((self.of(condition, not want), self.of(consequence, want)), every=not want)
            case _:
                assert_never(expression)

    @abstractmethod
    def _leaf(self, leaf: Leaf, want: bool) -> Node: ...

    def _criterion(self, name: str, want: bool) -> Node:
        return self.of(self._pathway.criteria[name].when, want)

    def _need(self, leaf: Leaf, want: bool) -> Node:
        """The fact in one of the regions in which the comparison is as wanted."""
        mask = self._in_regions(leaf, want)
        return Need(leaf.fact, mask) if mask else HOPELESS

    def _in_regions(self, leaf: Leaf, want: bool) -> int:
        mask = self._masks[leaf]
        return mask if want else (1 << self._regions[leaf.fact].count) - 1 & ~mask
