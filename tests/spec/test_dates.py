"""The tables of docs/reference/dates.md: months' ends, leap days, partial dates."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pages import Row, tables

from ischio.model.dates import Duration, PartialDate, first_index_reaching, order_is_fixed, shift

PAGE = tables("dates.md")


def rows(*heads: str) -> list[Row]:
    return PAGE[heads]


def duration(text: str) -> Duration:
    number, unit = text.split()
    size = int(number)
    return Duration(months=size) if unit.startswith("month") else Duration(days=size * (7 if "week" in unit else 1))


@pytest.mark.parametrize(("index", "moved", "gives"), rows("Index", "moved by", "gives"))
def test_index_moved_by_a_duration(index: str, moved: str, gives: str) -> None:
    sign, words = moved.split(" ", 1)
    assert shift(date.fromisoformat(index), duration(words), 1 if sign == "+" else -1).isoformat() == gives


@pytest.mark.parametrize(("since", "words", "passed"), rows("since", "duration", "has passed on"))
def test_the_first_day_on_which_a_duration_has_passed(since: str, words: str, passed: str) -> None:
    assert first_index_reaching(date.fromisoformat(since), duration(words)).isoformat() == passed


@pytest.mark.parametrize(("index", "weeks", "months"), rows("Index", "6 weeks", "3 months"))
def test_a_limit_day_by_day(index: str, weeks: str, months: str) -> None:
    started, on = date(2025, 11, 30), date.fromisoformat(index)
    for words, truth in (("6 weeks", weeks), ("3 months", months)):
        assert (started <= shift(on, duration(words), -1)) == (truth == "true"), words


@pytest.mark.parametrize(("recorded", "earliest", "latest"), rows("recorded", "earliest", "latest"))
def test_dates_known_in_part(recorded: str, earliest: str, latest: str) -> None:
    known = PartialDate.parse(recorded)
    assert (known.earliest.isoformat(), known.latest.isoformat()) == (earliest, latest)


@pytest.mark.parametrize(("one", "other", "order"), rows("one limit", "the other", "order"))
def test_the_order_of_two_limits(one: str, other: str, order: str) -> None:
    assert order_is_fixed(duration(one), duration(other)) == (order == "the same on every date")


@pytest.mark.parametrize("text", ["", "soon", "2026-3", "2026-13-01", "2026-02-30", "26", "2026/03/01"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  (the words differ with the standard library)
        PartialDate.parse(text)


days = st.dates(date(1990, 1, 1), date(2110, 1, 1))
durations = st.builds(Duration, months=st.integers(0, 30)) | st.builds(Duration, days=st.integers(0, 400))


@given(days, durations, st.sampled_from((-1, 1)))
def test_the_first_index_is_the_first(day: date, span: Duration, sign: int) -> None:
    first = first_index_reaching(day, span, sign)
    assert shift(first, span, sign) >= day
    assert shift(first - timedelta(days=1), span, sign) < day


@given(days, durations, durations)
def test_a_fixed_order_is_the_order_on_every_date(index: date, one: Duration, other: Duration) -> None:
    if order_is_fixed(one, other):
        reference = date(2001, 7, 15)
        first, second = (shift(index, span, -1) for span in (one, other))
        assert (first < second) == (shift(reference, one, -1) < shift(reference, other, -1))
