"""`ischio export fhir`: what it writes, what it says, and what it refuses."""

import base64
import json
from functools import cache
from pathlib import Path

import pytest
from cql_oracle import ORACLES, install
from fhir_export import FOLDERS, publication

from ischio.fhir.export.package import Export, export
from ischio.interfaces.cli.main import run

TEMPLATE = str(FOLDERS["template"])


def command(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int | str | None, str, str]:
    with pytest.raises(SystemExit) as left:
        run(["export", "fhir", *words])
    said = capsys.readouterr()
    return left.value.code, said.out, said.err


@pytest.fixture(autouse=True)
def no_translator(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("ISCHIO_CQL_TRANSLATOR", raising=False)


def test_it_writes_the_package_twice_and_says_what_it_holds(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    out = tmp_path / "fhir"
    code, said, _ = command(capsys, str(out), "--pathway", TEMPLATE)
    assert code == 0
    assert "PlanDefinition" in said
    assert "No compiled ELM beside the CQL. The translator was not found" in said
    (archive,) = out.glob("*.tgz")
    first = archive.read_bytes()
    (out / "package" / "Basic-from-an-earlier-version.json").write_text("{}")
    assert command(capsys, str(out), "--pathway", TEMPLATE)[0] == 0
    assert archive.read_bytes() == first
    assert not (out / "package" / "Basic-from-an-earlier-version.json").exists()


def test_as_json_it_gives_counts_and_paths(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    code, said, _ = command(capsys, str(tmp_path / "fhir"), "--pathway", TEMPLATE, "--json")
    told = json.loads(said)
    assert (code, told["elm"], told["resources"]["PlanDefinition"]) == (0, False, 1)
    assert all(Path(path).exists() for path in told["written"])


def test_it_keeps_away_from_a_folder_of_other_things(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "letter.txt").write_text("x")
    code, _, said = command(capsys, str(tmp_path), "--pathway", TEMPLATE)
    assert code == 1
    assert "other than a FHIR package" in said
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_it_says_what_is_wrong_with_a_place_that_is_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "file").write_text("x")
    code, _, said = command(capsys, str(tmp_path / "file"), "--pathway", TEMPLATE)
    assert code == 1
    assert "A file is in the place of the folder." in said


@cache
def compiled() -> Export:
    install()
    return export(publication("template"), ORACLES / "translate.mjs")


def test_libraries_hold_compiled_elm_where_the_translator_is_found():
    libraries = [one for one in compiled().resources if one["resourceType"] == "Library"]
    assert compiled().not_compiled is None
    assert libraries
    for library in libraries:
        kinds = {one["contentType"]: base64.b64decode(one["data"]) for one in library["content"]}
        assert kinds.keys() == {"text/cql", "application/elm+json"}
        identifier = json.loads(kinds["application/elm+json"])["library"]["identifier"]
        assert (identifier["id"], identifier["version"]) == (library["name"], library["version"])


def test_compiled_elm_is_the_same_each_time():
    assert export(publication("template"), ORACLES / "translate.mjs").archive == compiled().archive
