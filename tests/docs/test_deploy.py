"""The files of deploy/: what they name exists, and what can be checked here is."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from typer.main import get_command

from ischio.interfaces.cli.main import app
from ischio.interfaces.http.settings import Bounds
from ischio.interfaces.http.settings_file import FILE, KEYS, LIMITS

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
UNIT = (DEPLOY / "ischio.service").read_text("utf-8")
IMAGE = (DEPLOY / "Containerfile").read_text("utf-8")
VARIABLES = {FILE, *(f"ISCHIO_{key.upper().replace('.', '_')}" for key in (*KEYS, *LIMITS))}


def test_the_unit_can_be_read_by_systemd(tmp_path: Path):
    """Its program is put in place of ours, which is not installed there."""
    checker = shutil.which("systemd-analyze")
    if checker is None:
        pytest.skip("systemd-analyze is not on this machine, so the unit was not checked")
    unit = tmp_path / "ischio.service"
    unit.write_text(re.sub(r"ExecStart=\S+", "ExecStart=/bin/true", UNIT), "utf-8")
    done = subprocess.run([checker, "verify", str(unit)], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", ["Containerfile", "ischio.service"])
def test_what_was_not_run_says_so(name: str):
    assert re.search(r"[Nn]ot (built or )?run where this was written", (DEPLOY / name).read_text("utf-8"))


def test_every_other_file_says_which_test_runs_it():
    others = {path.name for path in DEPLOY.iterdir()} - {"Containerfile", "ischio.service"}
    for name in others:
        run_by = re.findall(r"tests/\S+\.py", (DEPLOY / name).read_text("utf-8"))
        assert run_by, name
        assert all((ROOT / path).exists() for path in run_by), run_by


@pytest.mark.parametrize("line", [*re.findall(r"ExecStart=\S+ischio (.+)", UNIT), "serve"])
def test_the_command_and_its_options_exist(line: str):
    command, *words = line.split()
    known = get_command(app).commands[command]  # type: ignore[attr-defined]  # a group
    options = {option for parameter in known.params for option in parameter.opts}
    assert {word for word in words if word.startswith("-")} <= options


def test_the_variables_are_settings():
    named = set(re.findall(r"ISCHIO_[A-Z_]+", UNIT + IMAGE + (ROOT / "docs/how-to/deploy.md").read_text("utf-8")))
    assert named
    assert named <= VARIABLES


def test_the_image_installs_what_is_pinned_and_is_no_superuser():
    assert "--require-hashes -r requirements.lock" in IMAGE
    assert re.search(r"^USER 10001$", IMAGE, re.MULTILINE)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert "FROM python:3.11-slim" in IMAGE
    assert project["project"]["requires-python"] == ">=3.11"


def test_the_proxy_is_no_wider_than_the_service():
    proxy = (DEPLOY / "nginx.conf").read_text("utf-8")
    assert f"client_max_body_size    {Bounds().body};" in proxy
    assert re.search(r"location = /metrics \{ return 404; \}", proxy)
    assert "X-Forwarded-For $remote_addr;" in proxy
