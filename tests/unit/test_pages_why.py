"""The page "why": every rule can be asked for, and is told with its flags, its sources and the values it used."""

from functools import cache

import pytest

from ischio.engine.assess import assess
from ischio.engine.explain import Explanation, explain, ids
from ischio.interfaces.http.pages.why import Rule, near, resting, rule
from ischio.interfaces.http.pages.why_here import Here, here
from ischio.interfaces.inputs import read_cases
from ischio.loading.pathway import load_pathway
from ischio.model.about import Side

PATHWAY = load_pathway()
CASES = {case.id: case for case in read_cases(PATHWAY, None)[0]}


@cache
def told(name: str) -> Rule:
    return rule(PATHWAY, found(name))


@cache
def found(name: str) -> Explanation:
    explained = explain(PATHWAY, name)
    assert explained is not None
    return explained


def told_here(name: str, case: str = "nsaid-on-an-anticoagulant", side: Side = Side.RIGHT) -> Here | None:
    record, index = CASES[case].record, CASES[case].index_date
    return here(PATHWAY, record, assess(PATHWAY, record, index), side, found(name))


def test_every_rule_is_told_with_where_it_is_written_and_by_whom() -> None:
    for name in ids(PATHWAY):
        one = told(name)
        assert one.title
        assert ".yaml, line " in one.place
        assert (one.author, one.reviewer) == ("ischio project", "none yet")
        assert one.reviewed
        assert one.id in one.citation


def test_every_kind_of_rule_is_there() -> None:
    kinds = {told(name).kind for name in ids(PATHWAY)}
    safety = {"Stop", "Strong caution", "Caution"}
    assert {"Criterion", "Gate", "Stage", "Diversion", "Red flag", "Action", "Parameter", "Fact", *safety} <= kinds


def test_an_unverified_claim_is_named_and_its_statement_is_not_shown() -> None:
    unverified = {claim.statement for claim in PATHWAY.claims.values() if claim.verified == "unverified"}
    shown = {claim.statement for name in ids(PATHWAY) for claim in told(name).basis.claims}
    assert "" in shown
    assert not unverified & shown


FLAGS = [
    # rule, claim begins, second-hand
    ("ifs_cutoff", "Pooled MRI data: IFS", False),
    ("ifs_cutoff", "A hip-preservation centre", False),
]


@pytest.mark.parametrize(("name", "begins", "secondhand"), FLAGS)
def test_a_claim_stands_with_its_flags_and_what_was_read(name: str, begins: str, secondhand: bool) -> None:
    claims = told(name).basis.claims
    claim = next(one for one in claims if one.statement.startswith(begins))
    assert claim.secondhand is secondhand
    assert claim.certainty
    assert all(study.read for study in claim.studies)


def test_second_hand_figures_are_marked() -> None:
    secondhand = {claim.statement for claim in PATHWAY.claims.values() if claim.secondhand}
    for name in ids(PATHWAY):
        for claim in told(name).basis.claims:
            assert claim.secondhand or claim.statement not in secondhand


def test_a_disputed_rule_says_so() -> None:
    assert told("ifs_cutoff").basis.disagreement.startswith("Disputed.")
    disputed = [name for name in ids(PATHWAY) if (found(name).about.note or "").startswith("Disputed")]
    assert disputed
    assert all(told(name).basis.disagreement for name in disputed)


def test_benefit_and_harm_are_what_the_pathway_holds_and_no_more() -> None:
    injection, cutoff = told("image_guided_injection").basis, told("ifs_cutoff").basis
    assert injection.harm[0] == PATHWAY.actions["image_guided_injection"].texts["risks"]
    assert any(line.startswith("Stop: ") for line in injection.harm)
    assert (cutoff.benefit, cutoff.harm) == ((), ())


@pytest.mark.parametrize("name", ["pain_persistent_from", "review_progress"])
def test_what_rests_on_no_measurement_in_this_disease_has_no_figure(name: str) -> None:
    assert not told(name).basis.measured


def test_the_citation_says_of_each_source_how_much_was_read() -> None:
    _, _, *sources = told("ifs_cutoff").citation.splitlines()
    assert sources
    assert all("(read: " in line for line in sources)


def test_a_gate_has_cases_that_open_it_and_cases_that_do_not() -> None:
    proofs = told("gate_injection").proofs
    assert proofs.firing
    assert proofs.silent


@pytest.mark.parametrize(("typed", "meant"), [("gate_injektion", "gate_injection"), ("ifs_cut", "ifs_cutoff")])
def test_of_an_unknown_id_those_written_alike_are_offered(typed: str, meant: str) -> None:
    assert meant in near(PATHWAY, typed)


def test_a_criterion_leads_to_the_actions_that_name_it() -> None:
    titles = {name: action.about.title for name, action in PATHWAY.actions.items()}
    named = resting(PATHWAY, found("alternatives_considered"))
    assert named
    assert set(named) <= set(titles.items())


# ---- on the page of a person ----


def test_a_gate_tells_the_values_that_decide_it_with_date() -> None:
    shown = told_here("gate_conservative_care")
    assert shown is not None
    assert [(one.name, one.truth) for one in shown.conditions] == [("when", "true")]
    assert shown.deciding
    assert not {one.fact for one in shown.deciding} & {one.fact for one in shown.others}


def test_an_action_tells_its_status_and_each_of_its_conditions() -> None:
    shown = told_here("nsaid_course")
    assert shown is not None
    assert shown.answer
    assert "when" in {one.name for one in shown.conditions}


def test_a_parameter_tells_its_value_on_the_day() -> None:
    shown = told_here("ifs_cutoff")
    assert shown is not None
    assert shown.answer == "15 mm"


def test_what_nobody_told_is_told_as_not_known() -> None:
    shown = told_here("sciatic_nerve_change")
    assert shown is not None
    assert [(one.value, one.date, one.source) for one in shown.deciding] == [("not known", "", "")]


OF_NOBODY = {"property", "measure", "milestone", "follow-up", "outcome", "time"}


def test_every_rule_can_be_asked_about_somebody_but_those_that_speak_of_nobody() -> None:
    case = CASES["exostosis"]
    assessment = assess(PATHWAY, case.record, case.index_date)
    for name in ids(PATHWAY)[::9]:
        shown = here(PATHWAY, case.record, assessment, Side.LEFT, found(name))
        assert (shown is None) is (found(name).kind in OF_NOBODY)
