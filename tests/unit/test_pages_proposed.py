"""A proposed version beside the served one, as a reviewer reads it: sentences, sources, old and new, and the cases."""

import re
from pathlib import Path
from shutil import copytree

from ischio.interfaces.difference.versions import version
from ischio.interfaces.http.pages.proposed import Change, Proposed, Unreadable, compared, side_by_side

TINY = Path(__file__).parents[1] / "knowledge" / "tiny"


def proposed(folder: Path, file: str, text: str, instead: str) -> Proposed:
    """The test pathway with one text written otherwise."""
    changed = copytree(TINY, folder / "tiny") / file
    told = changed.read_text(encoding="utf-8")
    assert text in told
    changed.write_text(told.replace(text, instead, 1), encoding="utf-8")
    with version(str(TINY), None) as served, version(str(changed.parent), None) as other:
        return side_by_side(served, other)


def of(found: Proposed, title: str) -> Change:
    return next(each for each in found.changes if each.title == title)


def test_a_cut_off_is_told_with_its_sentence_and_source_and_both_values(tmp_path: Path):
    change = of(proposed(tmp_path, "parameters.yaml", "value: 15 mm", "value: 17 mm"), "Space cut-off")
    assert (change.kind, change.how) == ("parameter", "changed")
    assert change.sentences == ("A space of this size or less counts as narrow.",) * 2
    assert change.sources == ("A study made up for tests (read: abstract)",)
    assert [(part.before, part.after) for part in change.parts] == [("15 mm", "17 mm")]


def test_another_sentence_stands_beside_the_old_one(tmp_path: Path):
    change = of(proposed(tmp_path, "criteria.yaml", "Pain is still high.", "Pain is high."), "Symptoms persist")
    assert change.sentences == ("Pain is still high.", "Pain is high.")
    assert change.parts == ()


def test_a_condition_is_told_in_words_before_and_after(tmp_path: Path):
    found = proposed(tmp_path, "criteria.yaml", "pain_now >= pain", "not narrow_space or pain_now >= pain")
    (part,) = of(found, "Symptoms persist").parts
    assert part.words_before is not None
    assert part.words_after is not None
    assert part.words_after.words == ("at least one of these:",)
    assert len(part.words_after.inner) == 2
    assert re.search(r"[<>=]", str([each for each in part.words_before.words if isinstance(each, str)])) is None


def test_a_case_that_is_answered_otherwise_is_told_old_beside_new(tmp_path: Path):
    found = proposed(tmp_path, "parameters.yaml", "value: 4 {score}", "value: 7 {score}")
    assert (found.run, [case.title for case in found.cases]) == (
        1,
        ["Six weeks of exercise and pain that persists open the way to surgical evaluation"],
    )
    assert ("right", "stage") in {row[:2] for row in found.cases[0].rows}


def test_what_cannot_be_read_is_told_with_its_mend(tmp_path: Path):
    assert isinstance(compared(tmp_path / "nothing", None), Unreadable)
    copytree(TINY, tmp_path / "broken")
    (tmp_path / "broken" / "criteria.yaml").write_text("broken:\n  title: Broken\n", encoding="utf-8")
    found = compared(tmp_path / "broken", None)
    assert isinstance(found, Unreadable)
    assert found.mistakes[0].mend
