"""Each command on the small made-up pathway: what a person reads, what a program gets, and the exit code."""

import json
import shutil
from pathlib import Path

import jsonschema
import pytest

from ischio.interfaces.cli import main
from ischio.interfaces.cli.assess import assessment_schema

TINY = Path(__file__).parents[1] / "knowledge" / "tiny"
OVERLAY = TINY.parent / "tiny-overlay.yaml"
CASE = TINY / "cases" / "trial-passes.yaml"


@pytest.fixture
def ischio(capsys: pytest.CaptureFixture[str]):
    """Runs a command; gives its exit code, its output and its errors."""

    def run(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main.run([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return int(left.value.code or 0), printed.out, printed.err

    return run


def flat(text: str) -> str:
    """Without the line breaks and gaps that the width of a screen makes."""
    return " ".join(text.split())


# ---- assess -----------------------------------------------------------------------------------------------------


def test_the_screen_says_where_why_what_and_until_when(ischio):
    code, out, err = ischio("assess", CASE, "--pathway", TINY)
    assert (code, err) == (0, "")
    for told in (
        "Right hip: Surgical evaluation",
        "Because Adequate trial; Symptoms persist",
        "-> Next Review",
        "-> Also due Advice",
        "? Cannot tell whether to do: Operation",
        "? Ask 1",
        "Review 13 Jul 2026",
        "Answer holds until 10 Jul 2026",
        "Left hip: Not on the pathway",
        "Pathway tiny 0.0.1. Made up for tests; not for care.",
    ):
        assert told in flat(out)


def test_what_matters_most_comes_first(ischio):
    _, out, _ = ischio("assess", CASE, "--pathway", TINY)
    lines = ("Right hip", "-> Next", "Because", "? Ask 1", "Review ", "Left hip")
    places = [out.index(f"\n{line}") for line in lines]
    assert places == sorted(places)


def test_one_side_only(ischio):
    _, out, _ = ischio("assess", CASE, "--pathway", TINY, "--side", "left")
    assert "Left hip" in out
    assert "Right hip" not in out


def test_a_red_flag_stands_above_all_else(ischio, tmp_path: Path):
    flagged = tmp_path / "flagged.yaml"
    text = CASE.read_text(encoding="utf-8")
    flagged.write_text(text.replace("events:", "facts: {person: {flag_fever: present}}\nevents:"), encoding="utf-8")
    _, out, _ = ischio("assess", flagged, "--pathway", TINY)
    assert out.splitlines()[1].startswith("! ALERT")
    assert "x Diverted" in out


def test_another_index_date(ischio):
    _, out, _ = ischio("assess", CASE, "--pathway", TINY, "--on", "2026-09-01")
    assert "on 1 Sep 2026" in out


def test_a_value_set_by_the_site_is_said_to_be_so(ischio):
    _, out, _ = ischio("assess", CASE, "--pathway", TINY, "--overlay", OVERLAY)
    assert "not by the pathway" in flat(out)


def test_the_json_is_an_assessment_by_the_published_schema(ischio):
    code, out, _ = ischio("assess", CASE, "--pathway", TINY, "--json")
    answer = json.loads(out)
    jsonschema.validate(answer, json.loads(assessment_schema()))
    assert code == 0
    assert [hip["stage"]["id"] for hip in answer["hips"]] == ["surgery", "not_on_pathway"]


@pytest.mark.parametrize("sample", sorted((TINY.parents[2] / "examples").glob("*.*")), ids=lambda path: path.name)
def test_each_sample_patient_gets_a_valid_answer_and_one_screen_a_hip(ischio, sample: Path):
    code, out, _ = ischio("assess", sample, "--on", "2026-06-01", "--json")
    jsonschema.validate(json.loads(out), json.loads(assessment_schema()))
    assert code == 0
    for side in ("right", "left"):
        code, out, _ = ischio("assess", sample, "--on", "2026-06-01", "--side", side)
        assert (code, len(out.splitlines()) <= 50) == (0, True)


def test_two_runs_give_identical_bytes(ischio):
    first, second = (ischio("assess", CASE, "--pathway", TINY, "--json")[1] for _ in range(2))
    assert first == second


BAD = {
    "missing.json": None,
    "empty.json": b"",
    "binary.json": bytes(range(256)),
    "truncated.json": b'{"resourceType": "Bundle", "entry": [',
    "deep.json": b"[" * 20_000,
    "list.json": b"[1, 2]",
    "other.json": b'{"resourceType": "Library"}',
    "missing.yaml": None,
    "empty.yaml": b"",
    "tabs.yaml": b"id:\tx\n\tpatient: y\n",
    "latin.yaml": "id: hüfte\n".encode("latin-1"),
    "list.yaml": b"- 1\n- 2\n",
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_told_about_and_never_a_traceback(ischio, tmp_path: Path, name: str):
    if BAD[name] is not None:
        (tmp_path / name).write_bytes(BAD[name])
    # The made-up pathway has no bindings and so reads no FHIR.
    code, out, err = ischio("assess", tmp_path / name, *(["--pathway", TINY] if name.endswith(".yaml") else []))
    assert (code, out) == (1, "")
    assert name in err
    assert "Traceback" not in err
    assert "error of its own" not in err


# ---- explain ----------------------------------------------------------------------------------------------------


def test_a_rule_in_full(ischio):
    code, out, _ = ischio("explain", "gate_surgery", "--pathway", TINY)
    assert code == 0
    for told in (
        "An adequate trial did not help.",
        "gate_care and trial_adequate and symptoms_persist",
        "symptoms_persist: Symptoms persist",
        "convention: no primary source found; certainty none",
        "T03",
        "Fires in case Six weeks of exercise",
        "stages.yaml, line",
    ):
        assert told in flat(out)


def test_every_id_can_be_explained(ischio):
    from ischio.engine.explain import ids
    from ischio.loading.pathway import load_pathway

    for rule in ids(load_pathway(TINY)):
        code, out, _ = ischio("explain", rule, "--pathway", TINY, "--json")
        assert (code, json.loads(out)["id"]) == (0, rule)


def test_an_unknown_id_gets_its_near_misses(ischio):
    code, _, err = ischio("explain", "gate_surgry", "--pathway", TINY)
    assert code == 1
    assert "Did you mean gate_surgery" in err


# ---- check ------------------------------------------------------------------------------------------------------


def test_check_counts_what_is_missing(ischio):
    code, out, _ = ischio("check", TINY, "--json")
    report = json.loads(out)
    assert code == 1
    assert report["cases"] == [{"id": "trial-passes", "title": report["cases"][0]["title"], "differences": []}]
    assert {"rule": "operation", "missing": "fires"} in report["uncovered"]
    assert report["problems"] == len(report["uncovered"])


def test_check_says_which_case_gets_another_answer(ischio, tmp_path: Path):
    folder = shutil.copytree(TINY, tmp_path / "tiny")
    case = folder / "cases" / "trial-passes.yaml"
    case.write_text(case.read_text(encoding="utf-8").replace("stage: surgery", "stage: care"), encoding="utf-8")
    code, out, _ = ischio("check", folder)
    assert code == 1
    assert "0 of 1 cases get the expected answer" in out
    assert "case trial-passes: right hip, stage: expected care, is surgery now" in out


def test_one_unreadable_case_never_hides_the_others(ischio, tmp_path: Path):
    folder = shutil.copytree(TINY, tmp_path / "tiny")
    (folder / "cases" / "broken.yaml").write_text("id: [", encoding="utf-8")
    code, out, _ = ischio("check", folder)
    assert code == 1
    assert "broken.yaml" in out
    assert "1 of 1 cases get the expected answer" in out


def test_check_tells_mistakes_of_the_pathway(ischio, tmp_path: Path):
    folder = shutil.copytree(TINY, tmp_path / "tiny")
    facts = folder / "criteria.yaml"
    facts.write_text(facts.read_text(encoding="utf-8") + "\nbroken:\n  title: Broken\n", encoding="utf-8")
    code, _, err = ischio("check", folder)
    assert code == 1
    assert "criteria.yaml, line" in err


STATED = ("reviewer: Synthetic Reviewer", "next_review: 2999-01-01", "funding: None.", "conflicts: None.")
"""What no program can bring to a pathway: made up, for these tests alone."""


def stated(folder: Path, *lines: str) -> Path:
    """A copy of the test pathway that states this."""
    copy = shutil.copytree(TINY, folder / "tiny")
    file = copy / "pathway.yaml"
    text = file.read_text(encoding="utf-8").replace("reviewer: none yet", "\n".join(lines))
    file.write_text(text, encoding="utf-8")
    return copy


def test_what_a_publication_lacks_is_a_notice_and_with_publish_a_problem(ischio):
    code, out, _ = ischio("check")
    assert code == 0
    assert "things are missing for a publication" in out
    code, out, _ = ischio("check", "--publish")
    assert code == 1
    for lacking in (
        "A reviewer for every rule",
        "Funding and conflicts of interest are stated",
        "Every property is proved",
    ):
        assert f"x   {lacking}: " in out
    assert out.rstrip().endswith("Not to be published.")


def needs(told: str) -> dict[str, bool]:
    return {each["need"]: each["met"] for each in json.loads(told)["publication"]}


@pytest.mark.parametrize(
    ("lacks", "line", "instead"),
    [
        ("A reviewer for every rule", 0, "reviewer: none yet"),
        ("The content review is not overdue", 1, "next_review: 2020-01-01"),
        ("Funding and conflicts of interest are stated", 2, "funding: none yet"),
        ("Funding and conflicts of interest are stated", 3, "conflicts: none yet"),
    ],
)
def test_each_thing_alone_is_told_and_stops_a_publication(ischio, tmp_path: Path, lacks: str, line: int, instead: str):
    whole, lacking = stated(tmp_path / "whole", *STATED), list(STATED)
    lacking[line] = instead
    assert needs(ischio("check", whole, "--json")[1])[lacks]
    code, out, _ = ischio("check", stated(tmp_path / "lacking", *lacking), "--publish", "--json")
    assert (code, needs(out)[lacks]) == (1, False)


def test_proofs_count_for_the_files_that_they_were_made_of(ischio, tmp_path: Path):
    folder, file = stated(tmp_path, *STATED), tmp_path / "proofs.json"
    file.write_text(ischio("verify", folder, "--json")[1], encoding="utf-8")
    proved = "Every property is proved"
    assert needs(ischio("check", folder, "--proofs", file, "--json")[1])[proved]
    assert not needs(ischio("check", TINY, "--proofs", file, "--json")[1])[proved]
    code, _, err = ischio("check", folder, "--proofs", tmp_path / "nothing.json")
    assert (code, "There is no file" in err) == (1, True)


# ---- verify -----------------------------------------------------------------------------------------------------


def test_what_holds_is_proved(ischio):
    code, out, _ = ischio("verify", TINY, "--json")
    assert code == 0
    assert {finding["outcome"] for finding in json.loads(out)["findings"]} == {"proved"}


def test_a_dropped_condition_is_refuted_with_a_case_that_assess_shows(ischio, tmp_path: Path):
    folder = shutil.copytree(TINY, tmp_path / "tiny")
    stages = folder / "stages.yaml"
    text = stages.read_text(encoding="utf-8")
    assert "when: trial_adequate and symptoms_persist" in text
    stages.write_text(text.replace("when: trial_adequate and ", "when: "), encoding="utf-8")

    code, out, _ = ischio("verify", folder, "--out", tmp_path / "found")
    assert code == 1
    assert "x refuted" in out
    (found,) = (tmp_path / "found").iterdir()
    code, out, _ = ischio("assess", found, "--pathway", folder, "--json")
    offered = {
        action["id"]
        for hip in json.loads(out)["hips"]
        for action in hip["actions"]
        if action["status"] in ("due", "optional")
    }
    assert (code, "operation" in offered) == (0, True)


# ---- doctor -----------------------------------------------------------------------------------------------------


def test_doctor_says_what_is_there(ischio):
    _, out, _ = ischio("doctor", "--json")
    states = {finding["name"]: finding["state"] for finding in json.loads(out)["findings"]}
    assert states["msgspec"] == states["z3-solver"] == "ok"


def test_doctor_says_how_to_get_what_is_missing(ischio, monkeypatch: pytest.MonkeyPatch):
    from ischio.interfaces.cli import doctor

    versions = doctor.installed
    monkeypatch.setattr(doctor, "installed", lambda name: None if name == "z3-solver" else versions(name))
    _, out, _ = ischio("doctor")
    assert "optional" in out
    assert "pip install 'ischio[prove]'" in flat(out)
