"""Measures as FHIR: what is exported, and MeasureReports before three checkers.

That their CQL means the same on other engines is tested with all other defines in test_cql_agreement.py.
"""

from datetime import date

import fhirkit
import pytest
from fhir_export import Json, of_type, oracle, publication, walk
from fhir_forms import PATHWAY, READER
from test_fhir_export_resolves import defines_in
from test_fhir_export_valid import schema_says

from ischio.engine.measures import standings
from ischio.fhir.measure_reports import individual, summary
from ischio.loading.pathway import packaged
from ischio.model.about import Side
from ischio.model.measures import Standing
from ischio.record.case_form import read_case

ON = date(2026, 6, 1)


# ---- Measure ----------------------------------------------------------------------------------------------------


def test_every_measure_is_exported_once_with_a_group_for_each_side() -> None:
    exported = of_type("Measure")
    assert [one["title"] for one in exported] == [each.about.title for each in PATHWAY.measures.values()]
    assert {tuple(group["code"]["text"] for group in one["group"]) for one in exported} == {("right", "left")}
    assert {one["status"] for one in exported} == {"draft"}


def test_every_population_names_a_define_of_the_library_it_refers_to() -> None:
    defines = {f"{one['url']}|{one['version']}": defines_in(one) for one in of_type("Library")}
    criteria = [node["criteria"] for one in of_type("Measure") for node in walk(one) if "criteria" in node]
    assert len(criteria) >= 6 * len(PATHWAY.measures)
    assert [one for one in criteria if one["expression"] not in defines[one["reference"]]] == []


def test_a_pathway_without_measures_exports_none() -> None:
    assert of_type("Measure", "ankle") == []


# ---- MeasureReport ----------------------------------------------------------------------------------------------


class Counts:
    """Counts as a report takes them."""

    def __init__(self, *counts: int | None) -> None:
        self.met, self.not_met, self.unknown, self.unclear, self.excluded = counts


MEASURE = PATHWAY.measures["trial_before_surgery"]
SIDES = {Side.RIGHT: Counts(30, 10, 7, 2, 1), Side.LEFT: Counts(0, 0, 5, 0, 0)}


def reports() -> dict[str, Json]:
    case = read_case(packaged() / "cases" / "measures-care-on-record.yaml", PATHWAY, READER.read)
    stands = standings(PATHWAY, case.record, case.index_date)
    of_one = {side: stands[side][MEASURE.id] for side in Side}
    hidden = {Side.RIGHT: Counts(None, None, 7, 0, 12), Side.LEFT: Counts(6, 8, None, None, 0)}
    return {
        "summary": summary(publication(), MEASURE, SIDES, ON),
        "hidden": summary(publication(), MEASURE, hidden, ON),
        "individual": individual(publication(), MEASURE, "p1", of_one, case.index_date),
    }


def numbers(group: Json) -> dict[str, int | None]:
    names = (one["code"].get("text") or one["code"]["coding"][0]["code"] for one in group["population"])
    return dict(zip(names, (one.get("count") for one in group["population"]), strict=True))


def test_a_summary_counts_each_side_and_the_unknown_apart() -> None:
    right, left = reports()["summary"]["group"]
    assert numbers(right) == {
        "initial-population": 50,
        "denominator": 40,
        "denominator-exclusion": 1,
        "numerator": 30,
        "unknown": 7,
        "unclear": 2,
    }
    assert right["measureScore"] == {"value": 0.75}
    assert "measureScore" not in left


def test_a_hidden_count_is_masked_and_so_is_what_rests_on_it() -> None:
    right, left = reports()["hidden"]["group"]
    assert numbers(right) | {"unknown": 7} == {
        "initial-population": None,
        "denominator": None,
        "denominator-exclusion": 12,
        "numerator": None,
        "unknown": 7,
        "unclear": 0,
    }
    assert right["measureScore"].keys() == {"_value"}
    assert (numbers(left)["initial-population"], left["measureScore"]["value"]) == (None, 0.4286)


def test_the_report_of_one_person_says_how_each_hip_stands() -> None:
    report = reports()["individual"]
    assert report["subject"] == {"reference": "Patient/p1"}
    right, left = map(numbers, report["group"])
    assert (right["numerator"], right["denominator"]) == (1, 1)
    assert set(left.values()) == {0}


@pytest.mark.parametrize("standing", Standing)
def test_every_standing_of_one_hip_is_in_its_own_population(standing: Standing) -> None:
    group = individual(publication(), MEASURE, "p", dict.fromkeys(Side, standing), ON)["group"][0]
    told = {name for name, count in numbers(group).items() if count}
    assert (
        told
        == {
            Standing.MET: {"initial-population", "denominator", "numerator"},
            Standing.NOT_MET: {"initial-population", "denominator"},
            Standing.UNKNOWN: {"initial-population", "unknown"},
            Standing.UNCLEAR: {"initial-population", "unclear"},
            Standing.EXCLUDED: {"initial-population", "denominator-exclusion"},
            Standing.NOT_COUNTED: set(),
        }[standing]
    )


def test_the_checkers_find_nothing_wrong_with_the_reports_and_find_a_planted_fault() -> None:
    broken = {key: value for key, value in reports()["summary"].items() if key != "status"}
    given = {**reports(), "broken": broken}
    for report in reports().values():
        assert [str(issue) for issue in fhirkit.validate(report)] == []
        assert schema_says(report) == []
    assert fhirkit.validate(broken)
    by_medplum = oracle("medplum.mjs", [{"id": name, "resource": one} for name, one in given.items()])
    assert {name for name, errors in by_medplum.items() if errors} == {"broken"}
