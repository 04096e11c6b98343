"""What synthetic registries hold is valid FHIR R4, flaws and all: two checks that nobody here wrote find no error."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from functools import cache

import fhirkit
import msgspec
import pytest
from fhir_export import Json, named, schema

from ischio.synthesis.figures import load_figures
from ischio.synthesis.registry import shared, write_person

ON = date(2026, 3, 31)
PEOPLE = 60
EACH = 40
"""Resources of a type that the slower of the two checks looks at."""


@cache
def resources() -> tuple[Json, ...]:
    return tuple(msgspec.json.decode(msgspec.json.encode(one, enc_hook=str)) for one in _drawn())


def _drawn() -> Iterator[Json]:
    yield from shared()
    for number in range(1, PEOPLE + 1):
        yield from write_person(number, 1, ON, load_figures())[0]


def kinds() -> list[str]:
    return sorted({one["resourceType"] for one in resources()})


def test_fhirkit_finds_no_error(record_property: pytest.FixtureRequest):
    found = {named(one): [str(issue) for issue in fhirkit.validate(one)] for one in resources()}
    assert {name: issues for name, issues in found.items() if issues} == {}
    counts = dict(sorted(Counter(one["resourceType"] for one in resources()).items()))
    record_property("counted", f"synthetic people: {len(found)} resources without error in fhirkit ({counts})")


@pytest.mark.parametrize("kind", kinds())
def test_the_published_schema_finds_no_error(kind: str):
    of_kind = [one for one in resources() if one["resourceType"] == kind][:EACH]
    found = {named(one): [error.message for error in schema(kind).iter_errors(one)] for one in of_kind}
    assert {name: errors for name, errors in found.items() if errors} == {}


def test_a_planted_fault_is_found():
    one = next(one for one in resources() if one["resourceType"] == "Observation")
    assert fhirkit.validate({key: value for key, value in one.items() if key != "status"})
    assert list(schema("Observation").iter_errors(one | {"status": "ready"}))
