"""The drawing of a timeline, in a page and opened by itself, as a browser shows it and on paper."""

from datetime import date
from pathlib import Path

import pytest
from checks import axe_faults, sheets, sideways

from ischio.engine.timeline import timeline
from ischio.interfaces.drawing.timeline import timeline_svg
from ischio.loading.pathway import load_pathway
from ischio.record.case_form import read_case

CASE = Path(__file__).parents[2] / "examples" / "after-osteotomy.case.yaml"
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Timeline</title><main><h1>Timeline</h1>{}</main></html>"""


@pytest.fixture(scope="module")
def svg() -> str:
    pathway = load_pathway()
    return timeline_svg(timeline(pathway, read_case(CASE, pathway).record, date(2026, 6, 1)), pathway, "left")


def test_in_a_page_it_is_accessible_reflows_and_prints(open_page, svg: str, tmp_path: Path):
    (tmp_path / "page.html").write_text(PAGE.format(svg), "utf-8")
    page = open_page((tmp_path / "page.html").as_uri())
    assert axe_faults(page) == []
    assert sideways(page) == []
    assert sheets(page) <= 2


def test_by_itself_it_has_a_name_and_a_description_in_words(open_page, svg: str, tmp_path: Path):
    (tmp_path / "left.svg").write_text(svg, "utf-8")
    page = open_page((tmp_path / "left.svg").as_uri())
    drawing = page.get_by_role("img", name="Left hip of after-osteotomy-synthetic")
    assert drawing.count() == 1
    assert "27 Apr 2026: After surgery" in page.locator("svg > desc").text_content()
