"""Every flaw planted in the small test pathway is refuted, by someone whom the engine shows to be wronged."""

import shutil
from pathlib import Path

import pytest

from ischio.backends.smt import Finding, Outcome, verify
from ischio.engine.assess import assess
from ischio.loading.pathway import load_pathway
from ischio.model.assessment import Assessment
from ischio.model.pathway import Pathway
from ischio.record.case_form import read_case

HERE = Path(__file__).parent
TINY = HERE.parent / "knowledge" / "tiny"

SOUND = ("actions.yaml", "passes: [red_flag, outside_pathway]", "passes: all")
"""A flaw that the first proof found: `refer` answers a red flag, and was held up by another cause."""

# flaw | file | as it stands | with the flaw | property that is refuted | what its detail says | what the engine shows
FLAWS = (
    (
        "a conjunct is lost",
        "criteria.yaml",
        "Index - trial_minimum and exercise_days >= trial_days",
        "Index - trial_minimum",
        "operation_needs_trial_and_narrow_space",
        "operation is offered although this is not true",
        {"operation": "optional"},
    ),
    (
        "a comparison is turned round",
        "criteria.yaml",
        "space <= space_cutoff",
        "space > space_cutoff",
        "operation_needs_trial_and_narrow_space",
        "operation is offered although this is not true",
        {"operation": "optional"},
    ),
    (
        "a comparison is off by one step",
        "criteria.yaml",
        "space <= space_cutoff",
        "space <= 15.1",
        "operation_needs_trial_and_narrow_space",
        "operation is offered although this is not true",
        {"operation": "optional"},
    ),
    (
        "a medicine loses its reason",
        "actions.yaml",
        "gate_care and spasm and",
        "gate_care and",
        "relaxant_needs_spasm",
        "relaxant is offered although this is not true",
        {},
    ),
    (
        "an elective action passes red flags",
        "actions.yaml",
        "texts: {handout: Short walks are fine.}",
        "passes: [red_flag]",
        "red_flag_leaves_nothing_elective",
        "advice is offered all the same",
        {"advice": "due"},
    ),
    (
        "a refuted diagnosis diverts nobody",
        "stages.yaml",
        "when: diagnosis = 'refuted'",
        "when: diagnosis = 'suspected'",
        "refuted_diagnosis_leaves_no_advice",
        "advice is offered all the same",
        {"advice": "due"},
    ),
    (
        "a stage has nothing to offer and nothing to ask",
        "actions.yaml",
        "when: gate_evaluation or stage_after_operation",
        "when: gate_evaluation and not stage_after_operation",
        "no_dead_end",
        "a hip in after_operation has no action and no question",
        {"review": "not_applicable"},
    ),
    (
        "a red flag is answered only where nothing else diverts",
        *(SOUND[0], SOUND[2], SOUND[1]),
        "no_dead_end",
        "a hip with a red flag has no action and no question",
        {"refer": "blocked"},
    ),
    (
        "a stage owes no review",
        "stages.yaml",
        "    review: {schedule: reviews_after_operation, then: 12 months}\n",
        "",
        "no_dead_end",
        "a hip in after_operation owes no review",
        {},
    ),
    (
        "pain is not asked about",
        "enquiries.yaml",
        "pain_now:\n  ask:",
        "pain_baseline:\n  ask:",
        "no_dead_end",
        "off the pathway pain_now is unknown and not asked for",
        {},
    ),
    (
        "two next steps are due",
        "actions.yaml",
        'due_when: "false"',
        'due_when: "true"',
        "exclusive_actions",
        "operation and longer_trial of the group next_step are both due",
        {"operation": "due", "longer_trial": "due"},
    ),
    (
        "a criterion is never true",
        "criteria.yaml",
        "when: birth_date after Index - 18 years",
        "when: birth_date after Index - 18 years and birth_date before Index - 18 years",
        "nothing_vacuous",
        "minor is never true",
        None,
    ),
    (
        "a criterion is never false",
        "criteria.yaml",
        "when: pain_now >= pain_persistent_from",
        "when: pain_now >= pain_persistent_from or pain_now < 7",
        "nothing_vacuous",
        "symptoms_persist is never false",
        None,
    ),
    (
        "an action is never offered",
        "actions.yaml",
        "gate_care and spasm and",
        "gate_care and spasm and diagnosis = 'refuted' and",
        "nothing_vacuous",
        "relaxant is never offered",
        None,
    ),
    (
        "a stage is never reached",
        "stages.yaml",
        "when: trial_adequate and symptoms_persist",
        "when: trial_adequate and symptoms_persist and diagnosis != 'confirmed'",
        "nothing_vacuous",
        "no hip is in surgery",
        None,
    ),
    (
        "a strong caution never bears on its action",
        "safety.yaml",
        "when: birth_date on or before Index - 65 years",
        "when: birth_date on or before Index - 65 years and minor",
        "nothing_vacuous",
        "the strong caution elderly never bears on relaxant",
        None,
    ),
)


def tiny(folder: Path, *edits: tuple[str, str, str]) -> Pathway:
    """The small test pathway with these properties and edits of its files."""
    shutil.copytree(TINY, folder)
    shutil.copy(HERE / "properties.yaml", folder)
    for file, old, new in (SOUND, *edits):
        text = (folder / file).read_text(encoding="utf-8")
        assert old in text, f"{file} no longer says {old!r}"
        (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    # What patients are told bears on no property, and need not be told of what a flaw takes away.
    for words in folder.glob("patient*.yaml"):
        words.unlink()
    return load_pathway(folder)


def only(findings: tuple[Finding, ...], name: str) -> Finding:
    return next(finding for finding in findings if finding.property == name)


def test_without_a_flaw_everything_is_proved(tmp_path: Path) -> None:
    found = {finding.property: finding for finding in verify(tiny(tmp_path / "tiny"))}
    assert found["safety_first"].outcome is Outcome.WAITING
    assert found["safety_first"].detail == "Waits for more rules"
    others = [finding for name, finding in found.items() if name != "safety_first"]
    assert {finding.outcome for finding in others} == {Outcome.PROVED}, [each.detail for each in others]


@pytest.mark.parametrize(
    ("flaw", "file", "old", "new", "refuted", "words", "shown"), FLAWS, ids=[row[0] for row in FLAWS]
)
def test_a_flaw_is_refuted(
    tmp_path: Path, flaw: str, file: str, old: str, new: str, refuted: str, words: str, shown: dict[str, str] | None
) -> None:
    pathway = tiny(tmp_path / "tiny", (file, old, new))
    finding = only(verify(pathway), refuted)
    assert finding.outcome is Outcome.REFUTED, flaw
    assert words in finding.detail
    if shown is None:
        assert finding.counter_example is None, "nobody can show that a thing never happens"
    else:
        statuses = statuses_of(assessed(pathway, finding, tmp_path))
        assert {action: statuses[action] for action in shown} == shown


def assessed(pathway: Pathway, finding: Finding, folder: Path) -> Assessment:
    """The counter-example, run."""
    assert finding.counter_example is not None
    file = folder / "counter-example.yaml"
    file.write_text(finding.counter_example, encoding="utf-8")
    case = read_case(file, pathway)
    return assess(pathway, case.record, case.index_date)


def statuses_of(answer: Assessment) -> dict[str, str]:
    right = next(hip for hip in answer.hips if hip.side == "right")
    return {action.id: action.status for action in (*right.actions, *answer.person.actions)}
