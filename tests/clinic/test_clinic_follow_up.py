"""What is owed and when: reviews as the pathway schedules them, missed ones told, and a file that calendars read."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from clinic_steps import answer
from hypothesis import given
from hypothesis import strategies as st

from ischio.clinic.answers import Answer
from ischio.clinic.calendar import Entry, calendar, escaped, folded
from ischio.clinic.clinic import Clinic
from ischio.clinic.follow_up import Appointment, appointments, calendar_file
from ischio.model.about import Side
from ischio.store.entries import Access, Known

MADE = datetime(2026, 6, 1, 14, 30, tzinfo=timezone(timedelta(hours=2)))


def owed(clinic: Clinic, known: Known, by: Access, on: date) -> tuple[Appointment, ...]:
    return appointments(clinic.knowledge, clinic.charts.of(known, on, by))


def operated(clinic: Clinic, known: Known, by: Access, day: str) -> None:
    answer(
        clinic,
        known,
        by,
        Answer("ifi_diagnosis", "confirmed", "right"),
        Answer("ifi_surgery", "resection", "right", day),
    )


def test_nothing_is_owed_of_who_is_on_no_pathway(clinic: Clinic, anna: Known, by: Access, on: date):
    assert [each for each in owed(clinic, anna, by, on) if each.what == "review"] == []


def test_after_an_operation_every_scheduled_review_stands_ahead(clinic: Clinic, anna: Known, by: Access, on: date):
    operated(clinic, anna, by, "2026-05-28")
    reviews = [each for each in owed(clinic, anna, by, on) if each.what == "review"]
    hip, _ = clinic.charts.of(anna, on, by).assessment.hips
    assert hip.review is not None
    assert reviews[0].day == hip.review.date
    assert len(reviews) > 1
    assert [each.day for each in reviews] == sorted({each.day for each in reviews if each.day})
    assert {(each.side, each.missed) for each in reviews} == {(Side.RIGHT, False)}


def test_a_review_that_was_not_held_is_told_as_missed_and_goes_once_it_is_held(
    clinic: Clinic, anna: Known, by: Access, on: date
):
    operated(clinic, anna, by, "2026-05-28")
    first, second, *_ = (each.day for each in owed(clinic, anna, by, on) if each.what == "review")
    assert first is not None
    after = first + timedelta(days=1)
    missed = [each.day for each in owed(clinic, anna, by, after) if each.missed]
    assert missed == [first]
    later = Access(by.who, by.at + (after - on))
    answer(clinic, anna, later, Answer("review", after.isoformat(), "right"))
    ahead = [each for each in owed(clinic, anna, later, after) if each.what == "review"]
    assert not any(each.missed for each in ahead)
    assert ahead[0].day == second


# ---- the calendar -------------------------------------------------------------------------------------------------


def test_the_calendar_names_nobody_and_its_appointments_are_the_same_each_time(
    clinic: Clinic, anna: Known, by: Access, on: date
):
    operated(clinic, anna, by, "2026-05-28")
    owing = owed(clinic, anna, by, on)
    first, again = (calendar_file(anna, owing, at, "hip") for at in (MADE, MADE + timedelta(days=1)))
    uids = [line for line in first.splitlines() if line.startswith("UID:")]
    assert uids == [line for line in again.splitlines() if line.startswith("UID:")]
    assert len(set(uids)) == len(uids) == len({(each.what, each.side, each.day) for each in owing if each.day})
    assert not any(word in first for word in (anna.id, anna.name, anna.identifier))


def test_an_appointment_is_a_whole_day_and_takes_no_time():
    told = calendar([Entry("u@x", date(2026, 12, 31), "Review")], MADE)
    assert told == (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//ischio project//ischio//EN\r\nCALSCALE:GREGORIAN\r\n"
        "METHOD:PUBLISH\r\nBEGIN:VEVENT\r\nUID:u@x\r\nDTSTAMP:20260601T123000Z\r\n"
        "DTSTART;VALUE=DATE:20261231\r\nDURATION:P1D\r\nSUMMARY:Review\r\nTRANSP:TRANSPARENT\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n"
    )


@pytest.mark.parametrize(
    ("text", "value"),
    [("a, b; c", "a\\, b\\; c"), ("a\\b", "a\\\\b"), ("a\nb", "a\\nb"), ("a\r\nb", "a\\nb"), ("a\tb\x7f", "a b ")],
)
def test_a_text_is_escaped(text: str, value: str):
    assert escaped(text) == value


def unfolded(text: str) -> str:
    return text.replace("\r\n ", "")


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=300))
def test_a_line_is_folded_within_75_octets_and_comes_back_whole(line: str):
    pieces = folded(line)
    assert all(len(piece.encode()) <= 75 for piece in pieces.split("\r\n"))
    assert unfolded(pieces) == line


def read_back(value: str) -> str:
    """As RFC 5545 tells a reader to."""
    said, letters = "", iter(value)
    for letter in letters:
        said += {"n": "\n", "N": "\n"}.get(follows := next(letters), follows) if letter == "\\" else letter
    return said


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.just("\n"), max_size=60))
def test_what_a_calendar_reads_is_what_was_told(summary: str):
    told = unfolded(calendar([Entry("u", date(2026, 1, 1), summary)], datetime(2026, 1, 1, tzinfo=UTC)))
    (line,) = (line for line in told.split("\r\n") if line.startswith("SUMMARY:"))
    assert read_back(line.removeprefix("SUMMARY:")) == summary
