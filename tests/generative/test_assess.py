"""Whole answers on random pathways: until when they hold, and that asking twice gives the same bytes."""

from datetime import timedelta

import msgspec
from generative.pathways import INDEX, TYPES, Person, pathways, people
from hypothesis import Phase, given, settings

from ischio.engine.answer import Answer
from ischio.engine.assess import assess, brief
from ischio.engine.lanes import Board, Lanes
from ischio.engine.position import positions
from ischio.engine.status import Outcome, named, outcome
from ischio.engine.validity import HORIZON
from ischio.model.about import Scope, Side
from ischio.model.dates import shift
from ischio.model.pathway import Pathway
from ischio.record.events import Patient, Record


def record_of(person: Person) -> Record:
    """A record in which every fact is given."""
    of_side = {Side.RIGHT: person.right, Side.LEFT: person.left}
    given_facts = {
        side: {name: value for name, value in values.items() if TYPES[name][1] is Scope.HIP}
        for side, values in of_side.items()
    }
    given_facts[None] = {name: value for name, value in person.right.items() if TYPES[name][1] is Scope.PERSON}
    return Record(Patient("generated"), given=given_facts)


def said(found: Outcome, lane: int) -> tuple[object, ...]:
    """All that an answer's validity speaks of."""
    return (
        named(found.stages, lane),
        named(found.diversions, lane),
        [key for key, lanes in found.next_gates.items() if lanes >> lane & 1],
        [flag for flag, lanes in found.alerts.items() if lanes >> lane & 1],
        found.statuses_on(lane),
    )


@settings(max_examples=40, phases=[Phase.explicit, Phase.generate])
@given(pathways(), people())
def test_an_answer_holds_until_the_first_day_that_differs(pathway: Pathway, person: Person) -> None:
    answer = assess(pathway, record_of(person), INDEX)
    days = [INDEX + timedelta(days=ahead) for ahead in range((shift(INDEX, HORIZON) - INDEX).days + 1)]
    every = {Side.RIGHT: (person.right, 0), Side.LEFT: (person.left, len(days))}
    columns = {
        fact: [
            (values[fact], (1 << len(days)) - 1 << place)
            for values, place in every.values()
            if values[fact] is not None
        ]
        for fact in pathway.facts
    }
    found = outcome(pathway, Board(pathway, Lanes(tuple(days), columns)))
    for hip, (_, place) in zip(answer.hips, every.values(), strict=True):
        today = said(found, place)
        first = next((day for ahead, day in enumerate(days) if said(found, place + ahead) != today), None)
        assert hip.valid_until == first, f"{hip.side}: says {hip.valid_until}, the first day that differs is {first}"


@given(pathways(), people())
def test_two_runs_give_identical_bytes(pathway: Pathway, person: Person) -> None:
    first, second = (msgspec.json.encode(assess(pathway, record_of(person), INDEX)) for _ in range(2))
    assert first == second


@given(pathways(), people())
def test_judged_with_the_days_after_it_a_day_is_as_judged_alone(pathway: Pathway, person: Person) -> None:
    alone, among = (Answer(pathway, record_of(person), INDEX, lasting=lasting) for lasting in (False, True))
    assert brief(alone) == brief(among)
    assert positions(alone) == positions(among)
