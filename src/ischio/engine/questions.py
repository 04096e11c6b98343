"""What to ask next, and in which order.

A fact is asked for if a path of unknown nodes leads to it from a target that is unknown. Targets in order of urgency:
alerts, what must be checked before an action that applies, the next gate, the other actions. Within a tier the fact of
the smallest deciding set comes first, then the lightest to obtain, then the order of enquiries.yaml.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum

from ischio.engine.deciding import BURDENS
from ischio.engine.judge import unit_shown
from ischio.model.assessment import Question
from ischio.model.pathway import Compared, Pathway, Scope, ValueKind
from ischio.record.events import Facts, State


class Tier(IntEnum):
    """How urgent the target of a question is."""

    ALERT = 1
    CHECK_FIRST = 2
    NEXT_GATE = 3
    OTHER_ACTION = 4


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
        return min((len(found) for found in self.sets if fact in found), default=99 if self.sets else 1)


@dataclass(frozen=True, slots=True)
class Ranked:
    """A question with its place in the order."""

    question: Question
    scope: Scope


def questions(pathway: Pathway, facts: Facts, targets: Iterable[Target]) -> tuple[Ranked, ...]:
    """The questions that the targets raise, most decisive first; ranks from 1."""
    keys: dict[str, tuple[int, int]] = {}
    why: dict[str, dict[str, None]] = {}
    for target in targets:
        for unknown in target.facts:
            for fact in asked_for(pathway, facts, unknown):
                key = (int(target.tier), target.size(unknown))
                keys[fact] = min(keys.get(fact, key), key)
                why.setdefault(fact, {})[target.name] = None
    enquiries = pathway.enquiries
    order = sorted(keys, key=lambda fact: (*keys[fact], BURDENS[enquiries[fact].burden], enquiries[fact].order))
    return tuple(_question(pathway, fact, tuple(why[fact]), rank) for rank, fact in enumerate(order, 1))


def asked_for(pathway: Pathway, facts: Facts, fact: str) -> Iterator[str]:
    """The facts to ask for in order to learn this one.

    The form that settles it together with others, if nothing was ever said of it; else the fact itself; else the
    unknown facts from which it is derived.
    """
    form = pathway.facts[fact].absent.no_when
    never_said = facts[fact].state in (State.NOT_ASKED, State.STALE)
    if form is not None and form in pathway.enquiries and facts[form].value is None and never_said:
        yield form
    elif fact in pathway.enquiries:
        yield fact
    else:
        for source in sources_of(pathway, fact):
            if facts[source].value is None:
                yield from asked_for(pathway, facts, source)


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
