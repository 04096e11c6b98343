"""A call is answered alike whether what no fact looks at stays unopened, or everything in it is decoded."""

import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import replace

import msgspec
from fhir_forms import BINDINGS, LOINC, PATHWAY, PERSON, READER, concept, condition, observation, quantity
from generative.fhir_records import People
from hook_calls import HOOKS, SERVICES, Clock, Json, call, no_server, prefetch, searchset, service
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.test_fhir_fuzz import SOUND, mutated

from ischio.fhir.reader import FhirReader
from ischio.fhir.unopened import Unopened, decoded
from ischio.interfaces.http.hooks.answering import Answerer
from ischio.interfaces.http.problems import Problem
from ischio.interfaces.http.whose import NOBODY

CLOCK = Clock()
UNRELATED = [
    observation(concept((LOINC, "8302-2"), text="Body height"), id="h1", valueQuantity=quantity(170, "cm")),
    observation(concept((LOINC, "29463-7"), text="Body weight"), id="h2", valueQuantity=quantity(70, "kg")),
    {"resourceType": "Encounter", "id": "seen", "status": "finished", "subject": PERSON},
]


class Decoding(FhirReader):
    """Leaves nothing unopened."""

    def unopened(self, written: Iterable[msgspec.Raw]) -> Iterator[Unopened | Json]:
        return map(decoded, written)


def answers(body: bytes, hook: str) -> tuple[Json, Json]:
    """Of the reader as it is, and of the one that decodes everything."""
    told = []
    for reader in (READER, Decoding(PATHWAY.concepts, BINDINGS)):
        of = replace(service(CLOCK), reader=reader)
        try:
            told.append(Answerer(of, no_server).answer(SERVICES[hook], body, NOBODY))
        except Problem as problem:
            told.append(str(problem))
    return told[0], told[1]


@settings(max_examples=20)
@given(st.integers(0, 2**32), st.sampled_from(HOOKS))
def test_the_answers_are_the_same(seed: int, hook: str) -> None:
    chance = random.Random(seed)
    for index, generated in People(PATHWAY, BINDINGS).bundles(seed, 2):
        CLOCK.set_to(index)
        damaged = [mutated(chance.choice([*SOUND, *UNRELATED]), chance) for _ in range(5)]
        usual = [
            one for one in damaged if isinstance(one.get("resourceType"), str) and one["resourceType"] != "Patient"
        ]
        found = [*(entry["resource"] for entry in generated["entry"]), *UNRELATED, *usual]
        new = searchset(condition(concept("ischiofemoral-impingement"), id=chance.choice(("new", "h1"))))
        more = {"conditions": new} if hook == "problem-list-item-create" else {}
        with_it, without = answers(json.dumps(call(hook, prefetch(found), **more)).encode(), hook)
        assert with_it == without
