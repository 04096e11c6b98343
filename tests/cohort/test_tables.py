"""What a reader of the tables sees: who was made up, rows in an order that tells nothing, curves in wide steps."""

import json
from pathlib import Path

import pytest
from cohort_folders import lines, pain, patient, person, rows, taken, written
from fhir_forms import PATHWAY

from ischio.cohort.cells import LEAST
from ischio.cohort.followed import time_results, told_days
from ischio.cohort.tables import HIDDEN, Shown, ranked, shown
from ischio.cohort.times import TimeResult, Waited
from ischio.interfaces.cli import main

OPERATED, CLOSED, WAITS = "first_operation", "hip_closed", "censored"


# ---- who was made up --------------------------------------------------------------------------------------------

TAG = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST"}
TAGS = [
    # meta of a Patient             | synthetic
    ({"tag": [TAG]}, True),
    ({"tag": [{"code": "other"}, TAG]}, True),
    ({"tag": [{"code": "other"}]}, False),
    ({}, False),
    ({"tag": "HTEST"}, False),
    ({"tag": [{"code": 5}]}, False),
]


@pytest.mark.parametrize(("meta", "synthetic"), TAGS)
def test_a_patient_tagged_as_test_data_is_synthetic(meta: dict[str, object], synthetic: bool, tmp_path: Path) -> None:
    folder = written(tmp_path / "in", {"a.ndjson": lines(patient(id="anna", meta=meta))})
    assert rows(taken(folder, tmp_path / "out"), "select synthetic from {}", "people") == [(synthetic,)]


@pytest.mark.parametrize(
    ("made_up", "of", "says", "number"),
    [
        (8, 8, "All 8 persons are synthetic", 8),
        (8, 16, "8 of 16 persons are synthetic", 8),
        (14, 16, "Some of these persons are synthetic", None),
        (0, 8, None, 0),
    ],
    ids=["all", "some", "all but two, who would be told by a count", "none"],
)
def test_the_report_says_who_is_synthetic(
    made_up: int, of: int, says: str | None, number: int | None, tmp_path: Path
) -> None:
    people = [person(f"p{each}", pain(5)) for each in range(of)]
    for resources in people[:made_up]:
        resources[0]["meta"] = {"tag": [TAG]}
    folder = written(tmp_path / "in", {"a.ndjson": lines(*(one for each in people for one in each))})
    with pytest.raises(SystemExit) as left:
        main.run(["cohort", str(folder), "--dates", "2026-06-01", "--out", str(tmp_path / "out")])
    assert not left.value.code
    head = (tmp_path / "out" / "report.html").read_text("utf-8").partition("<nav")[0]
    assert json.loads((tmp_path / "out" / "run.json").read_text("utf-8"))["records"]["synthetic"] == number
    assert says in head if says else "synthetic" not in head


# ---- order ------------------------------------------------------------------------------------------------------


def test_the_place_of_a_hidden_count_does_not_tell_it() -> None:
    """The largest visible first; what is hidden stands last, in the order of the knowledge, and not of its number."""
    table = [("a", HIDDEN), ("b", 9), ("c", HIDDEN), ("d", 30)]
    assert [row[0] for row in ranked(table, 1)] == ["d", "b", "a", "c"]


# ---- curves -----------------------------------------------------------------------------------------------------

WAITED = [
    # days, how it ended, how many                                      | days on which the curve is told
    ([(10, OPERATED, 6), (40, OPERATED, 7), (80, WAITS, 9)], [30, 60, 90]),
    ([(10, OPERATED, 2), (40, OPERATED, 7), (80, WAITS, 9)], [60, 90]),
    ([(10, OPERATED, 6), (40, CLOSED, 3), (70, CLOSED, 5), (95, WAITS, 9)], [30, 90, 120]),
    ([(10, OPERATED, 6), (40, WAITS, 8), (80, WAITS, 2)], [30, 90]),
    ([(10, OPERATED, 3), (40, WAITS, 30)], []),
]


def result(waited: list[tuple[int, str, int]]) -> TimeResult:
    assert PATHWAY.outcomes is not None
    time = PATHWAY.outcomes.times["time_to_surgery"]
    return TimeResult(PATHWAY, time, None, 0, tuple(Waited(*each) for each in waited))


@pytest.mark.parametrize(("waited", "days"), WAITED)
def test_a_curve_is_told_on_days_between_which_nobody_or_five_came_to_something(
    waited: list[tuple[int, str, int]], days: list[int]
) -> None:
    assert list(told_days(result(waited))) == days


def test_of_a_curve_so_told_nothing_needs_hiding() -> None:
    found: Shown = shown(time_results(PATHWAY, (result(WAITED[0][0]),)), LEAST)
    assert len(found.tables["incidence"].rows) == 3
    assert HIDDEN not in {cell for row in found.tables["incidence"].rows for cell in row}
