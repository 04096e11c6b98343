"""The facts of a record as a whole."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from ischio.loading.pathway import load_pathway
from ischio.model.about import Side
from ischio.model.dates import PartialDate
from ischio.model.pathway import Pathway
from ischio.record.critical import follow
from ischio.record.derivation import derive
from ischio.record.dossier import dossier_of
from ischio.record.events import EVERYTHING, Event, EventSide, FactData, FactValue, Gap, Kind, Patient, Record, State
from ischio.record.occurrence import occurrence_of
from ischio.record.patterns import days_covered
from ischio.record.reading import in_words

INDEX = date(2026, 6, 1)


@pytest.fixture(scope="session")
def pathway() -> Pathway:
    return load_pathway(Path(__file__).parents[1] / "knowledge" / "tiny")


def moment(concept: str, day: str, **more: object) -> Event:
    return Event(concept, f"{concept} of {day}", start=PartialDate.parse(day), end=PartialDate.parse(day), **more)


def record(*events: Event) -> Record:
    return Record(Patient("synthetic"), events)


def test_every_fact_of_the_pathway_is_derived_in_its_order_for_both_hips(pathway: Pathway):
    for facts in derive(pathway, record(), INDEX).values():
        assert list(facts) == list(pathway.facts)


def test_facts_of_the_person_are_the_same_objects_for_both_hips(pathway: Pathway):
    facts = derive(pathway, record(moment("pregnancy", "2026-05-01", value="yes")), INDEX)
    assert facts[Side.RIGHT]["pregnant"] is facts[Side.LEFT]["pregnant"]


def test_a_fact_says_where_it_came_from(pathway: Pathway):
    pain = moment("pain_score", "2026-05-20", value=Decimal(6), side=EventSide.RIGHT)
    found = derive(pathway, record(pain), INDEX)[Side.RIGHT]["pain_now"]
    assert found == FactValue("pain_now", 6, State.KNOWN, date(2026, 5, 20), "pain_score of 2026-05-20")


def test_known_absent_says_who_vouched_for_it(pathway: Pathway):
    found = derive(pathway, record(moment("screen", "2026-05-20")), INDEX)[Side.RIGHT]["flag_trauma"]
    assert found == FactValue("flag_trauma", "absent", State.KNOWN_ABSENT, date(2026, 5, 20), "screen of 2026-05-20")


def test_what_rests_on_a_fact_is_looked_at_when_that_changes_and_nothing_else_is(pathway: Pathway):
    screened = record(moment("screen", "2026-05-20"))
    facts = derive(pathway, screened, INDEX)
    followed = follow(pathway, screened, INDEX, date(2026, 12, 1), facts, pathway.facts)[Side.RIGHT]
    assert set(followed) == {"screened", "flag_fever", "flag_trauma"}
    assert {len(fact.values) for fact in followed.values()} == {2}
    assert len({fact.critical[-1] for fact in followed.values()}) == 1


def test_a_record_is_sorted_once(pathway: Pathway):
    one = record(moment("screen", "2026-05-20"))
    assert dossier_of(pathway, one) is dossier_of(pathway, one)
    assert dossier_of(pathway, one) is not dossier_of(pathway, record(moment("screen", "2026-05-20")))


def test_sorted_records_are_not_kept_for_ever(pathway: Pathway):
    first = record()
    kept = dossier_of(pathway, first)
    for _ in range(40):
        dossier_of(pathway, record())
    assert dossier_of(pathway, first) is not kept


@pytest.mark.parametrize(
    ("start", "end", "recorded", "kind", "begins", "ends"),
    [
        ("2026", "2026", None, Kind.DONE, "2026-01-01 to 2026-12-31", "2026-01-01 to 2026-12-31"),
        ("2026", "2026", "2026-03-10", Kind.DONE, "2026-01-01 to 2026-03-10", "2026-01-01 to 2026-03-10"),
        ("2026", "2026", "2025-03-10", Kind.DONE, "2026-01-01 to 2026-12-31", "2026-01-01 to 2026-12-31"),
        ("2026", "2026", "2026-03-10", Kind.PLANNED, "2026-01-01 to 2026-12-31", "2026-01-01 to 2026-12-31"),
        (None, None, "2026-03-10", Kind.DONE, "2026-03-10 to 2026-03-10", "2026-03-10 to 2026-03-10"),
        (None, None, None, Kind.DONE, "0001-01-01 to 9999-12-31", "0001-01-01 to 9999-12-31"),
        ("2026-03-10", None, None, Kind.DONE, "2026-03-10 to 2026-03-10", "9999-12-31 to 9999-12-31"),
        (None, "2026-03-10", None, Kind.DONE, "0001-01-01 to 2026-03-10", "2026-03-10 to 2026-03-10"),
        ("2026", "2026-03-10", None, Kind.DONE, "2026-01-01 to 2026-03-10", "2026-03-10 to 2026-03-10"),
        ("2026-03-10", "2026", None, Kind.DONE, "2026-03-10 to 2026-03-10", "2026-03-10 to 2026-12-31"),
    ],
)
def test_when_an_event_was(
    start: str | None, end: str | None, recorded: str | None, kind: Kind, begins: str, ends: str
):
    start_, end_, recorded_ = (None if day is None else PartialDate.parse(day) for day in (start, end, recorded))
    when = occurrence_of(Event("a", "source", start=start_, end=end_, recorded=recorded_, kind=kind))
    assert f"{when.starts.earliest} to {when.starts.latest}" == begins
    assert f"{when.ends.earliest} to {when.ends.latest}" == ends


@pytest.mark.parametrize(
    ("periods", "days"),
    [
        ([], 0),
        ([("2026-01-01", "2026-01-01")], 1),
        ([("2026-01-01", "2026-01-10"), ("2026-01-05", "2026-01-07")], 10),
        ([("2026-01-05", "2026-01-12"), ("2026-01-01", "2026-01-06")], 12),
        ([("2026-01-01", "2026-01-02"), ("2026-01-04", "2026-01-05")], 4),
        ([("2026-01-05", "2026-01-01")], 0),
        ([("2026-01-05", "2026-01-01"), ("2026-01-03", "2026-01-04")], 2),
    ],
)
def test_days_covered(periods: list[tuple[str, str]], days: int):
    assert days_covered((date.fromisoformat(first), date.fromisoformat(last)) for first, last in periods) == days


@pytest.mark.parametrize(
    ("value", "found", "state"),
    [
        (date(1984, 5, 2), date(1984, 5, 2), State.KNOWN),
        ("1984-05-02", date(1984, 5, 2), State.KNOWN),
        ("1984-05", None, State.IMPRECISE_DATE),
        ("in spring", None, State.VALUE_REFUSED),
    ],
)
def test_a_date_may_come_as_text(pathway: Pathway, value: date | str, found: date | None, state: State):
    born = derive(pathway, record(moment("birth_date", "1984", value=value)), INDEX)[Side.RIGHT]["birth_date"]
    assert (born.value, born.state) == (found, state)


@pytest.mark.parametrize("value", ["six", True, date(2026, 5, 1)])
def test_what_is_not_a_number_is_refused(pathway: Pathway, value: object):
    pain = moment("pain_score", "2026-05-20", value=value, side=EventSide.RIGHT)
    found = derive(pathway, record(pain), INDEX)[Side.RIGHT]["pain_now"]
    assert (found.value, found.state) == (None, State.VALUE_REFUSED)
    assert found.note is not None
    assert found.note.endswith("is not a number")


@pytest.mark.parametrize(
    ("fact", "value", "words"),
    [("space", 145, "14.5 mm"), ("pain_now", 6, "6"), ("pregnant", False, "no"), ("exercise_days", None, "unknown")],
)
def test_values_in_words(pathway: Pathway, fact: str, value: FactData | None, words: str):
    assert in_words(pathway.facts[fact].type, value) == words


def test_a_code_that_the_fact_does_not_know_is_refused(pathway: Pathway):
    event = moment("diagnosis", "2026-05-20", value="likely", side=EventSide.RIGHT)
    found = derive(pathway, record(event), INDEX)[Side.RIGHT]["diagnosis"]
    assert (found.state, found.note) == (State.VALUE_REFUSED, "likely is not one of confirmed, suspected, refuted")


def test_where_it_is_not_known_what_could_not_be_read_no_fact_is_absent(pathway: Pathway):
    """A screen that vouched for absence does not any more; that something was found stays true."""
    read = (moment("screen", "2026-05-20"), moment("pain_score", "2026-05-20", value=Decimal(6), side=EventSide.RIGHT))
    gap = Gap(EVERYTHING, State.QUERY_FAILED, "entry/7")
    facts = derive(pathway, Record(Patient("synthetic"), read, (gap,)), INDEX)[Side.RIGHT]
    assert {name: found.value for name, found in facts.items() if found.value is not None} == {"screened": True}
    assert {found.state for found in facts.values()} == {State.KNOWN, State.QUERY_FAILED, State.INPUTS_UNKNOWN}
