"""From record to facts: every fact of both hips on one date."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from graphlib import TopologicalSorter

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
    dossier, plan = dossier_of(pathway, record), plan_of(pathway)
    wanted = {name for fact in facts for name in plan.dependents[fact]}
    known = dict(previous)
    for own, order in ((None, plan.person), (side, plan.hip)):
        known = _derived(dossier, (fact for fact in order if fact.id in wanted), own, index, known)
    return known


def _derived(
    dossier: Dossier, facts: Iterable[Fact], side: Side | None, index: date, known: Facts
) -> dict[str, FactValue]:
    """`known` with the facts added, each derived after those that it depends on."""
    known = dict(known)
    moment = Moment(dossier.pathway, index, known)
    given = dossier.given(side)
    for fact in facts:
        if fact.id in given:
            known[fact.id] = given[fact.id]
        else:
            known[fact.id] = derive_fact(fact, dossier.matches(fact, side), moment)
    return known


# ---- the order of derivation ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """The facts in the order in which they can be derived, and per fact itself with all that depend on it."""

    person: tuple[Fact, ...]
    hip: tuple[Fact, ...]
    dependents: Mapping[str, frozenset[str]]


@lru_cache(maxsize=8)
def plan_of(pathway: Pathway) -> Plan:
    """The order of derivation. Facts of the person come first: they depend on no fact of a hip."""
    order = tuple(TopologicalSorter({name: inputs_of(fact) for name, fact in pathway.facts.items()}).static_order())
    facts = [pathway.facts[name] for name in order]
    dependents: dict[str, set[str]] = {}
    for name in reversed(order):
        direct = [fact.id for fact in facts if name in inputs_of(fact)]
        dependents[name] = {name}.union(*(dependents[other] for other in direct))
    return Plan(
        tuple(fact for fact in facts if fact.scope is Scope.PERSON),
        tuple(fact for fact in facts if fact.scope is Scope.HIP),
        {name: frozenset(dependents[name]) for name in pathway.facts},
    )


def inputs_of(fact: Fact) -> tuple[str, ...]:
    """The facts that a fact is derived from, each once."""
    return tuple(dict.fromkeys(_inputs(fact)))


def _inputs(fact: Fact) -> Iterator[str]:
    if fact.absent.no_when is not None:
        yield fact.absent.no_when
    if isinstance(fact.derivation, Compared):
        yield from (term.fact for term in fact.derivation.terms)
        return
    selection = fact.derivation.selection
    if selection.unsided_when is not None:
        yield selection.unsided_when
    yield from (anchor.fact for anchor in selection.anchors)
