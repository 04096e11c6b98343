"""The cohort's results are read again as they were left, and nothing that names a person gets out."""

import json
import os
from pathlib import Path

import msgspec
import pytest

from ischio.interfaces.cohort.content import Block, Head, Section, Sheet
from ischio.interfaces.cohort.drawings import Bar, Change, Point, Spread, Step, bars, changes, flow, incidence, spreads
from ischio.interfaces.cohort.drawings import measure_bar as of_measure
from ischio.interfaces.cohort.files import PAGE, PERSONS, REPORT, RUN, UNFINISHED
from ischio.interfaces.cohort.reading import newest, passed_on, read_report
from ischio.interfaces.cohort.report import Report

SHEET = Sheet("Where hips are", (Head("Stage", False), Head("Hips", True)), (("Injection", "hidden"),))
DRAWINGS = (
    flow("Flow", [Step("All", "9", 1.0, (("here", "2"),)), Step("Last", "7", 0.5, ())]),
    bars("Bars", [Bar("One", "3", 0.2)], "a"),
    spreads("Stays", [Spread("One", "half", 3, 9, None)], "b"),
    changes("Changes", [Change("One", "median 3", -1, 3, 9)], "c"),
    incidence("Curve", [Point(1, 0.1, 0.0, 0.2, 0.0), Point(90, 0.4, 0.2, 0.6, 0.1)], ("A", "B"), "d"),
    of_measure(3, 2, 1, 0.2, 0.9),
)


def report(picture: str = "") -> Report:
    section = Section("flow", "Where everyone is", ("A line.",), (Block(picture, SHEET),))
    return Report("A registry", "9 persons", (), (("Persons", "9"),), (section,), "ischio cohort DIR", (), ())


def results(folder: Path, picture: str = "", age: int = 0) -> Path:
    """Finished results. age: seconds since they were finished."""
    (folder / "tables").mkdir(parents=True)
    (folder / PERSONS).mkdir()
    for name in ("tables/positions.csv", f"{PERSONS}/overdue.csv", PAGE):
        (folder / name).write_text("x", encoding="utf-8")
    (folder / REPORT).write_bytes(msgspec.json.encode(report(picture)))
    (folder / RUN).write_text(json.dumps({"files": {"tables/positions.csv": "digest"}}), encoding="utf-8")
    stamp = (folder / RUN).stat().st_mtime - age
    os.utime(folder / RUN, (stamp, stamp))
    return folder


@pytest.mark.parametrize("picture", ["", *DRAWINGS])
def test_a_report_is_read_as_it_was_written(tmp_path: Path, picture: str):
    assert read_report(results(tmp_path / "out", picture)) == report(picture)


@pytest.mark.parametrize(
    "picture",
    [
        "<script>alert(1)</script>",
        "<svg><script>alert(1)</script></svg>",
        '<svg xmlns="http://www.w3.org/2000/svg"><foreignObject/></svg>',
        '<svg><rect onload="alert(1)"/></svg>',
        '<svg xmlns:x="http://www.w3.org/1999/xlink"><g x:href="https://example.org"/></svg>',
        '<svg><g style="display:none"/></svg>',
        "<svg></svg><form></form>",
        "not a drawing",
    ],
)
def test_what_is_no_drawing_of_ours_is_not_shown(tmp_path: Path, picture: str):
    assert read_report(results(tmp_path / "out", picture)) is None


@pytest.mark.parametrize("content", [None, b"", b"{}", b'{"title": 3}'])
def test_results_of_another_release_are_not_guessed_at(tmp_path: Path, content: bytes | None):
    folder = results(tmp_path / "out")
    (folder / REPORT).unlink()
    if content is not None:
        (folder / REPORT).write_bytes(content)
    assert read_report(folder) is None


# ---- the newest -------------------------------------------------------------------------------------------------


def test_a_folder_may_hold_results_itself_or_in_folders_of_its_own(tmp_path: Path):
    own = results(tmp_path / "own")
    assert newest(own).folder == own
    many = tmp_path / "many"
    results(many / "2025", age=100)
    latest = results(many / "2026")
    results(many / "2024", age=200)
    assert (newest(many).folder, newest(many).unfinished) == (latest, False)


def test_what_is_not_finished_is_not_shown_but_said(tmp_path: Path):
    whole = results(tmp_path / "2025", age=100)
    (results(tmp_path / "2026") / UNFINISHED).write_text("", encoding="utf-8")
    assert (newest(tmp_path).folder, newest(tmp_path).unfinished) == (whole, True)


@pytest.mark.parametrize("there", [True, False])
def test_where_nothing_is_there_is_nothing(tmp_path: Path, there: bool):
    place = tmp_path / "place"
    if there:
        (place / "something").mkdir(parents=True)
    assert (newest(place).folder, newest(place).unfinished) == (None, False)


# ---- what may be taken along ------------------------------------------------------------------------------------


def test_only_what_the_command_named_is_passed_on(tmp_path: Path):
    folder = results(tmp_path / "out")
    (folder / "tables" / "other.csv").write_text("x", encoding="utf-8")
    assert passed_on(folder) == (PAGE, RUN, "tables/positions.csv")


@pytest.mark.parametrize(
    "name",
    [
        f"{PERSONS}/overdue.csv",
        f"tables/../{PERSONS}/overdue.csv",
        "../secret.csv",
        "/etc/hostname",
        "tables",
        "tables/gone.csv",
    ],
)
def test_a_person_or_another_folder_is_never_passed_on(tmp_path: Path, name: str):
    folder = results(tmp_path / "out")
    (tmp_path / "secret.csv").write_text("x", encoding="utf-8")
    (folder / RUN).write_text(json.dumps({"files": {name: "digest"}}), encoding="utf-8")
    assert passed_on(folder) == (PAGE, RUN)


def test_a_link_to_persons_is_not_followed(tmp_path: Path):
    folder = results(tmp_path / "out")
    (folder / "tables" / "positions.csv").unlink()
    (folder / "tables" / "positions.csv").symlink_to(folder / PERSONS / "overdue.csv")
    assert passed_on(folder) == (PAGE, RUN)


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"files": 3}'])
def test_a_list_that_cannot_be_read_names_nothing(tmp_path: Path, content: bytes):
    folder = results(tmp_path / "out")
    (folder / RUN).write_bytes(content)
    assert passed_on(folder) == (PAGE, RUN)
