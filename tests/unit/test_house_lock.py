"""The lock files pin, with hashes, everything that pyproject.toml asks for, and name no server."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = PROJECT["project"]["optional-dependencies"]
RUN = PROJECT["project"]["dependencies"] + EXTRAS["prove"] + EXTRAS["cohort"] + EXTRAS["serve"]
BUILD = PROJECT["dependency-groups"]["build"] + PROJECT["build-system"]["requires"]
DEV = PROJECT["dependency-groups"]["dev"]


def pins(lock: str) -> dict[str, str]:
    """Package name -> version pinned."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    return {canonicalize_name(name): version for name, version in re.findall(r"^([\w.-]+)==([^ ]+)", text, re.M)}


def unmet(requirements: list[str], lock: str) -> list[str]:
    pinned = pins(lock)

    def met(asked: Requirement) -> bool:
        version = pinned.get(canonicalize_name(asked.name))
        return version is not None and asked.specifier.contains(version)

    return [text for text in requirements if not met(Requirement(text))]


@pytest.mark.parametrize(
    ("lock", "requirements"), [("requirements.lock", RUN + BUILD), ("requirements-dev.lock", RUN + BUILD + DEV)]
)
def test_the_lock_pins_what_is_asked_for(lock: str, requirements: list[str]):
    assert unmet(requirements, lock) == [], "run `make lock`"


def test_an_unmet_requirement_would_be_seen():
    assert unmet(["msgspec>=999", "no-such-package"], "requirements.lock") == ["msgspec>=999", "no-such-package"]


def test_both_locks_pin_the_same_versions():
    everything = pins("requirements-dev.lock")
    assert pins("requirements.lock").items() <= everything.items()


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_each_pin_has_its_hashes_and_no_server_is_named(lock: str):
    text = (ROOT / lock).read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=\S)", text.strip())
    assert [block.split(" ")[0] for block in blocks if "--hash=sha256:" not in block] == []
    assert "://" not in text
