"""`ischio handout`: a clinician releases, and a page or a PDF is written; what is not offered is refused."""

import json
from pathlib import Path

import pytest

from ischio.interfaces.cli import main

EXAMPLE = Path(__file__).parents[2] / "examples" / "after-osteotomy.case.yaml"
RELEASE = ("--side", "left", "--action", "protective_weight_bearing")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]):
    """Runs `ischio handout` on the example; gives its exit code, its output and its errors."""

    def ran(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main.run(["handout", str(EXAMPLE), *map(str, arguments)])
        printed = capsys.readouterr()
        return int(left.value.code or 0), printed.out, printed.err

    return ran


def test_a_page_is_written_in_the_language_that_is_asked_for(run, tmp_path: Path):
    out = tmp_path / "plan.html"
    assert run(*RELEASE, "--language", "es", "--phone", "123", "-o", out) == (0, f"Written: {out}\n", "")
    page = out.read_text("utf-8")
    assert '<html lang="es">' in page
    assert "Quite carga a la pierna" in page
    assert '<a href="tel:123">' in page


def test_a_pdf_is_written_and_a_program_is_told_of_what(run, tmp_path: Path):
    out = tmp_path / "plan.pdf"
    code, printed, errors = run(*RELEASE, "--numbers", "--next-visit", "2026-06-08", "-o", out, "--json")
    assert (code, errors) == (0, "")
    assert out.read_bytes().startswith(b"%PDF-")
    told = json.loads(printed)
    assert (told["stage"], told["actions"]) == ("after_surgery", ["protective_weight_bearing"])


def test_own_numbers_are_told_only_if_they_are_released(run, tmp_path: Path):
    with_them, without = tmp_path / "with.html", tmp_path / "without.html"
    run(*RELEASE, "--numbers", "-o", with_them)
    run(*RELEASE, "-o", without)
    assert "Your pain: from 7 to 3. Lower is better." in with_them.read_text("utf-8")
    assert "Your pain" not in without.read_text("utf-8")


def test_what_is_not_offered_or_has_no_dose_is_refused_all_at_once(run, tmp_path: Path):
    out = tmp_path / "plan.html"
    code, printed, errors = run(*RELEASE, "--action", "nsaid_course", "--exercise", "pt_gait=", "-o", out)
    assert (code, printed, out.exists()) == (1, "", False)
    assert "`nsaid_course` is not offered for the left side now, so it cannot be released." in errors
    assert "Offered now: protective_weight_bearing, review_progress, next_scores." in errors
    assert "The exercise `pt_gait` has no dose." in errors
    assert '--exercise "pt_gait=10 times, twice a day"' in errors


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("-o", "plan.docx"), "Name a file that ends in .pdf or .html."),
        (("-o", "plan.html", "--language", "fr"), "There are words for patients in: en, es, de."),
    ],
)
def test_a_command_that_is_not_understood(run, arguments: tuple[str, ...], told: str):
    code, _, errors = run(*RELEASE, *arguments)
    assert code == 2
    assert told in errors


def test_a_file_that_cannot_be_written_is_told(run, tmp_path: Path):
    code, _, errors = run(*RELEASE, "-o", tmp_path / "nowhere" / "plan.html")
    assert code == 1
    assert "It cannot be written" in errors
    assert "Name a file in a folder that is there." in errors
