"""The stories of synthetic people: all that should occur does, and care follows its order."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from statistics import mean

import pytest

from ischio.loading.pathway import load_pathway
from ischio.record.events import EventSide, Kind
from ischio.synthesis.figures import data, load_figures
from ischio.synthesis.people import DIVERSIONS, NOT_ON_PATHWAY, Hip, Person
from ischio.synthesis.story import tell_person

ON = date(2026, 3, 31)
PEOPLE = 2000
CHOICES = data("figures")["choices"]


@cache
def people() -> tuple[Person, ...]:
    return tuple(tell_person(number, 1, ON, load_figures()) for number in range(1, PEOPLE + 1))


def hips() -> Iterator[tuple[Person, Hip]]:
    return ((person, hip) for person in people() for hip in person.hips)


def days_of(person: Person, hip: Hip, concept: str, kind: Kind = Kind.DONE) -> list[date]:
    """The days on which something happened to a hip."""
    found = (event for event in person.chart.events if event.concept == concept and event.kind is kind)
    return [event.start.earliest for event in found if event.side in (hip.side, EventSide.BOTH, None) and event.start]


# ---- all that should occur does -------------------------------------------------------------------------------------


def test_every_stage_of_the_pathway_is_somebodys_last():
    stages = Counter(hip.stay_on(person.last).stage for person, hip in hips())
    pathway = load_pathway(licensed_codes=False)
    assert set(stages) == {NOT_ON_PATHWAY, *(stage.id for stage in pathway.stages)}
    assert min(stages.values()) >= 30, stages


def test_every_diversion_of_the_pathway_holds_for_somebody():
    diversions = Counter(hip.stay_on(person.last).diversion for person, hip in hips())
    pathway = load_pathway(licensed_codes=False)
    assert set(diversions) == {None, *(diversion.id for diversion in pathway.diversions)}
    assert min(diversions.values()) >= 10, diversions
    assert [one.id for one in pathway.diversions] == list(DIVERSIONS), "of several the first counts, in this order"


@pytest.mark.parametrize("group", ["mimic", "outside"])
def test_every_other_cause_and_every_reason_to_leave_the_pathway_occurs(group: str):
    found = {person.condition.removeprefix(f"{group}: ") for person in people() if person.condition.startswith(group)}
    assert found == set(CHOICES[group])


def test_every_operation_and_every_answer_to_an_injection_occurs():
    told = Counter((event.concept, event.kind, event.value) for person in people() for event in person.chart.events)
    for operation in CHOICES["operation"]:
        assert told["ifi_surgery", Kind.DONE, operation]
    for response in ("worse", "none", "minimal", "substantial"):
        assert told["injection_response", Kind.DONE, response]
    assert told["image_guided_injection", Kind.DECLINED, None]
    assert told["injection_not_possible", Kind.DONE, True]
    assert told["ifi_surgery", Kind.DECLINED, None]
    assert told["re_entry", Kind.DONE, "conservative_care"]
    assert told["re_entry", Kind.DONE, "surgical_evaluation"]


def test_some_leave_care_some_die_some_relapse_some_have_both_hips():
    assert sum(person.left_care for person in people()) > PEOPLE * 0.08
    assert sum(person.died is not None for person in people()) > PEOPLE * 0.01
    assert sum(len(days_of(person, hip, "new_symptoms")) > 0 for person, hip in hips()) > 20
    assert sum(all(hip.condition == "ifi" for hip in person.hips) for person in people()) > 200


# ---- as the sources have it -----------------------------------------------------------------------------------------


def test_people_are_as_the_cited_figures_have_them():
    figures = load_figures()
    ill = [person for person in people() if person.condition == "ifi"]
    assert len(ill) > 800
    share_of_women = mean(person.sex == "female" for person in ill)
    assert abs(share_of_women - figures.female_of_ifi) < 0.035  # three standard errors of 888 people
    assert abs(mean(person.age_on(person.first_visit) for person in ill) - figures.age_of_ifi_mean) < 1.5
    both = mean(all(hip.condition == "ifi" for hip in person.hips) for person in ill)
    assert abs(both - figures.both_hips) < 0.05
    spaces = [hip.ifs for _, hip in hips() if hip.condition == "ifi"]
    assert abs(mean(spaces) - figures.ifs_of_ifi_mean) < 0.3
    assert abs(mean(hip.qfs for _, hip in hips() if hip.condition == "ifi") - figures.qfs_of_ifi_mean) < 0.3
    women, men = (
        mean(hip.ifs for person, hip in hips() if person.condition == "healthy" and person.sex == sex)
        for sex in ("female", "male")
    )
    assert abs((women + men) / 2 - figures.ifs_of_controls_mean) < 1.0
    assert abs(men - women - figures.ifs_women_less_than_men) < 1.5


def test_no_space_is_outside_what_was_seen_in_people():
    figures = load_figures()
    assert all(figures.ifs_least <= hip.ifs <= figures.ifs_most for _, hip in hips())


# ---- care follows its order -----------------------------------------------------------------------------------------


def test_nothing_is_told_after_the_last_day_and_no_stay_is_out_of_order():
    for person, hip in hips():
        course = hip.course_until(person.last)
        assert [stay.since for stay in course] == sorted({stay.since for stay in course})
        assert course[-1].since <= person.last <= ON
    for person in people():
        assert all(event.start is not None and event.start.latest <= person.last for event in person.chart.events)


def test_a_hip_comes_to_each_stage_by_what_happened_to_it():
    """Each stay in a stage has, on or before its first day, what brings a hip there."""
    for person, hip in hips():
        for stay in hip.course_until(person.last):
            before = {
                concept: [day for day in days_of(person, hip, concept) if day <= stay.since]
                for concept in ("ifi_diagnosis", "ifi_surgery", "pathway_closed", "exercise_therapy", "surgeon_release")
            }
            declined = days_of(person, hip, "ifi_surgery", Kind.DECLINED)
            if stay.stage in ("conservative_care", "injection", "surgical_evaluation"):
                assert before["ifi_diagnosis"], (person.id, stay)
            if stay.stage in ("injection", "surgical_evaluation"):
                assert min(before["exercise_therapy"]) <= stay.since - timedelta(weeks=6), (person.id, stay)
            if stay.stage == "after_surgery":
                assert before["ifi_surgery"], (person.id, stay)
            if stay.stage == "long_term_care":
                assert min(declined) <= stay.since, (person.id, stay)
            if stay.stage == "closed":
                assert before["pathway_closed"], (person.id, stay)


def test_an_injection_was_tried_declined_or_impossible_before_surgery_is_considered():
    for person, hip in hips():
        first = next((one for one in hip.course_until(person.last) if one.stage == "surgical_evaluation"), None)
        if first is not None:
            done = days_of(person, hip, "image_guided_injection")
            declined = days_of(person, hip, "image_guided_injection", Kind.DECLINED)
            impossible = days_of(person, hip, "injection_not_possible")
            assert min([*done, *declined, *impossible]) <= first.since, person.id


def test_early_relief_after_an_injection_is_no_recovery():
    for person, hip in hips():
        injected = days_of(person, hip, "image_guided_injection")
        for stay in hip.course_until(person.last):
            if stay.stage == "recovery":
                assert not any(day < stay.since < day + timedelta(weeks=6) for day in injected), (person.id, stay)


def test_a_hip_with_another_cause_is_never_treated_for_this_disease():
    for person, hip in hips():
        if hip.condition != "ifi":
            assert {stay.stage for stay in hip.course_until(person.last)} <= {NOT_ON_PATHWAY, "evaluation"}
            assert not days_of(person, hip, "image_guided_injection")
            assert not days_of(person, hip, "ifi_surgery")


# ---- the same again -------------------------------------------------------------------------------------------------


def test_a_person_is_the_same_whoever_else_is_told():
    first = people()[41]
    again = tell_person(42, 1, ON, load_figures())
    assert again.chart.events == first.chart.events
    assert again.hips[0].course_until(ON) == first.hips[0].course_until(ON)
    other_seed = tell_person(42, 2, ON, load_figures())
    assert other_seed.chart.events != first.chart.events
