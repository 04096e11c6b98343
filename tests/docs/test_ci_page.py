"""The workflows: YAML that GitHub can read, with commands and options that exist, and no more rights than they need."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from ischio.interfaces.cli.main import app

ROOT = Path(__file__).parents[2]
WORKFLOWS = (ROOT / ".github" / "workflows" / "knowledge.yml", ROOT / "docs" / "how-to" / "pathway.yml.example")


def workflow(path: Path) -> dict[str, Any]:
    # YAML 1.1 reads the key `on` as true; GitHub does not.
    return {"on" if key is True else key: value for key, value in yaml.safe_load(path.read_text("utf-8")).items()}


def steps(path: Path) -> list[dict[str, Any]]:
    return [step for job in workflow(path)["jobs"].values() for step in job["steps"]]


def commands(path: Path) -> list[list[str]]:
    """The lines that run ours, as words."""
    lines = [line for step in steps(path) for line in step.get("run", "").splitlines()]
    return [words[1:] for line in lines if (words := shlex.split(line)) and words[0].endswith("ischio")]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_command_and_option_exists(path: Path) -> None:
    known = get_command(app).commands  # a group
    assert [words[0] for words in commands(path)] == ["check", "verify", "diff"]
    for name, *words in commands(path):
        options = {option for parameter in known[name].params for option in parameter.opts}
        assert {word for word in words if word.startswith("-")} <= options, name


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_and_rights_are_least(path: Path) -> None:
    used = [step["uses"] for step in steps(path) if "uses" in step]
    assert used
    assert [action for action in used if not re.fullmatch(r"actions/[\w-]+@v\d+", action)] == []
    assert workflow(path)["permissions"] == {"contents": "read"}
    assert "pull_request" in workflow(path)["on"]
    writing = [job for job in workflow(path)["jobs"].values() if "permissions" in job]
    assert all(job["permissions"] == {"pull-requests": "write"} for job in writing)
    assert all("checkout" not in step.get("uses", "") for job in writing for step in job["steps"])


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_nothing_from_the_pull_request_is_pasted_into_a_script(path: Path) -> None:
    assert [step["run"] for step in steps(path) if "${{" in step.get("run", "")] == []
