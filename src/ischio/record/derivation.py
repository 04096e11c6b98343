"""From record to facts: every fact of both hips on one date."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from graphlib import TopologicalSorter

from ischio.loading.facts import inputs
from ischio.model.pathway import Compared, Fact, Pathway, Scope, Side
from ischio.record.bounds import Moment
from ischio.record.dossier import Dossier, dossier_of
from ischio.record.events import Facts, FactValue, Record
from ischio.record.patterns import derive_fact


def derive(pathway: Pathway, record: Record, index: date) -> dict[Side, Facts]:
    """All facts of both hips on the index date, those of the person shared, in the order of facts.yaml."""
    dossier, plan = dossier_of(pathway, record), plan_of(pathway)
    person = _derived(dossier, plan.person, None, index, {})
    hips = {side: _derived(dossier, plan.hip, side, index, person) for side in Side}
    return {side: {fact: known[fact] for fact in pathway.facts} for side, known in hips.items()}


def rederive(pathway: Pathway, record: Record, index: date, side: Side, facts: Iterable[str], previous: Facts) -> Facts:
    """The facts of one hip on another date, of which only those named and those that depend on them are derived anew.

    previous: all facts of the hip on a date from which the others are known not to differ.
    """
    plan = plan_of(pathway)
    wanted = {name for fact in facts for name in plan.dependents[fact]}
    stale = (fact for fact in plan.order if fact.id in wanted)
    return _derived(dossier_of(pathway, record), stale, side, index, previous)


def derive_one(dossier: Dossier, fact: Fact, side: Side | None, index: date) -> FactValue:
    """One fact on one date, with no more derived than it depends on. side: None for a fact of the person."""
    return _derived(dossier, plan_of(dossier.pathway).needs[fact.id], side, index, {})[fact.id]


def _derived(
    dossier: Dossier, facts: Iterable[Fact], side: Side | None, index: date, known: Facts
) -> dict[str, FactValue]:
    """`known` with the facts added, each derived after those that it depends on."""
    known = dict(known)
    moment = Moment(dossier.pathway, index, known)
    for fact in facts:
        desk = dossier.of_person if side is None or fact.scope is Scope.PERSON else dossier.of_hip[side]
        given = desk.given.get(fact.id)
        known[fact.id] = derive_fact(fact, desk.matches.get(fact.id), moment) if given is None else given
    return known


# ---- the order of derivation ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """The facts in the order in which they can be derived, those of the person first.

    inputs: per fact those that it is derived from. needs, dependents: per fact itself with all that it depends on, and
    itself with all that depend on it. terms: the facts that another one reckons with, so that each of their values
    counts, not only its region.
    """

    person: tuple[Fact, ...]
    hip: tuple[Fact, ...]
    inputs: Mapping[str, frozenset[str]]
    needs: Mapping[str, tuple[Fact, ...]]
    dependents: Mapping[str, frozenset[str]]
    terms: frozenset[str]

    @property
    def order(self) -> tuple[Fact, ...]:
        return self.person + self.hip


@lru_cache(maxsize=8)
def plan_of(pathway: Pathway) -> Plan:
    """The order of derivation. Facts of the person come first: they depend on no fact of a hip."""
    direct = {name: frozenset(inputs(fact)) for name, fact in pathway.facts.items()}
    facts = [pathway.facts[name] for name in TopologicalSorter(direct).static_order()]
    needs: dict[str, frozenset[str]] = {}
    for fact in facts:
        needs[fact.id] = frozenset({fact.id}).union(*(needs[name] for name in direct[fact.id]))
    return Plan(
        tuple(fact for fact in facts if fact.scope is Scope.PERSON),
        tuple(fact for fact in facts if fact.scope is Scope.HIP),
        direct,
        {name: tuple(fact for fact in facts if fact.id in needs[name]) for name in pathway.facts},
        {name: frozenset(fact.id for fact in facts if name in needs[fact.id]) for name in pathway.facts},
        frozenset(name for fact in facts if isinstance(fact.derivation, Compared) for name in direct[fact.id]),
    )
