"""The handout as a page: on two sheets of A4, accessible, and readable on a phone."""

from pathlib import Path

import pytest
from checks import DESK, axe_faults, below_the_fold, sheets, sideways
from conftest import OpenPage
from handouts import CASES, LANGUAGES, given

from ischio.interfaces.handout.page import page as written_page

FIRST_SHEET = {"width": 672, "height": 1016}
"""What a sheet of A4 shows within its margins, in CSS pixels."""


@pytest.mark.parametrize("case", CASES)
def test_it_is_printed_on_two_sheets_in_each_language(case: str, open_page: OpenPage, tmp_path: Path):
    for language, made in given(case).handouts.items():
        path = tmp_path / f"{language}.html"
        path.write_text(written_page(made), encoding="utf-8")
        assert sheets(open_page(path.as_uri(), DESK)) <= 2, language


@pytest.mark.parametrize("language", LANGUAGES)
def test_when_to_call_stands_on_the_first_sheet(language: str, open_page: OpenPage, tmp_path: Path):
    path = tmp_path / "plan.html"
    path.write_text(written_page(given("gate-surgical-passes").handouts[language]), encoding="utf-8")
    page = open_page(path.as_uri(), FIRST_SHEET)
    page.emulate_media(media="print")
    assert below_the_fold(page, [page.locator(".call")]) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_accessible_and_never_wider_than_a_phone(language: str, open_page: OpenPage, tmp_path: Path):
    path = tmp_path / "plan.html"
    path.write_text(written_page(given("improving-in-conservative-care").handouts[language]), encoding="utf-8")
    page = open_page(path.as_uri(), DESK)
    assert axe_faults(page) == []
    assert sideways(page) == []
