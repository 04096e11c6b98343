"""`ischio serve`: its settings from options, file and variables, checked before anything listens."""

import json
import subprocess
import sys
from pathlib import Path
from socket import socket

import pytest

from ischio.interfaces.cli import main


@pytest.fixture
def ischio(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    """Runs a command; gives its exit code, its output and its errors. No setting of this machine counts."""
    for name in ("ISCHIO_SETTINGS", "ISCHIO_SERVER_PORT", "ISCHIO_STORE_URL"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main.run([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return int(left.value.code or 0), printed.out, printed.err

    return run


def test_settings_that_are_fine_are_shown_without_what_is_secret(ischio, tmp_path: Path):
    file = tmp_path / "serve.toml"
    file.write_text('[server]\nport = 9000\n[metrics]\ntoken = "hush"\n[store]\nurl = "sqlite:///hush.db"\n', "utf-8")
    code, out, err = ischio("serve", "--settings", file, "--host", "127.0.0.2", "--check")
    assert (code, err) == (0, "")
    assert "The settings and the pathway are fine." in out
    assert "127.0.0.2:9000" in out
    assert "hush" not in out


def test_a_program_gets_json(ischio):
    code, out, _ = ischio("serve", "--check", "--json")
    told = json.loads(out)
    assert code == 0
    assert (told["listens on"], told["demonstration"]) == ("127.0.0.1:8000", False)
    assert told["pathway"] == "ischiofemoral 0.1.0"


def test_mistakes_end_it_with_1_and_are_all_named(ischio, tmp_path: Path):
    file = tmp_path / "serve.toml"
    file.write_text('[server]\nport = 90000\nbase = "no address"\n', "utf-8")
    code, _, err = ischio("serve", "--settings", file, "--check")
    assert code == 1
    assert f"{file}, line 2, server.port:" in err
    assert f"{file}, line 3, server.base:" in err
    assert "2 mistakes" in err


def test_options_leave_the_environment_of_a_check_alone(ischio):
    assert ischio("serve", "--check", "--port", 9001, "--json")[0] == 0
    assert json.loads(ischio("serve", "--check", "--json")[1])["listens on"].endswith(":8000")


def test_without_the_extra_it_says_how_to_get_it(ischio, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    code, _, err = ischio("serve", "--check")
    assert code == 1
    assert "pip install 'ischio[serve]'" in err


def test_a_store_that_cannot_be_used_is_told_plainly_before_it_listens(ischio, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ISCHIO_STORE_URL", "sqlite:////nowhere/at/all/ischio.db")
    monkeypatch.setenv("ISCHIO_SERVER_PORT", "0")
    code, _, err = ischio("serve")
    assert code == 1
    assert "Its folder /nowhere/at/all is not there." in err
    assert "Traceback" not in err


def test_a_port_that_is_in_use_is_told_with_the_mend(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    with socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        code = subprocess.run(
            [sys.executable, "-c", "from ischio.interfaces.cli.main import run; run()", "serve", "--port", port],
            cwd=tmp_path,
            timeout=120,
            check=False,
        ).returncode
    out, err = capfd.readouterr()
    assert (code, "Serving" in out) == (1, False)
    assert f"127.0.0.1:{port}:\n  Nothing can listen there.\n  Stop what uses the port" in err
