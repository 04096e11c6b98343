"""Mutated FHIR resources: no traceback, no hang, memory flat. `make fuzz` reads 200,000 of them, a normal run 4,000."""

import copy
import gc
import json
import random
import tracemalloc
from datetime import date
from time import process_time
from typing import Any

import pytest
from fhir_forms import (
    BINDINGS,
    LEFT,
    OURS,
    PATHWAY,
    PERSON,
    READER,
    RIGHT,
    Json,
    answers,
    bundle,
    concept,
    condition,
    observation,
    order,
    patient,
    procedure,
    quantity,
)
from hypothesis import given
from hypothesis import strategies as st

from ischio.record.derivation import derive

EACH = 40
"""Mutated resources in one Bundle: 5,000 Bundles, as `make fuzz` reads, are 200,000 resources."""

LONGEST = 2.0
"""Seconds of computing for one Bundle; a sound one takes a thousandth of it."""

OTHERS = [
    {"resourceType": kind, "id": kind, "status": status, "subject": PERSON, "patient": PERSON, **more}
    for kind, status, more in [
        ("MedicationStatement", "active", {"medicationCodeableConcept": {"text": "Naproxen 250 mg"}}),
        ("MedicationAdministration", "completed", {"medicationReference": {"reference": "#n"}}),
        ("AllergyIntolerance", "active", {"code": {"text": "Ibuprofen"}, "recordedDate": "2024-02-29"}),
        ("ServiceRequest", "active", {"intent": "order", "code": concept("surgical-referral")}),
        ("DiagnosticReport", "final", {"code": concept(("http://loinc.org", "36013-1")), "issued": "2026-03-01"}),
        ("ImagingStudy", "available", {"started": "2026-03-01", "series": [{"laterality": {"code": "R"}}]}),
        ("Encounter", "finished", {"type": [concept("review")], "period": {"start": "2026-03-01"}}),
        ("CarePlan", "active", {"intent": "plan", "activity": [{"detail": {"code": concept("exercise-therapy")}}]}),
        ("Flag", "active", {"code": concept("flag-saddle-numbness"), "period": {"start": "2026-03-01"}}),
        ("DetectedIssue", "final", {"code": concept("nsaid-not-suitable"), "identifiedDateTime": "2026-03-01"}),
        ("Provenance", "final", {"target": [{"reference": "Observation/o"}], "agent": [{"who": PERSON}]}),
    ]
]
_WRITTEN: list[Json] = [
    observation(
        "ischiofemoral-space-mm",
        valueQuantity=quantity(12, "mm"),
        method=concept("mri"),
        component=[{"code": concept("leg-position"), "valueCodeableConcept": concept("neutral")}],
        bodySite=concept(RIGHT),
    ),
    observation("pain-nrs", valueInteger=6, performer=[PERSON], bodySite=concept(LEFT)),
    observation("flag-saddle-numbness", valueBoolean=True),
    condition(concept("ischiofemoral-impingement"), bodySite=[concept(LEFT)], onsetDateTime="2025"),
    procedure("exercise-therapy", performedPeriod={"start": "2026-01-05", "end": "2026-02"}),
    order(concept("nsaid"), dispenseRequest={"expectedSupplyDuration": quantity(14, "d"), "numberOfRepeatsAllowed": 2}),
    answers({"linkId": "pain-nrs.right", "answer": [{"valueInteger": 6, "item": []}]}),
    *OTHERS,
]
SOUND: list[Json] = json.loads(json.dumps(_WRITTEN))
JUNK: list[Any] = [
    *(None, True, False, -1, 0, 7, 10**40, 1e308, -0.0, "", " ", "2026-13-45", "0000-00-00", "9999-12-31T99:99:99Z"),
    *([], [[]], [None], {}, {"coding": None}, {"coding": [None, 3]}, {"reference": 7}, {"reference": "#"}, "a" * 5000),
    *(
        "\x1b[2J",
        "\u202e",
        "٣",
        "Patient/p",
        str(OURS),
        {"system": str(OURS), "code": "pain-nrs"},
        {"value": "6", "unit": 3},
    ),
]
KEYS = sorted(
    {key for one in SOUND for key in one} | {"contained", "extension", "valueRange", "focus", "modifierExtension"}
)


def mutated(resource: Json, chance: random.Random) -> Json:
    """The resource with one to four of its parts replaced, dropped, doubled, moved or nested."""
    damaged = copy.deepcopy(resource)
    for _ in range(chance.randint(1, 4)):
        holder, key = chance.choice(list(_places(damaged)) or [(damaged, "id")])
        match chance.randrange(6):
            case 0 | 1:
                holder[key] = copy.deepcopy(chance.choice(JUNK))
            case 2 if isinstance(holder, dict):
                holder.pop(key, None)
            case 3:
                holder[key] = [holder[key], copy.deepcopy(holder[key])] if _has(holder, key) else []
            case 4:
                damaged[chance.choice(KEYS)] = copy.deepcopy(holder[key]) if _has(holder, key) else {}
            case _:
                damaged["contained"] = [copy.deepcopy(chance.choice(SOUND)) | {"id": "n"}]
    return damaged


def _has(holder: Any, key: Any) -> bool:
    return isinstance(holder, list) or key in holder


def _places(node: Any) -> Any:
    """Every part of some JSON: what holds it, and its key there."""
    for key, child in list(node.items() if isinstance(node, dict) else enumerate(node)):
        yield node, key
        if isinstance(child, dict | list):
            yield from _places(child)


def mutated_bundle(seed: int) -> bytes:
    chance = random.Random(seed)
    return bundle(patient(), *(mutated(chance.choice(SOUND), chance) for _ in range(EACH)))


def read_through(raw: bytes) -> int:
    """From bytes to all facts; the number of events."""
    record = READER.read(raw)
    derive(PATHWAY, record, date(2026, 3, 20))
    return len(record.events)


@given(st.integers(0, 2**48))
def test_a_mutated_resource_is_no_traceback_and_no_hang(seed: int) -> None:
    raw = mutated_bundle(seed)
    before = process_time()
    read_through(raw)
    assert process_time() - before < LONGEST


def test_every_type_that_is_read_is_among_the_sound_ones() -> None:
    assert {one["resourceType"] for one in SOUND} >= set(BINDINGS.resources)


@pytest.mark.parametrize("one", SOUND, ids=lambda one: f"{one['resourceType']}")
def test_the_sound_ones_are_sound(one: Json) -> None:
    assert json.loads(json.dumps(one)) == one
    assert not any("cannot be read" in ignored.why for ignored in READER.read(bundle(patient(), one)).ignored)


def test_memory_stays_flat() -> None:
    """What a thousand further resources leave behind, after as many to fill the caches."""
    for seed in range(50):
        read_through(mutated_bundle(seed))
    gc.collect()
    tracemalloc.start()
    for seed in range(50, 75):
        read_through(mutated_bundle(seed))
    gc.collect()
    left, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert left < 8_000_000
