"""The wheel as somebody installs it, with nothing beside it but what `ischio[serve]` names: the small record works.

The packages are those of this environment, the ones that the wheel asks for and no other: what only the tests bring
along must not be leaned on.
"""

import os
import re
import subprocess
import sys
import venv
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path
from shutil import copytree, ignore_patterns
from zipfile import ZipFile

import httpx
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from serving import Serving, served

ROOT = Path(__file__).parents[2]


def asked_for(requirements: list[str], extras: tuple[str, ...]) -> Iterator[Requirement]:
    """The requirements that hold here, with these extras."""
    for one in map(Requirement, requirements):
        if one.marker is None or any(one.marker.evaluate({"extra": extra}) for extra in (*extras, "")):
            yield one


def closure(requirements: list[str], extras: tuple[str, ...]) -> set[str]:
    """Names of all packages that these lead to."""
    found: set[str] = set()
    waiting = list(asked_for(requirements, extras))
    while waiting:
        one = waiting.pop()
        if (name := f"{canonicalize_name(one.name)} {sorted(one.extras)}") not in found:
            found.add(name)
            waiting += asked_for(distribution(one.name).requires or [], tuple(one.extras))
    return {name.partition(" ")[0] for name in found}


def link(name: str, folder: Path) -> None:
    """Puts a package that is installed here into another folder of packages, by its first-level names."""
    files = distribution(name).files or []
    here = Path(str(distribution(name).locate_file("")))
    for top in {file.parts[0] for file in files if ".." not in file.parts and file.parts[0] != "__pycache__"}:
        target = folder / top
        if not target.exists():
            target.symlink_to(here / top)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel and what it asks for; returns its Python."""
    place = tmp_path_factory.mktemp("installed")
    source = place / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        (source / name).write_bytes((ROOT / name).read_bytes())
    copytree(ROOT / "src", source / "src", ignore=ignore_patterns("__pycache__", "*.egg-info"))
    build = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*build, "-w", str(place), str(source)], check=True, capture_output=True)
    (wheel,) = place.glob("ischio-*.whl")
    venv.create(place / "env", with_pip=False, symlinks=True)
    (packages,) = (place / "env").glob("lib/python*/site-packages")
    with ZipFile(wheel) as content:
        content.extractall(packages)
        (metadata,) = (name for name in content.namelist() if name.endswith(".dist-info/METADATA"))
        required = re.findall(r"^Requires-Dist: (.+)$", content.read(metadata).decode(), re.MULTILINE)
    for name in closure(required, ("serve",)):
        link(name, packages)
    return place / "env" / "bin" / "python"


@pytest.fixture(scope="module")
def record(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with served(tmp_path_factory.mktemp("run"), "--demo", python=str(installed), PYTHONPATH="") as serving:
        yield serving


def test_nothing_but_what_is_asked_for_is_there(installed: Path):
    """The tests' own packages are not, and what runs is the wheel and not the source."""
    tried = (
        "import ischio, importlib.util as u; print(ischio.__file__, u.find_spec('pytest'), u.find_spec('multipart'))"
    )
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    told = subprocess.run([installed, "-c", tried], capture_output=True, text=True, check=True, env=environment).stdout
    assert str(installed.parents[1]) in told
    assert told.endswith(" None None\n")


def test_the_small_record_works(record: Serving):
    """Each person's chart opens; a card is declined, an order checked, and the application is launched."""
    with httpx.Client(base_url=record.base, timeout=60) as browser:
        people = re.findall(r'href="/ehr/people/([^"]+)"', browser.get("/ehr").text)
        charts = {person: browser.get(f"/ehr/people/{person}") for person in people}
        assert {chart.status_code for chart in charts.values()} == {200}
        cards = re.compile(r'action="([^"]+/decline)">\s*<input[^>]+ value="([^"]+)"><input[^>]+ value="([^"]+)"')
        form = next(found for chart in charts.values() if (found := cards.search(chart.text)))
        declined = browser.post(form[1], data={"call": form[2], "card": form[3], "reason": "0"})
        assert "Declined. The service was told." in declined.text
        person = form[1].split("/")[3]
        order = re.search(r'<select name="order">\s*<option value="([^"]+)"', charts[person].text)
        assert order is not None
        checked = browser.post(f"/ehr/people/{person}/orders", data={"order": order[1], "hook": "order-select"})
        assert "What was said: order-select, 200" in checked.text
        launched = browser.get(f"/ehr/people/{person}/launch?scope=all")
        sent = browser.get(launched.headers["location"])
        assert (launched.status_code, sent.status_code) == (303, 302)
        # A browser keeps the cookie of a loopback address; this client only over TLS.
        cookie = {"Cookie": sent.headers["set-cookie"].partition(";")[0]}
        back = browser.get(sent.headers["location"]).headers["location"]
        at = httpx.URL(back).join(browser.get(back, headers=cookie).headers["location"])
        page = browser.get(at, headers=cookie)
        assert (page.status_code, f"Patient {person}" in page.text) == (200, True), page.text[-500:]


def test_a_form_that_is_none_is_refused(record: Serving):
    with httpx.Client(base_url=record.base, timeout=60) as browser:
        person = re.findall(r'href="/ehr/people/([^"]+)"', browser.get("/ehr").text)[0]
        address = f"/ehr/people/{person}/decline"
        assert browser.post(address, json={}).status_code == 415
        kind = {"content-type": "application/x-www-form-urlencoded"}
        assert browser.post(address, content=b"a=%ff", headers=kind).status_code == 400
        assert browser.post(address, content="&".join(["a=1"] * 200), headers=kind).status_code == 400
