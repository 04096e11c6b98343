"""What the reader remembers of earlier records makes no difference to the next one."""

import gzip
import json
import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import sleep

import pytest
from fhir_forms import BINDINGS, PATHWAY, READER, answers, bundle, concept, observation, order, patient, quantity
from generative.fhir_records import People
from hypothesis import given
from hypothesis import strategies as st
from unit.test_fhir_fuzz import SOUND, mutated

from ischio.fhir import outlines
from ischio.fhir.reader import FhirReader


def fresh() -> FhirReader:
    return FhirReader(PATHWAY.concepts, BINDINGS)


@given(st.integers(0, 2**32))
def test_of_generated_people(seed: int) -> None:
    raws = [json.dumps(generated).encode() for _, generated in People(PATHWAY, BINDINGS).bundles(seed, 2)]
    for raw in raws:
        assert READER.read(raw) == fresh().read(raw)


@given(st.integers(0, 2**48))
def test_of_damaged_resources(seed: int) -> None:
    chance = random.Random(seed)
    raw = bundle(patient(), *(mutated(chance.choice(SOUND), chance) | {"id": str(n)} for n in range(20)))
    warm = fresh()
    warm.read(bundle(patient(), *(one | {"id": str(n)} for n, one in enumerate(SOUND))))
    assert warm.read(raw) == fresh().read(raw)


LIKE_EACH_OTHER = [
    # the same codes, and | one thing that differs
    (observation("pain-nrs", valueInteger=3), observation("pain-nrs", valueInteger=7)),
    (observation("pain-nrs", valueInteger=3), observation("pain-nrs", dataAbsentReason=concept("masked"))),
    (
        observation("ischiofemoral-space-mm", valueQuantity=quantity(14, "mm")),
        observation("ischiofemoral-space-mm", valueQuantity=quantity(2, "cm")),
    ),
    (observation("pain-nrs", valueInteger=3), observation("pain-nrs", valueInteger=3, status="cancelled")),
    (observation("pain-nrs", valueInteger=3), observation("pain-nrs", valueInteger=3, bodySite=concept("left"))),
    (
        answers({"linkId": "pain-nrs.left", "answer": [{"valueInteger": 3}]}),
        answers(
            {"linkId": "pain-nrs.left", "answer": [{"valueInteger": 3}]},
            {"linkId": "pain-nrs.right", "answer": [{"valueInteger": 8}]},
        ),
    ),
    (order({"text": "Naproxen 250 mg"}), order({"text": "Naproxen gel"})),
]


@pytest.mark.parametrize("pair", LIKE_EACH_OTHER, ids=range(len(LIKE_EACH_OTHER)))
def test_of_two_resources_that_differ_in_one_thing(pair: tuple[dict[str, object], dict[str, object]]) -> None:
    warm, (first, second) = fresh(), (bundle(patient(), one) for one in pair)
    assert warm.read(first) != warm.read(second)
    assert (warm.read(first), warm.read(second)) == (fresh().read(first), fresh().read(second))


def test_of_a_reference_that_leads_to_another_medicine() -> None:
    def ordered(words: str) -> bytes:
        medicine = {"resourceType": "Medication", "id": "m", "code": {"text": words}}
        request = order({}, medicationReference={"reference": "Medication/m"})
        del request["medicationCodeableConcept"]
        return bundle(patient(), request, medicine)

    warm = fresh()
    told = [[event.concept for event in warm.read(ordered(words)).events] for words in ("Naproxen", "Paracetamol")]
    assert "nsaid" in told[0]
    assert "nsaid" not in told[1]


def test_when_it_is_full_it_forgets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlines, "_REMEMBERED", 2)
    raw = bundle(patient(), *(one | {"id": str(n)} for n, one in enumerate(SOUND)))
    assert fresh().read(raw) == READER.read(raw)


class Interrupted(dict[bytes, outlines.Outline]):
    """Lets other threads go on before each step, so that they meet wherever they can."""

    def __getattribute__(self, name: str) -> object:
        sleep(0)
        return super().__getattribute__(name)

    def __contains__(self, key: object) -> bool:
        sleep(0)
        return super().__contains__(key)

    def __getitem__(self, key: bytes) -> outlines.Outline:
        sleep(0)
        return super().__getitem__(key)

    def __setitem__(self, key: bytes, value: outlines.Outline) -> None:
        sleep(0)
        super().__setitem__(key, value)


def test_threads_that_read_through_one_reader_read_what_each_would_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    few, threads = 5, 6
    monkeypatch.setattr(outlines, "_REMEMBERED", few)  # so that they forget for each other all the time
    people = [bundle(patient(), one) for pair in LIKE_EACH_OTHER for one in pair]
    people.append(bundle(patient(), *(one | {"id": str(n)} for n, one in enumerate(SOUND))))
    alone, shared = [fresh().read(raw) for raw in people], fresh()
    shared._outlines._remembered = remembered = Interrupted()
    with ThreadPoolExecutor(threads) as pool:
        together = list(pool.map(shared.read, people * 20))
    assert together == alone * 20
    assert 0 < len(remembered) <= few + threads


def test_of_synthea_people_read_twice() -> None:
    for path in sorted((Path(__file__).parents[1] / "data" / "synthea").glob("*.gz")):
        raw = gzip.decompress(path.read_bytes())
        warm = fresh()
        assert warm.read(raw) == warm.read(raw) == fresh().read(raw)
