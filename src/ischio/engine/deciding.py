"""What would decide a condition: the smallest sets of facts that, given the right values, make it true (or false).

The condition is put in negation normal form with the settled facts folded away (normal.py), and that is searched
(smallest.py). Many people lack the same: what was found for one of them is kept for the others.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from ischio.engine.judge import facts_under
from ischio.engine.lanes import Imprint, program
from ischio.engine.needs import HOPELESS, SETTLED, Node
from ischio.engine.normal import Normal
from ischio.engine.smallest import Sets, smallest
from ischio.language.regions import era_of
from ischio.model.expression import (
    AllOf,
    Between,
    Compare,
    CriterionHolds,
    Expression,
    FactHolds,
    Leaf,
    Not,
    criteria_named,
    facts_named,
    walk,
)
from ischio.model.facts import Burden, Compared
from ischio.model.pathway import Pathway
from ischio.model.rules import Action
from ischio.model.truth import UNKNOWN, truth_of
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


@dataclass(frozen=True, slots=True, eq=False)
class Aim:
    """A condition that may be asked about, in an era of the parameters.

    named: the slots of the comparisons and criteria that it names itself (bit mask). criteria: those criteria, each
    with its slot. weighed: the facts under it that weigh what they are computed from, which is not the same for all.
    """

    pathway: Pathway
    era: date
    condition: Expression
    named: int
    criteria: tuple[tuple[str, int], ...]
    weighed: tuple[str, ...]


class Deciding:
    """What would decide criteria and actions of one hip on one date.

    imprint: the truths of that hip.
    """

    def __init__(self, pathway: Pathway, facts: Facts, index: date, imprint: Imprint) -> None:
        self._pathway, self._facts = pathway, facts
        self._aims = _aims(pathway, era_of(pathway, index))
        self._imprint = imprint
        self._left: dict[str, Imprint] = {}

    def opens_with(self, rule: str) -> Sets:
        """The smallest sets of unknown facts of which some allowed values alone make a criterion true.

        Of an action: make it apply, with nothing done or under way.
        """
        return self._sets(rule, True)

    def closes_with(self, rule: str) -> Sets:
        """The smallest sets of unknown facts of which some allowed values alone make it false."""
        return self._sets(rule, False)

    def _sets(self, rule: str, want: bool) -> Sets:
        aim = self._aims[rule]
        burdens = tuple([burden_of(self._pathway, self._facts, fact) for fact in aim.weighed])
        return _found(aim, want, self._left_of(rule), burdens)

    def _left_of(self, rule: str) -> Imprint:
        """The truths that matter to a rule: those that it names, and under a criterion that is unknown those it names.

        Whoever has the same truths there lacks the same facts.
        """
        known = self._left.get(rule)
        if known is None:
            aim, (true, false) = self._aims[rule], self._imprint
            settled = true | false
            true, false = true & aim.named, false & aim.named
            for name, slot in aim.criteria:
                if not settled >> slot & 1:
                    also_true, also_false = self._left_of(name)
                    true, false = true | also_true, false | also_false
            known = self._left[rule] = Imprint(true, false)
        return known


@lru_cache(maxsize=16)
def _aims(pathway: Pathway, era: date) -> Mapping[str, Aim]:
    """What may be asked about: every criterion and every action, by id."""
    asked = {name: criterion.when for name, criterion in pathway.criteria.items()}
    asked |= {action.id: _applies(action) for action in pathway.actions.values()}
    return {rule: _aim(pathway, era, condition) for rule, condition in asked.items()}


def _aim(pathway: Pathway, era: date, condition: Expression) -> Aim:
    slots = program(pathway, era).slots
    named = {
        slots[node] for node in walk(condition) if isinstance(node, FactHolds | Compare | Between | CriterionHolds)
    }
    criteria = tuple((name, slots[CriterionHolds(name)]) for name in criteria_named(condition))
    under = set(facts_named(condition)).union(*(facts_under(pathway)[name] for name, _ in criteria))
    weighed = sorted(fact for fact in under if fact not in pathway.enquiries)
    return Aim(pathway, era, condition, sum(1 << slot for slot in named), criteria, tuple(weighed))


def _applies(action: Action) -> Expression:
    """That an action applies, with nothing done or under way."""
    undone = tuple(Not(part) for part in (action.done, action.in_progress) if part is not None)
    return AllOf((action.when, *undone)) if undone else action.when


@lru_cache(maxsize=8192)
def _found(aim: Aim, want: bool, left: Imprint, burdens: tuple[int, ...]) -> Sets:
    """The sets for everybody who lacks the same. burdens: of the facts that are weighed."""
    pathway = aim.pathway
    root = _Known(pathway, aim.era, left).of(aim.condition, want)
    weighed = dict(zip(aim.weighed, burdens, strict=True))
    facts = sorted(root.times)
    return _smallest(root, tuple(weighed[fact] if fact in weighed else burden_of(pathway, {}, fact) for fact in facts))


@lru_cache(maxsize=4096)
def _smallest(root: Node, burdens: tuple[int, ...]) -> Sets:
    """Many conditions come down to the same. burdens: of the facts named, in order of their ids."""
    return smallest(root, dict(zip(sorted(root.times), burdens, strict=True)), {})


class _Known(Normal):
    """With all that is known folded away."""

    def __init__(self, pathway: Pathway, era: date, known: Imprint) -> None:
        super().__init__(pathway, era)
        self._slots, self._known = program(pathway, era).slots, known

    def _leaf(self, leaf: Leaf, want: bool) -> Node:
        return self._settled(leaf, want) or self._need(leaf, want)

    def _criterion(self, name: str, want: bool) -> Node:
        return self._settled(CriterionHolds(name), want) or super()._criterion(name, want)

    def _settled(self, named: Leaf | CriterionHolds, want: bool) -> Node | None:
        truth = self._known.of(self._slots[named])
        return None if truth is UNKNOWN else SETTLED if truth is truth_of(want) else HOPELESS
