"""`ischio diff` as a person meets it: versions by folder, by git and with an overlay; what it writes; how it leaves."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from ischio.interfaces.cli import main
from ischio.interfaces.difference.telling import Section, Table, markdown

TINY = Path(__file__).parents[1] / "knowledge" / "tiny"
OVERLAY = TINY.parent / "tiny-overlay.yaml"


def run(*arguments: object) -> int:
    """The exit code; what was printed is left to capsys."""
    with pytest.raises(SystemExit) as left:
        main.run([str(argument) for argument in arguments])
    return int(left.value.code or 0)


@pytest.fixture
def narrower(tmp_path: Path) -> Path:
    """The small test pathway with a cut-off of 14 mm."""
    folder = tmp_path / "narrower"
    shutil.copytree(TINY, folder)
    file = folder / "parameters.yaml"
    file.write_text(file.read_text("utf-8").replace("value: 15 mm", "value: 14 mm"), "utf-8")
    return folder


def test_a_difference_is_no_fault_unless_it_is_asked_to_be_one(narrower: Path) -> None:
    assert run("diff", TINY, narrower) == 0
    assert run("diff", TINY, narrower, "--exit-code") == 1
    assert run("diff", TINY, TINY, "--exit-code") == 0


def test_the_person_written_is_answered_otherwise_by_assess(
    narrower: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("diff", TINY, narrower, "--out", tmp_path / "persons", "--json")
    told = json.loads(capsys.readouterr().out)
    assert told["verdict"] == "different"
    shown = told["persons"][0]
    assert shown["aspect"] == {"kind": "operation offered", "id": "operation", "of": ""}
    said = {}
    for folder in (TINY, narrower):
        run("assess", tmp_path / "persons" / "differs-operation-operation.yaml", "--pathway", folder, "--json")
        actions = json.loads(capsys.readouterr().out)["hips"][0]["actions"]
        said[folder] = next(action["status"] for action in actions if action["id"] == "operation")
    assert (said[TINY], said[narrower]) == (shown["before"], shown["after"])


def test_the_old_version_may_come_from_git(
    narrower: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(narrower.parent)
    who = ("-c", "user.name=reader", "-c", "user.email=reader@example.org")
    for words in (("init", "--quiet"), ("add", "."), (*who, "commit", "--quiet", "-m", "narrower")):
        subprocess.run(("git", *words), check=True)
    shutil.copy(TINY / "parameters.yaml", narrower)
    assert run("diff", "HEAD:narrower", "narrower") == 0
    assert "14 mm" in capsys.readouterr().out
    assert run("diff", "HEAD:nowhere", "narrower") == 1
    assert "git does not find it" in capsys.readouterr().err


def test_an_overlay_is_a_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("diff", TINY, TINY, "--new-overlay", OVERLAY, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    (entry,) = [entry for entry in told["entries"] if entry["id"] == "space_cutoff"]
    assert {"part": "overridden", "before": "no", "after": "yes"} in entry["parts"]


def test_mistakes_name_the_version_that_has_them(narrower: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (narrower / "criteria.yaml").write_text("narrow_space: 1\n", "utf-8")
    assert run("diff", TINY, narrower) == 1
    assert f"{narrower}, criteria.yaml, line 1" in capsys.readouterr().err
    assert run("diff", "no-such-folder", narrower) == 1
    assert "There is no folder 'no-such-folder'" in capsys.readouterr().err


def rows(page: str) -> list[list[str]]:
    """The tables of a page, as cells; `\\|` is a letter of a cell."""
    lines = [line.replace("\\|", "/") for line in page.splitlines() if line.startswith("|")]
    return [line.strip("|").split("|") for line in lines]


def test_the_markdown_has_whole_tables(narrower: Path, tmp_path: Path) -> None:
    page = tmp_path / "reports" / "difference.md"
    run("diff", TINY, narrower, "--markdown", page)
    blocks = [block for block in page.read_text("utf-8").split("\n\n") if block.startswith("|")]
    assert len(blocks) >= 3
    for block in blocks:
        table = rows(block)
        assert {len(row) for row in table} == {len(table[0])}
        assert {cell.strip() for cell in table[1]} == {"---"}


def test_text_of_a_pathway_cannot_break_the_markdown() -> None:
    evil = "a | b\n<script>x</script> @somebody"
    page = markdown("old -> new", [Section("Title", (evil,), (Table(("what",), ((evil,),)),))])
    assert {len(row) for row in rows(page)} == {1}
    assert "<script>" not in page
    assert "@somebody" not in page
