"""A synthetic registry as a folder: the same again byte for byte, whole or not there, and its flaws told."""

import csv
import gzip
import json
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ischio.interfaces.cli.main import app
from ischio.model.mistake import IschioError
from ischio.synthesis import registry
from ischio.synthesis.figures import data
from ischio.synthesis.registry import Counts, Order, write_registry
from ischio.synthesis.truth import true_courses, truth_table

ON = date(2026, 3, 31)
PEOPLE = 120


def write(folder: Path, people: int, *, seed: int = 1, packed: bool = False, processes: int = 1) -> Counts:
    *_, counts = write_registry(Order(people, seed, ON, packed), folder, processes, "# Synthetic\n")
    return counts


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    whole = tmp_path_factory.mktemp("registry") / "whole"
    write(whole, PEOPLE)
    return whole


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def resources(folder: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(folder.glob("*.ndjson")):
        for line in path.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)


def rows(folder: Path, table: str) -> list[dict[str, str]]:
    with (folder / "truth" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# ---- the same again -------------------------------------------------------------------------------------------------


def test_the_same_order_gives_the_same_bytes(folder: Path, tmp_path: Path):
    write(tmp_path / "again", PEOPLE)
    assert contents(tmp_path / "again") == contents(folder)


def test_the_number_of_processes_changes_nothing(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(registry, "CHUNK", 40)
    write(tmp_path / "two", PEOPLE, processes=2)
    assert contents(tmp_path / "two") == contents(folder)


def test_a_person_is_the_same_in_a_smaller_registry(folder: Path, tmp_path: Path):
    write(tmp_path / "small", 12)
    small, large = contents(tmp_path / "small"), contents(folder)
    for name in small:
        if name != "README.md":
            assert large[name].startswith(small[name]), name


def test_another_seed_gives_other_people(folder: Path, tmp_path: Path):
    write(tmp_path / "other", PEOPLE, seed=2)
    assert contents(tmp_path / "other")["Patient.ndjson"] != contents(folder)["Patient.ndjson"]


def test_packed_it_holds_the_same(folder: Path, tmp_path: Path):
    write(tmp_path / "packed", PEOPLE, packed=True)
    unpacked = {
        name.removesuffix(".gz"): gzip.decompress(content) if name.endswith(".gz") else content
        for name, content in contents(tmp_path / "packed").items()
    }
    assert unpacked == contents(folder)
    assert truth_table(tmp_path / "packed") == truth_table(folder)


# ---- what it holds --------------------------------------------------------------------------------------------------


def test_every_patient_is_tagged_and_named_as_synthetic(folder: Path):
    patients = [one for one in resources(folder) if one["resourceType"] == "Patient"]
    assert len(patients) == PEOPLE
    for patient in patients:
        tags = [(tag["system"], tag["code"]) for tag in patient["meta"]["tag"]]
        assert tags == [("http://terminology.hl7.org/CodeSystem/v3-ActReason", "HTEST")]
        assert patient["name"][0]["text"].startswith("Synthetic person ")


def test_ids_are_unique_and_references_lead_somewhere(folder: Path):
    named = Counter((one["resourceType"], one["id"]) for one in resources(folder))
    assert max(named.values()) == 1
    known = {f"{kind}/{name}" for kind, name in named}
    for one in resources(folder):
        assert references(one) <= known, one


def references(node: object) -> set[str]:
    if isinstance(node, dict):
        own = {node["reference"]} if isinstance(node.get("reference"), str) else set()
        return own.union(*map(references, node.values()))
    return set().union(*map(references, node)) if isinstance(node, list) else set()


def test_each_resource_is_of_one_person_and_begins_with_its_type_and_id(folder: Path):
    for one in resources(folder):
        assert list(one)[:2] == ["resourceType", "id"]
        if one["resourceType"] not in ("Patient", "Practitioner", "Medication"):
            about = one.get("subject") or one["patient"]
            assert one["id"].startswith(about["reference"].removeprefix("Patient/") + "-")


def test_a_documented_share_has_nothing_to_do_with_the_hip(folder: Path):
    own = [
        one["id"] for one in resources(folder) if one["resourceType"] not in ("Patient", "Practitioner", "Medication")
    ]
    share = sum("-u" in name for name in own) / len(own)
    written = data("figures")["record"]["unrelated_share"]["value"] / 100
    assert abs(share - written) < 0.03


def test_codes_of_several_systems_and_words_alone_are_written(folder: Path):
    systems = {
        coding.get("system") for one in resources(folder) for coding in (one.get("code") or {}).get("coding", ())
    }
    for part in ("loinc.org", "snomed.info", "icd-10-cm", "human-phenotype", "w3id.org/ischio"):
        assert any(part in str(system) for system in systems), part
    assert any(one.get("code", {}).keys() == {"text"} for one in resources(folder))


def test_every_kind_of_flaw_occurs_and_stands_where_the_truth_says(folder: Path):
    flaws = rows(folder, "flaws")
    record = data("figures")["record"]
    no_flaw = ("other", "unrelated", "medicine_by", "answers", "broad_code", "side_in", "year_alone", "not_recorded_")
    kinds = {name for name in record if not name.startswith(no_flaw)} | {"leg_position_missing"}
    assert {flaw["kind"] for flaw in flaws} == kinds
    known = {f"{one['resourceType']}/{one['id']}": one for one in resources(folder)}
    names = {place.partition("/")[2] for place in known}
    for flaw in flaws:
        if flaw["resource"]:
            assert flaw["resource"] in known, flaw
        if flaw["kind"] == "not_recorded":
            assert f"{flaw['person']}-{flaw['event']}" not in names, flaw
        if flaw["kind"] == "entered_in_error":
            assert known[flaw["resource"]]["status"] == "entered-in-error"


# ---- the truth ------------------------------------------------------------------------------------------------------


def test_the_truth_tells_of_both_hips_of_everybody(folder: Path):
    table = truth_table(folder)
    assert len(table) == 2 * PEOPLE
    assert {(hip.person, hip.side) for hip in table} == {
        (f"syn-{number}", side) for number in range(1, PEOPLE + 1) for side in ("right", "left")
    }


def test_the_last_stay_of_a_course_is_the_stage_told(folder: Path):
    last = {(stay.person, stay.side): stay for stay in true_courses(folder)}
    for hip in truth_table(folder):
        stay = last.get((hip.person, hip.side))
        told = (stay.stage, stay.diversion, stay.since) if stay else ("not_on_pathway", "", None)
        assert (hip.stage, hip.diversion, hip.since) == told


def test_a_folder_without_truth_is_told(tmp_path: Path):
    with pytest.raises(IschioError, match="holds no truth"):
        truth_table(tmp_path)


# ---- what can go wrong ----------------------------------------------------------------------------------------------


def test_a_folder_in_use_is_left_alone(tmp_path: Path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(IschioError, match="not empty"):
        write(tmp_path, 3)
    assert contents(tmp_path) == {"mine.txt": b"mine"}


def test_an_empty_folder_is_taken(tmp_path: Path):
    (tmp_path / "empty").mkdir()
    write(tmp_path / "empty", 3)
    assert (tmp_path / "empty" / "Patient.ndjson").exists()


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full to stand for a disk that is full")
    with full.open("wb", buffering=0) as file:
        monkeypatch.setattr(registry, "_file", lambda *_: file)
        with pytest.raises(IschioError, match="disk is full"):
            write(tmp_path / "full", 3)
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_run_leaves_nothing_that_looks_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(registry, "CHUNK", 2)
    writing = write_registry(Order(6, 1, ON), tmp_path / "cut", 1, "")
    next(writing)
    assert not (tmp_path / "cut").exists()
    writing.close()
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_left_is_taken_away(tmp_path: Path):
    """Its folder bears another name, and the next run with the same DIR begins anew."""
    left = tmp_path / "out.unfinished"
    (left / "truth").mkdir(parents=True)
    (left / "Patient.ndjson").write_text("{")
    write(tmp_path / "out", 3)
    assert not left.exists()
    assert len((tmp_path / "out" / "Patient.ndjson").read_text().splitlines()) == 3


def test_a_foreign_folder_of_that_name_is_left_alone(tmp_path: Path):
    foreign = tmp_path / "out.unfinished"
    foreign.mkdir()
    (foreign / "thesis.txt").write_text("mine")
    with pytest.raises(IschioError, match="unfinished"):
        write(tmp_path / "out", 3)
    assert contents(foreign) == {"thesis.txt": b"mine"}


# ---- the command ----------------------------------------------------------------------------------------------------


def run(*words: str) -> Any:
    return CliRunner().invoke(app, ["synthesize", *words])


def test_the_command_tells_what_it_wrote(tmp_path: Path, folder: Path):
    out = str(tmp_path / "out")
    told = run(str(PEOPLE), "--seed", "1", "--on", str(ON), "--out", out, "--processes", "1", "--json")
    assert told.exit_code == 0, told.output
    counts = json.loads(told.output)
    assert counts["people"] == PEOPLE
    assert counts["resources"] == dict(sorted(Counter(one["resourceType"] for one in resources(folder)).items()))
    assert counts["bytes"] == sum(path.stat().st_size for path in folder.glob("*.ndjson"))
    readme = (tmp_path / "out" / "README.md").read_text()
    assert "nobody in it exists" in readme
    assert f"ischio synthesize {PEOPLE} --seed 1 --on 2026-03-31 --out DIR" in readme


def test_the_command_refuses_what_makes_no_registry(tmp_path: Path):
    assert run("0", "--out", str(tmp_path / "none")).exit_code == 2
    assert run("5").exit_code == 2
    assert run("5", "--out", str(tmp_path / "x"), "--on", "yesterday").exit_code == 2
    assert run("5", "--out", str(tmp_path / "x"), "--on", "0001-01-01").exit_code == 2


def test_help_shows_an_example():
    assert "Example: ischio synthesize 1000 --seed 1" in run("--help").output
