"""`ischio diff --cohort`: whose answer changes between two versions, and with which rule."""

import csv
import json
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from cohort.stores import ON, TINY, random_store, run
from generative.agreement import connection

PEOPLE = 300


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An event store of random people for the small pathway."""
    return random_store(tmp_path_factory.mktemp("registry") / "store", PEOPLE)


def changed(tmp_path: Path, file: str, before: str, after: str) -> Path:
    folder = tmp_path / "changed"
    shutil.copytree(TINY, folder)
    text = (folder / file).read_text("utf-8")
    assert before in text
    (folder / file).write_text(text.replace(before, after), "utf-8")
    return folder


def compared(
    old: Path, new: Path, registry: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> tuple[dict[str, object], list[dict[str, str]]]:
    assert run("diff", old, new, "--cohort", registry, "--on", ON, "--out", out, "--json") == 0
    told = json.loads(capsys.readouterr().out)["cohort"]
    with (out / "cohort-persons.csv").open(newline="", encoding="utf-8") as file:
        return told, list(csv.DictReader(file))


def test_nobody_changes_between_two_versions_that_are_the_same(registry, tmp_path, capsys) -> None:
    told, persons = compared(TINY, TINY, registry, tmp_path / "out", capsys)
    assert told["all"] == {"hips": 2 * PEOPLE, "changed": 0, "persons": PEOPLE}
    assert told["rules"] == persons == []
    assert told["moves"] == []
    assert all(row["before"] == row["after"] for row in told["stages"])


@pytest.mark.parametrize(
    ("file", "before", "after", "rule"),
    [
        ("parameters.yaml", "value: 15 mm", "value: 11 mm", "parameter space_cutoff"),
        ("criteria.yaml", "when: space <= space_cutoff", "when: space <= 6", "criterion narrow_space"),
        ("actions.yaml", "when: gate_evaluation and not stage_closed\n", "when: gate_care\n", "action advice"),
        ("stages.yaml", "{every: 6 weeks}\n  care:", "{every: 8 weeks}\n  care:", "stage evaluation"),
    ],
    ids=["a cut-off", "a criterion", "an action", "when a stage is reviewed"],
)
def test_the_rule_that_did_it_is_named(file, before, after, rule, registry, tmp_path, capsys) -> None:
    told, persons = compared(TINY, changed(tmp_path, file, before, after), registry, tmp_path / "out", capsys)
    assert len(persons) == told["all"]["changed"] > 0
    assert {row["rules"] for row in persons} == {rule}
    assert [row["rule"] for row in told["rules"]] == [rule]


def test_the_persons_named_are_those_whom_assess_answers_otherwise(registry, tmp_path, capsys) -> None:
    """Counted again from both judged tables, in plain Python."""
    new = changed(tmp_path, "criteria.yaml", "when: space <= space_cutoff", "when: space <= 6")
    told, persons = compared(TINY, new, registry, tmp_path / "out", capsys)
    said = [dict(answers(folder, registry, tmp_path / f"said-{folder.name}")) for folder in (TINY, new)]
    differing = {key for key in said[0] if said[0][key] != said[1][key]}
    assert {(row["person"], row["hip"]) for row in persons} == differing
    stages = {key: (said[0][key]["stage"], said[1][key]["stage"]) for key in said[0]}
    before, after = (Counter(pair[place] for pair in stages.values()) for place in (0, 1))
    for row in told["stages"]:
        assert row["before"] in (before[row["stage"]], None)
        assert row["after"] in (after[row["stage"]], None)
    for row in told["moves"]:
        again = sum(pair == (row["before"], row["after"]) for pair in stages.values())
        assert again > 0
        assert row["hips"] in (again, None)


def answers(folder: Path, registry: Path, out: Path) -> Iterator[tuple[tuple[str, str], dict[str, object]]]:
    """What a version says of every hip, but for its facts and criteria."""
    assert run("cohort", registry, "--dates", ON, "--out", out, "--pathway", folder) == 0
    cursor = connection().execute(f"select * from '{out}/persons/judged/*.parquet'")
    names = [column[0] for column in cursor.description]
    for row in cursor.fetchall():
        said = dict(zip(names, row, strict=True))
        kept = {name: cell for name, cell in said.items() if not name.startswith(("fact_", "criterion_"))}
        yield (said["person"], said["hip"]), kept


def test_the_report_for_a_pull_request_names_nobody(registry, tmp_path, capsys) -> None:
    new = changed(tmp_path, "parameters.yaml", "value: 15 mm", "value: 11 mm")
    report = tmp_path / "report.md"
    assert run("diff", TINY, new, "--cohort", registry, "--on", ON, "--markdown", report) == 0
    assert "In the cohort" in capsys.readouterr().out
    text = report.read_text("utf-8")
    assert "## In the cohort" in text
    assert "parameter space\\_cutoff" in text
