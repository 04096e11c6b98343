"""The chart: what is recorded, what the pathway says of it, and two clinicians who write at once."""

from dataclasses import replace
from decimal import Decimal

import pytest
from clinic_steps import answer

from ischio.clinic.answers import Answer, events_of
from ischio.clinic.clinic import Clinic
from ischio.store.entries import Access, Change, Known
from ischio.store.faults import EventRefused, Superseded

PAIN = Answer("pain_score", "6", side="right")


def values(clinic: Clinic, known: Known, by: Access, concept: str) -> list[object]:
    return [
        event.value for event in clinic.charts.of(known, by.at.date(), by).record.events if event.concept == concept
    ]


def test_what_is_answered_stands_in_the_chart_and_says_by_whom(clinic: Clinic, anna: Known, by: Access, on):
    answer(clinic, anna, by, PAIN, Answer("regional_pain", "present", side="right"))
    chart = clinic.charts.of(anna, on, by)
    pain = next(fact for fact in chart.assessment.hips[0].facts if fact.id == "pain_now")
    assert (pain.value, pain.date) == (6, on)
    (entry,) = (each for each in chart.logged if each.event and each.event.source == pain.source)
    assert entry.by == by
    assert (chart.seen, entry.number) == (chart.logged[-1].number, chart.logged[0].number)


def test_an_empty_chart_was_last_written_by_nobody(clinic: Clinic, anna: Known, by: Access, on):
    chart = clinic.charts.of(anna, on, by)
    assert (chart.seen, chart.record.events) == (0, ())
    assert [hip.stage.id for hip in chart.assessment.hips] == ["not_on_pathway", "not_on_pathway"]


def test_the_second_of_two_who_write_at_once_is_told_and_nothing_is_lost(clinic: Clinic, anna: Known, by: Access, on):
    first = clinic.charts.of(anna, on, by)
    answer(clinic, anna, Access("account/8", by.at), Answer("pain_score", "4", side="left"))
    events = events_of(clinic.knowledge, [PAIN], on, clinic.store.new_id)
    with pytest.raises(Superseded) as told:
        clinic.charts.record(anna, events, first.seen, by)
    (meanwhile,) = told.value.since
    assert (meanwhile.by.who, meanwhile.event and meanwhile.event.value) == ("account/8", Decimal(4))
    assert values(clinic, anna, by, "pain_score") == [Decimal(4)]
    clinic.charts.record(anna, events, clinic.charts.of(anna, on, by).seen, by)
    assert values(clinic, anna, by, "pain_score") == [Decimal(4), Decimal(6)]


def test_a_form_that_is_sent_twice_is_kept_once(clinic: Clinic, anna: Known, by: Access):
    assert len(answer(clinic, anna, by, PAIN)) == 1
    assert answer(clinic, anna, by, PAIN) == ()
    assert values(clinic, anna, by, "pain_score") == [Decimal(6)]


def test_another_value_on_the_same_day_corrects_the_first(clinic: Clinic, anna: Known, by: Access, on):
    answer(clinic, anna, by, PAIN)
    answer(clinic, anna, by, Answer("pain_score", "5", side="right"))
    chart = clinic.charts.of(anna, on, by)
    assert [each.change for each in chart.logged] == [Change.ADDED, Change.CORRECTED]
    assert next(fact.value for fact in chart.assessment.hips[0].facts if fact.id == "pain_now") == 5


def test_the_other_side_another_position_and_another_day_correct_nothing(clinic: Clinic, anna: Known, by: Access):
    def space(value: str, side: str = "right", position: str = "neutral", day: str = "2026-05-01") -> Answer:
        return Answer(
            "ischiofemoral_space", value, side, day, circumstances={"modality": "mri", "leg_position": position}
        )

    answer(clinic, anna, by, space("11"))
    answer(
        clinic,
        anna,
        by,
        space("12", side="left"),
        space("13", position="external_rotation"),
        space("14", day="2026-04"),
    )
    assert values(clinic, anna, by, "ischiofemoral_space") == [Decimal(11), Decimal(12), Decimal(13), Decimal(14)]


def test_of_several_choices_those_no_longer_chosen_are_taken_back(clinic: Clinic, anna: Known, by: Access):
    def provoked(*values: str) -> list[Answer]:
        return [Answer("pain_provoked_by", value, "right") for value in values]

    answer(clinic, anna, by, *provoked("running", "long_strides", "adduction"))
    answer(clinic, anna, by, *provoked("running", "fast_walking"))
    assert sorted(map(str, values(clinic, anna, by, "pain_provoked_by"))) == ["fast_walking", "running"]


def test_what_came_from_elsewhere_is_never_corrected_by_an_answer(clinic: Clinic, anna: Known, by: Access, on):
    (event,) = events_of(clinic.knowledge, [PAIN], on, clinic.store.new_id)
    clinic.store.events.append(anna.whom, [replace(event, source="Observation/1")], by)
    answer(clinic, anna, by, Answer("pain_score", "5", side="right"))
    assert values(clinic, anna, by, "pain_score") == [Decimal(6), Decimal(5)]


def test_what_was_written_about_one_person_cannot_be_taken_back_in_the_chart_of_another(
    clinic: Clinic, anna: Known, by: Access
):
    (id,) = answer(clinic, anna, by, PAIN)
    bert = clinic.people.register("Bert Sample", "", "north", by)
    with pytest.raises(EventRefused, match="somebody else"):
        clinic.charts.withdraw(bert, id, 0, by)
    clinic.charts.withdraw(anna, id, clinic.charts.of(anna, by.at.date(), by).seen, by)
    assert values(clinic, anna, by, "pain_score") == []


def test_each_answer_that_was_shown_is_kept_once(clinic: Clinic, anna: Known, by: Access, on):
    first, second = clinic.charts.of(anna, on, by), clinic.charts.of(anna, on, by)
    assert first.answered == second.answered
    answer(clinic, anna, by, PAIN)
    third = clinic.charts.of(anna, on, by)
    shown = clinic.store.answers.of(anna.whom, by)
    assert [each.id for each in shown] == [third.answered, first.answered]
    assert {each.knowledge for each in shown} == {clinic.knowledge.digest}
    assert clinic.store.audit.verify().sound
