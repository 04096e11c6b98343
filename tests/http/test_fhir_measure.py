"""`$evaluate-measure` for one person: what the engine says of each side, as a MeasureReport."""

import fhirkit
import pytest
from fhir_calls import Json, bundle_of, case, client, parameters, service, told

from ischio.engine.measures import standings
from ischio.fhir.export.measures import measure_id
from ischio.model.about import Side
from ischio.model.measures import Standing

CASE = "gate-injection-unknown"
DAY = case(CASE).index_date.isoformat()


def address(measure: str) -> str:
    one = service()
    return f"/fhir/Measure/{measure_id(one.publication, one.pathway.measures[measure])}/$evaluate-measure"


def given(**more: object) -> Json:
    return parameters(**{"subject": "Patient/p", "data": bundle_of(CASE), "periodEnd": DAY} | more)


def counted(group: Json) -> Standing:
    """The standing that the counts of one side show."""
    found = {one["code"].get("text") or one["code"]["coding"][0]["code"]: one["count"] for one in group["population"]}
    if found["numerator"]:
        return Standing.MET
    named = {"denominator": Standing.NOT_MET, "denominator-exclusion": Standing.EXCLUDED}
    named |= {"unknown": Standing.UNKNOWN, "unclear": Standing.UNCLEAR}
    return next((standing for name, standing in named.items() if found[name]), Standing.NOT_COUNTED)


def test_each_measure_says_what_the_engine_says():
    one = service()
    expected = standings(one.pathway, case(CASE).record, case(CASE).index_date)
    seen = set()
    for measure in one.pathway.measures:
        answer = client().post(address(measure), json=given())
        assert answer.status_code == 200
        report = answer.json()
        assert list(map(str, fhirkit.validate(report))) == []
        assert (report["type"], report["subject"], report["period"]) == (
            "individual", {"reference": "Patient/p"}, {"end": DAY})  # fmt: skip
        for group in report["group"]:
            standing = expected[Side(group["code"]["text"])][measure]
            assert counted(group) is standing, measure
            seen.add(standing)
    assert len(seen) >= 3


REFUSED = {
    "no end of the period": ({"periodEnd": []}, 400, "until when"),
    "an end that is no date": ({"periodEnd": "soon"}, 400, "not a date"),
    "no subject": ({"subject": []}, 400, "for whom"),
    "a report of many": ({"reportType": "population"}, 422, "one person"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_says_why(name: str):
    changed, status, words = REFUSED[name]
    answer = client().post(address("leg_position_recorded"), json=given(**changed))
    assert (answer.status_code, words in told(answer)) == (status, True)


def test_a_measure_that_there_is_not():
    assert client().post("/fhir/Measure/x/$evaluate-measure", json=given()).status_code == 404


def test_the_period_may_end_with_a_month():
    answer = client().post(address("leg_position_recorded"), json=given(periodEnd="2026-05"))
    assert answer.json()["date"] == "2026-05-31"
