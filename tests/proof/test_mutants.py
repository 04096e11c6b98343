"""The real pathway is proved, and single faults in it are caught."""

import shutil
from functools import cache
from pathlib import Path

import pytest
from proof.mutants import CASE, MISTAKES, MUTANTS, OPERATION, Mistaken, Mutant, differing, refuted

from ischio.backends.smt import Outcome, verify
from ischio.engine.assess import assess
from ischio.interfaces.inputs import read_cases
from ischio.loading.pathway import load_pathway, packaged
from ischio.model.mistake import IschioError
from ischio.model.pathway import Pathway
from ischio.record.case_form import Case, read_case


@cache
def pathway() -> Pathway:
    return load_pathway()


@cache
def sound_cases() -> tuple[Case, ...]:
    """The cases to which the pathway gives the expected answer."""
    cases = read_cases(pathway(), None)[0]
    wrong = list(differing(pathway(), cases))
    return tuple(case for case in cases if case not in wrong)


def test_all_properties_are_proved() -> None:
    found = list(verify(pathway()))
    assert {finding.property: finding.detail for finding in found if finding.outcome is not Outcome.PROVED} == {}
    assert {finding.number for finding in found} == {1, 2, 3, 4, 5, 6, 7, 8}


def test_whatever_can_harm_carries_stops() -> None:
    """Else it would be proved of nothing that an action is offered only where its stops are ruled out."""
    harmful = [each for each in pathway().actions.values() if each.kind.value in ("medicine", "injection", "operation")]
    assert harmful
    assert [each.id for each in harmful if not each.stops] == []


def test_there_are_at_least_sixty_faults() -> None:
    faults = [each.fault for each in (*MUTANTS, *MISTAKES)]
    assert len(faults) >= 60
    assert len(set(faults)) == len(faults)


@pytest.mark.parametrize("mutant", [each for each in MUTANTS if each.caught_by != CASE], ids=lambda each: each.fault)
def test_a_fault_is_caught_by_a_proof(mutant: Mutant) -> None:
    assert refuted(mutant.change(pathway()), mutant.caught_by) is not None


@pytest.mark.parametrize("mutant", [each for each in MUTANTS if each.caught_by == CASE], ids=lambda each: each.fault)
def test_a_fault_is_caught_by_a_case(mutant: Mutant) -> None:
    shown_by = next(differing(mutant.change(pathway()), sound_cases()), None)
    assert shown_by is not None, f"no case differs: {mutant.fault}"


def statuses(knowledge: Pathway, case: Case) -> dict[str, str]:
    """The statuses of the right hip's actions, as `ischio assess` gives them."""
    right = assess(knowledge, case.record, case.index_date).hips[0]
    assert right.side == "right"
    return {action.id: action.status for action in right.actions}


def test_a_gate_without_its_trial_is_refuted_by_a_case_that_assess_shows_to_be_wrong(tmp_path: Path) -> None:
    mutant = MUTANTS[0]
    faulty = mutant.change(pathway())
    finding = refuted(faulty, mutant.caught_by)
    assert finding is not None
    assert finding.counter_example is not None

    file = tmp_path / "counter-example.yaml"
    file.write_text(finding.counter_example, encoding="utf-8")
    case = read_case(file, faulty)
    assert statuses(faulty, case)[OPERATION] == "optional", "the faulty pathway offers the operation"
    assert statuses(pathway(), case)[OPERATION] not in ("optional", "due"), "the pathway itself does not"


@pytest.mark.parametrize("mistaken", MISTAKES, ids=lambda each: each.fault)
def test_a_mistake_in_the_files_is_caught_by_check_and_told_with_its_place(mistaken: Mistaken, tmp_path: Path) -> None:
    knowledge = shutil.copytree(packaged(), tmp_path / "knowledge", ignore=shutil.ignore_patterns("cases"))
    file = knowledge / mistaken.file
    text = file.read_text(encoding="utf-8")
    assert mistaken.was in text
    file.write_text(text.replace(mistaken.was, mistaken.is_now, 1), encoding="utf-8")
    with pytest.raises(IschioError) as caught:
        load_pathway(knowledge)
    told = [str(mistake) for mistake in caught.value.mistakes]
    assert any(mistaken.told in each and mistaken.file in each for each in told), told
