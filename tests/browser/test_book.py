"""The pathway book in a browser: opened from a disk, on a phone and at a desk, in light and dark, by keyboard alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from checks import DESK, PHONE, axe_faults, sideways
from conftest import OpenPage
from playwright.sync_api import Page

from ischio.engine.cases import run_cases
from ischio.interfaces.book.build import book
from ischio.interfaces.book.site import diagram_page, site
from ischio.interfaces.drawing.map import picture
from ischio.interfaces.drawing.map_svg import map_svg
from ischio.interfaces.inputs import read_cases
from ischio.interfaces.words import day
from ischio.loading.pathway import load_pathway

ONE_OF_EACH = (
    "index",
    "a-z",
    "fact/index",
    "stage/surgical_evaluation",
    "gate/gate_injection",
    "action/image_guided_injection",
    "fact/ischiofemoral_space",
    "parameter/ifs_cutoff",
    "claim/cutoffs-vary",
    "source/mohorea-2026",
    "case/two-readers-disagree",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The book of the pathway that is shipped, and its map in files of their own."""
    pathway = load_pathway()
    made = book(pathway, run_cases(pathway, read_cases(pathway, None)[0]))
    root = tmp_path_factory.mktemp("book")
    for name, text in site(made):
        path = root / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    shown = picture(pathway)
    (root / "map.html").write_text(diagram_page(shown, day(pathway.reviewed)), "utf-8")
    (root / "map.svg").write_text(map_svg(shown), "utf-8")
    return root


@contextmanager
def within(folder: Path, complaints: list[str]) -> Iterator[None]:
    """Lets pages ask for other files of the book, and for nothing else."""
    yield
    own = f"asked for {folder.as_uri()}/"
    complaints[:] = [complaint for complaint in complaints if not complaint.startswith(own)]


@pytest.fixture
def opened(open_page: OpenPage, folder: Path, complaints: list[str]):
    """Opens a page of the book from the disk."""
    with within(folder, complaints):
        yield lambda name, *more, **options: open_page((folder / f"{name}.html").as_uri(), *more, **options)


# ---- every kind of page -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_it_is_accessible_and_reflows(opened, name: str):
    page = opened(name)
    assert axe_faults(page) == []
    assert sideways(page) == []


# ---- search -----------------------------------------------------------------------------------------------------


def search(page: Page, words: str) -> str:
    """What the search says it found."""
    page.get_by_label("Search the book").fill(words)
    page.wait_for_function("() => document.getElementById('count').textContent !== ''")
    return page.locator("#count").inner_text()


def test_the_search_finds_a_rule_by_the_beginning_of_its_title_first(opened):
    page = opened("stage/evaluation")
    assert "found" in search(page, "ischiofemoral space cut-off")
    first = page.locator("#found a").first
    assert first.inner_text() == "Ischiofemoral space cut-off"
    first.click()
    assert page.get_by_role("heading", level=1).inner_text() == "Ischiofemoral space cut-off"


def test_the_search_says_when_nothing_is_found(opened):
    assert search(opened("index"), "xyzzy") == "0 found"


@pytest.mark.parametrize("size", [DESK, PHONE])
def test_found_pages_are_accessible(opened, size):
    page = opened("index", size)
    search(page, "injection")
    assert axe_faults(page) == []
    assert sideways(page) == []


def test_the_search_needs_no_mouse(opened):
    page = opened("index")
    for _ in range(5):
        page.keyboard.press("Tab")
    page.keyboard.type("pain now")
    page.locator("#found a").first.wait_for()
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.closest('#found') !== null")


def test_without_a_script_there_is_no_search_field_and_the_list_from_a_to_z(opened):
    page = opened("gate/gate_injection", java_script_enabled=False)
    assert not page.get_by_label("Search the book").is_visible()
    page.get_by_role("link", name="A to Z").click()
    assert page.get_by_role("link", name="Gate to an injection").is_visible()


# ---- the way about ----------------------------------------------------------------------------------------------


def test_the_first_tab_skips_to_the_content(opened):
    page = opened("fact/pain_now")
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("() => document.activeElement.id") == "main"


# ---- the map ----------------------------------------------------------------------------------------------------


def test_on_a_narrow_screen_the_map_is_its_list(opened):
    page = opened("index", PHONE)
    assert not page.locator(".picture").is_visible()
    assert page.locator(".steps").first.is_visible()
    page.set_viewport_size(DESK)
    assert page.locator(".picture svg").is_visible()


def test_the_map_as_a_page_is_accessible_and_reflows(opened):
    page = opened("map")
    assert axe_faults(page) == []
    assert sideways(page) == []


def test_no_words_of_the_map_run_into_each_other(opened):
    words = opened("index").locator(".picture text")
    boxes = words.evaluate_all(
        "all => all.map(each => [each, each.getBBox()])"
        ".map(([each, box]) => [each.textContent, box.x, box.y, box.width, box.height])"
    )
    together = [
        (one[0], other[0])
        for place, one in enumerate(boxes)
        for other in boxes[place + 1 :]
        if overlap(one[1:], other[1:])
    ]
    assert together == []


def overlap(one: list[float], other: list[float]) -> bool:
    """Whether two boxes (x, y, width, height) share more than the blank above and below letters."""
    across = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    down = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    return across > 0 and down > 6


def test_the_map_as_a_picture_has_its_colours_in_the_dark(open_page: OpenPage, folder: Path):
    page = open_page((folder / "map.svg").as_uri(), color_scheme="dark")
    ground = page.evaluate("() => getComputedStyle(document.querySelector('.ground')).fill")
    assert ground == "rgb(17, 23, 29)"


# ---- on paper ---------------------------------------------------------------------------------------------------


def test_on_paper_there_is_no_search_and_addresses_are_written_out(opened):
    page = opened("source/mohorea-2026")
    page.emulate_media(media="print")
    assert not page.locator("#search").is_visible()
    doi = page.get_by_role("link", name="10.1007/s12178-025-10004-9")
    after = doi.evaluate("each => getComputedStyle(each, '::after').content")
    assert "https://doi.org/10.1007/s12178-025-10004-9" in after
