"""What each kind of property claims: formulas that nobody may satisfy, or that somebody must.

Hips are alike to every rule, so what is shown for the right hip (HIP) holds for the left.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from ischio.backends.proof.action import Actions
from ischio.backends.proof.logic import FALSE, Formula, all_of, any_of, implication, negation
from ischio.backends.proof.person import AnyPerson
from ischio.backends.proof.questions import Questions, compared_with_reason
from ischio.engine.status import NOT_ON_PATHWAY, RED_FLAG, Status
from ischio.model.about import Scope, Side
from ischio.model.mistake import Mistake, PathwayError
from ischio.model.pathway import Pathway
from ischio.model.rules import Action, Property

CLOSED = "closed"
HIP = Side.RIGHT


@dataclass(frozen=True, slots=True)
class Claim:
    """One formula of a property. words: what is wrong if the claim fails.

    of_someone: whether the formula must be possible; otherwise it must be impossible.
    """

    words: str
    formula: Formula
    of_someone: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """What a property asks of the solver. always: axioms. persons: one, or the same person before and after."""

    always: tuple[Formula, ...]
    claims: tuple[Claim, ...]
    persons: tuple[AnyPerson, ...]


class World:
    """Any person, with the formulas about their actions and questions."""

    def __init__(self, pathway: Pathway, index: date, name: str = "") -> None:
        self.pathway = pathway
        self.person = AnyPerson(pathway, index, name)
        self.actions = Actions(self.person)
        self.questions = Questions(self.person, self.actions)


def problem(pathway: Pathway, prop: Property, index: date) -> Problem:
    """The formulas of a property on an index date."""
    world = World(pathway, index)
    if prop.check == "forgetting_is_safe":
        return forgetting_is_safe(world)
    return Problem(tuple(world.person.axioms()), tuple(CHECKS[prop.check](world, prop)), (world.person,))


# ---- what is offered --------------------------------------------------------------------------------------------


def spoken_of(pathway: Pathway, prop: Property) -> Iterator[Action]:
    """The actions that a property speaks of."""
    for action in pathway.actions.values():
        every = not prop.actions and not prop.kinds
        named = every or action.id in prop.actions or action.kind.value in prop.kinds
        if named and action.id not in prop.except_actions:
            yield action


def offered_only_if(world: World, prop: Property) -> Iterator[Claim]:
    """An action is offered only where the condition is true (a person's action: true of one hip)."""
    if prop.then is None:
        raise _without_condition(prop)
    for action in spoken_of(world.pathway, prop):
        hips = world.actions.hips(action, HIP)
        allowed = any_of(*(world.person.truth(prop.then, hip).yes for hip in hips))
        flaw = all_of(world.actions.offered(action, HIP), negation(allowed))
        yield Claim(f"{action.id} is offered although this is not true: {prop.text}", flaw)


def _without_condition(prop: Property) -> PathwayError:
    what = "The property says `offered_only_if` and not what must be true."
    mend = "Add `then:` with the condition, or `waits_for:` with the reason why it is not proved yet."
    place = prop.about.place
    return PathwayError(Mistake(what, mend, place.file, place.line, f"property {prop.id}"))


def offered_only_when_cleared(world: World, prop: Property) -> Iterator[Claim]:
    """An action is offered only where each stop is known false (a person's: of both hips) and each must-know known."""
    for action in spoken_of(world.pathway, prop):
        offered, hips = world.actions.offered(action, HIP), world.actions.hips(action, HIP)
        for stop in action.stops:
            cleared = all_of(*(world.person.truth(stop.when, hip).no for hip in hips))
            words = f"{action.id} is offered although {stop.id} is not known to be false"
            yield Claim(words, all_of(offered, negation(cleared)))
        missing = any_of(*world.actions.missing(action, HIP))
        yield Claim(f"{action.id} is offered although something that must be known is not", all_of(offered, missing))


def nothing_offered_under(world: World, prop: Property) -> Iterator[Claim]:
    """Nothing is offered while the condition is true (a person's action: true of either hip)."""
    for action in spoken_of(world.pathway, prop):
        hips = world.actions.hips(action, HIP)
        holding = any_of(*(_under(world, prop, hip) for hip in hips))
        yield Claim(f"{action.id} is offered all the same", all_of(world.actions.offered(action, HIP), holding))


def _under(world: World, prop: Property, hip: Side) -> Formula:
    if prop.under is not None:
        return world.person.truth(prop.under, hip).yes
    return any_of(*(world.person.alert(flag.fact, hip) for flag in world.pathway.flags))


def exclusive(world: World, _: Property) -> Iterator[Claim]:
    """Of the members of one exclusive group, at most one is due."""
    groups: dict[str, list[Action]] = {}
    for action in world.pathway.actions.values():
        for group in action.exclusive:
            groups.setdefault(group, []).append(action)
    for group, members in groups.items():
        for first, second in combinations(members, 2):
            both_due = all_of(world.actions.due(first, HIP), world.actions.due(second, HIP))
            yield Claim(f"{first.id} and {second.id} of the group {group} are both due", both_due)


# ---- where a hip is ---------------------------------------------------------------------------------------------


def exactly_one_stage(world: World, _: Property) -> Iterator[Claim]:
    """Every hip has one stage and at most one diversion, and every gate up to the stage is true."""
    stages, diversions = world.person.stages(HIP), world.person.diversions(HIP)
    one = world.pathway.one_body_part
    yield Claim(f"{one} has no stage", negation(any_of(*stages.values())))
    for kind, names in (("stages", stages), ("diversions", diversions)):
        for first, second in combinations(names, 2):
            yield Claim(f"{one} has the {kind} {first} and {second}", all_of(names[first], names[second]))
    gates: list[str] = []
    for stage, gate in world.person.gates():
        gates.append(gate)
        for passed in gates:
            shut = negation(world.person.criterion(passed, HIP).yes)
            yield Claim(f"{one} is in {stage} although {passed} is not true", all_of(stages[stage], shut))


def no_dead_end(world: World, prop: Property) -> Iterator[Claim]:
    """Alive and on the pathway, a hip has an offered action or a question, and a review; also under every diversion."""
    stages, person, one = world.person.stages(HIP), world.person, world.pathway.one_body_part
    alive = all_of(negation(person.deceased().yes), *compared_with_reason(person))
    stranded = all_of(alive, negation(any_of(*_offered_to_hip(world), world.questions.asked(HIP))))
    for stage in world.pathway.stages:
        if stage.id != CLOSED:
            yield Claim(f"{one} in {stage.id} has no action and no question", all_of(stages[stage.id], stranded))
        if stage.id != CLOSED and stage.review is None:
            yield Claim(f"{one} in {stage.id} owes no review", all_of(stages[stage.id], alive))
    flagged = person.diversions(HIP).get(RED_FLAG, FALSE)
    yield Claim(f"{one} with a red flag has no action and no question", all_of(flagged, stranded))
    yield from _entry_is_asked_about(world, prop, all_of(stages[NOT_ON_PATHWAY], alive))


def _offered_to_hip(world: World) -> Iterator[Formula]:
    """Of each action, whether it is offered to this hip: a person's action, only if this hip is one it is for."""
    for action in world.pathway.actions.values():
        offered = world.actions.offered(action, HIP)
        if action.scope is Scope.PERSON:
            offered = all_of(offered, world.actions.live_of(action, HIP).yes)
        yield offered


def _entry_is_asked_about(world: World, prop: Property, off_pathway: Formula) -> Iterator[Claim]:
    """Off the pathway, an unknown first gate raises a question, and the facts of `asks` are asked for if unknown."""
    unknown = world.person.criterion(world.person.gates()[0][1], HIP).unknown
    silent = negation(world.questions.for_gate(HIP))
    yield Claim("the first gate is unknown and nothing is asked for it", all_of(off_pathway, unknown, silent))
    for fact in prop.asks:
        unasked = negation(any_of(world.person.known(fact, HIP), world.questions.for_gate(HIP, fact)))
        yield Claim(f"off the pathway {fact} is unknown and not asked for", all_of(off_pathway, unasked))


# ---- forgetting -------------------------------------------------------------------------------------------------


def forgetting_is_safe(before: World) -> Problem:
    """Beside any person, the same person with some known facts set to unknown."""
    after = World(before.pathway, before.person.index, "after")
    always = (*before.person.axioms(), *_no_more_is_known(before.person, after.person))
    claims = (*_gates_opened(before, after), *_stages_raised(before, after), *_newly_offered(before, after))
    return Problem(always, claims, (before.person, after.person))


def _no_more_is_known(before: AnyPerson, after: AnyPerson) -> Iterator[Formula]:
    for cell, regions in after.cells.items():
        for region, same in zip(regions, before.cells[cell], strict=True):
            yield implication(region, same)


def _gates_opened(before: World, after: World) -> Iterator[Claim]:
    for _, gate in before.person.gates():
        opened = all_of(after.person.criterion(gate, HIP).yes, negation(before.person.criterion(gate, HIP).yes))
        yield Claim(f"forgetting opens {gate}", opened)


def _stages_raised(before: World, after: World) -> Iterator[Claim]:
    """From not_on_pathway through the ordered stages to those with their own condition, which none enters so."""
    own = [stage.id for stage in before.pathway.stages if not stage.ordered]
    rising = [NOT_ON_PATHWAY, *(stage for stage, _ in before.person.gates()), *reversed(own)]
    was, becomes = before.person.stages(HIP), after.person.stages(HIP)
    for place, stage in enumerate(rising):
        lower = any_of(*(was[earlier] for earlier in rising[:place]))
        yield Claim(f"forgetting raises the stage to {stage}", all_of(becomes[stage], lower))


def _newly_offered(before: World, after: World) -> Iterator[Claim]:
    """The exemption: a low-risk action may come back when the diversion that blocked it is forgotten."""
    for action in before.pathway.actions.values():
        new = all_of(after.actions.offered(action, HIP), negation(before.actions.offered(action, HIP)))
        if action.low_risk:
            new = all_of(new, negation(_diverted(before, action)))
        yield Claim(f"forgetting makes {action.id} offered", new)
        optional = before.actions.status(action, HIP)[Status.OPTIONAL]
        yield Claim(f"forgetting makes {action.id} due", all_of(after.actions.due(action, HIP), optional))


def _diverted(world: World, action: Action) -> Formula:
    """Whether a diversion that the action does not pass, or death, is known."""
    hips = world.actions.hips(action, HIP)
    return any_of(world.person.deceased().yes, *(world.actions.diverted(action, hip).yes for hip in hips))


# ---- vacuity ----------------------------------------------------------------------------------------------------


def nothing_vacuous(world: World, _: Property) -> Iterator[Claim]:
    """Everything that the pathway speaks of happens to someone."""
    for words, formula in _happenings(world):
        yield Claim(words, formula, of_someone=True)


def _happenings(world: World) -> Iterator[tuple[str, Formula]]:
    person, part = world.person, world.pathway.body_part
    for name in world.pathway.criteria:
        truth = person.criterion(name, HIP)
        yield f"{name} is never true", truth.yes
        yield f"{name} is never false", truth.no
    yield from ((f"no {part} is in {stage}", holds) for stage, holds in person.stages(HIP).items())
    yield from ((f"no {part} is diverted by {name}", holds) for name, holds in person.diversions(HIP).items())
    yield from ((f"the alert {flag.fact} never happens", person.alert(flag.fact, HIP)) for flag in world.pathway.flags)
    for action in world.pathway.actions.values():
        yield f"{action.id} is never offered", world.actions.offered(action, HIP)
        yield from _safety_happenings(world, action)


def _safety_happenings(world: World, action: Action) -> Iterator[tuple[str, Formula]]:
    """A stop counts where it alone blocks, a strong caution where it makes optional, a caution where it is shown."""
    live, status = world.actions.live(action, HIP).yes, world.actions.status(action, HIP)
    for stop in action.stops:
        blocks = all_of(live, status[Status.BLOCKED], world.actions.rule(action, stop, HIP).yes)
        yield f"the stop {stop.id} never blocks {action.id}", blocks
    for strong in action.strong_cautions:
        asks = all_of(status[Status.OPTIONAL], world.actions.rule(action, strong, HIP).yes)
        yield f"the strong caution {strong.id} never bears on {action.id}", asks
    for caution in action.cautions:
        shown = all_of(world.actions.offered(action, HIP), world.actions.rule(action, caution, HIP).yes)
        yield f"the caution {caution.id} is never shown with {action.id}", shown


Check = Callable[[World, Property], Iterator[Claim]]

CHECKS: Mapping[str, Check] = {
    "offered_only_if": offered_only_if,
    "offered_only_when_cleared": offered_only_when_cleared,
    "nothing_offered_under": nothing_offered_under,
    "exactly_one_stage": exactly_one_stage,
    "no_dead_end": no_dead_end,
    "exclusive": exclusive,
    "nothing_vacuous": nothing_vacuous,
}
"""Each kind of property that speaks of one person; `forgetting_is_safe` speaks of two."""
