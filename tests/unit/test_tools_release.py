"""A release tells how its pathway differs from the last one, and is not made while a publication lacks something."""

import subprocess
import sys
from pathlib import Path
from shutil import copytree

ROOT = Path(__file__).parents[2]
TINY = ROOT / "tests" / "knowledge" / "tiny"


def release(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, ROOT / "tools" / "release.py", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def changed(folder: Path) -> Path:
    copy = copytree(TINY, folder / "new")
    file = copy / "parameters.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("value: 4 {score}", "value: 7 {score}"), encoding="utf-8")
    return copy


def test_it_tells_the_difference_and_the_cases_that_are_answered_otherwise(tmp_path: Path):
    done = release(TINY, "--new", changed(tmp_path), "--out", tmp_path / "dist", "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "| parameter pain\\_persistent\\_from | values | 4 {score} | 7 {score} |" in done.stdout
    assert "1 of 1 cases are answered otherwise." in done.stdout
    assert "| trial-passes | right | stage |" in done.stdout
    assert "A reviewer for every rule" in done.stdout
    assert "No release is made" in done.stderr
    assert [file.name for file in (tmp_path / "dist").iterdir()] == ["pathway-changes.md"]


def test_nothing_is_built_of_what_may_not_be_published(tmp_path: Path):
    done = release(TINY, "--new", TINY, "--out", tmp_path / "dist")
    assert done.returncode == 1
    assert "Not to be published." in done.stdout
    assert sorted(file.name for file in (tmp_path / "dist").iterdir()) == ["pathway-changes.md", "proofs.json"]


def test_a_version_that_is_not_there_is_told(tmp_path: Path):
    done = release(tmp_path / "nothing", "--new", TINY, "--out", tmp_path / "dist")
    assert (done.returncode, "There is no folder" in done.stderr) == (1, True)
