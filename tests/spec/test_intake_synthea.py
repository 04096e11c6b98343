"""Whole records that others made (Synthea, Apache-2.0): nothing about a hip, the right medicines and kidneys."""

import gzip
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fhir_forms import PATHWAY, READER, RIGHT, Json, concept, condition, observation, order, quantity

from ischio.engine.answer import Answer
from ischio.engine.assess import assess
from ischio.model.about import Side
from ischio.record.derivation import derive
from ischio.record.events import Kind, Record

INDEX = date(2021, 3, 1)
HERE = Path(__file__).parents[1] / "data" / "synthea"
PEOPLE = sorted(HERE.glob("*.json.gz"))

ABOUT_A_HIP = {
    *("hip_pain", "buttock_pain", "regional_pain", "ifi_diagnosis", "ifi_test", "ischiofemoral_space"),
    *("ifi_surgery", "image_guided_injection", "hip_replacement", "hip_osteotomy", "mri_hip_pelvis"),
}

RIGHT_FACTS = [
    # who               | fact                 | value on 1 March 2021, None where it cannot be told
    ("Louis_Maggio", "nsaid_in_use", True),  # an active order of January 2021 by product code, no end
    ("Louis_Maggio", "diabetes", True),
    ("Louis_Maggio", "egfr", 1069),  # in tenths, as measured
    ("Olen_Kulas", "heart_failure", True),
    ("Olen_Kulas", "nsaid_in_use", False),
    ("Olen_Kulas", "recorded_death", True),
    ("Gustavo_Mejia", "nsaid_in_use", False),
    ("Gustavo_Mejia", "egfr", None),  # never measured
    ("Gustavo_Mejia", "lithium_in_use", None),  # a list of orders is no review of medicines
    ("Laticia_Dibbert", "heart_failure", True),
    ("Laticia_Dibbert", "nsaid_in_use", False),  # ordered in 1973, with no end
    ("Gloria_Covarrubias", "hypertension", True),
    ("Kirsten_Witting", "recorded_egfr", True),
    ("Renato_Dare", "diabetes", True),
]


def resources(path: Path) -> Json:
    read: Json = json.loads(gzip.decompress(path.read_bytes()))
    return read


def record_of(path: Path) -> Record:
    return READER.read(gzip.decompress(path.read_bytes()))


def test_three_are_always_here() -> None:
    assert len(list(HERE.glob("*.json.gz"))) == 3
    assert (HERE / "LICENSE.Apache-2.0.txt").is_file()


def nothing_about_a_hip(record: Record) -> None:
    assert not {one.concept for one in record.events if one.kind is not Kind.PLANNED} & ABOUT_A_HIP
    answer = assess(PATHWAY, record, INDEX)
    assert [hip.stage.id for hip in answer.hips] == ["not_on_pathway"] * 2
    assert not any(hip.alerts for hip in answer.hips)
    assert not any("shape of FHIR" in one.why for one in record.ignored)


@pytest.mark.parametrize("path", PEOPLE, ids=lambda path: path.name.split("_")[0])
def test_nothing_is_recorded_about_a_hip(path: Path) -> None:
    nothing_about_a_hip(record_of(path))


def test_nothing_is_recorded_about_a_hip_in_the_others(third_party_data: Path) -> None:
    people = list((third_party_data / "synthea").glob("*.json.gz"))
    assert len(people) == 12
    for path in people:
        nothing_about_a_hip(record_of(path))


@pytest.mark.parametrize(("who", "name", "value"), [row for row in RIGHT_FACTS if next(HERE.glob(f"{row[0]}*"), None)])
def test_medicines_and_kidneys(who: str, name: str, value: Any) -> None:
    assert derive(PATHWAY, record_of(next(HERE.glob(f"{who}*"))), INDEX)[Side.RIGHT][name].value == value


def test_medicines_and_kidneys_of_the_others(third_party_data: Path) -> None:
    for who, name, value in RIGHT_FACTS:
        record = record_of(next((third_party_data / "synthea").glob(f"{who}*")))
        assert derive(PATHWAY, record, INDEX)[Side.RIGHT][name].value == value, (who, name)


def test_an_ifi_story_in_the_noise() -> None:
    """Synthetic, added to Louis Maggio: what concerns the hip is found among 150 resources that do not."""
    bundle = resources(next(HERE.glob("Louis*")))
    who = next(entry["fullUrl"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == "Patient")
    side = {"bodySite": concept(RIGHT)}
    leg = [{"code": concept("leg-position"), "valueCodeableConcept": concept("neutral")}]
    on = {"effectiveDateTime": "2021-02-20"}
    story = [
        condition(concept("ischiofemoral-impingement"), bodySite=[concept(RIGHT)], recordedDate="2021-02-20"),
        observation("pain-nrs", id="pain", valueInteger=6, **side, **on),
        observation("ifi-test", id="test", valueCodeableConcept=concept("positive"), **side, **on),
        observation(
            "ischiofemoral-space-mm",
            id="space",
            valueQuantity=quantity(1.1, "cm"),
            method=concept("mri"),
            component=leg,
            **side,
            **on,
        ),
        order(concept(text="Ibuprofen 400 mg"), id="more", authoredOn="2021-02-21"),
    ]
    for one in story:
        bundle["entry"].append({"resource": one | {"subject": {"reference": who}}})
    answer = Answer(PATHWAY, READER.read(json.dumps(bundle).encode()), INDEX)
    right, left = answer.hips[Side.RIGHT], answer.hips[Side.LEFT]
    assert (right.stage_id, left.stage_id) == ("conservative_care", "not_on_pathway")
    assert right.diversion_id is None
    assert right.facts["ischiofemoral_space"].value == 110
    assert right.facts["nsaid_in_use"].source == "MedicationRequest/more (by the name ibuprofen)"
