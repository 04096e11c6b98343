"""Whether something was done, answered in other ways than yes: the records, and whether CQL may take them for a yes."""

import json
from datetime import date

from cql_oracle import Asked, Value
from fhir_forms import bundle, concept, observation, patient

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
