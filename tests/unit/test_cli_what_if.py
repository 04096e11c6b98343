"""The commands `what-if` and `timeline`: exit codes, JSON held to its contract, files left alone, the words owed."""

import json
from pathlib import Path

import jsonschema
import pytest

from ischio.interfaces.cli.main import run

ROOT = Path(__file__).parents[2]
TWO_HIPS = str(ROOT / "examples" / "two-hips-differ.json")


def ran(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[object, str, str]:
    with pytest.raises(SystemExit) as left:
        run(words)
    printed = capsys.readouterr()
    return left.value.code, printed.out, printed.err


@pytest.mark.parametrize(
    ("command", "words"), [("what-if", ("right.pain_now=6", "pregnancy_status=unknown")), ("timeline", ())]
)
def test_the_json_keeps_to_its_contract(command: str, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]):
    code, out, _ = ran(capsys, command, TWO_HIPS, *words, "--on", "2026-06-01", "--json")
    schema = json.loads((ROOT / "docs" / "reference" / f"{command}.schema.json").read_text("utf-8"))
    jsonschema.validate(json.loads(out), schema)
    assert code == 0


def test_what_if_writes_nothing_and_says_so(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = Path(TWO_HIPS).read_bytes()
    code, out, _ = ran(capsys, "what-if", TWO_HIPS, "pain_now=6", "--side", "right")
    assert (code, "Not saved: nothing here changes the record." in out) == (0, True)
    assert Path(TWO_HIPS).read_bytes() == before
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("what-if",), 2, "Name a patient file"),
        (("what-if", TWO_HIPS, "right.pain_nov=6"), 1, "Did you mean pain_now?"),
        (("what-if", TWO_HIPS, "pain_now=6"), 1, "Say which: --side right, or right.pain_now=6."),
        (
            ("what-if", TWO_HIPS, "pain_now=4", "right.pain_now=5", "--side", "right"),
            1,
            "two values at once. Give it one",
        ),
        (("what-if", TWO_HIPS, "right.pain_now=6mg"), 1, "Write the number alone."),
        (("what-if", TWO_HIPS, "right.pain_now=bad"), 1, "Write a number of 0 to 10, or unknown."),
        (("what-if", TWO_HIPS, "right.pain_now=11"), 1, "outside the fact's range. It may be 0 to 10."),
        (("what-if", "nobody.json"), 1, "nobody.json"),
        (("timeline",), 2, "Name a patient file"),
        (("timeline", TWO_HIPS, "--svg", "x.svg"), 2, "add --side"),
        (("timeline", TWO_HIPS, "--from", "2027-01-01", "--to", "2026-01-01"), 2, "lies after the last day"),
    ],
)
def test_a_mistake_has_its_exit_code_and_its_mend(
    words: tuple[str, ...], code: int, told: str, capsys: pytest.CaptureFixture[str]
):
    found, out, err = ran(capsys, *words)
    assert (found, told in " ".join((out + err).replace("│", " ").split())) == (code, True)


def test_a_person_without_a_dated_entry_gets_a_sentence(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    nobody = tmp_path / "nobody.yaml"
    nobody.write_text("id: nobody\ntitle: Nothing\npurpose: test\non: 2026-06-01\npatient: {id: nobody-synthetic}\n")
    assert ran(capsys, "timeline", str(nobody))[:2] == (
        0,
        "Nothing that this pathway reads is recorded with a date, so there is no timeline up to 1 Jun 2026.\n",
    )


def test_a_site_s_own_values_are_named(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    site = tmp_path / "site.yaml"
    site.write_text("id: our-site\nparameters:\n  ifs_cutoff: {value: 17 mm, note: Ours.}\n")
    for command in ("what-if", "timeline"):
        _, out, _ = ran(capsys, command, TWO_HIPS, "--overlay", str(site), "--on", "2026-06-01")
        assert "Values set by our-site, not by the pathway: ifs_cutoff." in " ".join(out.split())


def test_a_measurement_moves_all_facts_that_hold_it(capsys: pytest.CaptureFixture[str]):
    """The same reading cannot be 13 mm for the diagnosis and 10.9 mm for the operation."""
    _, out, _ = ran(
        capsys, "what-if", TWO_HIPS, "right.ischiofemoral_space=13", "--on", "2026-06-01", "--side", "right"
    )
    told = " ".join(out.split())
    assert "Ischiofemoral space on MRI, for surgery: 10.9 mm -> 13 mm (always follows)" in told
    assert told.count("Sensitivity") == 1
    assert "Nothing of the answer differs." in told
    assert "Now" not in told
