"""The command line as a whole: exit codes, help, mistakes in words, no traceback, no colour where none is wanted."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ischio.interfaces.cli import main
from ischio.interfaces.printable import clean
from ischio.model.mistake import Mistake, RecordError

COMMANDS = ("assess", "timeline", "what-if", "explain", "check", "verify", "diff", "new", "doctor")
MISTAKE = Mistake("The value 200 mm is out of range.", "Is it in cm?", "sample.yaml", 12, "ifs")


def run(*arguments: str) -> int:
    """The exit code; what was printed is left to capsys."""
    with pytest.raises(SystemExit) as left:
        main.run(arguments)
    return int(left.value.code or 0)


def failing_with(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(main, "app", fail)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--help"], 0),
        (["assess", "--schema"], 0),
        (["assess"], 2),
        (["no-such-command"], 2),
        (["assess", "--side", "middle", "x.json"], 2),
        (["assess", "--on", "2026-13-01", "x.json"], 2),
        (["explain"], 2),
        (["check", "--no-such-option"], 2),
    ],
)
def test_exit_codes(arguments: list[str], code: int):
    assert run(*arguments) == code


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help_with_an_example_and_json(command: str, capsys: pytest.CaptureFixture[str]):
    assert run(command, "--help") == 0
    said = capsys.readouterr().out
    assert f"Example: ischio {command}" in said
    assert "--json" in said


def test_a_mistake_is_told_with_place_and_mend(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    failing_with(RecordError(MISTAKE), monkeypatch)
    assert run("assess", "sample.yaml") == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == "sample.yaml, line 12, ifs:\n  The value 200 mm is out of range.\n  Is it in cm?\n"


def test_mistakes_as_json(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    failing_with(RecordError(MISTAKE), monkeypatch)
    assert run("assess", "sample.yaml", "--json") == 1
    (told,) = json.loads(capsys.readouterr().out)["mistakes"]
    assert told == {
        "what": "The value 200 mm is out of range.",
        "mend": "Is it in cm?",
        "file": "sample.yaml",
        "line": 12,
        "where": "ifs",
    }


def test_an_error_of_our_own_is_one_plain_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    failing_with(ZeroDivisionError("division\nby zero"), monkeypatch)
    monkeypatch.delenv("ISCHIO_DEBUG", raising=False)
    assert run("assess", "sample.yaml") == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "ZeroDivisionError: division by zero" in said
    assert "Traceback" not in said


def test_an_error_of_our_own_is_shown_in_full_when_asked(monkeypatch: pytest.MonkeyPatch):
    failing_with(ZeroDivisionError("division by zero"), monkeypatch)
    monkeypatch.setenv("ISCHIO_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        main.run(["assess", "sample.yaml"])


@pytest.mark.parametrize(
    ("written", "shown"),
    [("Bein, rechts", "Bein, rechts"), ("a\x1b[2Jb", "a\N{REPLACEMENT CHARACTER}[2Jb"), ("two\nlines", "two\nlines")],
)
def test_what_could_steer_the_terminal_is_not_printed(written: str, shown: str):
    assert clean(written) == shown


def test_help_needs_neither_engine_nor_parser_nor_solver():
    """What makes `ischio --help` fast: nothing heavy is imported for it. `make bench` measures the time."""
    script = "import sys; from ischio.interfaces.cli import main; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    heavy = {"yaml", "lark", "msgspec", "z3", "ischio.engine", "ischio.loading", "ischio.model.pathway"}
    assert heavy & set(done.stdout.split()) == set()


def test_no_color_is_obeyed():
    environment = {**os.environ, "NO_COLOR": "1", "FORCE_COLOR": "1", "TERM": "xterm-256color"}
    ischio = Path(sys.executable).with_name("ischio")
    done = subprocess.run([ischio, "doctor"], capture_output=True, text=True, env=environment, check=False)
    assert "msgspec" in done.stdout
    assert re.findall(r"\x1b\[[0-9;]*3[0-9]m", done.stdout) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a file that is always full")
@pytest.mark.parametrize("more", [[], ["--json"]])
def test_an_output_without_room_is_told(more: list[str]):
    words = repr(["explain", "gate_injection", *more])
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", f"from ischio.interfaces.cli.main import run; run({words})"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=120,
            check=False,
        )
    assert (done.returncode, done.stderr) == (
        1,
        "What was to be written has no room on the disk, and is not whole.\n"
        "Make room there, and give the command again.\n",
    )
