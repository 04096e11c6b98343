"""Whether two versions of a pathway answer alike for every person, given the same facts, and if not, in what.

The two persons of this proof are one: a fact that both versions have is one set of variables, over regions that are
fine enough for both. A formula that both versions share is then one and the same object, and only what a change
touches is asked of the solver. Hips are alike to every rule, so what is shown for the right hip holds for the left.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from ischio.backends.proof.action import Actions
from ischio.backends.proof.claims import HIP
from ischio.backends.proof.counter_example import Values, as_little_as_possible, grant, values_of
from ischio.backends.proof.logic import FALSE, TRUE, Answer, Formula, Solver, all_of, any_of, unlike
from ischio.backends.proof.person import AnyPerson, with_conditions_of_properties
from ischio.backends.proof.proving import ON
from ischio.engine.status import Status
from ischio.language.regions import (
    Regions,
    changes_of_parameters,
    common,
    era_of,
    leaves_by_fact,
    regions_of,
    regions_of_fact,
)
from ischio.model.expression import parameters_named
from ischio.model.facts import ValueKind
from ischio.model.pathway import Pathway
from ischio.model.rules import ActionKind

SHOWN = 3
"""For how many kinds a person is shown, the gravest first: each takes a second or two to find."""


class Kind(Enum):
    """What an answer speaks of, the gravest first."""

    ALERT = "alert"
    OPERATION = "operation offered"
    GATE = "gate ahead"
    STAGE = "stage"
    DIVERSION = "diversion"
    ACTION = "status of an action"
    SAFETY = "stop or caution shown"


@dataclass(frozen=True, slots=True)
class Aspect:
    """One thing that an answer says of a hip. id: of the flag, action, stage, diversion, stop or caution.

    of: the action that a stop or caution belongs to.
    """

    kind: Kind
    id: str
    of: str = ""


@dataclass(frozen=True, slots=True)
class Someone:
    """A person of whom two versions say different things. The facts as each version has them."""

    aspect: Aspect
    old: AnyPerson
    new: AnyPerson
    of_old: Values
    of_new: Values


@dataclass(frozen=True, slots=True)
class Unlike:
    """What came of asking the solver. differing, undecided: in the order of `Kind`. shown: one person for each of
    the gravest kinds.

    Both empty: the versions answer alike for every person on every date, given the same facts.
    """

    differing: tuple[Aspect, ...]
    undecided: tuple[Aspect, ...]
    shown: tuple[Someone, ...]


def unlike_for_someone(old: Pathway, new: Pathway, seconds: float) -> Unlike:
    """Asks of each aspect whether anyone exists for whom the two versions differ. seconds: for each question."""
    differing: dict[Aspect, tuple[_Both, Formula]] = {}
    undecided: dict[Aspect, None] = {}
    for index in dates_to_compare(old, new):
        both = _Both(old, new, index, seconds)
        for aspect, differs in both.differences():
            match both.solver.can_hold(differs):
                case Answer.POSSIBLE:
                    differing.setdefault(aspect, (both, differs))
                case Answer.GAVE_UP:
                    undecided[aspect] = None
    firsts = {aspect.kind: aspect for aspect in reversed(_in_order(differing))}
    gravest = [firsts[kind] for kind in Kind if kind in firsts][:SHOWN]
    found = (differing[aspect][0].someone(aspect, differing[aspect][1]) for aspect in gravest)
    shown = tuple(one for one in found if one is not None)
    return Unlike(_in_order(differing), _in_order(each for each in undecided if each not in differing), shown)


def _in_order(aspects: Iterable[Aspect]) -> tuple[Aspect, ...]:
    return tuple(sorted(aspects, key=lambda aspect: tuple(Kind).index(aspect.kind)))


class _Both:
    """One person as two versions see them on one date."""

    def __init__(self, old: Pathway, new: Pathway, index: date, seconds: float) -> None:
        self.shared = shared_facts(old, new, index)
        self.old = AnyPerson(old, index, "old", self.shared)
        self.new = AnyPerson(new, index, "new", self.shared)
        self.solver = Solver((*self.old.axioms(), *self.new.axioms()), seconds)

    def differences(self) -> Iterator[tuple[Aspect, Formula]]:
        """Of each aspect the formula that the versions differ in it; those that cannot differ are left out."""
        was, now = dict(_said(self.old)), dict(_said(self.new))
        for aspect in dict.fromkeys((*now, *was)):
            pairs = zip(was.get(aspect, _unsaid(aspect)), now.get(aspect, _unsaid(aspect)), strict=True)
            differs = any_of(*(unlike(one, other) for one, other in pairs))
            if differs is not FALSE:
                yield aspect, differs

    def someone(self, aspect: Aspect, differs: Formula) -> Someone | None:
        """As simple a person as can be found quickly in whom the versions differ; None if the time was too short."""
        wishes = [*as_little_as_possible(self.new), *as_little_as_possible(self.old, self.shared)]
        if grant(self.solver, differs, wishes) is not Answer.POSSIBLE:
            return None
        values = (values_of(self.solver, person) for person in (self.old, self.new))
        return Someone(aspect, self.old, self.new, *values)


def shared_facts(old: Pathway, new: Pathway, index: date) -> dict[str, Regions]:
    """The facts that both versions have and that hold the same things, with regions that are fine enough for both."""
    was, now = (regions_of(with_conditions_of_properties(version), index) for version in (old, new))
    both = (fact for fact in now if fact in was and old.facts[fact].scope is new.facts[fact].scope)
    found = ((fact, common(was[fact], now[fact])) for fact in both)
    return {fact: regions for fact, regions in found if regions is not None}


# ---- what is compared -------------------------------------------------------------------------------------------


def _said(person: AnyPerson) -> Iterator[tuple[Aspect, tuple[Formula, ...]]]:
    """Of each aspect the formulas that tell it."""
    pathway, actions = person.pathway, Actions(person)
    for flag in pathway.flags:
        yield Aspect(Kind.ALERT, flag.fact), (person.alert(flag.fact, HIP),)
    for (stage, gate), (_, ahead) in zip(person.gates(), person.next_gates(HIP), strict=True):
        yield Aspect(Kind.GATE, stage), (ahead, all_of(ahead, person.criterion(gate, HIP).no))
    for stage, holds in person.stages(HIP).items():
        yield Aspect(Kind.STAGE, stage), (holds,)
    for diversion, holds in person.diversions(HIP).items():
        yield Aspect(Kind.DIVERSION, diversion), (holds,)
    for action in pathway.actions.values():
        status = actions.status(action, HIP)
        if action.kind is ActionKind.OPERATION:
            yield Aspect(Kind.OPERATION, action.id), (actions.offered(action, HIP),)
        yield Aspect(Kind.ACTION, action.id), tuple(status[each] for each in Status)
        for rule in (*action.stops, *action.strong_cautions, *action.cautions):
            where = status[Status.BLOCKED] if rule in action.stops else TRUE
            yield Aspect(Kind.SAFETY, rule.id, action.id), (all_of(where, actions.rule(action, rule, HIP).yes),)


def _unsaid(aspect: Aspect) -> tuple[Formula, ...]:
    """What a version says that does not know the flag, stage, action ... at all: an action does not apply."""
    match aspect.kind:
        case Kind.ACTION:
            return tuple(TRUE if status is Status.NOT_APPLICABLE else FALSE for status in Status)
        case Kind.GATE:
            return FALSE, FALSE
        case _:
            return (FALSE,)


# ---- on which dates ---------------------------------------------------------------------------------------------


def dates_to_compare(old: Pathway, new: Pathway) -> tuple[date, ...]:
    """Dates of which one stands for every date: on each the parameters and the order of all cut points are as there.

    Within one version no calendar changes the order of two cut points (loading refuses it); between two versions it
    may: 30 days in the one and 1 month in the other. Four years hold every length of month.
    """
    changes = sorted({*changes_of_parameters(old), *changes_of_parameters(new)})
    starts = (ON, *changes, *(day - timedelta(days=1) for day in changes[:1]))
    moving = [fact for fact in new.facts if fact in old.facts and _dates_cut_otherwise(old, new, fact)]
    alike: dict[object, date] = {}
    for start in starts:
        for day in (start + timedelta(days=k) for k in range(_FOUR_YEARS if moving else 1)):
            orders = tuple(_order_of_cuts(old, new, fact, day) for fact in moving)
            alike.setdefault((era_of(old, day), era_of(new, day), orders), day)
    return tuple(alike.values())


_FOUR_YEARS = 4 * 365 + 1


def _dates_cut_otherwise(old: Pathway, new: Pathway, fact: str) -> bool:
    """Whether a date fact is compared with something else, or with a parameter of another value."""
    was, now = leaves_by_fact(old)[fact], leaves_by_fact(new)[fact]
    named = {name for leaf in now for name in parameters_named(leaf)}
    values_differ = any(
        old.parameters[name].values != new.parameters[name].values for name in named if name in old.parameters
    )
    return new.facts[fact].type.kind is ValueKind.DATE and (set(was) != set(now) or values_differ)


def _order_of_cuts(old: Pathway, new: Pathway, fact: str, day: date) -> tuple[tuple[bool, bool], ...]:
    """Of each cut point in order, whether each version has it."""
    was, now = (regions_of_fact(version, fact, day).cuts for version in (old, new))
    return tuple((cut in was, cut in now) for cut in sorted({*was, *now}))
