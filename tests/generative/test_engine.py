"""The engine against plain re-statements of its meaning, on random pathways and random people."""

from collections.abc import Iterator
from itertools import combinations, product
from random import Random

from generative.pathways import INDEX, Person, Values, as_facts, pathways, people
from hypothesis import given, note, settings
from hypothesis import strategies as st

from ischio.engine.changing import Changing
from ischio.engine.deciding import Deciding, burden_of
from ischio.engine.judge import Judge
from ischio.engine.lanes import Board, lanes_of_day
from ischio.engine.smallest import SHOWN
from ischio.engine.status import OFFERED, Outcome, Status, named, outcome
from ischio.language.regions import regions_of_fact
from ischio.model.about import Scope, Side
from ischio.model.expression import CriterionHolds, Expression, criteria_named, facts_named
from ischio.model.pathway import Pathway
from ischio.model.rules import Action
from ischio.model.truth import FALSE, TRUE, UNKNOWN, Truth, disjunction


def outcome_of(pathway: Pathway, person: Person) -> Outcome:
    return outcome(pathway, Board(pathway, lanes_of_day(INDEX, as_facts(person.right), as_facts(person.left))))


def truth(pathway: Pathway, values: Values, condition: Expression) -> Truth:
    return Judge(pathway, as_facts(values), INDEX).judge(condition).truth


# ---- lanes against the judge ----


@given(pathways(), people())
def test_lanes_give_the_truths_of_the_judge(pathway: Pathway, person: Person) -> None:
    board = Board(pathway, lanes_of_day(INDEX, as_facts(person.right), as_facts(person.left)))
    for lane, values in enumerate((person.right, person.left)):
        for name in pathway.criteria:
            assert board.criterion(name).on(lane) is truth(pathway, values, CriterionHolds(name)), (
                f"{name} on lane {lane}"
            )


# ---- statuses against the words of docs/explanation/meaning.md ----


class Plain:
    """The meaning, said once more without lanes: one hip at a time."""

    def __init__(self, pathway: Pathway, person: Person) -> None:
        self.pathway = pathway
        self.hips = {Side.RIGHT: person.right, Side.LEFT: person.left}

    def truth(self, side: Side, condition: Expression) -> Truth:
        return truth(self.pathway, self.hips[side], condition)

    def stage(self, side: Side) -> str:
        holding = [stage for stage in self.pathway.stages if self.truth(side, CriterionHolds(stage.criterion)) is TRUE]
        own = [stage.id for stage in holding if not stage.ordered]
        ordered = [stage.id for stage in holding if stage.ordered]
        return own[0] if own else ordered[-1] if ordered else "not_on_pathway"

    def on_ordered(self, side: Side) -> bool:
        return self.stage(side) in {"not_on_pathway", *(stage.id for stage in self.pathway.ordered_stages)}

    def diversion(self, side: Side) -> str | None:
        for diversion in self.pathway.diversions:
            tried = self.on_ordered(side) or not diversion.only_ordered
            if tried and self.truth(side, CriterionHolds(diversion.criterion)) is TRUE:
                return diversion.id
        return None

    def diverted(self, action: Action, side: Side) -> Truth:
        truths = []
        for diversion in self.pathway.diversions:
            if diversion.id in action.passes or (diversion.only_ordered and not self.on_ordered(side)):
                continue
            sides = Side if action.scope is Scope.PERSON and diversion.id == "red_flag" else (side,)
            truths += [self.truth(one, CriterionHolds(diversion.criterion)) for one in sides]
        return disjunction(truths)

    def status(self, action: Action, side: Side) -> Status:
        hips = tuple(Side) if action.scope is Scope.PERSON else (side,)
        when = {hip: self.truth(hip, action.when) for hip in hips}
        diverted = {hip: self.diverted(action, hip) for hip in hips}

        def joined(condition: Expression | None, otherwise: Truth) -> Truth:
            return otherwise if condition is None else disjunction(self.truth(hip, condition) for hip in hips)

        live = disjunction(when[hip] for hip in hips if diverted[hip] is not TRUE)
        alive = self.hips[side]["deceased"] is False
        clear = alive and any(when[hip] is TRUE and diverted[hip] is FALSE for hip in hips)
        stops = [joined(rule.when, FALSE) for rule in action.stops]
        strong = [joined(rule.when, FALSE) for rule in action.strong_cautions]
        done, in_progress = joined(action.done, FALSE), joined(action.in_progress, FALSE)
        if disjunction(when.values()) is FALSE or self.hips[side]["deceased"] is True:
            return Status.NOT_APPLICABLE
        if live is FALSE or TRUE in stops:
            return Status.BLOCKED
        if in_progress is TRUE:
            return Status.IN_PROGRESS
        if done is TRUE:
            return Status.DONE
        if UNKNOWN in (live, done, in_progress):
            return Status.CANNOT_TELL
        if (not action.low_risk and not clear) or UNKNOWN in stops or UNKNOWN in strong:
            return Status.CHECK_FIRST
        if any(self.missing(must, hip) for must in action.must_know for hip in hips if when[hip] is not FALSE):
            return Status.CHECK_FIRST
        if TRUE in strong or joined(action.due_when, TRUE) is not TRUE:
            return Status.OPTIONAL
        return Status.DUE

    def missing(self, must: object, hip: Side) -> bool:
        needed = must.needed_when is None or self.truth(hip, must.needed_when) is not FALSE
        if must.name in self.pathway.criteria:
            return needed and self.truth(hip, CriterionHolds(must.name)) is UNKNOWN
        return needed and self.hips[hip][must.name] is None


@given(pathways(), people())
def test_stage_diversion_and_statuses_are_those_of_the_written_meaning(pathway: Pathway, person: Person) -> None:
    found, plain = outcome_of(pathway, person), Plain(pathway, person)
    for lane, side in enumerate(Side):
        assert named(found.stages, lane) == plain.stage(side)
        assert named(found.diversions, lane) == plain.diversion(side)
        for action in pathway.actions.values():
            assert found.statuses_on(lane)[action.id] is plain.status(action, side), action.id


# ---- forgetting ----


@given(pathways(), people(), st.data())
def test_forgetting_offers_nothing_new_and_opens_no_gate(pathway: Pathway, person: Person, data: st.DataObject) -> None:
    forgotten = data.draw(st.sets(st.sampled_from(tuple(person.right)), min_size=1))
    before = outcome_of(pathway, person)
    after = outcome_of(
        pathway,
        Person(
            {name: None if name in forgotten else value for name, value in person.right.items()},
            {name: None if name in forgotten else value for name, value in person.left.items()},
        ),
    )
    ordered = ["not_on_pathway", *(stage.id for stage in pathway.ordered_stages)]
    for lane in (0, 1):
        first, then = named(before.stages, lane), named(after.stages, lane)
        assert first not in ordered or ordered.index(then) <= ordered.index(first)
        for action in pathway.actions.values():
            if action.low_risk:
                continue
            was, now = before.statuses_on(lane)[action.id], after.statuses_on(lane)[action.id]
            note(f"{action.id}: {was} -> {now} without {sorted(forgotten)}")
            assert now not in OFFERED or was in OFFERED
            assert now is not Status.DUE or was is Status.DUE


# ---- deciding sets against brute force ----


def assignments(pathway: Pathway, facts: tuple[str, ...]) -> Iterator[Values]:
    regions = {fact: regions_of_fact(pathway, fact, INDEX) for fact in facts}
    for chosen in product(*(range(regions[fact].count) for fact in facts)):
        yield {fact: regions[fact].sample(region) for fact, region in zip(facts, chosen, strict=True)}


def facts_behind(pathway: Pathway, condition: Expression) -> set[str]:
    inner = (facts_behind(pathway, pathway.criteria[name].when) for name in criteria_named(condition))
    return set(facts_named(condition)).union(*inner)


def brute_force(
    pathway: Pathway, values: Values, condition: Expression, wanted: Truth, movable: list[str]
) -> list[tuple[str, ...]]:
    """Every smallest set, by trying all sets and all values."""
    found: list[tuple[str, ...]] = []
    for size in range(len(movable) + 1):
        for facts in combinations(sorted(movable), size):
            if any(set(known) <= set(facts) for known in found):
                continue
            tried = ({**values, **chosen} for chosen in assignments(pathway, facts))
            if any(truth(pathway, one, condition) is wanted for one in tried):
                found.append(facts)
    facts = as_facts(values)
    return sorted(found, key=lambda one: (len(one), sum(burden_of(pathway, facts, fact) for fact in one), one))


ASKED = CriterionHolds("asked")


def deciding(pathway: Pathway, values: Values) -> Deciding:
    facts = as_facts(values)
    return Deciding(pathway, facts, INDEX, Board(pathway, lanes_of_day(INDEX, facts, facts)).imprint(0))


@given(pathways(), people(), st.sampled_from((TRUE, FALSE)))
def test_deciding_sets_are_those_found_by_trying_everything(pathway: Pathway, person: Person, wanted: Truth) -> None:
    values, condition = person.right, ASKED
    unknown = [fact for fact in facts_behind(pathway, condition) if values[fact] is None]
    asked = deciding(pathway, values)
    found = asked.opens_with(condition.criterion) if wanted is TRUE else asked.closes_with(condition.criterion)
    expected = brute_force(pathway, values, condition, wanted, unknown)
    assert list(found.sets) == expected[:SHOWN]
    assert found.more == (len(expected) > SHOWN)


@given(pathways(), people())
def test_the_smallest_changes_are_those_found_by_trying_everything(pathway: Pathway, person: Person) -> None:
    values, condition = person.right, ASKED
    behind = facts_behind(pathway, condition)
    movable = [fact for fact in behind if values[fact] is None or pathway.facts[fact].changeable]
    found = Changing(pathway, as_facts(values), INDEX).opens_with(condition)
    expected = brute_force(pathway, values, condition, TRUE, movable)
    assert list(found.sets) == expected[:SHOWN]
    assert found.more == (len(expected) > SHOWN)


@settings(max_examples=30)
@given(pathways(), st.lists(people(), min_size=2, max_size=4))
def test_what_is_kept_of_one_person_is_true_of_whoever_lacks_the_same(pathway: Pathway, persons: list[Person]) -> None:
    for values in [values for person in persons for values in (person.right, person.left)]:
        unknown = [fact for fact in facts_behind(pathway, ASKED) if values[fact] is None]
        asked = deciding(pathway, values)
        for found, wanted in (
            (asked.opens_with(ASKED.criterion), TRUE),
            (asked.closes_with(ASKED.criterion), FALSE),
        ):
            assert list(found.sets) == brute_force(pathway, values, ASKED, wanted, unknown)[:SHOWN]


@settings(max_examples=30)
@given(pathways(), people(), st.integers(0, 2**32))
def test_whichever_values_of_a_deciding_set_are_taken_together_they_decide(
    pathway: Pathway, person: Person, seed: int
) -> None:
    chance = Random(seed)
    for masks in deciding(pathway, person.right).opens_with(ASKED.criterion).regions:
        learnt = {}
        for name, mask in masks.items():
            regions = regions_of_fact(pathway, name, INDEX)
            learnt[name] = regions.sample(chance.choice([one for one in range(regions.count) if mask >> one & 1]))
        assert truth(pathway, {**person.right, **learnt}, ASKED) is TRUE
