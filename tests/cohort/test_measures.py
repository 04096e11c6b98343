"""Measures: each counted again in plain Python, from what the one-person engine says of the same hips and days."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path

import duckdb
import pytest
from cohort.judged import judged, moved, variations
from generative.agreement import Asked, Said, by_engine

from ischio.cohort.measures import added, columns_needed, measure, standings
from ischio.engine.judge import judges_of
from ischio.engine.measures import index_days
from ischio.engine.measures import standings as standings_of_one
from ischio.interfaces.inputs import read_cases
from ischio.loading.pathway import load_pathway
from ischio.model.about import Side
from ischio.model.dates import PartialDate
from ischio.model.facts import Selection
from ischio.model.measures import Measure, Standing
from ischio.record.derivation import derive, derive_one
from ischio.record.dossier import dossier_of
from ischio.record.events import Event, Kind, Record

PATHWAY = load_pathway()
ON = date(2026, 6, 1)
REASONS = ("mri_not_possible", "physiotherapy_not_possible")
ASKED_OF = {"nsaid", "review", "injection_declined", *REASONS}

Truth = bool | None
Row = Mapping[str, object]


# ---- the measures once more, by hand ----------------------------------------------------------------------------


def no(one: Truth) -> Truth:
    return None if one is None else not one


def both(*parts: Truth) -> Truth:
    return False if False in parts else None if None in parts else True


def either(*parts: Truth) -> Truth:
    return True if True in parts else None if None in parts else False


@dataclass(frozen=True)
class Hip:
    """What the engine says of a hip on a day."""

    said: Said

    def __getattr__(self, name: str) -> Truth:
        for kind in ("criterion", "fact"):
            if f"{kind}_{name}" in self.said:
                return self.said[f"{kind}_{name}"]
        raise AttributeError(name)


Ask = Callable[[Hip], Truth]


@dataclass(frozen=True)
class Again:
    """A measure as it is counted by hand. day: of which fact; None for the end. every: each such day."""

    counts: Ask
    met: Ask
    out: Ask = lambda _hip: False
    day: str | None = None
    recorded: str = ""
    every: bool = False


INJECTED = {"day": "first_injection_date", "recorded": "recorded_injection"}
OPERATED = {"day": "ifi_surgery_date", "recorded": "ifi_surgery"}


def no_mri_possible(hip: Hip) -> Truth:
    return either(hip.mri_not_possible, hip.recorded_unsafe_implant)


def worked_up(hip: Hip) -> Truth:
    return both(hip.recorded_examination, hip.recorded_mri, hip.recorded_alternatives)


def confirmed(hip: Hip) -> Truth:
    diagnosis = hip.said["fact_clinician_diagnosis"]
    return None if diagnosis is None else diagnosis == "confirmed"


AGAIN: Mapping[str, Again] = {
    "evaluation_before_care": Again(
        lambda hip: both(hip.recorded_complaint, hip.gate_evaluation),
        worked_up,
        no_mri_possible,
        day="treatment_start",
        recorded="recorded_exercise",
    ),
    "evaluation_before_injection": Again(lambda hip: hip.recorded_injection, worked_up, no_mri_possible, **INJECTED),
    "evaluation_before_surgery": Again(
        lambda hip: hip.ifi_surgery,
        lambda hip: both(worked_up(hip), hip.recorded_mri_for_surgery),
        no_mri_possible,
        **OPERATED,
    ),
    "leg_position_recorded": Again(
        lambda hip: both(hip.recorded_mri, hip.recorded_diagnosis, hip.on_pathway),
        lambda hip: hip.recorded_leg_position,
    ),
    "alternatives_recorded": Again(
        lambda hip: hip.ifi_confirmed,
        lambda hip: hip.recorded_alternatives,
        day="diagnosis_date",
        recorded="ifi_confirmed",
    ),
    "adherence_recorded": Again(
        lambda hip: both(hip.recorded_exercise, hip.recorded_diagnosis),
        lambda hip: hip.recorded_adherence,
        lambda hip: hip.physiotherapy_not_possible,
    ),
    "nsaid_despite_a_stop": Again(
        lambda hip: both(hip.recorded_complaint, hip.gate_evaluation),
        lambda hip: hip.nsaid_stopped,
        day="nsaid_start",
        recorded="nsaid_in_use",
    ),
    "trial_before_injection": Again(
        lambda hip: hip.recorded_injection,
        lambda hip: hip.injection_trial_adequate,
        lambda hip: hip.physiotherapy_not_possible,
        **INJECTED,
    ),
    "injection_out_of_order": Again(
        lambda hip: hip.recorded_injection,
        lambda hip: no(
            both(
                confirmed(hip),
                either(hip.hip_complaint, hip.ifi_suspected),
                hip.injection_trial_adequate,
                hip.symptoms_persist,
            )
        ),
        **INJECTED,
    ),
    "injections_guided": Again(
        lambda hip: hip.recorded_diagnosis,
        lambda hip: both(hip.recorded_injection, hip.guided_injection_on_the_day),
        day="last_hip_injection_date",
        recorded="recorded_injection",
        every=True,
    ),
    "injection_response_recorded": Again(
        lambda hip: hip.injection_response_due, lambda hip: hip.recorded_injection_response
    ),
    "trial_before_surgery": Again(
        lambda hip: hip.ifi_surgery,
        lambda hip: hip.conservative_trial_adequate,
        lambda hip: hip.physiotherapy_not_possible,
        **OPERATED,
    ),
    "injection_before_surgery": Again(
        lambda hip: hip.ifi_surgery,
        lambda hip: either(hip.injection_tried, hip.injection_declined, hip.injection_not_possible),
        **OPERATED,
    ),
    "surgery_out_of_order": Again(
        lambda hip: hip.ifi_surgery,
        lambda hip: no(
            both(
                hip.gate_injection,
                hip.conservative_trial_adequate,
                either(hip.injection_tried, hip.injection_declined, hip.injection_not_possible),
                hip.symptoms_persist_after_injection,
            )
        ),
        **OPERATED,
    ),
    "steroid_clear_of_surgery": Again(
        lambda hip: hip.ifi_surgery, lambda hip: no(hip.steroid_before_surgery), **OPERATED
    ),
    "first_scores_recorded": Again(
        lambda hip: both(hip.recorded_complaint, hip.gate_evaluation),
        lambda hip: both(hip.recorded_first_pain, hip.recorded_function_score),
        day="exercise_start",
        recorded="recorded_exercise",
    ),
    "scores_at_each_review": Again(
        lambda hip: hip.on_pathway,
        lambda hip: both(hip.recorded_pain_score, hip.recorded_scores_now),
        day="last_review",
        recorded="recorded_review",
        every=True,
    ),
    "imaging_when_symptoms_persist": Again(
        lambda hip: both(hip.recorded_diagnosis, hip.symptoms_outlast_care),
        lambda hip: hip.recorded_follow_up_imaging,
        no_mri_possible,
        day="pain_read_on",
        recorded="recorded_first_pain",
    ),
}


def counted_again(again: Again, days: Mapping[date, Hip]) -> str | None:
    """How a hip stands; None where it is not asked about."""
    if again.day is None:
        asked = [days[ON]]
    else:
        asked = [hip for day, hip in sorted(days.items()) if getattr(hip, again.day) == day]
        if not asked:
            return "unclear" if any(getattr(hip, again.recorded) is True for hip in days.values()) else None
    found = {on_one_day(again, hip) for hip in (asked if again.every else asked[-1:])}
    return next((each for each in ("not_met", "unknown", "unclear", "met", "excluded") if each in found), None)


def on_one_day(again: Again, hip: Hip) -> str | None:
    counts, out, met = again.counts(hip), again.out(hip), again.met(hip)
    if counts is False:
        return None
    if out is True:
        return "excluded"
    if counts is None or out is None:
        return "unclear"
    return {True: "met", False: "not_met", None: "unknown"}[met]


# ---- a cohort ---------------------------------------------------------------------------------------------------


@cache
def people() -> list[Record]:
    """People like those of the cases, so that every stage and treatment occurs; facts given directly are no events."""
    cases, _ = read_cases(PATHWAY, None)
    told = [
        moved(case.record, ON - case.index_date) for case in cases if not case.record.given and not case.record.gaps
    ]
    asked = [record for record in told if {event.concept for event in record.events} & ASKED_OF]
    written = [record for record in told if record.patient.id.startswith(("measures-", "injected-on"))]
    spared = [with_reason(record, reason) for record in written for reason in REASONS]
    groups = ((told, 40), (asked, 25), (written, 35), (spared, 20))
    return [each for seed, (like, count) in enumerate(groups) for each in variations(like, count, seed)]


def with_reason(record: Record, concept: str) -> Record:
    """The same person, with a clinician's word on what is not possible."""
    day = PartialDate.parse("2024-01-01")
    return replace(record, events=(*record.events, Event(concept, "reason", "yes", start=day, end=day)))


@cache
def by_hand() -> dict[tuple[str, str, str], str]:
    found = {}
    for record in people():
        said = {day: by_engine(PATHWAY, Asked(record, day)) for day in index_days(record, ON)}
        for side in Side:
            days = {day: Hip(hips[side]) for day, hips in said.items()}
            for name, again in AGAIN.items():
                standing = counted_again(again, days)
                if standing is not None:
                    found[name, record.patient.id, side.value] = standing
    return found


@cache
def database() -> duckdb.DuckDBPyConnection:
    return judged(PATHWAY, people(), ON)


def test_every_measure_is_counted_again() -> None:
    assert AGAIN.keys() == PATHWAY.measures.keys()


def test_who_stands_how_is_as_counted_by_hand() -> None:
    rows = database().execute(f"select measure, person, hip, standing from ({standings(PATHWAY, 'judged')})").fetchall()
    assert {(measure, person, hip): standing for measure, person, hip, standing in rows} == by_hand()


def test_the_engine_says_of_one_person_what_is_counted_by_hand() -> None:
    found = {
        (name, record.patient.id, side.value): standing.value
        for record in people()[:40]
        for side, by_name in standings_of_one(PATHWAY, record, ON).items()
        for name, standing in by_name.items()
        if standing is not Standing.NOT_COUNTED
    }
    ids = {record.patient.id for record in people()[:40]}
    assert found == {key: standing for key, standing in by_hand().items() if key[1] in ids}


@pytest.mark.parametrize("name", AGAIN)
def test_the_numbers_of_a_measure_are_as_counted_by_hand(name: str) -> None:
    (found,) = [each for each in measure(database(), PATHWAY, "judged") if each.id == name]
    again = Counter(standing for (measure_, _, _), standing in by_hand().items() if measure_ == name)
    told = {each: getattr(found.all, each) for each in ("met", "not_met", "unknown", "unclear", "excluded")}
    assert {word: count for word, count in told.items() if count} == dict(again)
    assert found.all.denominator == again["met"] + again["not_met"]
    assert found.all.population == again.total()


def test_the_cohort_shows_every_standing_and_every_measure_met_and_not_met(
    record_property: Callable[..., None],
) -> None:
    shown = Counter((name, standing) for (name, _, _), standing in by_hand().items())
    told = Counter(by_hand().values())
    record_property(
        "counted", f"measures: {len(by_hand())} standings of {2 * len(people())} hips counted again: {dict(told)}"
    )
    assert {standing for _, standing in shown} == {"met", "not_met", "unknown", "unclear", "excluded"}
    assert [name for name in AGAIN if not (shown[name, "met"] and shown[name, "not_met"])] == []


def about_a_day() -> list[Measure]:
    """Measures about a treatment, whose answer should not rest on the treatment itself; only guidance is part of it."""
    return [each for each in PATHWAY.measures.values() if each.on is not None and each.id != "injections_guided"]


@pytest.mark.parametrize("asked", about_a_day(), ids=lambda each: each.id)
def test_the_answer_on_the_day_of_a_treatment_does_not_rest_on_the_treatment(asked: Measure) -> None:
    selection = PATHWAY.facts[asked.on].derivation.selection
    compared = 0
    for record in people()[::4]:
        for side in Side:
            for day in index_days(record, ON):
                if derive_one(dossier_of(PATHWAY, record), PATHWAY.facts[asked.on or ""], side, day).value != day:
                    continue
                others = tuple(each for each in record.events if not is_it(each, selection, day))
                before, after = (
                    judges_of(PATHWAY, derive(PATHWAY, each, day), day)[side].judge(asked.met).truth
                    for each in (replace(record, events=others), record)
                )
                assert (record.patient.id, side, day, before) == (record.patient.id, side, day, after)
                compared += 1
    assert compared > 2


def is_it(each: Event, selection: Selection, day: date) -> bool:
    """Whether an event is the treatment of that day."""
    done = each.kind in (Kind.DONE, Kind.STATED)
    return done and each.concept in selection.concepts and each.start is not None and each.start.latest == day


def test_parts_add_up_to_the_whole() -> None:
    parts = []
    for which in ("<", ">="):
        database().execute(f"create or replace view part as select * from judged where person {which} 'p2'")
        parts.append(measure(database(), PATHWAY, "part"))
    assert added(parts) == measure(database(), PATHWAY, "judged")


def test_no_more_columns_are_read_than_are_said_to_be_needed() -> None:
    columns = ", ".join(("person", "hip", "index_date", "at_end", *columns_needed(PATHWAY)))
    database().execute(f"create or replace view narrow as select {columns} from judged")
    assert measure(database(), PATHWAY, "narrow") == measure(database(), PATHWAY, "judged")


def test_a_pathway_without_measures_has_no_results() -> None:
    ankle = load_pathway(Path(__file__).parents[1] / "knowledge" / "ankle")
    assert measure(database(), ankle, "judged") == ()
