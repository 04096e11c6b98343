"""In which order facts are derived, and what each is worth for a person of whom nothing is recorded."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from graphlib import TopologicalSorter

from ischio.loading.facts import inputs
from ischio.model.about import Scope
from ischio.model.facts import Compared, Count, CourseLength, Fact, ValueKind
from ischio.model.pathway import Pathway
from ischio.record.events import FactData, FactValue, State


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """The facts in the order in which they can be derived, those of the person first.

    inputs: per fact those that it is derived from. needs: per fact itself with all that it depends on. terms: the facts
    that another one reckons with, so that each of their values counts, not only its region. silent: what a fact is
    while nothing is recorded that bears on it. settled: those of them, by scope, of which that is so on every date.
    """

    person: tuple[Fact, ...]
    hip: tuple[Fact, ...]
    inputs: Mapping[str, frozenset[str]]
    needs: Mapping[str, tuple[Fact, ...]]
    terms: frozenset[str]
    silent: Mapping[str, FactValue]
    settled: Mapping[Scope, dict[str, FactValue]]


@lru_cache(maxsize=8)
def plan_of(pathway: Pathway) -> Plan:
    """The order of derivation. Facts of the person come first: they depend on no fact of a hip."""
    direct = {name: frozenset(inputs(fact)) for name, fact in pathway.facts.items()}
    facts = [pathway.facts[name] for name in TopologicalSorter(direct).static_order()]
    needs: dict[str, frozenset[str]] = {}
    for fact in facts:
        needs[fact.id] = frozenset({fact.id}).union(*(needs[name] for name in direct[fact.id]))
    silent = {fact.id: _silent(fact) for fact in facts if not isinstance(fact.derivation, Compared)}
    return Plan(
        tuple(fact for fact in facts if fact.scope is Scope.PERSON),
        tuple(fact for fact in facts if fact.scope is Scope.HIP),
        direct,
        {name: tuple(fact for fact in facts if fact.id in needs[name]) for name in pathway.facts},
        frozenset(name for fact in facts if isinstance(fact.derivation, Compared) for name in direct[fact.id]),
        silent,
        {
            scope: {name: value for name, value in silent.items() if _settled(pathway.facts[name], scope)}
            for scope in Scope
        },
    )


def _silent(fact: Fact) -> FactValue:
    value = no_of(fact) if fact.absent.no else None
    return FactValue(fact.id, value, State.NOT_ASKED if value is None else State.KNOWN_ABSENT)


def _settled(fact: Fact, scope: Scope) -> bool:
    """Whether nothing but an event that matches can make it another than it is in silence."""
    return fact.scope is scope and not fact.absent.no_when


def no_of(fact: Fact) -> FactData | None:
    """The value that stands for absence; None where the fact has none, as a date or a measurement."""
    if fact.type.kind is ValueKind.BOOLEAN:
        return False
    if isinstance(fact.derivation, Count | CourseLength):
        return 0
    return fact.absent.code
