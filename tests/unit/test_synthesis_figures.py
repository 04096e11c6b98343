"""Every figure from which synthetic people are drawn says where it comes from, and says so truly."""

import re
from pathlib import Path

import pytest

from ischio.loading.pathway import load_pathway
from ischio.synthesis.figures import BASES, Figure, data, load_figures

SOURCES = Path(__file__).parents[2] / "src" / "ischio" / "synthesis"
FIGURES = load_figures().entries
CLAIMS = load_pathway(licensed_codes=False).claims


def named(figure: Figure) -> str:
    return figure.name


@pytest.mark.parametrize("figure", FIGURES, ids=named)
def test_a_figure_rests_on_a_claim_or_is_called_a_convention(figure: Figure):
    assert figure.basis in BASES
    assert (figure.claim is None) == (figure.basis == "convention")
    assert figure.claim is None or figure.claim in CLAIMS


@pytest.mark.parametrize("figure", [one for one in FIGURES if one.basis == "measured"], ids=named)
def test_a_measured_figure_stands_in_its_claim(figure: Figure):
    numbers = [float(number) for number in re.findall(r"\d+(?:\.\d+)?", CLAIMS[figure.claim].statement)]
    assert float(figure.written) in numbers, CLAIMS[figure.claim].statement


@pytest.mark.parametrize("figure", [one for one in FIGURES if one.claim], ids=named)
def test_no_figure_rests_on_a_claim_that_nobody_verified(figure: Figure):
    assert CLAIMS[figure.claim].verified != "unverified"


@pytest.mark.parametrize("figure", [one for one in FIGURES if one.basis == "derived"], ids=named)
def test_a_derived_figure_says_how(figure: Figure):
    assert figure.note


def test_every_figure_is_used():
    code = "".join(path.read_text(encoding="utf-8") for path in SOURCES.glob("*.py"))
    # Some are named by what they belong to: ifs_of_ifi_mean, not_recorded_scores.
    built = re.compile(r"(ifs|qfs)_of_(ifi|controls)_(mean|deviation)|not_recorded_\w+")
    unused = [one.name for one in FIGURES if not re.search(rf"\b{one.name}\b", code) and not built.fullmatch(one.name)]
    unused += [name for name in data("figures")["choices"] if f'"{name}"' not in code]
    assert unused == []


def test_what_is_missed_has_a_share_of_its_own():
    from ischio.synthesis.flaws import MISSED_AS

    missed = {one.name for one in FIGURES if one.name.startswith("not_recorded_")}
    assert missed == {*MISSED_AS.values(), "not_recorded_no_pain", "not_recorded_leg_position"}
