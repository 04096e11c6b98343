"""What holds of every Bundle: order does not matter, noise changes nothing, and no shape of input is a traceback."""

import contextlib
import copy
import json
from typing import Any

from fhir_forms import (
    LEFT,
    READER,
    RIGHT,
    Json,
    answers,
    bundle,
    concept,
    condition,
    events,
    observation,
    order,
    patient,
    procedure,
    quantity,
)
from hypothesis import given
from hypothesis import strategies as st

from ischio.model.mistake import RecordError
from ischio.record.events import Record

SPACE = observation(
    "ischiofemoral-space-mm",
    id="space",
    valueQuantity=quantity(12, "mm"),
    method=concept("mri"),
    component=[{"code": concept("leg-position"), "valueCodeableConcept": concept("neutral")}],
    bodySite=concept(RIGHT),
)
RESOURCES = [
    SPACE,
    SPACE | {"status": "amended", "meta": {"versionId": "2"}},
    observation("pain-nrs", id="pain", valueInteger=6, performer=[{"reference": "Patient/p"}]),
    {key: value for key, value in observation("pain-nrs", valueInteger=3).items() if key != "id"},
    condition(concept("ischiofemoral-impingement"), bodySite=concept(LEFT)),
    procedure("exercise-therapy", performedPeriod={"start": "2026-01-05"}),
    order(concept("nsaid"), dispenseRequest={"expectedSupplyDuration": quantity(14, "d")}),
    answers({"linkId": "pain-nrs.right", "answer": [{"valueInteger": 6}]}),
    {"resourceType": "AllergyIntolerance", "id": "a", "patient": {"reference": "Patient/p"}, "code": concept("nsaid")},
]
NOISE = [
    {"resourceType": "Claim", "id": "e", "subject": {"reference": "Patient/p"}},
    observation(concept(("http://loinc.org", "8302-2")), id="height", valueQuantity=quantity(170, "cm")),
    {"resourceType": "Practitioner", "id": "d"},
    {"resourceType": "Basic"},
]


def answer_of(record: Record) -> tuple[Any, ...]:
    """All that a rule can see of a record."""
    return record.patient, record.events, record.gaps


@given(st.permutations([patient(), *RESOURCES, *NOISE]))
def test_the_order_of_resources_never_matters(resources: list[Json]) -> None:
    assert READER.read(bundle(*resources)) == READER.read(bundle(patient(), *RESOURCES, *NOISE))


@given(st.lists(st.sampled_from(NOISE)))
def test_a_resource_that_no_binding_reads_changes_nothing(noise: list[Json]) -> None:
    assert answer_of(READER.read(bundle(patient(), *RESOURCES, *noise))) == answer_of(
        READER.read(bundle(patient(), *RESOURCES))
    )


def test_reading_twice_gives_the_same() -> None:
    raw = bundle(patient(), *RESOURCES, *NOISE)
    assert READER.read(raw) == READER.read(raw)


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=8), inner, max_size=2),
    max_leaves=4,
)


def places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every part of some JSON but its top."""
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [found for key, child in children for found in ((*path, key), *places(child, (*path, key)))]


WHOLE = json.loads(bundle(patient(), *RESOURCES))


@given(st.sampled_from(places(WHOLE)), JUNK)
def test_junk_anywhere_is_refused_in_words_or_costs_only_its_resource(place: tuple[Any, ...], junk: Any) -> None:
    damaged = copy.deepcopy(WHOLE)
    node = damaged
    for key in place[:-1]:
        node = node[key]
    node[place[-1]] = junk
    raw = json.dumps(damaged).encode()
    touches_the_whole = place[:2] in (("resourceType",), ("type",), ("entry",), ("entry", 0))
    try:
        record = READER.read(raw)
    except RecordError:
        assert touches_the_whole
    else:
        lost = len(events(READER.read(bundle(patient(), *RESOURCES)))) - len(events(record))
        assert lost <= 1 or touches_the_whole


WRONG = [None, True, -1, 10**30, 1e300, "", "2026-13-01", "9999-12-31", [], [None], {}, {"coding": [{"code": []}]}]


def test_every_part_of_a_record_may_be_wrong_in_every_way() -> None:
    damaged = copy.deepcopy(WHOLE)
    for *way, last in places(WHOLE):
        node = damaged
        for key in way:
            node = node[key]
        right = node[last]
        for wrong in WRONG:
            node[last] = wrong
            with contextlib.suppress(RecordError):
                assert READER.read(json.dumps(damaged).encode()).patient.id
        node[last] = right
