"""Outcomes and waiting times: counted again from raw records, in plain Python, and held against textbooks."""

import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from statistics import median

import duckdb
import pytest
from cohort.judged import judged
from generative.agreement import Asked, by_engine

from ischio.cohort import outcomes as outcomes_
from ischio.cohort import times as times_
from ischio.cohort.followed import outcome_results, time_results
from ischio.cohort.measured import measured
from ischio.cohort.measures import columns_needed, measure
from ischio.cohort.milestones import cannot_show
from ischio.cohort.outcomes import OutcomeResult, Pair, outcomes
from ischio.cohort.times import TimeResult, Waited, times
from ischio.engine.measures import index_days
from ischio.loading.pathway import load_pathway
from ischio.model.about import Side
from ischio.model.dates import PartialDate, shift
from ischio.record.events import Event, EventSide, Patient, Record

PATHWAY = load_pathway()
TOLD = PATHWAY.outcomes
assert TOLD is not None
ON = date(2026, 6, 1)
PEOPLE = 55

CONCEPTS = {"change_in_pain": "pain_score", "change_in_ihot12": "ihot12", "change_in_mhhs": "mhhs"}
"""The raw event behind each score."""
TREATMENTS = {"first_injection": "image_guided_injection", "first_operation": "ifi_surgery"}
"""The raw event behind each milestone that is a treatment of one hip."""


# ---- people with raw events -------------------------------------------------------------------------------------


def event(concept: str, day: date, side: EventSide | None, **keys: object) -> Event:
    known = PartialDate(day, day)
    return Event(concept, f"{concept} {day} {side}", start=known, end=keys.pop("end", known), side=side, **keys)


def person(number: int) -> Record:
    """A course of one hip or of both, with readings here and there, at most one of a score in a day."""
    chance = random.Random(number)
    events: list[Event] = []
    first = ON - timedelta(days=chance.randrange(60, 1300))
    exercise = first + timedelta(days=chance.randrange(0, 40))
    events.append(
        event(
            "exercise_therapy",
            exercise,
            None,
            end=PartialDate(*[exercise + timedelta(days=chance.choice((20, 120)))] * 2),
        )
    )
    if chance.random() < 0.6:
        events += [event("pt_strengthening", exercise, None, value=True)]
        events += [event("pt_position_avoidance", exercise, None, value=True)]
        events += [event("home_programme_kept", exercise + timedelta(days=19), None, value=True)]
    for side in (EventSide.RIGHT, EventSide.LEFT)[: chance.choice((1, 1, 2))]:
        events += course(side, first, exercise, chance)
    if chance.random() < 0.06:
        events.append(event("death", first + timedelta(days=chance.randrange(30, 900)), None))
    return Record(Patient(f"p{number}"), tuple(each for each in events if each.start and each.start.latest <= ON))


def course(side: EventSide, first: date, exercise: date, chance: random.Random) -> Iterator[Event]:
    yield event("ifi_diagnosis", first + timedelta(days=chance.randrange(0, 60)), side, value="confirmed")
    injection = exercise + timedelta(days=chance.randrange(40, 200))
    if chance.random() < 0.7:
        yield event("image_guided_injection", injection, side)
    if chance.random() < 0.3:
        yield event("image_guided_injection", injection + timedelta(days=100), side)
    if chance.random() < 0.5:
        yield event("ifi_surgery", injection + timedelta(days=chance.randrange(-60, 300)), side, value="resection")
    if chance.random() < 0.3:
        yield event("pathway_closed", injection + timedelta(days=chance.randrange(20, 500)), side)
    for concept, highest in (("pain_score", 10), ("ihot12", 100), ("mhhs", 100)):
        days = {
            first
            + timedelta(days=chance.choice((0, 30, 90, 120, 180, 200, 300, 365, 400, 730, 800)) + chance.randrange(9))
            for _ in range(chance.randrange(1, 9))
        }
        for day in sorted(days):
            yield event(concept, day, side, value=Decimal(chance.randrange(highest + 1)), unit="{score}")


@cache
def people() -> list[Record]:
    return [person(number) for number in range(PEOPLE)]


@cache
def database() -> duckdb.DuckDBPyConnection:
    return judged(PATHWAY, people(), ON)


# ---- outcomes once more, from the raw events --------------------------------------------------------------------


def on_side(record: Record, concept: str, side: Side) -> list[Event]:
    return [
        each
        for each in record.events
        if each.concept == concept and each.side in (EventSide(side.value), EventSide.BOTH)
    ]


def day_of(each: Event) -> date:
    assert each.start is not None
    return each.start.latest


def standing(
    record: Record, side: Side, outcome: str, since: str, window: tuple[date, date, date]
) -> str | tuple[Decimal, Decimal]:
    began = min(day_of(each) for each in on_side(record, TREATMENTS[since], side))
    first, target, last = window
    died = [day_of(each) for each in record.events if each.concept == "death"]
    if died and died[0] <= last:
        return "died"
    if last > ON:
        return "later"
    readings = {day_of(each): each.value for each in on_side(record, CONCEPTS[outcome], side)}
    before = [day for day in readings if shift(began, TOLD.baseline.before, -1) <= day <= began]
    after = [day for day in readings if first <= day <= last]
    if not before:
        return "no_baseline"
    if not after:
        return "no_reading"
    nearest = min(after, key=lambda day: (abs((day - target).days), day))
    return readings[max(before)], readings[nearest]


def again(found: OutcomeResult) -> Counter[object]:
    counted: Counter[object] = Counter()
    follow_up = found.follow_up
    for record in people():
        for side in Side:
            treated = on_side(record, TREATMENTS[found.since.id], side)
            if treated:
                began = min(map(day_of, treated))
                window = tuple(shift(began, each) for each in (follow_up.first, follow_up.target, follow_up.last))
                counted[standing(record, side, found.outcome.id, found.since.id, window)] += 1
    return counted


@cache
def found_outcomes() -> tuple[OutcomeResult, ...]:
    return outcomes(database(), PATHWAY, "judged")


TREATED = [
    (outcome, since, follow_up) for outcome in TOLD.scores for since in TREATMENTS for follow_up in TOLD.follow_ups
]


@pytest.mark.parametrize(("outcome", "since", "follow_up"), TREATED)
def test_an_outcome_is_as_counted_from_the_raw_records(outcome: str, since: str, follow_up: str) -> None:
    (found,) = [
        each
        for each in found_outcomes()
        if (each.outcome.id, each.since.id, each.follow_up.id) == (outcome, since, follow_up)
    ]
    counted = again(found)
    told = {"later": found.later, "died": found.died, "no_baseline": found.no_baseline, "no_reading": found.no_reading}
    assert {word: count for word, count in told.items() if count} == {
        word: count for word, count in counted.items() if isinstance(word, str)
    }
    amount = PATHWAY.facts[found.outcome.value].type.amount
    pairs = {(amount(pair.baseline), amount(pair.reading)): pair.count for pair in found.pairs}
    assert pairs == {pair: count for pair, count in counted.items() if isinstance(pair, tuple)}
    changes = [reading - baseline for (baseline, reading), count in pairs.items() for _ in range(count)]
    assert found.n == len(changes)
    assert found.median == (median(changes) if changes else None)


def test_the_cohort_has_readings_missing_ones_deaths_and_open_windows(record_property: Callable[..., None]) -> None:
    pairs = sum(each.n for each in found_outcomes())
    record_property(
        "counted", f"outcomes: {pairs} pairs of readings in {len(TREATED)} of {len(found_outcomes())} cells"
    )
    for name in ("n", "no_baseline", "no_reading", "later", "died"):
        assert sum(getattr(each, name) for each in found_outcomes()) > 0, name


def test_every_score_is_told_from_every_milestone_at_every_time() -> None:
    told = [(each.outcome.id, each.since.id, each.follow_up.id) for each in found_outcomes()]
    assert told == [
        (name, since, follow_up)
        for name, each in TOLD.scores.items()
        for since in each.since
        for follow_up in TOLD.follow_ups
    ]
    assert {each.cannot_show for each in found_outcomes()} == {cannot_show(PATHWAY)}


def test_parts_add_up_to_the_whole() -> None:
    halves: list[list[tuple[object, ...]]] = [[], []]
    for half, which in zip(halves, ("<", ">="), strict=True):
        database().execute(f"create or replace view part as select * from judged where person {which} 'p3'")
        half += [outcomes(database(), PATHWAY, "part"), times(database(), PATHWAY, "part")]
    assert outcomes_.added([half[0] for half in halves]) == found_outcomes()
    assert times_.added([half[1] for half in halves]) == times(database(), PATHWAY, "judged")


def test_no_more_columns_are_read_than_are_said_to_be_needed() -> None:
    needed = dict.fromkeys((*columns_needed(PATHWAY), *outcomes_.columns_needed(PATHWAY)))
    columns = ", ".join(("person", "hip", "index_date", "at_end", "stage", *needed))
    database().execute(f"create or replace view narrow as select {columns} from judged")
    assert outcomes(database(), PATHWAY, "narrow") == found_outcomes()
    assert times(database(), PATHWAY, "narrow") == times(database(), PATHWAY, "judged")


def test_a_pathway_that_tells_of_no_outcomes_has_no_results() -> None:
    ankle = load_pathway(Path(__file__).parents[1] / "knowledge" / "ankle")
    assert outcomes(database(), ankle, "judged") == times(database(), ankle, "judged") == ()


def test_the_tables_speak_of_the_body_part_of_the_pathway() -> None:
    of_feet = replace(PATHWAY, body_part="foot")
    results = (
        outcome_results(of_feet, found_outcomes())
        + time_results(of_feet, times(database(), PATHWAY, "judged"))
        + measured(of_feet, measure(database(), PATHWAY, "judged"))
    )
    assert len(results.tables) == 6
    for table in results.tables:
        told = " ".join((table.title, table.meaning, *(f"{each.title} {each.meaning}" for each in table.fields)))
        assert re.search(r"\b(foot|feet)\b", told, re.IGNORECASE), table.name
        assert not re.search(r"\bhips?\b", told, re.IGNORECASE), table.name


# ---- what a result says -----------------------------------------------------------------------------------------


def result(outcome: str, *pairs: tuple[int, int, int]) -> OutcomeResult:
    return replace(
        next(each for each in found_outcomes() if each.outcome.id == outcome),
        pairs=tuple(Pair(*pair) for pair in pairs),
    )


# Baseline and later pain in steps of 0.1, and how many hips. A fall of 2 points, or of 30 % of the baseline, counts.
FELL = [
    ("by two points, from ten", (100, 80, 1), (1, 0)),
    ("by a little less than two points", (100, 81, 1), (0, 0)),
    ("by three of ten: a share of 30 %", (100, 70, 1), (1, 1)),
    ("by one of three", (30, 20, 1), (0, 1)),
    ("not at all, from nothing", (0, 0, 1), (0, 0)),
    ("rose", (40, 70, 1), (0, 0)),
]


@pytest.mark.parametrize(("_words", "pair", "reached"), FELL, ids=[words for words, _, _ in FELL])
def test_a_borrowed_mark_of_pain(_words: str, pair: tuple[int, int, int], reached: tuple[int, int]) -> None:
    assert tuple(each.reached for each in result("change_in_pain", pair).thresholds) == reached


def test_a_borrowed_mark_names_its_population_and_its_label() -> None:
    mcii, scb, pass_ = result("change_in_ihot12", (400, 540, 3), (400, 539, 1), (620, 630, 1)).thresholds
    assert [each.reached for each in (mcii, scb, pass_)] == [3, 0, 1]
    assert mcii.of == 5
    assert mcii.parameter.about.label.value == "extrapolated"
    assert any("61 patients" in claim for claim in mcii.claims)
    assert any("measured in ischiofemoral impingement" in claim for claim in mcii.claims)


# Changes, and median, quartiles (definition 2 of Hyndman and Fan) and interval by order statistics.
SPREAD = [
    ((), None, None, None),
    ((1,), "1", ("1", "1"), None),
    ((1, 2), "1.5", ("1", "2"), None),
    ((1, 2, 3, 4), "2.5", ("1.5", "3.5"), None),
    ((1, 2, 3, 4, 5, 9), "3.5", ("2", "5"), ("1", "9")),
    (tuple(range(1, 11)), "5.5", ("3", "8"), ("2", "9")),
]


@pytest.mark.parametrize(("changes", "middle", "quartiles", "interval"), SPREAD)
def test_median_quartiles_and_interval(
    changes: tuple[int, ...], middle: str | None, quartiles: tuple[str, str] | None, interval: tuple[str, str] | None
) -> None:
    found = result("change_in_ihot12", *((0, 10 * change, 1) for change in changes))
    assert found.median == (None if middle is None else Decimal(middle))
    assert found.quartiles == (None if quartiles is None else tuple(map(Decimal, quartiles)))
    assert found.interval == (None if interval is None else tuple(map(Decimal, interval)))


# ---- waiting times ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wait:
    days: int
    ending: str


def waits(time: str) -> Iterator[Wait | None]:
    """Every wait once more, from the stages that the one-person engine tells of each index day; None: came before."""
    asked = TOLD.times[time]
    for record in people():
        said = {day: by_engine(PATHWAY, Asked(record, day)) for day in index_days(record, ON)}
        for side in Side:
            stages = {day: hips[side]["stage"] for day, hips in said.items()}
            days = {
                "first_injection": sorted(map(day_of, on_side(record, "image_guided_injection", side))),
                "first_operation": sorted(map(day_of, on_side(record, "ifi_surgery", side))),
                "hip_closed": [day for day, stage in stages.items() if stage == "closed"],
                "person_died": [day for day, hips in said.items() if hips[side]["fact_recorded_death"] is True],
            }
            began = min((day for day, stage in stages.items() if stage == "conservative_care"), default=None)
            if began is None:
                continue
            if any(day < began for day in days[asked.to]):
                yield None
                continue
            ends = [
                (day, place, end)
                for place, end in enumerate((asked.to, *asked.competing))
                for day in days[end]
                if day >= began
            ]
            day, _, ending = min(ends, default=(ON, 0, "censored"))
            yield Wait((day - began).days, ending)


@pytest.mark.parametrize("time", TOLD.times)
def test_waits_are_as_counted_from_the_engine_and_the_raw_records(time: str) -> None:
    (found,) = [each for each in times(database(), PATHWAY, "judged") if each.time.id == time]
    counted = Counter(waits(time))
    assert found.before == counted.pop(None, 0)
    assert {Wait(each.days, each.ending): each.count for each in found.waited} == counted


def waiting(*waited: tuple[int, str, int]) -> TimeResult:
    return TimeResult(PATHWAY, TOLD.times["time_to_surgery"], ON, 0, tuple(Waited(*each) for each in waited))


# Remission of 21 children on 6-mercaptopurine (Freireich 1963), as worked through in D. G. Kleinbaum, M. Klein,
# Survival Analysis, chapter 2: weeks, share without relapse, standard error after Greenwood, at risk.
CAME, LEFT = "first_operation", "censored"
FREIREICH = (
    *(
        (6, CAME, 3),
        (6, LEFT, 1),
        (7, CAME, 1),
        (9, LEFT, 1),
        (10, CAME, 1),
        (10, LEFT, 1),
        (11, LEFT, 1),
        (13, CAME, 1),
    ),
    *((16, CAME, 1), (17, LEFT, 1), (19, LEFT, 1), (20, LEFT, 1), (22, CAME, 1), (23, CAME, 1), (25, LEFT, 1)),
    *((32, LEFT, 2), (34, LEFT, 1), (35, LEFT, 1)),
)
STEPS = [
    (6, 0.857, 21),
    (7, 0.807, 17),
    (10, 0.753, 15),
    (13, 0.690, 12),
    (16, 0.627, 11),
    (22, 0.538, 7),
    (23, 0.448, 6),
]


def test_kaplan_meier_as_in_the_textbook() -> None:
    pytest.importorskip("statsmodels", reason="statsmodels is not installed; `pip install 'ischio[cohort]'` brings it")
    found = waiting(*FREIREICH)
    assert [(step.days, round(step.share, 3), step.at_risk) for step in found.kaplan_meier] == STEPS
    assert found.median == 23
    low, high = found.kaplan_meier[0].interval or (0, 0)
    assert (round(low, 3), round(high, 3)) == (0.620, 0.952)  # on the scale of log(-log), as R's survival gives it


def test_cumulative_incidence_worked_by_hand() -> None:
    """Five hips: operated on day 1, closed on day 2, censored on day 3, operated on days 4 and 5.

    Operated: 1/5, then 3/5 still wait before day 4 and 1/2 of those at risk is operated: 1/5 + 3/10, then 3/10 more.
    Closed: 4/5 still wait before day 2 and 1/4 of those at risk is closed: 1/5.
    """
    pytest.importorskip("statsmodels", reason="statsmodels is not installed; `pip install 'ischio[cohort]'` brings it")
    found = waiting((1, CAME, 1), (2, "hip_closed", 1), (3, LEFT, 1), (4, CAME, 1), (5, CAME, 1)).incidence
    shares = {
        ending: [(step.days, round(step.share, 12), step.at_risk) for step in steps] for ending, steps in found.items()
    }
    assert shares == {CAME: [(1, 0.2, 5), (4, 0.5, 2), (5, 0.8, 1)], "hip_closed": [(2, 0.2, 4)]}


def test_nobody_came_or_nobody_waited() -> None:
    pytest.importorskip("statsmodels", reason="statsmodels is not installed; `pip install 'ischio[cohort]'` brings it")
    for found in (waiting(), waiting((10, LEFT, 3))):
        assert (found.kaplan_meier, found.median, found.incidence) == ((), None, {})
