"""Of what the solver cannot speak: facts to which a record may give another value in two versions, and other dates."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from ischio.backends.difference.entries import names_in
from ischio.language.regions import changes_of_parameters, regions_of_fact
from ischio.model.facts import Compared, Conflict, Fact, Latest
from ischio.model.pathway import Pathway
from ischio.record.plan import plan_of

_A_DAY = date(2026, 6, 1)


@dataclass(frozen=True, slots=True)
class DerivedOtherwise:
    """A fact that both versions have and derive differently. why: each reason in words."""

    fact: str
    title: str
    why: tuple[str, ...]


def derived_otherwise(old: Pathway, new: Pathway) -> tuple[DerivedOtherwise, ...]:
    """The facts of both versions whose derivation differs, by themselves or through what they lean on."""
    own = {fact: tuple(_reasons(old, new, fact)) for fact in new.facts if fact in old.facts}
    at_fault = {fact for fact, reasons in own.items() if reasons}
    found = {fact: reasons or tuple(_leant_on(new, fact, at_fault)) for fact, reasons in own.items()}
    return tuple(DerivedOtherwise(fact, new.facts[fact].about.title, why) for fact, why in found.items() if why)


def _leant_on(pathway: Pathway, fact: str, at_fault: set[str]) -> Iterator[str]:
    return (f"it leans on {need.id}" for need in plan_of(pathway).needs[fact] if need.id in at_fault)


def _reasons(old: Pathway, new: Pathway, name: str) -> Iterator[str]:
    was, now = old.facts[name], new.facts[name]
    if _derived(was) != _derived(now):
        yield "its entry differs"
    for parameter in dict.fromkeys(names_in(now.derivation)):
        if _has_other_values(old, new, parameter):
            yield f"parameter {parameter} differs"
    for concept in () if isinstance(now.derivation, Compared) else now.derivation.selection.concepts:
        if _has_other_codes(old, new, concept):
            yield f"the codes of {concept} differ"
    if isinstance(now.derivation, Latest) and now.conflict is Conflict.UNKNOWN and _is_cut_otherwise(old, new, name):
        yield "a cut-off differs, which decides whether two readings of one day conflict"


def _derived(fact: Fact) -> tuple[object, ...]:
    """All that decides the value."""
    return fact.type, fact.scope, fact.derivation, fact.absent, fact.conflict, fact.implies


def _has_other_values(old: Pathway, new: Pathway, name: str) -> bool:
    was, now = old.parameters.get(name), new.parameters.get(name)
    return was is not None and now is not None and was.values != now.values


def _has_other_codes(old: Pathway, new: Pathway, concept: str) -> bool:
    was, now = old.concepts.get(concept), new.concepts[concept]
    return was is not None and (was.codes, was.values, was.unit) != (now.codes, now.values, now.unit)


def _is_cut_otherwise(old: Pathway, new: Pathway, fact: str) -> bool:
    """Whether rules cut the values of the fact at other places."""
    days = {_A_DAY, *changes_of_parameters(old), *changes_of_parameters(new)}
    pairs = ((regions_of_fact(old, fact, day), regions_of_fact(new, fact, day)) for day in days)
    return any((was.cuts, was.codes) != (now.cuts, now.codes) for was, now in pairs)


# ---- dates ------------------------------------------------------------------------------------------------------


def dated_otherwise(old: Pathway, new: Pathway) -> tuple[str, ...]:
    """What both versions have and date differently: reviews of stages, due dates of actions, ends of stops."""
    was, now = dict(_dates(old)), dict(_dates(new))
    common = (what for what in now if what in was)
    return tuple(what for what in common if was[what] != now[what] or _leans_on_other_values(old, new, now[what]))


def _dates(pathway: Pathway) -> Iterator[tuple[str, object]]:
    for stage in pathway.stages:
        yield f"reviews in {stage.id}", (stage.review, stage.since)
    for action in pathway.actions.values():
        yield f"due date of {action.id}", action.due
        for stop in action.stops:
            yield f"end of {stop.id}", stop.until
    yield "the last review", pathway.review_fact


def _leans_on_other_values(old: Pathway, new: Pathway, dates: object) -> bool:
    return any(_has_other_values(old, new, name) for name in names_in(dates))
