"""What a form of a page is read as."""

import pytest

from ischio.interfaces.http.pages.forms import Form

NUMBERS = [
    # what was sent | the number it is
    ("0", 0),
    (" 12 ", 12),
    ("007", 7),
    ("999999999", 999_999_999),
    ("", None),
    ("-1", None),
    ("1.5", None),
    ("1e3", None),
    ("two", None),
    ("1000000000", None),
    ("9" * 5000, None),
]


@pytest.mark.parametrize(("sent", "number"), NUMBERS)
def test_a_whole_number_is_read_and_anything_else_is_none(sent: str, number: int | None):
    assert Form((("seen", sent),)).number("seen") == number


def test_a_number_that_is_not_there_or_there_twice_is_none():
    assert Form().number("seen") is None
    assert Form((("seen", "1"), ("seen", "2"))).number("seen") is None
