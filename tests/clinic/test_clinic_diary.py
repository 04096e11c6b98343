"""The diary: each entry counts once, feeds what the pathway asks, and a day without one stays unknown."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from clinic_steps import answer

from ischio.clinic.answers import Answer
from ischio.clinic.clinic import Clinic
from ischio.clinic.diary import DiaryEntry, DiaryRefused
from ischio.model.truth import UNKNOWN
from ischio.record.events import Asserter
from ischio.store.entries import Access, Known
from ischio.store.faults import EventRefused

PATIENT = "patient 1"
HURTS = Answer("regional_pain", "present", side="right"), Answer("episode_start", "2026-03-01", side="right")


@pytest.fixture
def patient(by: Access) -> Access:
    return Access(PATIENT, by.at)


def entry(number: int, day: date, *done: str) -> DiaryEntry:
    return DiaryEntry(str(UUID(int=number)), day, done or ("pt_strengthening",))


def told(clinic: Clinic, known: Known, by: Access, fact: str) -> object:
    """A fact of the right hip, or of the person; UNKNOWN where it cannot be told."""
    assessment = clinic.charts.of(known, by.at.date(), by).assessment
    every = [*assessment.person.facts, *assessment.hips[0].facts]
    found = next((one for one in every if one.id == fact), None)
    return UNKNOWN if found is None or found.value is None else found.value


def test_an_entry_is_what_was_done_that_day_as_the_patient_says(clinic: Clinic, anna: Known, patient: Access, on: date):
    clinic.diary.write(anna, entry(1, on, "pt_strengthening", "pt_gait"), patient)
    events = clinic.store.events.of(anna.whom, patient).events
    assert {(one.concept, one.value, one.asserter) for one in events} == {
        ("pt_strengthening", "yes", Asserter.PATIENT),
        ("pt_gait", "yes", Asserter.PATIENT),
        ("exercise_therapy", None, Asserter.PATIENT),
    }
    assert {(one.start and one.start.earliest, one.end and one.end.earliest) for one in events} == {(on, on)}


def test_what_is_sent_again_is_kept_once(clinic: Clinic, anna: Known, patient: Access, on: date):
    again = entry(1, on)
    assert [clinic.diary.write(anna, again, patient) for _ in range(3)] == [True, False, False]
    assert len(clinic.store.events.of(anna.whom, patient).events) == 2


def test_days_of_exercise_are_counted_by_day_and_not_by_entry(clinic: Clinic, anna: Known, by: Access, on: date):
    answer(clinic, anna, by, *HURTS)
    for number, back in enumerate((0, 0, 1, 7)):
        clinic.diary.write(anna, entry(number + 1, on - timedelta(days=back)), by)
    assert told(clinic, anna, by, "exercise_days") == 3
    assert told(clinic, anna, by, "strengthening_delivered") is True


def test_a_day_without_an_entry_is_no_no(clinic: Clinic, anna: Known, by: Access, on: date):
    answer(clinic, anna, by, *HURTS)
    clinic.diary.write(anna, entry(1, on - timedelta(days=3)), by)
    assert told(clinic, anna, by, "home_programme_kept") is UNKNOWN


@pytest.mark.parametrize("kept", [True, False])
def test_whether_the_programme_was_kept_is_the_patient_s_word(
    clinic: Clinic, anna: Known, by: Access, patient: Access, on: date, kept: bool
):
    answer(clinic, anna, by, *HURTS)
    assert clinic.diary.answered(clinic.store.events.of(anna.whom, patient)) is None
    clinic.diary.answer(anna, kept, patient)
    assert clinic.diary.answered(clinic.store.events.of(anna.whom, patient)) == on
    assert told(clinic, anna, by, "home_programme_kept") is kept


def test_of_one_day_the_last_word_counts(clinic: Clinic, anna: Known, by: Access, patient: Access):
    answer(clinic, anna, by, *HURTS)
    for kept in (True, False, False):
        clinic.diary.answer(anna, kept, patient)
    assert told(clinic, anna, by, "home_programme_kept") is False


def test_a_day_that_was_taken_back_is_gone_and_is_not_sent_in_again(
    clinic: Clinic, anna: Known, patient: Access, on: date
):
    clinic.diary.write(anna, entry(1, on), patient)
    clinic.diary.write(anna, entry(2, on - timedelta(days=1)), patient)
    clinic.diary.take_back(anna, on, patient)
    clinic.diary.write(anna, entry(1, on), patient)
    assert list(clinic.diary.days(clinic.store.events.of(anna.whom, patient))) == [on - timedelta(days=1)]


def test_a_device_that_is_a_day_ahead_tells_of_today(clinic: Clinic, anna: Known, patient: Access, on: date):
    clinic.diary.write(anna, entry(1, on + timedelta(days=1)), patient)
    assert list(clinic.diary.days(clinic.store.events.of(anna.whom, patient))) == [on]


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        ({"id": "1"}, "The entry has no id."),
        ({"day": date(2026, 6, 3)}, "The day lies ahead."),
        ({"day": date(2026, 3, 1)}, "The day is more than 60 days back."),
        ({"done": ()}, "No exercise is ticked."),
        ({"done": ("surgery",)}, "These are no exercises: surgery."),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_kept(
    clinic: Clinic, anna: Known, patient: Access, on: date, wrong: dict[str, object], what: str
):
    with pytest.raises(DiaryRefused) as refused:
        clinic.diary.write(anna, replace(entry(1, on), **wrong), patient)  # type: ignore[arg-type]  # one field of each
    assert [one.what for one in refused.value.mistakes] == [what]
    assert clinic.store.events.of(anna.whom, patient).events == ()


def test_an_id_of_somebody_else_s_entry_is_refused(clinic: Clinic, anna: Known, patient: Access, on: date):
    other = clinic.people.register("Somebody Else", "S-18", "north", patient)
    clinic.diary.write(anna, entry(1, on), patient)
    with pytest.raises(EventRefused):
        clinic.diary.write(other, entry(1, on), patient)
    assert clinic.diary.days(clinic.store.events.of(other.whom, patient)) == {}
