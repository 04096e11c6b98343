"""Whether something was done, answered in other ways than yes: the exported CQL takes none of them for a yes."""

import json
from datetime import date

import pytest
from cql_oracle import ENGINES, Asked, Value, ask, by_ischio, read
from fhir_forms import BINDINGS, PATHWAY, READER, bundle, concept, observation, patient

from ischio.engine.answer import Answer
from ischio.fhir.cql_libraries import cql_libraries

ON = date(2026, 6, 1)
REMARK = "a remark in words"
ANSWERS: dict[str, tuple[dict[str, object], Value]] = {
    "no more than that it was recorded": ({}, True),
    "yes": ({"valueBoolean": True}, True),
    "a code of ours that means yes": ({"valueCodeableConcept": concept("yes")}, True),
    "no": ({"valueBoolean": False}, None),
    "a code of ours that means no": ({"valueCodeableConcept": concept("no")}, None),
    "a code of others": ({"valueCodeableConcept": concept(("http://loinc.org", "LA32-8"))}, None),
    "words without a code": ({"valueCodeableConcept": {"text": "No"}}, None),
    "a denial in words": ({"valueString": "not all of it done yet"}, None),
    REMARK: ({"valueString": "all asked, with the daughter"}, None),
    "a number": ({"valueInteger": 0}, None),
}


def asked(name: str) -> Asked:
    given, _ = ANSWERS[name]
    return Asked(
        name, ON, json.loads(bundle(patient(), observation("red-flag-screen", effectiveDateTime="2026-05-25", **given)))
    )


@pytest.fixture(scope="module")
def heard(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Value]:
    every = {engine: [asked(name) for name in ANSWERS] for engine in ENGINES}
    said = ask(tmp_path_factory.mktemp("cql"), cql_libraries(PATHWAY, BINDINGS), every)
    found = {
        engine: {name: one["IschioRight"]["red_flag_screen"] for name, one in said[engine].items()} for engine in said
    }
    assert found["reference"] == found["execution"]
    return found["execution"]


@pytest.mark.parametrize("name", ANSWERS)
def test_only_a_yes_says_that_something_was_done(heard: dict[str, Value], name: str) -> None:
    assert heard[name] is ANSWERS[name][1]


@pytest.mark.parametrize("name", [name for name in ANSWERS if name != REMARK])
def test_the_engine_says_the_same(name: str) -> None:
    record = read(READER, asked(name))
    assert by_ischio(PATHWAY, Answer(PATHWAY, record, ON))["IschioRight"]["red_flag_screen"] is ANSWERS[name][1]


def test_a_remark_in_words_counts_in_ischio_alone(heard: dict[str, Value]) -> None:
    record = read(READER, asked(REMARK))
    assert by_ischio(PATHWAY, Answer(PATHWAY, record, ON))["IschioRight"]["red_flag_screen"] is True
    assert heard[REMARK] is None
