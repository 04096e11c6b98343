"""Numbers as JSON may write them: exact where they can be a measurement, and else no number, at no cost to the rest."""

from decimal import Decimal

import pytest
from fhir_forms import READER

from ischio.fhir.routes import exact

BUNDLE = """{"resourceType": "Bundle", "type": "collection", "entry": [
    {"resource": {"resourceType": "Patient", "id": "p", "birthDate": "1984-05-02"}},
    {"resource": {"resourceType": "Observation", "id": "o", "status": "final", "subject": {"reference": "Patient/p"},
        "code": {"coding": [{"system": "http://loinc.org", "code": "62238-1"}]}, "effectiveDateTime": "2026-05-01",
        "valueQuantity": {"value": NUMBER, "unit": "mL/min/{1.73_m2}", "code": "mL/min/{1.73_m2}"}}}]}"""


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("6.50", Decimal("6.50")),
        ("-0.1", Decimal("-0.1")),
        ("1.5e1", Decimal(15)),
        ("1E-400", Decimal("1e-400")),
        ("1e30", "1e30"),
        ("1e999999999", "1e999999999"),
        ("-1e99999999999999999999999", "-1e99999999999999999999999"),
        ("1e-99999999999999999999999", "1e-99999999999999999999999"),
        ("9" * 31 + ".5", "9" * 31 + ".5"),
        pytest.param("9" * 1_100_000 + ".5", "9" * 1_100_000 + ".5", id="a million digits"),
    ],
)
def test_a_number_beyond_all_measuring_is_none(written: str, number: Decimal | str):
    assert exact(written) == number
    assert type(exact(written)) is type(number)


@pytest.mark.parametrize("written", ["1e999999999", "-1e99999999999999999999999"])
def test_one_such_number_costs_only_itself(written: str):
    record = READER.read(BUNDLE.replace("NUMBER", written).encode())
    assert {event.concept for event in record.events if event.unread is None} == {"birth_date"}
    assert [(one.source, "cannot be read" in one.why) for one in record.ignored] == [("Observation/o", True)]
    assert len(READER.read(BUNDLE.replace("NUMBER", "48").encode()).events) == 2
