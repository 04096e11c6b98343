"""`ischio new`: what it writes loads, passes its cases, is proved, and is known to editors."""

import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from unit.test_loading_schema import content

from ischio.backends.smt import Outcome, verify
from ischio.interfaces.checking import examine
from ischio.interfaces.cli import main
from ischio.interfaces.new_pathway import EXAMPLE, TEMPLATE, files
from ischio.loading.files import FILES, OPTIONAL
from ischio.loading.pathway import load_pathway

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Exit code, output and error output of a command."""

    def ischio(*words: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main.run([str(word) for word in words])
        printed = capsys.readouterr()
        return int(left.value.code or 0), printed.out, printed.err

    return ischio


@pytest.fixture
def folder(tmp_path: Path, run: Run) -> Path:
    assert run("new", "wrist_pain", "--into", tmp_path)[0] == 0
    return tmp_path / "wrist_pain"


def test_a_new_pathway_has_no_problem(folder: Path) -> None:
    report = examine(folder, None)
    assert report.problems == 0
    assert len(report.runs) == len([*(TEMPLATE / "cases").iterdir()])


def test_a_new_pathway_is_proved(folder: Path) -> None:
    assert [finding.property for finding in verify(load_pathway(folder)) if finding.outcome is not Outcome.PROVED] == []


def test_it_bears_its_own_name_and_nothing_of_the_example(folder: Path) -> None:
    pathway = load_pathway(folder)
    assert (pathway.id, pathway.title) == ("wrist_pain", "Wrist pain")
    written = "".join(path.read_text(encoding="utf-8") for path in folder.rglob("*.yaml"))
    assert [old for old in EXAMPLE.values() if old in written] == []


def test_it_is_dated_on_the_day_it_was_made() -> None:
    assert "reviewed: 2027-02-03" in files("wrist_pain", date(2027, 2, 3))["pathway.yaml"]


def test_it_holds_every_kind_of_file(folder: Path) -> None:
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*.yaml")}
    assert {*FILES, "bindings.yaml"} - there == {*OPTIONAL}


def test_every_file_names_its_schema_and_is_as_it_says(folder: Path) -> None:
    for path in folder.rglob("*.yaml"):
        line = path.read_text(encoding="utf-8").splitlines()[0]
        named = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", line)
        assert named, path
        schema = json.loads((path.parent / named[1]).read_text(encoding="utf-8"))
        assert [error.message for error in Draft202012Validator(schema).iter_errors(content(path))] == [], path


def test_the_first_case_can_be_assessed_as_the_command_says(folder: Path, run: Run) -> None:
    code, told, _ = run("assess", folder / "cases" / "pain-that-matters.yaml", "--pathway", folder)
    assert code == 0
    assert "Right side: Care" in told


def test_what_it_says_next_is_what_works(tmp_path: Path, run: Run) -> None:
    _, told, _ = run("new", "wrist_pain", "--into", tmp_path)
    commands = re.findall(r"ischio (.*)", told)
    assert [command.split()[0] for command in commands] == ["check", "verify", "assess"]
    assert [run(*command.split())[0] for command in commands] == [0, 0, 0]


def test_as_json_it_names_the_files(tmp_path: Path, run: Run) -> None:
    told = json.loads(run("new", "wrist_pain", "--into", tmp_path, "--json")[1])
    folder = Path(told["folder"])
    assert {folder / name for name in told["files"]} == {path for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", ["Wrist", "wrist-pain", "../wrist", "1st", "date", ""])
def test_a_name_that_no_pathway_can_have_is_refused(name: str, tmp_path: Path, run: Run) -> None:
    code, _, told = run("new", name, "--into", tmp_path)
    assert code == 2
    assert "small letters" in told
    assert not [*tmp_path.iterdir()]


def test_nothing_is_written_over(folder: Path, run: Run) -> None:
    (folder / "facts.yaml").write_text("mine\n", encoding="utf-8")
    code, _, told = run("new", "wrist_pain", "--into", folder.parent)
    assert code == 1
    assert "something of this name already" in told
    assert (folder / "facts.yaml").read_text(encoding="utf-8") == "mine\n"


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path, run: Run) -> None:
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    code, _, told = run("new", "wrist_pain", "--into", tmp_path / "taken")
    assert code == 1
    assert "could not be written" in told
