"""From record to facts: every fact of both hips on one date."""

from collections.abc import Iterable
from datetime import date

from ischio.model.about import Scope, Side
from ischio.model.facts import Fact
from ischio.model.pathway import Pathway
from ischio.record.bounds import Moment
from ischio.record.dossier import Dossier, dossier_of
from ischio.record.events import Facts, FactValue, Record
from ischio.record.patterns import derive_fact
from ischio.record.plan import plan_of


def derive(pathway: Pathway, record: Record, index: date, telling: bool = True) -> dict[Side, Facts]:
    """All facts of both hips on the index date, those of the person shared, in the order of facts.yaml.

    telling: whether each says what was not used for it, which takes longer.
    """
    dossier = dossier_of(pathway, record)
    person = _derived(dossier, dossier.of_person.open, None, index, dossier.of_person.settled, telling)
    hips = {
        side: _derived(dossier, desk.open, side, index, {**person, **desk.settled}, telling)
        for side, desk in dossier.of_hip.items()
    }
    return {side: {fact: known[fact] for fact in pathway.facts} for side, known in hips.items()}


def derive_one(dossier: Dossier, fact: Fact, side: Side | None, index: date) -> FactValue:
    """One fact on one date, with no more derived than it depends on. side: None for a fact of the person.

    What was not used is not told.
    """
    return _derived(dossier, plan_of(dossier.pathway).needs[fact.id], side, index, {}, telling=False)[fact.id]


def _derived(
    dossier: Dossier, facts: Iterable[Fact], side: Side | None, index: date, known: Facts, telling: bool = True
) -> dict[str, FactValue]:
    """`known` with the facts added, each derived after those that it depends on."""
    known = dict(known)
    moment = Moment(dossier.pathway, index, known, telling)
    of_person = dossier.of_person
    of_hip = of_person if side is None else dossier.of_hip[side]
    for fact in facts:
        desk = of_person if fact.scope is Scope.PERSON else of_hip
        known[fact.id] = desk.settled.get(fact.id) or derive_fact(fact, desk.matches.get(fact.id), moment)
    return known
