"""What to ask next, and in which order.

A fact is asked for if a path of unknown nodes leads to it from a target that is unknown. Targets in order of urgency:
alerts, the side of what decides a stage or a diversion, what must be checked before an action that applies, the next
gate, the other actions. Within a tier the fact of the smallest deciding set comes first, then the lightest to obtain,
then the order of enquiries.yaml.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from ischio.engine.deciding import BURDENS
from ischio.engine.judge import unit_shown
from ischio.model.about import Scope
from ischio.model.assessment import Question
from ischio.model.facts import Compared, Exists, Fact, ValueKind
from ischio.model.pathway import Pathway
from ischio.record.events import Facts, State


class Tier(IntEnum):
    """How urgent the target of a question is."""

    ALERT = 1
    SIDE = 2
    CHECK_FIRST = 3
    NEXT_GATE = 4
    OTHER_ACTION = 5


@dataclass(frozen=True, slots=True)
class Target:
    """Something unknown, and the unknown facts on which it hangs. name: such as `gate:injection`.

    sets: its smallest deciding sets, where they were searched for.
    """

    name: str
    tier: Tier
    facts: tuple[str, ...]
    sets: tuple[tuple[str, ...], ...] = ()

    def size(self, fact: str) -> int:
        """The size of the smallest deciding set that holds the fact; larger than any if none of those found does."""
        return min((len(found) for found in self.sets if fact in found), default=99) if self.sets else 1


@dataclass(frozen=True, slots=True)
class Ranked:
    """A question with its place in the order."""

    question: Question
    scope: Scope


def questions(pathway: Pathway, facts: Facts, targets: Iterable[Target]) -> tuple[Ranked, ...]:
    """The questions that the targets raise, most decisive first; ranks from 1."""
    keys: dict[str, tuple[Tier, int]] = {}
    why: dict[str, dict[str, None]] = {}
    asked: dict[str, tuple[str, ...]] = {}
    for target in targets:
        for unknown in target.facts:
            if unknown not in asked:
                asked[unknown] = tuple(asked_for(pathway, facts, unknown))
            key = (target.tier, target.size(unknown))
            for fact in asked[unknown]:
                if fact not in keys or key < keys[fact]:
                    keys[fact] = key
                why.setdefault(fact, {})[target.name] = None
    enquiries = pathway.enquiries
    order = sorted(keys, key=lambda fact: (*keys[fact], BURDENS[enquiries[fact].burden], enquiries[fact].order))
    return tuple(_question(pathway, fact, tuple(why[fact]), rank) for rank, fact in enumerate(order, 1))


def asked_for(pathway: Pathway, facts: Facts, fact: str) -> Iterator[str]:
    """The facts to ask for in order to learn this one.

    Whose side it is, if it is recorded without one; if nothing was ever said of it, the form that settles it together
    with others, or the question whose answer serves both; else the fact itself; else the unknown facts from which it is
    derived.
    """
    side = whose_side(pathway, facts, fact)
    if side is not None:
        yield side
        return
    form = pathway.facts[fact].absent.no_when
    never_said = facts[fact].state in (State.NOT_ASKED, State.STALE)
    if form is not None and form in pathway.enquiries and facts[form].value is None and never_said:
        yield form
    elif fact in pathway.enquiries:
        same = pathway.enquiries[fact].same_as
        if same is not None and facts[same].value is None and never_said:
            yield from asked_for(pathway, facts, same)
        else:
            yield fact
    else:
        for source in sources_of(pathway, fact):
            if facts[source].value is None:
                yield from asked_for(pathway, facts, source)


def whose_side(pathway: Pathway, facts: Facts, fact: str) -> str | None:
    """The fact that asks whether what is recorded without a side concerns this hip, if one looks at the very events."""
    if facts[fact].state is not State.SIDE_NOT_GIVEN:
        return None
    return next((name for name in recorded_alike(pathway).get(fact, ()) if facts[name].value is None), None)


@lru_cache(maxsize=8)
def recorded_alike(pathway: Pathway) -> Mapping[str, tuple[str, ...]]:
    """Per fact those with an enquiry that ask whether there is any of the events that it looks at."""
    asked = [pathway.facts[name] for name in pathway.enquiries]
    return {
        fact.id: tuple(each.id for each in asked if isinstance(each.derivation, Exists) and _looks_alike(fact, each))
        for fact in pathway.facts.values()
    }


def _looks_alike(one: Fact, other: Fact) -> bool:
    first, second = one.derivation, other.derivation
    return not (isinstance(first, Compared) or isinstance(second, Compared)) and first.selection == second.selection


def sources_of(pathway: Pathway, fact: str) -> Iterator[str]:
    """The facts that the derivation of a fact names: terms, anchors, and what lets absence or no side count."""
    derivation, absent = pathway.facts[fact].derivation, pathway.facts[fact].absent
    if absent.no_when is not None:
        yield absent.no_when
    if isinstance(derivation, Compared):
        yield from (term.fact for term in derivation.terms)
        return
    if derivation.selection.unsided_when is not None:
        yield derivation.selection.unsided_when
    yield from (anchor.fact for anchor in derivation.selection.anchors)
    if derivation.selection.back_from is not None:
        yield derivation.selection.back_from


def _question(pathway: Pathway, fact: str, why: tuple[str, ...], rank: int) -> Ranked:
    enquiry, type_ = pathway.enquiries[fact], pathway.facts[fact].type
    limits = None
    if type_.low is not None and type_.high is not None and type_.kind is ValueKind.NUMBER:
        limits = (float(type_.amount(type_.low)), float(type_.amount(type_.high)))
    question = Question(
        fact,
        enquiry.ask,
        type_.kind.value,
        unit_shown(type_),
        limits,
        tuple(type_.codes),
        enquiry.burden.value,
        why,
        rank,
    )
    return Ranked(question, pathway.facts[fact].scope)
