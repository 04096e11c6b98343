"""A person about whom nothing is assumed: docs/explanation/meaning.md written as formulas over all possible facts.

A fact is its regions (ischio.language.regions): one Boolean for each, at most one of them true, none of them true
while the fact is unknown. Facts of the person are shared by the two hips; facts of a hip have one copy each.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from itertools import combinations
from typing import assert_never

from ischio.backends.proof.logic import (
    KLEENE_FALSE,
    KLEENE_TRUE,
    TRUE,
    Formula,
    Kleene,
    all_of,
    any_of,
    first_of,
    kleene_all,
    kleene_any,
    kleene_not,
    negation,
    variable,
)
from ischio.engine.status import NOT_ON_PATHWAY
from ischio.language.regions import Regions, mask_of, regions_of
from ischio.model.about import Scope, Side
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
    Literal,
    Not,
    Operator,
)
from ischio.model.pathway import Pathway
from ischio.model.rules import Criterion, Diversion

Cell = tuple[Side | None, str]
"""Where a fact's value stands: a hip (None: the person) and the fact."""


class AnyPerson:
    """Formulas about one person with two hips on one index date.

    name: tells two persons apart in one proof. shared: facts that have the same values for both, with regions that are
    fine enough for both. axioms: what holds of every person.
    """

    def __init__(
        self, pathway: Pathway, index: date, name: str = "", shared: Mapping[str, Regions] | None = None
    ) -> None:
        self.pathway = pathway = with_conditions_of_properties(pathway)
        self.index = index
        self.regions = {**regions_of(pathway, index), **(shared or {})}
        self.cells: dict[Cell, tuple[Formula, ...]] = {}
        for fact, regions in self.regions.items():
            whose = "" if shared and fact in shared else name
            for side in self._sides_of(fact):
                cell = f"{whose} {side and side.value} {fact}"
                self.cells[side, fact] = tuple(variable(f"{cell} {k}") for k in range(regions.count))
        self._criteria: dict[tuple[Side, str], Kleene] = {}

    def _sides_of(self, fact: str) -> tuple[Side | None, ...]:
        return (None,) if self.pathway.facts[fact].scope is Scope.PERSON else tuple(Side)

    # ---- facts and conditions ---------------------------------------------------------------------------------

    def axioms(self) -> Iterator[Formula]:
        """A fact has at most one value, and what one fact implies of others is not known to be false."""
        for regions in self.cells.values():
            yield from (negation(all_of(*pair)) for pair in combinations(regions, 2))
        for fact in self.pathway.facts.values():
            for implied in fact.implies:
                for side in Side:
                    yield negation(all_of(self.truth(implied.when, side).yes, self.truth(implied.then, side).no))

    def cell(self, fact: str, side: Side) -> tuple[Formula, ...]:
        """The regions of a fact as the hip sees it."""
        return self.cells[None if self.pathway.facts[fact].scope is Scope.PERSON else side, fact]

    def known(self, fact: str, side: Side) -> Formula:
        return any_of(*self.cell(fact, side))

    def truth(self, condition: Expression, side: Side) -> Kleene:
        """The truth of a condition for a hip."""
        match condition:
            case Constant(value):
                return KLEENE_TRUE if value else KLEENE_FALSE
            case FactHolds() | Compare() | Between():
                return self._leaf(condition, side)
            case CriterionHolds(name):
                return self.criterion(name, side)
            case Not(part):
                return kleene_not(self.truth(part, side))
            case AllOf(parts):
                return kleene_all(self.truth(part, side) for part in parts)
            case AnyOf(parts):
                return kleene_any(self.truth(part, side) for part in parts)
            case Implies(premise, consequence):
                return kleene_any((kleene_not(self.truth(premise, side)), self.truth(consequence, side)))
            case _:
                assert_never(condition)

    def _leaf(self, leaf: Leaf, side: Side) -> Kleene:
        cell = self.cell(leaf.fact, side)
        mask = mask_of(self.pathway, leaf, self.regions[leaf.fact], self.index)
        inside = [region for k, region in enumerate(cell) if mask >> k & 1]
        outside = [region for k, region in enumerate(cell) if not mask >> k & 1]
        return Kleene(any_of(*inside), any_of(*outside))

    def criterion(self, name: str, side: Side) -> Kleene:
        """The truth of a criterion or gate, encoded once for each hip."""
        if (side, name) not in self._criteria:
            self._criteria[side, name] = self.truth(self.pathway.criteria[name].when, side)
        return self._criteria[side, name]

    # ---- stage, gates, diversions -----------------------------------------------------------------------------

    def stages(self, side: Side) -> Mapping[str, Formula]:
        """Of each stage, `not_on_pathway` among them, whether the hip is in it."""
        in_order = (*self._own_stages(), *reversed(self.gates()))
        holding = [(stage, self.criterion(criterion, side).yes) for stage, criterion in in_order]
        return first_of((*holding, (NOT_ON_PATHWAY, TRUE)))

    def _own_stages(self) -> list[tuple[str, str]]:
        return [(s.id, s.criterion) for s in self.pathway.stages if s.criterion and not s.ordered]

    def gates(self) -> list[tuple[str, str]]:
        """The ordered stages with their gates, first to last."""
        return [(s.id, s.criterion) for s in self.pathway.ordered_stages if s.criterion]

    def in_ordered_stage(self, side: Side) -> Formula:
        """Whether the stage is an ordered one or none, and not one with its own condition."""
        return negation(any_of(*(self.criterion(name, side).yes for _, name in self._own_stages())))

    def next_gates(self, side: Side) -> Iterator[tuple[str, Formula]]:
        """Each gate with whether it is the gate ahead: the first ordered one that is not true."""
        passed = self.in_ordered_stage(side)
        for _, gate in self.gates():
            opened = self.criterion(gate, side).yes
            yield gate, all_of(passed, negation(opened))
            passed = all_of(passed, opened)

    def diversion(self, diversion: Diversion, side: Side) -> Kleene:
        """The truth of a diversion; false where it is not tried."""
        truth = self.criterion(diversion.criterion, side)
        if not diversion.only_ordered:
            return truth
        ordered = self.in_ordered_stage(side)
        return Kleene(all_of(truth.yes, ordered), any_of(truth.no, negation(ordered)))

    def diversions(self, side: Side) -> Mapping[str, Formula]:
        """Of each diversion, whether the hip is diverted by it: the first that is true."""
        tried = self.pathway.diversions
        return first_of((diversion.id, self.diversion(diversion, side).yes) for diversion in tried)

    def deceased(self) -> Kleene:
        return self.truth(FactHolds(self.pathway.deceased_fact), Side.RIGHT)

    def alert(self, flag: str, side: Side) -> Formula:
        """Whether a red flag is present."""
        return self.truth(present(flag), side).yes


def present(flag: str) -> Compare:
    """The condition that a red flag is present."""
    return Compare(flag, Operator.EQUAL, Literal("present"))


def with_conditions_of_properties(pathway: Pathway) -> Pathway:
    """The pathway with what its properties and flags say as further criteria.

    A property may cut a fact's values where no rule does; as criteria its conditions take part in the regions.
    """
    said = [(prop.id, part, prop.about) for prop in pathway.properties for part in (prop.under, prop.then) if part]
    said += [(flag.fact, present(flag.fact), flag.about) for flag in pathway.flags]
    further = {f"{name} {k}": Criterion(f"{name} {k}", about, when, "") for k, (name, when, about) in enumerate(said)}
    return replace(pathway, criteria={**pathway.criteria, **further})
