"""The commands of the tutorial, run as they stand: `...` stands for anything, within a line or for lines."""

import re
from pathlib import Path

import pytest

from ischio.interfaces.cli.main import run

PAGE = Path(__file__).parents[2] / "docs" / "tutorial" / "first-answer.md"
BLOCKS = re.findall(r"```(console|yaml) ?(\S*)\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)


def commands() -> list[tuple[str, str]]:
    """Each command with the output that the page shows."""
    console = (body for kind, _, body in BLOCKS if kind == "console")
    return [tuple(block.removeprefix("$ ").split("\n", 1)) for block in console]


def shows(shown: str, printed: str) -> bool:
    """Whether the parts of what is shown stand in what was printed, in their order; white space counts once."""
    parts = [part.strip() for part in " ".join(shown.split()).split("...")]
    text = " ".join(printed.split())
    if not text.startswith(parts[0]) or not text.endswith(parts[-1]):
        return False
    place = 0
    for part in parts:
        place = text.find(part, place)
        if place < 0:
            return False
        place += len(part)
    return True


def test_the_page_has_files_and_commands() -> None:
    assert [name for kind, name, _ in BLOCKS if kind == "yaml"] == ["anna.yaml", "anna-later.yaml", "slip.yaml"]
    assert len(commands()) == 6


@pytest.mark.parametrize(("command", "shown"), commands())
def test_a_command_prints_what_the_page_shows(
    command: str, shown: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for kind, name, body in BLOCKS:
        if kind == "yaml":
            (tmp_path / name).write_text(body, "utf-8")
    monkeypatch.chdir(tmp_path)
    program, *words = command.split()
    assert program == "ischio"
    with pytest.raises(SystemExit):
        run(words)
    printed = capsys.readouterr()
    assert shows(shown, printed.out + printed.err), (printed.out + printed.err)[:3000]
