"""Two versions of a pathway: what is written otherwise, whether they answer alike for all, and for whom they do not."""

import shutil
from pathlib import Path

import pytest
from generative.pathways import Person, pathways, people
from hypothesis import given, settings
from hypothesis import strategies as st
from proof.test_encoding import by_engine

from ischio.backends.difference import difference as module
from ischio.backends.difference import persons
from ischio.backends.difference.difference import Difference, Verdict, difference
from ischio.backends.proof.equivalence import ON, Aspect, Kind, dates_to_compare, unlike_for_someone
from ischio.backends.proof.logic import Answer, Solver
from ischio.engine.assess import assess
from ischio.loading.pathway import load_pathway
from ischio.model.assessment import Assessment
from ischio.model.pathway import Pathway
from ischio.record.case_form import read_case

TINY = Path(__file__).parents[1] / "knowledge" / "tiny"
Edit = tuple[str, str, str]
"""File, as it stands, as it becomes."""


def edited(folder: Path, *edits: Edit) -> Pathway:
    """The small test pathway with some lines changed."""
    shutil.copytree(TINY, folder)
    for file, old, new in edits:
        text = (folder / file).read_text("utf-8")
        assert text.count(old) >= 1, f"{file} does not say {old!r}"
        (folder / file).write_text(text.replace(old, new, 1), "utf-8")
    return load_pathway(folder)


def between(tmp_path: Path, *edits: Edit) -> Difference:
    """The small test pathway as it is, against itself with the edits."""
    return difference(load_pathway(TINY), edited(tmp_path / "new", *edits))


CUTOFF = ("parameters.yaml", "value: 15 mm", "value: 14 mm")
TRIAL = "Index - trial_minimum and exercise_days >= trial_days"

# what is changed | the change | verdict | the entries that are told | the gravest aspect, if the answers differ
CHANGES = (
    ("nothing", (), Verdict.EQUIVALENT, set(), None),
    (
        "a sentence",
        (("criteria.yaml", "Pain is still high.", "The pain goes on."),),
        Verdict.EQUIVALENT,
        {("criterion", "symptoms_persist", "sentence")},
        None,
    ),
    (
        "a condition, so that it means the same",
        (("criteria.yaml", TRIAL, "Index - trial_minimum and not (exercise_days < trial_days)"),),
        Verdict.EQUIVALENT,
        {("criterion", "trial_adequate", "when")},
        None,
    ),
    (
        "a cut-off",
        (CUTOFF,),
        Verdict.DIFFERENT,
        {("parameter", "space_cutoff", "values")},
        Aspect(Kind.OPERATION, "operation"),
    ),
    (
        "a value that is in force only later",
        (("parameters.yaml", "value: 8 weeks", "value: 9 weeks"),),
        Verdict.DIFFERENT,
        {("parameter", "trial_minimum", "values")},
        Aspect(Kind.OPERATION, "operation"),
    ),
    (
        "how long a reading stays fresh",
        (("facts.yaml", "stale_after: 24 months", "stale_after: 12 months"),),
        Verdict.GIVEN_THE_FACTS,
        {("fact", "space", "taken from stale after interval")},
        None,
    ),
    (
        "when a review is due",
        (("stages.yaml", "    review: {every: 6 weeks}", "    review: {every: 8 weeks}"),),
        Verdict.GIVEN_THE_FACTS,
        {("stage", "evaluation", "review then")},
        None,
    ),
    (
        "whom another cause diverts",
        (("stages.yaml", "when: diagnosis = 'refuted'", "when: diagnosis != 'confirmed'"),),
        Verdict.DIFFERENT,
        {("criterion", "diversion_other_cause", "when")},
        Aspect(Kind.DIVERSION, "other_cause"),
    ),
    (
        "a caution alone",
        (("safety.yaml", "Index - 65 years", "Index - 66 years"),),
        Verdict.DIFFERENT,
        {("strong caution", "elderly", "when")},
        Aspect(Kind.ACTION, "relaxant"),
    ),
)


@pytest.mark.parametrize(("what", "edits", "verdict", "told", "gravest"), CHANGES, ids=[row[0] for row in CHANGES])
def test_a_change_is_told_and_judged(
    tmp_path: Path,
    what: str,
    edits: tuple[Edit, ...],
    verdict: Verdict,
    told: set[object] | None,
    gravest: Aspect | None,
) -> None:
    found = between(tmp_path, *edits)
    assert found.verdict is verdict, what
    assert (
        told is None or {(entry.kind, entry.id, part.part) for entry in found.entries for part in entry.parts} == told
    )
    assert gravest is None or found.logic.differing[0] == gravest
    assert bool(found.logic.persons) is (verdict is Verdict.DIFFERENT)


def answers(found: Difference, place: Path) -> list[tuple[Assessment, Assessment]]:
    """What `ischio assess` says of each person under both versions."""
    several = []
    for person in found.logic.persons:
        both = []
        for pathway, text in ((found.old, person.case_old or person.case), (found.new, person.case)):
            file = place / "person.yaml"
            file.write_text(text, "utf-8")
            case = read_case(file, pathway)
            both.append(assess(pathway, case.record, case.index_date))
        several.append((both[0], both[1]))
    return several


def statuses(answer: Assessment) -> dict[str, str]:
    right = next(hip for hip in answer.hips if hip.side == "right")
    return {action.id: action.status for action in (*right.actions, *answer.person.actions)}


def test_the_person_for_a_cut_off_has_a_space_between_the_two(tmp_path: Path) -> None:
    found = between(tmp_path, CUTOFF)
    person = found.logic.persons[0]
    assert ("right", "space", "15 mm") in person.known
    assert (person.before, person.after) == ("optional", "not_applicable")
    (before, after), *_ = answers(found, tmp_path)
    assert (statuses(before)["operation"], statuses(after)["operation"]) == (person.before, person.after)


def test_what_a_changed_parameter_reaches_is_told_through_criteria_and_stops(tmp_path: Path) -> None:
    (entry,) = between(tmp_path, CUTOFF).entries
    reached = {(each.kind, each.id) for each in entry.reaches}
    assert {("criterion", "narrow_space"), ("action", "operation")} <= reached
    assert ("gate", "gate_care") not in reached


def test_a_fact_that_only_one_version_has_gives_each_its_own_case(tmp_path: Path) -> None:
    numb = "numb:\n  title: Numb\n  sentence: The leg is numb.\n  type: boolean\n"
    numb += "  derive: {pattern: exists, concept: operation}\n"
    found = between(
        tmp_path,
        ("facts.yaml", "screened:\n", f"{numb}screened:\n"),
        ("criteria.yaml", "when: space <= space_cutoff", "when: space <= space_cutoff or numb"),
    )
    assert found.verdict is Verdict.DIFFERENT
    person = found.logic.persons[0]
    assert person.case_old is not None
    assert "numb:" in person.case
    assert "numb:" not in person.case_old
    assert len(answers(found, tmp_path)) == len(found.logic.persons)


def test_values_that_only_one_version_allows_are_told_and_not_compared(tmp_path: Path) -> None:
    found = between(tmp_path, ("facts.yaml", "range: 0 to 60", "range: 0 to 80"))
    assert found.verdict is Verdict.GIVEN_THE_FACTS
    assert [(each.fact, each.why) for each in found.derived] == [("space", ("its entry differs",))]


def test_a_month_is_not_31_days_although_it_is_on_the_day_of_counter_examples(tmp_path: Path) -> None:
    old = edited(tmp_path / "old", ("criteria.yaml", "Index - trial_minimum", "Index - 31 days"))
    new = edited(tmp_path / "new", ("criteria.yaml", "Index - trial_minimum", "Index - 1 month"))
    days = dates_to_compare(old, new)
    assert days[0] == ON
    assert len(days) > 1
    assert unlike_for_someone(old, new, 20).differing


# ---- nothing is claimed that was not proved ---------------------------------------------------------------------


def test_without_the_solver_nothing_is_called_equivalent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "find_spec", lambda _: None)
    found = between(tmp_path, ("criteria.yaml", TRIAL, "Index - trial_minimum and not (exercise_days < trial_days)"))
    assert found.verdict is Verdict.NOT_TOLD
    assert found.logic.missing is not None
    assert "pip install" in found.logic.missing
    assert between(tmp_path / "again").verdict is Verdict.EQUIVALENT, (
        "nothing is written otherwise, so nothing can differ"
    )


def test_too_little_time_is_not_called_equivalent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Solver, "can_hold", lambda *_: Answer.GAVE_UP)
    found = between(tmp_path, CUTOFF)
    assert found.verdict is Verdict.NOT_TOLD
    assert found.logic.undecided


def test_a_person_in_whom_the_engine_sees_no_difference_is_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(persons, "_said", lambda *_: "the same")
    found = between(tmp_path, CUTOFF)
    assert found.logic.persons == ()
    assert Aspect(Kind.OPERATION, "operation") in found.logic.undecided


# ---- for all ----------------------------------------------------------------------------------------------------


@settings(max_examples=settings.default.max_examples // 10)
@given(pathways(), pathways(), st.lists(people(), min_size=4, max_size=4))
def test_where_the_solver_sees_no_difference_the_engine_sees_none(
    old: Pathway, new: Pathway, several: list[Person]
) -> None:
    """And the engine confirms each person who is shown: `person` refuses one whose answers do not differ."""
    found = unlike_for_someone(old, new, 20)
    assert found.undecided == ()
    assert all(persons.person(old, new, someone).differs.parts for someone in found.shown)
    differing = {aspect.id for aspect in found.differing if aspect.kind is Kind.ACTION}
    for values in several:
        before, after = by_engine(old, values), by_engine(new, values)
        assert {action for action in old.actions if before[f"right {action}"] != after[f"right {action}"]} <= differing
        if before["right stage"] != after["right stage"]:
            assert any(aspect.kind is Kind.STAGE for aspect in found.differing)


@settings(max_examples=settings.default.max_examples // 10)
@given(pathways())
def test_nobody_differs_between_a_pathway_and_itself(pathway: Pathway) -> None:
    assert unlike_for_someone(pathway, pathway, 20).differing == ()
