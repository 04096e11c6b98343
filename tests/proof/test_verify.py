"""What `verify` says when nothing is refuted by the rules themselves: flaws of the meaning, no solver, no time."""

import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from proof.test_flaws import only, tiny

from ischio.backends.proof.action import Actions
from ischio.backends.proof.claims import problem
from ischio.backends.proof.logic import KLEENE_FALSE, TRUE, Answer, Formula, Kleene, Solver, any_of, negation
from ischio.backends.proof.proving import ON, index_dates
from ischio.backends.smt import Outcome, SolverMissing, verify
from ischio.model.about import Side
from ischio.model.expression import CriterionHolds
from ischio.model.mistake import PathwayError
from ischio.model.pathway import Pathway
from ischio.model.rules import Action, SafetyRule


@pytest.fixture
def pathway(tmp_path: Path) -> Pathway:
    return tiny(tmp_path / "tiny")


# ---- forgetting: it is safe by the meaning of a status, so the flaws planted here are flaws of the meaning ---------


def blind_to_death(self: Actions, action: Action, side: Side) -> Formula:
    """Clear of diversions is enough, though it is not known whether the person is alive. This was found by a proof."""
    return any_of(*(self.diverted(action, hip).no for hip in self.hips(action, side)))


def always_clear(*_: object) -> Formula:
    """An action is offered while it is unknown whether a diversion holds."""
    return TRUE


@pytest.mark.parametrize("flaw", [blind_to_death, always_clear])
def test_a_flaw_of_the_meaning_is_found_by_forgetting(
    pathway: Pathway, monkeypatch: pytest.MonkeyPatch, flaw: object
) -> None:
    monkeypatch.setattr(Actions, "clear", flaw)
    finding = only(verify(pathway), "forgetting_is_safe")
    assert finding.outcome is Outcome.REFUTED
    assert "forgetting makes operation offered" in finding.detail


# ---- what must be known first: an action is held up by the meaning of a status, so the flaws are of the meaning ------


def silence_is_a_no(self: Actions, action: Action, rule: SafetyRule, side: Side) -> Kleene:
    """A stop that is unknown is taken not to hold."""
    holds = any_of(*(self.person.truth(rule.when, hip).yes for hip in self.hips(action, side)))
    return Kleene(holds, negation(holds))


def never_in_the_way(*_: object) -> Kleene:
    """A stop that holds blocks nothing."""
    return KLEENE_FALSE


@pytest.mark.parametrize("flaw", [silence_is_a_no, never_in_the_way])
def test_a_stop_that_is_passed_over_is_found(pathway: Pathway, monkeypatch: pytest.MonkeyPatch, flaw: object) -> None:
    assert only(verify(pathway), "cleared_first").outcome is Outcome.PROVED
    monkeypatch.setattr(Actions, "rule", flaw)
    finding = only(verify(pathway), "cleared_first")
    assert finding.outcome is Outcome.REFUTED
    assert "is offered although pregnant is not known to be false" in finding.detail


def test_before_and_after_forgetting_are_both_shown(pathway: Pathway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Actions, "clear", blind_to_death)
    finding = only(verify(pathway), "forgetting_is_safe")
    assert finding.before_forgetting is not None
    assert finding.counter_example is not None
    before, after = (text.splitlines() for text in (finding.before_forgetting, finding.counter_example))
    assert [line.strip() for line in sorted(set(before) - set(after)) if "title" not in line] == ["deceased: yes"]
    assert [line.strip() for line in sorted(set(after) - set(before)) if "title" not in line] == ["deceased: unknown"]


def test_a_low_risk_action_may_return_when_its_diversion_is_forgotten(pathway: Pathway) -> None:
    low_risk = [action.id for action in pathway.actions.values() if action.low_risk and "red_flag" not in action.passes]
    assert "advice" in low_risk, "there is an action to which the exemption applies"
    assert only(verify(pathway), "forgetting_is_safe").outcome is Outcome.PROVED


# ---- what cannot be decided is never called proved -----------------------------------------------------------------


def test_without_the_solver_nothing_is_proved(pathway: Pathway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ischio.backends.smt.find_spec", lambda _: None)
    with pytest.raises(SolverMissing, match=r"pip install 'ischio\[prove\]'"):
        verify(pathway)


def test_the_solver_is_not_loaded_until_a_proof_is_asked_for() -> None:
    said = subprocess.run(
        [sys.executable, "-c", "import sys, ischio.backends.smt; print('z3' in sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.strip() == "False"


def test_a_claim_without_time_is_not_decided(pathway: Pathway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Solver, "can_hold", lambda *_: Answer.GAVE_UP)
    finding = only(verify(pathway), "exclusive_actions")
    assert finding.outcome is Outcome.COULD_NOT_DECIDE
    assert finding.detail == "Too little time for: operation and longer_trial of the group next_step are both due"


def test_a_property_that_speaks_of_nothing_is_not_proved(pathway: Pathway) -> None:
    properties = tuple(replace(prop, kinds=("injection",), actions=()) for prop in pathway.properties)
    finding = only(verify(replace(pathway, properties=properties)), "relaxant_needs_spasm")
    assert finding.outcome is Outcome.REFUTED
    assert "speaks of nothing" in finding.detail


def test_a_property_without_its_condition_is_refused_with_place_and_mend(pathway: Pathway) -> None:
    properties = tuple(replace(prop, then=None) for prop in pathway.properties)
    with pytest.raises(PathwayError) as refused:
        verify(replace(pathway, properties=properties))
    (mistake,) = refused.value.mistakes
    assert (mistake.file, mistake.where) == ("properties.yaml", "property operation_needs_trial_and_narrow_space")
    assert mistake.mend.startswith("Add `then:`")


# ---- dates ---------------------------------------------------------------------------------------------------------


def test_each_span_of_time_between_changes_of_a_parameter_is_proved(pathway: Pathway) -> None:
    assert index_dates(pathway) == (ON, date(2027, 1, 1)), "the shortest trial changes on 2027-01-01"


def test_a_property_may_cut_a_fact_where_no_rule_does(pathway: Pathway, tmp_path: Path) -> None:
    prop = next(prop for prop in pathway.properties if prop.id == "operation_needs_trial_and_narrow_space")
    rules_cut = problem(replace(pathway, properties=()), replace(prop, then=CriterionHolds("narrow_space")), ON)
    assert [len(regions) for cell, regions in rules_cut.persons[0].cells.items() if cell == (Side.RIGHT, "space")] == [
        2
    ]
    finding = only(
        verify(tiny(tmp_path / "finer", ("properties.yaml", "space <= space_cutoff", "space <= 14.9"))), prop.id
    )
    assert finding.outcome is Outcome.REFUTED
    assert "space: 15 mm" in (finding.counter_example or "")
