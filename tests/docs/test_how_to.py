"""Every how-to page, from top to bottom, as its reader would follow it: in a clone of this project, step by step."""

import shutil
import subprocess
from pathlib import Path

import pytest
from page_steps import steps_of, take

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs" / "how-to").glob("*.md"))
CLONED = ("examples", "src/ischio/knowledge")


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone with what the pages name, committed, where git knows nobody and nothing of this machine."""
    folder = tmp_path / "ischio"
    for part in CLONED:
        shutil.copytree(ROOT / part, folder / part)
    who = {f"GIT_{role}_{part}": "reader" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")}
    for name, value in (who | {"HOME": str(tmp_path), "GIT_CONFIG_NOSYSTEM": "1"}).items():
        monkeypatch.setenv(name, value)
    for command in ("git init --quiet --initial-branch main", "git add .", "git commit --quiet -m clone"):
        subprocess.run(command.split(), cwd=folder, check=True)
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_can_be_followed(page: Path, clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for step in steps_of(page):
        take(step, clone, capsys)
