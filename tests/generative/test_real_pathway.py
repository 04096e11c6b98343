"""What must hold of the real pathway, for random people: forgetting, mirrored sides, order, bytes, validity."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from random import Random

import msgspec
from hypothesis import Phase, given, note, settings
from hypothesis import strategies as st

from ischio.engine.answer import Answer
from ischio.engine.assess import assess
from ischio.engine.status import NOT_ON_PATHWAY, OFFERED, Status
from ischio.language.regions import regions_of
from ischio.loading.pathway import load_pathway
from ischio.model.about import Scope, Side
from ischio.model.assessment import Hip
from ischio.model.dates import PartialDate
from ischio.model.facts import Compared, Selection
from ischio.model.pathway import Pathway
from ischio.record.events import Asserter, Event, EventSide, FactData, Gap, Kind, Patient, Record, State

INDEX = date(2026, 6, 1)
BORN = Event("birth_date", "Patient", date(1984, 5, 2), start=PartialDate.on(date(1984, 5, 2)))


@cache
def pathway() -> Pathway:
    return load_pathway()


# ---- people by their facts ----

Given = dict[Side | None, dict[str, FactData | None]]


@st.composite
def people_by_facts(draw: st.DrawFn) -> Given:
    """Every fact given: unknown, or a value in one of its regions; the more decided the further along a hip gets.

    One seed decides the rest: there are too many facts for a draw of each.
    """
    decided = draw(st.sampled_from((0.5, 0.8, 0.95, 1.0)))
    chance = Random(draw(st.integers(0, 2**32)))
    given_facts: Given = {None: {}, Side.RIGHT: {}, Side.LEFT: {}}
    regions = regions_of(pathway(), INDEX)
    for name, fact in pathway().facts.items():
        for side in (None,) if fact.scope is Scope.PERSON else Side:
            known = chance.random() < decided
            region = chance.randrange(regions[name].count)
            given_facts[side][name] = regions[name].sample(region) if known else None
    for flag in pathway().flags:
        if chance.randrange(10):
            for values in given_facts.values():
                values.update(dict.fromkeys({flag.fact} & set(values), "absent"))
    return given_facts


def answer_for(given_facts: Mapping[Side | None, Mapping[str, FactData | None]]) -> Answer:
    return Answer(pathway(), Record(Patient("random"), given=given_facts), INDEX)


@settings(max_examples=60, phases=[Phase.explicit, Phase.generate])
@given(people_by_facts(), st.data())
def test_forgetting_opens_no_gate_and_offers_nothing_new(given_facts: Given, data: st.DataObject) -> None:
    names = [
        (side, name) for side, values in given_facts.items() for name, value in values.items() if value is not None
    ]
    forgotten = data.draw(st.lists(st.sampled_from(names), min_size=1, max_size=4)) if names else []
    less = {side: dict(values) for side, values in given_facts.items()}
    for side, name in forgotten:
        less[side][name] = None
    before, after = answer_for(given_facts), answer_for(less)
    ordered = [NOT_ON_PATHWAY, *(stage.id for stage in pathway().ordered_stages)]
    note(f"forgotten: {forgotten}")
    for side in Side:
        first, then = before.hips[side], after.hips[side]
        if first.stage_id in ordered:
            assert ordered.index(then.stage_id) <= ordered.index(first.stage_id)
        for stage in pathway().ordered_stages:
            assert not then.board.criterion(stage.criterion).true & ~first.board.criterion(stage.criterion).true
        for action in pathway().actions.values():
            was, now = first.statuses[action.id], then.statuses[action.id]
            if not action.low_risk:
                assert now not in OFFERED or was in OFFERED, f"{side}: {action.id} was {was}, is {now}"
                assert now is not Status.DUE or was is Status.DUE, f"{side}: {action.id} was {was}, is {now}"


# ---- people by their events ----


@cache
def selections() -> tuple[Selection, ...]:
    derivations = (fact.derivation for fact in pathway().facts.values())
    return tuple(derivation.selection for derivation in derivations if not isinstance(derivation, Compared))


@st.composite
def events(draw: st.DrawFn) -> Event:
    """An event that some fact of the pathway looks at."""
    selection = draw(st.sampled_from(selections()))
    concept = pathway().concepts[draw(st.sampled_from(selection.concepts))]
    value: object = Decimal(draw(st.integers(0, 20))) if concept.unit else None
    if concept.values:
        value = draw(st.sampled_from(selection.values or tuple(concept.values)))
    day = PartialDate.on(INDEX - timedelta(days=draw(st.integers(-5, 400))))
    return Event(
        concept.id,
        f"event {draw(st.integers(0, 99999))}",
        value,
        concept.unit,
        day,
        day,
        kind=draw(st.sampled_from([Kind(kind) for kind in selection.kinds or ("done",)])),
        asserter=draw(st.sampled_from([Asserter(word) for word in selection.asserters or ("clinician",)])),
        side=draw(st.sampled_from((EventSide.RIGHT, EventSide.LEFT, EventSide.BOTH, None))),
        qualifiers={
            name: draw(st.sampled_from(accepted)).replace("*", "neutral")
            for name, accepted in selection.qualifiers.items()
        },
    )


records = st.lists(events(), max_size=40).map(lambda drawn: Record(Patient("random"), (BORN, *drawn)))


def spoken(hip: Hip) -> bytes:
    """All that is said of a hip but its side and where things came from in the record."""
    return msgspec.json.encode(replace(hip, side="this"))


MIRROR = {EventSide.RIGHT: EventSide.LEFT, EventSide.LEFT: EventSide.RIGHT}


@settings(max_examples=25, phases=[Phase.explicit, Phase.generate])
@given(records)
def test_left_and_right_mirrored_give_mirrored_answers(record: Record) -> None:
    mirrored = replace(
        record, events=tuple(replace(event, side=MIRROR.get(event.side, event.side)) for event in record.events)
    )
    right, left = assess(pathway(), record, INDEX).hips
    mirrored_right, mirrored_left = assess(pathway(), mirrored, INDEX).hips
    assert spoken(right) == spoken(mirrored_left)
    assert spoken(left) == spoken(mirrored_right)


@settings(max_examples=25, phases=[Phase.explicit, Phase.generate])
@given(records, st.randoms(use_true_random=False))
def test_the_order_of_events_in_the_file_never_matters_and_two_runs_give_identical_bytes(
    record: Record, random
) -> None:
    shuffled = list(record.events)
    random.shuffle(shuffled)
    first = msgspec.json.encode(assess(pathway(), record, INDEX))
    assert first == msgspec.json.encode(assess(pathway(), replace(record, events=tuple(shuffled)), INDEX))
    assert first == msgspec.json.encode(assess(pathway(), record, INDEX))


@settings(max_examples=6, phases=[Phase.explicit, Phase.generate])
@given(records)
def test_an_answer_holds_until_the_first_day_that_differs(record: Record) -> None:
    """Held against the answer of every third day up to a year, and of the days around the one that is said."""
    today = Answer(pathway(), record, INDEX)

    def said(answer: Answer, side: Side) -> tuple[object, ...]:
        hip, gate = answer.hips[side], answer.hips[side].gate_ahead
        alerts = [alert.id for scope in Scope for alert in hip.alerts(scope)]
        return hip.stage_id, hip.diversion_id, gate and (gate.to, gate.truth), alerts, hip.statuses

    for side in Side:
        until = today.validity.of_hip[side]
        end = until or INDEX + timedelta(days=365)
        days = {*range(1, (end - INDEX).days, 3), (end - INDEX).days - 1}
        for ahead in sorted(days - {0, -1}):
            day = INDEX + timedelta(days=ahead)
            then = Answer(pathway(), record, day)
            assert said(then, side) == said(today, side), f"{side} differs on {day}, said to hold until {until}"
        if until is not None:
            assert said(Answer(pathway(), record, until), side) != said(today, side)


# ---- what would decide, where little is known ----


def unread(share: float, seed: int) -> Record:
    """Somebody of whose concepts this share could not be read."""
    chance = Random(seed)
    concepts = [concept for concept in pathway().concepts if chance.random() < share]
    return Record(Patient("random"), gaps=tuple(Gap(concept, State.QUERY_FAILED, "Server") for concept in concepts))


@settings(max_examples=8, phases=[Phase.explicit, Phase.generate])
@given(st.sampled_from((0.5, 0.9, 1.0)), st.integers(0, 2**32))
def test_however_little_is_known_what_would_decide_is_found(share: float, seed: int) -> None:
    answer = Answer(pathway(), unread(share, seed), INDEX)
    hips = assess(pathway(), answer.record, INDEX).hips
    told = [action for hip in hips for action in hip.actions if action.status is Status.CANNOT_TELL.value]
    assert all(action.opens_with for action in told)
