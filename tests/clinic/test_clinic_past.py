"""Any answer that was shown can be made again to the byte, whatever was written or changed since."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from shutil import copytree, ignore_patterns

import pytest
from clinic_steps import answer

from ischio.clinic.answers import Answer
from ischio.clinic.charts import as_bytes
from ischio.clinic.clinic import Clinic
from ischio.clinic.knowledge import Knowledge, knowledge_again, read_knowledge
from ischio.loading.pathway import packaged
from ischio.store.entries import Access, Known

PAIN = (Answer("regional_pain", "present", "right"), Answer("pain_score", "6", "right"))
LESS = Answer("pain_score", "2", "right")


@pytest.fixture(scope="session")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    """The knowledge of another version, in which a review is owed sooner and another title is used."""
    folder = tmp_path_factory.mktemp("changed") / "knowledge"
    copytree(packaged(), folder, ignore=ignore_patterns("cases"))
    for file, old, new in (
        ("pathway.yaml", "version: 0.1.0", "version: 0.2.0"),
        ("stages.yaml", "title: Evaluation", "title: Evaluation of another kind"),
    ):
        path = folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")
    return read_knowledge(folder)


def test_an_answer_is_made_again_after_more_was_written_and_some_was_corrected(
    clinic: Clinic, anna: Known, by: Access, on: date
):
    ids = answer(clinic, anna, by, *PAIN)
    shown = clinic.charts.of(anna, on, by)
    answer(clinic, anna, by, LESS)
    clinic.charts.withdraw(anna, ids[0], clinic.charts.of(anna, on, by).seen, by)
    again = clinic.past.again(anna, shown.answered, by)
    assert again is not None
    assert again.same
    assert again.content == as_bytes(shown.assessment)
    assert again.content != as_bytes(clinic.charts.of(anna, on, by).assessment)


def test_an_answer_is_made_again_by_the_pathway_of_then(
    clinic: Clinic, changed: Knowledge, anna: Known, by: Access, on: date
):
    answer(clinic, anna, by, *PAIN)
    shown = clinic.charts.of(anna, on, by)
    later = Clinic(clinic.store, changed)
    now = later.charts.of(anna, on, by)
    assert as_bytes(now.assessment) != as_bytes(shown.assessment)
    again = later.past.again(anna, shown.answered, by)
    assert again is not None
    assert (again.same, again.knowledge.pathway.version) == (True, "0.1.0")
    assert again.content == as_bytes(shown.assessment)
    assert [each.id for each in later.past.shown(anna, by)][:2] == [now.answered, shown.answered]
    assert clinic.store.health().rows["knowledge"] == 2
    assert clinic.store.audit.verify().sound


def test_an_answer_for_another_date_is_an_answer_of_its_own(clinic: Clinic, anna: Known, by: Access, on: date):
    answer(clinic, anna, by, *PAIN)
    days = [on, on + timedelta(days=30), on - timedelta(days=30)]
    shown = [clinic.charts.of(anna, day, by) for day in days]
    for chart in shown:
        again = clinic.past.again(anna, chart.answered, by)
        assert again is not None
        assert (again.same, again.assessment.index_date) == (True, chart.assessment.index_date)


def test_an_answer_of_somebody_else_is_none_of_this_person(clinic: Clinic, anna: Known, by: Access, on: date):
    shown = clinic.charts.of(anna, on, by)
    bert = clinic.people.register("Bert", "", "north", by)
    assert clinic.past.again(bert, shown.answered, by) is None
    assert clinic.past.again(anna, "guessed", by) is None


def test_where_the_bytes_are_others_it_is_told(clinic: Clinic, anna: Known, by: Access, on: date):
    """As after an upgrade of the program that words something otherwise."""
    shown = clinic.charts.of(anna, on, by)
    kept = next(each for each in clinic.past.shown(anna, by) if each.id == shown.answered)
    other = clinic.store.answers.keep(replace(kept, digest="another", by=by))
    again = clinic.past.again(anna, other.id, by)
    assert again is not None
    assert not again.same


def test_the_files_of_the_knowledge_hold_all_that_it_is_read_from(knowledge: Knowledge):
    again = knowledge_again(knowledge.files)
    assert again.digest == knowledge.digest
    assert again.pathway.facts.keys() == knowledge.pathway.facts.keys()
    assert again.pathway.concepts == knowledge.pathway.concepts


def test_a_site_s_overlay_is_kept_with_the_knowledge(tmp_path: Path):
    overlay = tmp_path / "site.yaml"
    overlay.write_text("id: our-site\nparameters:\n  ifs_cutoff: {value: 14 mm}\n", encoding="utf-8")
    local = read_knowledge(overlay=overlay)
    again = knowledge_again(local.files)
    assert again.pathway.overlay == local.pathway.overlay == "our-site"
    assert again.pathway.parameters["ifs_cutoff"].overridden
    assert local.digest != read_knowledge().digest
