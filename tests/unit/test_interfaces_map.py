"""The map of a pathway: everything is on it, the list says what the picture shows, and no title can break it."""

from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ischio.interfaces.drawing.map import Picture, as_list, as_mermaid, picture
from ischio.interfaces.drawing.map_svg import map_svg
from ischio.loading.pathway import load_pathway

TINY = Path(__file__).parents[1] / "knowledge" / "tiny"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module", params=[None, TINY], ids=["shipped", "laid out by its order"])
def shown(request: pytest.FixtureRequest) -> Picture:
    return picture(load_pathway(request.param))


@pytest.fixture(scope="module")
def shipped() -> Picture:
    return picture(load_pathway())


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def boxes(svg: str) -> list[ElementTree.Element]:
    return [node for node in parsed(svg).iter(f"{SVG}rect") if node.get("class", "").startswith("box")]


def texts(svg: str) -> str:
    """All words of the picture in the order of its parts."""
    return " ".join("".join(node.itertext()) for node in parsed(svg).iter(f"{SVG}text"))


# ---- everything is on it ----------------------------------------------------------------------------------------


def test_every_stage_and_diversion_has_a_box(shown: Picture):
    assert len(boxes(map_svg(shown))) == len(shown.stages) + len(shown.diversions)
    assert all(box.title in texts(map_svg(shown)) for box in (*shown.stages, *shown.diversions))


def test_no_two_boxes_touch(shown: Picture):
    sides = ("x", "y", "width", "height")
    places = [tuple(float(box.get(side, 0)) for side in sides) for box in boxes(map_svg(shown))]
    for (x, y, width, height), (u, v, wide, high) in combinations(places, 2):
        assert x + width < u or u + wide < x or y + height < v or v + high < y


def test_every_gate_and_way_has_a_line_with_a_tip_and_its_words(shown: Picture):
    svg = map_svg(shown)
    for part in ("polyline", "polygon"):
        assert len(list(parsed(svg).iter(f"{SVG}{part}"))) == len(shown.edges)
    assert all(edge.label in texts(svg) for edge in shown.edges)


def test_the_gates_lead_from_stage_to_stage_in_order(shipped: Picture):
    gates = [(edge.start, edge.to) for edge in shipped.edges if edge.rule.startswith("gate_")]
    stages = ["not_on_pathway", "evaluation", "conservative_care", "injection", "surgical_evaluation"]
    assert gates == list(pairwise(stages))


def test_where_no_review_is_owed_the_way_ends(shipped: Picture):
    assert [box.id for box in (*shipped.stages, *shipped.diversions) if box.ends] == [
        "not_on_pathway",
        "closed",
        "deceased",
    ]


def test_a_stage_to_which_no_way_is_drawn_says_how_it_is_entered(shipped: Picture):
    told = "entered from anywhere, by its own condition"
    assert [box.id for box in PLAIN.stages if box.apart] == ["after_operation", "closed"]
    assert texts(map_svg(PLAIN)).lower().count(told) == as_list(PLAIN).count(told) == 2
    assert told not in as_list(shipped)


def test_the_cells_of_the_shipped_pathway_are_frozen(shipped: Picture):
    """A reader who knows the map finds a stage where it was. To move one on purpose, change this too."""
    cells = {box.id: (box.cell.column, box.cell.row) for box in (*shipped.stages, *shipped.diversions)}
    assert cells == {
        "not_on_pathway": (1, 0),
        "evaluation": (1, 1),
        "conservative_care": (1, 2),
        "injection": (1, 3),
        "surgical_evaluation": (1, 4),
        "long_term_care": (1, 5),
        "after_surgery": (2, 4),
        "recovery": (2, 2),
        "closed": (2, 1),
        "deceased": (0, 1),
        "red_flag": (0, 2),
        "outside_pathway": (0, 3),
        "other_cause": (0, 4),
        "narrow_not_symptomatic": (0, 5),
    }


# ---- for those who cannot see it, and under a strict policy ------------------------------------------------------


def test_the_picture_has_a_title_and_the_list_as_its_description(shown: Picture):
    root = parsed(map_svg(shown))
    named = {node.get("id"): node.text for node in root if node.get("id")}
    title, description = (root.get("aria-labelledby") or "").split()
    assert root.get("role") == "img"
    assert shown.title in (named[title] or "")
    assert named[description] == as_list(shown)


def test_the_looks_are_in_classes_alone(shown: Picture):
    for alone in (True, False):
        root = parsed(map_svg(shown, alone=alone))
        assert all(node.get("style") is None for node in root.iter())
        assert len(list(root.iter(f"{SVG}style"))) == alone
        assert not list(root.iter(f"{SVG}script"))


def test_list_and_mermaid_say_what_the_picture_says(shown: Picture):
    listed = [f"{number:2}. {box.title}" for number, box in enumerate(shown.stages, start=1)]
    nodes = [f"stage_{box.id}{'([' if box.ends else '['}" for box in shown.stages]
    for twin, begins in ((as_list(shown), listed), (as_mermaid(shown), nodes)):
        places = [twin.index(begin) for begin in begins]
        assert places == sorted(places)
        assert all(edge.label in twin for edge in shown.edges)
        assert all(box.title in twin for box in shown.diversions)


# ---- whatever a title holds -------------------------------------------------------------------------------------


PLAIN = picture(load_pathway(TINY))


def titled(title: str) -> Picture:
    """The map with one title for all stages."""
    return replace(PLAIN, stages=tuple(replace(box, title=title) for box in PLAIN.stages))


@given(st.text(min_size=1, max_size=90))
def test_no_title_breaks_the_picture_or_the_mermaid_text(title: str):
    parsed(map_svg(titled(title)))
    lines = as_mermaid(titled(title)).splitlines()
    assert len(lines) == len(as_mermaid(PLAIN).splitlines())
    assert all(line.count('"') == 2 for line in lines if '"' in line)


@pytest.mark.parametrize("title", ["Supercalifragilisticexpialidocious" * 3, "a " * 60])
def test_a_long_title_is_wrapped_and_cut_to_its_box_and_the_list_has_it_whole(title: str):
    lines = [
        node.text or "" for node in parsed(map_svg(titled(title))).iter(f"{SVG}text") if node.get("class") == "title"
    ]
    of_stages = [line for line in lines if line not in {box.title for box in PLAIN.diversions}]
    assert len(of_stages) == 3 * len(PLAIN.stages)
    assert all(line.endswith("...") for line in of_stages[2::3])
    assert max(map(len, lines)) * 8.8 <= 220
    assert title.strip() in as_list(titled(title))
