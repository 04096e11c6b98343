"""The report of a cohort in a browser: for everybody, in any light, on a telephone and on paper."""

import pytest
from checks import DESK, PHONE, axe_faults, dead_links, open_all, shut_to_the_keyboard, sideways
from cohort.stores import write_store
from generative.agreement import connection
from generative.registry import fill

from ischio.interfaces.cli import main
from ischio.loading.pathway import load_pathway

PEOPLE = 25


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of the report of a registry made up at random, with every section that there is."""
    folder = tmp_path_factory.mktemp("cohort")
    pathway, database = load_pathway(), connection()
    fill(database, pathway, PEOPLE, "2026-06-01")
    write_store(database, pathway, folder / "store", ranges=1)
    with pytest.raises(SystemExit) as left:
        main.run(["cohort", str(folder / "store"), "--on", "2026-06-01", "--out", str(folder / "out")])
    assert not left.value.code
    return (folder / "out" / "report.html").as_uri()


def test_axe_finds_nothing(report: str, open_page) -> None:
    assert axe_faults(open_page(report)) == []


def test_nobody_scrolls_sideways(report: str, open_page) -> None:
    assert sideways(open_page(report)) == []


def test_what_opens_opens_by_keyboard(report: str, open_page) -> None:
    assert shut_to_the_keyboard(open_page(report)) == []


def test_every_link_leads_somewhere(report: str, open_page) -> None:
    page = open_page(report)
    assert dead_links(page) == []
    assert page.locator("nav a").count() == page.locator("main section").count() > 8


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_every_picture_is_named_and_has_its_numbers_in_a_table_beside(report: str, size, open_page) -> None:
    page = open_page(report, size)
    open_all(page)
    figures = page.locator("figure svg").all()
    assert len(figures) > 4
    for figure in figures:
        assert figure.get_attribute("role") == "img"
        assert len(figure.locator("title").text_content() or "") > 10
        assert figure.locator("xpath=ancestor::div[@class='block']").locator("table").count() == 1
        box = figure.bounding_box()
        assert box is not None
        assert box["width"] <= size["width"]


def test_what_it_cannot_show_and_how_it_was_made_stand_on_it(report: str, open_page) -> None:
    page = open_page(report)
    assert "No cause and effect" in page.locator("#limits").inner_text()
    made = page.locator("#made").inner_text()
    assert "ischio cohort" in made
    assert "--on 2026-06-01" in made
    assert "--out" not in made
    assert load_pathway().version in made


def test_the_pictures_hold_no_count_that_the_tables_hide(report: str, open_page) -> None:
    """What is drawn and what is spoken instead are made from what may be seen."""
    page = open_page(report)
    spoken = page.locator("#flow figure desc").text_content() or ""
    rows = page.locator("#flow tbody tr").all()
    told = {row.locator("th").inner_text(): row.locator("td").first.inner_text() for row in rows}
    for stage, hips in told.items():
        assert stage.startswith("All") or f"{stage}: {hips}" in spoken, stage
