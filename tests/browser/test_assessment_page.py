"""The page of `ischio assess --html` in a browser, for hips at every place of the pathway."""

from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from checks import (
    DESK,
    PHONE,
    SIZES,
    Size,
    axe_faults,
    below_the_fold,
    dead_links,
    sheets,
    shut_to_the_keyboard,
    sideways,
)
from conftest import OpenPage
from playwright.sync_api import Page

from ischio.engine.assess import assess
from ischio.interfaces.inputs import read_patient
from ischio.interfaces.page.page import page as written_page
from ischio.loading.pathway import load_pathway, packaged
from ischio.model.pathway import Pathway

CASES = packaged() / "cases"
EXAMPLES = Path(__file__).parents[2] / "examples"
BUNDLES_ON = date(2026, 6, 1)
PEOPLE = {
    "evaluation": CASES / "evaluation-by-suspicion.yaml",
    "conservative-care": CASES / "gate-conservative-passes.yaml",
    "injection": CASES / "injection-everything-known.yaml",
    "surgical-evaluation": CASES / "gate-surgical-passes.yaml",
    "after-surgery": EXAMPLES / "after-osteotomy.case.yaml",
    "recovery": CASES / "lasting-relief.yaml",
    "a-red-flag": CASES / "cauda-equina.yaml",
    "many-red-flags": CASES / "red-flags-after-surgery.yaml",
    "not-on-the-pathway": CASES / "narrow-without-symptoms.yaml",
    "cannot-tell": CASES / "gate-evaluation-unknown.yaml",
    "two-hips-differ": EXAMPLES / "two-hips-differ.json",
}
every_person = pytest.mark.parametrize("person", PEOPLE)
OpenPerson = Callable[..., Page]


@cache
def pathway() -> Pathway:
    return load_pathway()


@cache
def html(person: str) -> str:
    record, on = read_patient(PEOPLE[person], pathway(), None)
    return written_page(assess(pathway(), record, on or BUNDLES_ON), pathway())


@pytest.fixture
def open_person(open_page: OpenPage, tmp_path: Path) -> OpenPerson:
    """Writes a person's page to a file and opens that."""

    def opened(person: str, size: Size = DESK, **options: object) -> Page:
        path = tmp_path / f"{person}.html"
        path.write_text(html(person), "utf-8")
        return open_page(path.as_uri(), size, **options)

    return opened


@every_person
def test_it_is_short_on_paper_accessible_and_reflows(open_person: OpenPerson, person: str):
    page = open_person(person)
    assert sheets(page) <= 2
    assert axe_faults(page) == []
    assert sideways(page) == []


@every_person
def test_where_what_next_and_why_are_seen_at_once(open_person: OpenPerson, person: str):
    """The heading of the first hip, its reason, and its next step, or the question if nothing can be done yet."""
    page = open_person(person)
    hip = page.locator("section:has(h2:text-matches('hip: '))").first
    why = hip.locator("p:has-text('Because:'), p:has-text('Diverted')").first
    what_next = hip.locator(".next h3, p:has-text('Next'), p:has-text('Ask:')").first
    for size in SIZES:
        page.set_viewport_size(size)
        assert below_the_fold(page, [hip.locator("h2"), why, what_next]) == []


@every_person
def test_everything_opens_by_keyboard_and_leads_somewhere(open_person: OpenPerson, person: str):
    page = open_person(person)
    assert dead_links(page) + shut_to_the_keyboard(page) == []


@every_person
def test_without_scripts_it_says_what_it_is_not_and_opens(open_person: OpenPerson, person: str):
    page = open_person(person, java_script_enabled=False)
    assert page.locator("footer").get_by_text(pathway().statements[0]).is_visible()
    assert page.locator("header").get_by_text("Not a medical device.").is_visible()
    for summary in page.locator("summary").all()[:1]:
        inside = summary.locator("xpath=following-sibling::*").first
        assert not inside.is_visible()
        summary.click()
        assert inside.is_visible()


def test_a_red_flag_comes_first(open_person: OpenPerson):
    page = open_person("a-red-flag", PHONE)
    assert page.locator("main h2").first.inner_text() == "! Red flag"
    assert below_the_fold(page, [page.locator("section.alert")]) == []


def test_paper_shows_what_a_reader_would_have_to_open(open_person: OpenPerson):
    page = open_person("surgical-evaluation")
    facts = page.get_by_role("table", name="Facts of the right hip")
    assert not facts.is_visible()
    page.emulate_media(media="print")
    assert facts.is_visible()


@every_person
def test_it_is_light(person: str):
    assert len(html(person).encode()) < 100_000
