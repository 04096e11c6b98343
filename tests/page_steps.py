"""Pages of the manual as runs: what a page tells its reader to write, to change and to type, step by step.

Fenced blocks of a page that are steps (all others are left alone):

- ```yaml NAME (any language, then a file name): the file, written whole.
- ```diff NAME: lines of a file changed: those that begin with `-` stand there once, one after the other; those that
  begin with `+` replace them. Other lines show where.
- ```console: `$ COMMAND`, then what it prints, up to the next `$ `; `...` stands for anything, within a line or for
  lines.
"""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ischio.interfaces.cli.main import run

_BLOCK = re.compile(r"^```(\w+) ?(\S*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
_SHELL = re.compile(r"[|<>&;$*]")


@dataclass(frozen=True)
class File:
    """A file to write."""

    name: str
    body: str


@dataclass(frozen=True)
class Change:
    """Lines of a file to replace."""

    name: str
    body: str

    def applied(self, text: str) -> str:
        """The text with the old lines, which must stand there exactly once, replaced by the new ones."""
        lines = self.body.splitlines(keepends=True)
        old = "".join(line[1:] for line in lines if not line.startswith("+"))
        new = "".join(line[1:] for line in lines if not line.startswith("-"))
        assert text.count(old) == 1, f"{self.name}: the lines to change stand there {text.count(old)} times:\n{old}"
        return text.replace(old, new)


@dataclass(frozen=True)
class Command:
    """A command to type, and what the page shows of its output."""

    line: str
    shown: str


Step = File | Change | Command


def steps_of(page: Path) -> tuple[Step, ...]:
    """The steps of a page, in its order."""
    return tuple(step for block in _BLOCK.findall(page.read_text("utf-8")) for step in _steps(*block))


def _steps(language: str, name: str, body: str) -> Iterator[Step]:
    if language == "console":
        for typed in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
            yield Command(*typed.split("\n", 1))
    elif name and language == "diff":
        yield Change(name, body)
    elif name:
        yield File(name, body)


def take(step: Step, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Does what the step says in the folder, which must be the working directory; sees that a page shows the truth."""
    match step:
        case File(name, body):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(body, "utf-8")
        case Change(name):
            (folder / name).write_text(step.applied((folder / name).read_text("utf-8")), "utf-8")
        case Command(line, shown):
            printed = _printed(line, capsys)
            assert shows(shown, printed), f"$ {line}\n{printed[:5000]}"


def _printed(line: str, capsys: pytest.CaptureFixture[str]) -> str:
    """What a command prints. Ours run in this process, which is quicker, unless the shell has to read the line."""
    program, *words = shlex.split(line)
    if program == "ischio" and not _SHELL.search(line):
        with pytest.raises(SystemExit):
            run(words)
        printed = capsys.readouterr()
        return printed.out + printed.err
    beside = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, env=os.environ | beside, timeout=120)
    assert done.returncode == 0 or program == "ischio", f"$ {line}\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


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
