"""The commands of the tutorial, run as they stand; each sees all files of the page."""

from pathlib import Path

import pytest
from page_steps import Command, File, steps_of, take

STEPS = steps_of(Path(__file__).parents[2] / "docs" / "tutorial" / "first-answer.md")
FILES = [step for step in STEPS if isinstance(step, File)]
COMMANDS = [step for step in STEPS if isinstance(step, Command)]


def test_the_page_has_files_and_commands() -> None:
    assert [file.name for file in FILES] == ["anna.yaml", "anna-later.yaml", "slip.yaml"]
    assert len(COMMANDS) == 6


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.line)
def test_a_command_prints_what_the_page_shows(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for file in FILES:
        take(file, tmp_path, capsys)
    take(command, tmp_path, capsys)
