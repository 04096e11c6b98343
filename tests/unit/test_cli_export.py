"""`ischio export`: what is written where, what a person and a program are told, and what is refused."""

import json
from pathlib import Path

import pytest

from ischio.interfaces.cli import main

TINY = Path(__file__).parents[1] / "knowledge" / "tiny"


@pytest.fixture
def export(capsys: pytest.CaptureFixture[str]):
    """Runs `ischio export` on the small made-up pathway; gives its exit code, its output and its errors."""

    def run(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main.run(["export", *map(str, arguments), "--pathway", str(TINY)])
        printed = capsys.readouterr()
        return int(left.value.code or 0), printed.out, printed.err

    return run


# ---- the book ---------------------------------------------------------------------------------------------------


def test_the_book_is_a_folder_that_opens_at_its_first_page(export, tmp_path: Path):
    code, out, err = export("book", tmp_path / "book")
    assert (code, err) == (0, "")
    assert "1 cases" in out
    assert f"Open it: {tmp_path / 'book' / 'index.html'}" in out
    assert (tmp_path / "book" / "stage" / "evaluation.html").is_file()


def test_the_book_is_one_file_when_it_ends_so(export, tmp_path: Path):
    code, _, _ = export("book", tmp_path / "book.md")
    assert code == 0
    assert (tmp_path / "book.md").read_text("utf-8").startswith("# ")


def test_a_program_is_told_how_many_pages_and_what_was_proved(export, tmp_path: Path):
    code, out, _ = export("book", tmp_path / "book", "--json")
    told = json.loads(out)
    assert code == 0
    assert told["pages"]["case"] == 1
    assert told["files"] == len([path for path in (tmp_path / "book").rglob("*") if path.is_file()])
    assert set(told["proofs"].values()) <= {"proved", "refuted", "waiting", "could not decide"}
    assert told["mistakes"] == []


def test_a_second_book_in_the_same_folder_leaves_no_old_page(export, tmp_path: Path):
    export("book", tmp_path)
    (tmp_path / "stage" / "of_an_earlier_pathway.html").write_text("old", "utf-8")
    code, _, _ = export("book", tmp_path)
    assert code == 0
    assert not (tmp_path / "stage" / "of_an_earlier_pathway.html").exists()


def test_a_folder_of_other_things_is_left_alone(export, tmp_path: Path):
    (tmp_path / "thesis.txt").write_text("years of work", "utf-8")
    code, out, err = export("book", tmp_path)
    assert (code, out) == (1, "")
    assert "The folder holds something other than a book." in err
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_without_the_solver_the_book_says_that_nothing_was_proved(
    export, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("ischio.backends.smt.find_spec", lambda _: None)
    code, out, _ = export("book", tmp_path / "book")
    assert code == 0
    assert "nothing proved (needs z3)" in out


def test_a_case_that_cannot_be_read_is_told_and_the_rest_is_written(
    export, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    from ischio.model.mistake import Mistake

    broken = (Mistake("It is broken.", "Mend it.", "cases/slip.yaml"),)
    monkeypatch.setattr("ischio.interfaces.inputs.read_cases", lambda *_: ((), broken))
    code, _, err = export("book", tmp_path / "book")
    assert code == 1
    assert "cases/slip.yaml" in err
    assert (tmp_path / "book" / "index.html").is_file()


# ---- the diagram ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ending", "begins"),
    [("svg", "<svg "), ("html", "<!doctype html>"), ("txt", "A test pathway"), ("mmd", "flowchart TD\n")],
)
def test_the_ending_says_what_is_drawn(export, tmp_path: Path, ending: str, begins: str):
    path = tmp_path / "deep" / f"map.{ending}"
    code, out, err = export("diagram", path)
    assert (code, err) == (0, "")
    assert f"Written: {path}" in out
    assert path.read_text("utf-8").startswith(begins)


def test_another_ending_is_refused_with_those_that_there_are(export, tmp_path: Path):
    code, out, err = export("diagram", tmp_path / "map.png")
    assert (code, out) == (1, "")
    assert "End it with .svg, .html, .txt or .mmd (Mermaid)." in err


def test_a_place_that_cannot_be_written_is_told(export, tmp_path: Path):
    (tmp_path / "file").write_text("", "utf-8")
    code, _, err = export("diagram", tmp_path / "file" / "map.svg")
    assert code == 1
    assert "It cannot be written" in err
