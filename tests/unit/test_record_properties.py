"""What holds of every derivation, of every fact and every person."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st
from record_people import HORIZON, INDEX, events, facts, pathway_of, records

from ischio.language.regions import regions_of_fact
from ischio.model.about import Side
from ischio.model.facts import CourseLength, Fact
from ischio.model.pathway import Pathway
from ischio.record.critical import Followed, follow
from ischio.record.derivation import derive, derive_one
from ischio.record.dossier import dossier_of
from ischio.record.events import EventSide, Facts, FactValue, Record, State
from ischio.record.plan import plan_of

OTHER = {EventSide.RIGHT: EventSide.LEFT, EventSide.LEFT: EventSide.RIGHT}


def days() -> Iterator[date]:
    """Every day after the index date, up to the horizon."""
    day = INDEX
    while day < HORIZON:
        day += timedelta(days=1)
        yield day


def decisive(pathway: Pathway, known: Facts, name: str, day: date) -> tuple[object, State]:
    """What rules can see of a fact: its state and value, or the region of its value for the length of a course."""
    fact, value = pathway.facts[name], known[name].value
    if isinstance(fact.derivation, CourseLength) and name != "days" and value is not None:
        return regions_of_fact(pathway, name, day).of(value), known[name].state
    return value, known[name].state


def followed_in(pathway: Pathway, record: Record) -> Mapping[Side, Mapping[str, Followed]]:
    return follow(pathway, record, INDEX, HORIZON, derive(pathway, record, INDEX), pathway.facts)


@given(facts(), records())
def test_facts_looked_at_on_critical_days_alone_are_the_facts_of_every_day(drawn: tuple[Fact, ...], record: Record):
    pathway = pathway_of(drawn)
    today, followed = derive(pathway, record, INDEX), followed_in(pathway, record)
    for day in days():
        whole = derive(pathway, record, day)
        for side in Side:
            ahead = {name: fact.on(day) for name, fact in followed[side].items()}
            for name in pathway.facts:
                known = {**today[side], **ahead}
                assert decisive(pathway, known, name, day) == decisive(pathway, whole[side], name, day), (day, name)


@given(facts(), records())
def test_only_the_wanted_facts_are_looked_at_and_as_they_are_beside_all(drawn: tuple[Fact, ...], record: Record):
    pathway = pathway_of(drawn)
    today, every = derive(pathway, record, INDEX), followed_in(pathway, record)
    for name, needed in plan_of(pathway).needs.items():
        wanted = {fact.id for fact in needed}
        found = follow(pathway, record, INDEX, HORIZON, today, wanted)
        for side in Side:
            assert found[side] == {one: every[side][one] for one in wanted if one in every[side]}, name


@given(facts(), records())
def test_critical_days_lie_after_index_and_up_to_the_horizon_in_order(drawn: tuple[Fact, ...], record: Record):
    for of_side in followed_in(pathway_of(drawn), record).values():
        for fact in of_side.values():
            assert all(INDEX < day <= HORIZON for day in fact.critical)
            assert list(fact.critical) == sorted(set(fact.critical))


@given(facts(), records(), st.randoms(use_true_random=False))
def test_the_order_of_events_never_matters(drawn: tuple[Fact, ...], record: Record, random):
    pathway = pathway_of(drawn)
    shuffled = list(record.events)
    random.shuffle(shuffled)
    assert derive(pathway, replace(record, events=tuple(shuffled)), INDEX) == derive(pathway, record, INDEX)


@given(facts(), records(), events())
def test_an_event_that_no_fact_reads_changes_nothing(drawn: tuple[Fact, ...], record: Record, event):
    pathway = pathway_of(drawn)
    more = replace(record, events=(*record.events, replace(event, concept="unread")))
    assert derive(pathway, more, INDEX) == derive(pathway, record, INDEX)
    assert followed_in(pathway, more) == followed_in(pathway, record)


@given(facts(), records())
def test_a_mirrored_person_has_mirrored_facts(drawn: tuple[Fact, ...], record: Record):
    pathway = pathway_of(drawn)
    mirrored = tuple(replace(event, side=OTHER.get(event.side, event.side)) for event in record.events)
    facts, mirror = derive(pathway, record, INDEX), derive(pathway, replace(record, events=mirrored), INDEX)
    assert mirror == {side: facts[side.other] for side in Side}


@given(facts(), records())
def test_two_runs_are_equal(drawn: tuple[Fact, ...], record: Record):
    first = derive(pathway_of(drawn), record, INDEX)
    assert derive(pathway_of(drawn), replace(record), INDEX) == first


@given(facts(), records())
def test_a_value_is_there_exactly_when_the_state_says_so(drawn: tuple[Fact, ...], record: Record):
    for facts_of_hip in derive(pathway_of(drawn), record, INDEX).values():
        for found in facts_of_hip.values():
            assert (found.value is not None) == (found.state in (State.KNOWN, State.KNOWN_ABSENT)), found


@given(facts(), records())
def test_what_could_not_be_read_is_unknown_unless_something_found_decides_it(drawn: tuple[Fact, ...], record: Record):
    pathway = pathway_of(drawn)
    known = derive(pathway, record, INDEX)[Side.RIGHT]
    for gap in record.gaps:
        for fact in drawn:
            if gap.concept in fact.derivation.selection.concepts and known[fact.id].value is not None:
                assert known[fact.id] == FactValue(fact.id, True, State.KNOWN, *_where(known[fact.id])), (
                    "only a yes of `exists` stands"
                )


def _where(found: FactValue) -> tuple[object, ...]:
    return found.date, found.source, found.note, found.ignored


@given(facts(), records())
def test_what_is_skipped_where_nothing_is_told_never_changes_a_fact(drawn: tuple[Fact, ...], record: Record):
    pathway = pathway_of(drawn)
    dossier, told = dossier_of(pathway, record), derive(pathway, record, INDEX)
    for side in Side:
        for name, fact in pathway.facts.items():
            quick, whole = derive_one(dossier, fact, side, INDEX), told[side][name]
            assert replace(quick, ignored=()) == replace(whole, ignored=()), (side, name)
