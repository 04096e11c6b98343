"""Whatever is sent, the endpoint answers with what is wrong, and never fails itself."""

import copy
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from fhir_calls import Json, bundle_of, client, of_case, service, serving

from ischio.store.store import open_store

FORM: Json = {
    "resourceType": "QuestionnaireResponse",
    "questionnaire": "https://w3id.org/ischio/fhir/Questionnaire/ischiofemoral-intake|0.1.0",
    "status": "completed",
    "subject": {"reference": "Patient/p"},
    "source": {"reference": "Patient/p"},
    "authored": "2026-06-01",
    "item": [{"linkId": "group.right", "item": [{"linkId": "group.right.ask", "item": [
        {"linkId": "pain-nrs.right", "answer": [{"valueDecimal": 6, "extension": [{"url": "x", "valueString": "y"}]}]},
        {"linkId": "injection-response.right", "answer": [{"valueCoding": {"system": "s", "code": "c"}, "item": [
            {"linkId": "response-moment.injection-response.right", "answer": [{"valueBoolean": True}]}]}]},
    ]}]}],
}  # fmt: skip
SMALL = bundle_of("gate-injection-unknown") | {"entry": bundle_of("gate-injection-unknown")["entry"][:5]}
ASKED = of_case("gate-injection-unknown", data=SMALL, periodEnd="2026-06-01", encounter="e", useServerData=True)
CALLS = {
    "PlanDefinition/ischiofemoral/$apply": ASKED,
    "Questionnaire/ischiofemoral-intake/$populate": ASKED,
    "Measure/ischiofemoral-measure-leg-position-recorded/$evaluate-measure": ASKED,
    "QuestionnaireResponse": FORM,
}
JUNK = (
    *(None, True, 0, -1, 1e308, "", "x", "Patient/p", "\x00", [], {}, [None], [[]], {"a": 1}, "9" * 400),
    *({"resourceType": "Bundle"}, {"reference": {}}, "2026-13-45", "0001-01-01", "9999-12-31", "2026"),
)
EACH = 60


def spoilt(whole: Json, chance: Random) -> Json:
    """A copy in which up to three parts are left out or something else."""
    copied = copy.deepcopy(whole)
    for _ in range(chance.randint(1, 3)):
        holders = list(holding(copied))
        if holders:
            holder, key = chance.choice(holders)
            if isinstance(holder, dict) and chance.random() < 0.2:
                del holder[key]
            else:
                holder[key] = copy.deepcopy(chance.choice(JUNK))
    return copied


def holding(node: Any) -> list[tuple[Any, Any]]:
    """Every place in it: what holds something, and under which key."""
    keys = list(node) if isinstance(node, dict) else list(range(len(node))) if isinstance(node, list) else []
    return [(node, key) for key in keys] + [place for key in keys for place in holding(node[key])]


@pytest.mark.parametrize("path", CALLS)
def test_a_spoilt_body_is_answered_and_costs_no_failure(path: str, tmp_path: Path):
    chance = Random(path)
    store = open_store(f"sqlite:///{tmp_path}/store.db")
    caller = serving(replace(service(), store=store))
    statuses = {caller.post(f"/fhir/{path}", json=spoilt(CALLS[path], chance)).status_code for _ in range(EACH)}
    store.close()
    assert statuses <= {200, 201, 400, 404, 422}
    assert statuses & {400, 422}


QUERIES = (
    *(
        "subject=",
        "subject=%00",
        "subject=Patient/p&subject=q",
        "subject=" + "9" * 4000,
        "subject=../../etc",
        "url=%ff",
    ),
    *("form=x", "parameters=x", "data=x", "dataEndpoint=http://169.254.169.254/", "useServerData=perhaps", "_format="),
    *("=", "%00=1"),
)


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("path", CALLS)
def test_a_spoilt_query_is_answered_and_costs_no_failure(path: str, query: str):
    """403: completed forms, where nobody is asked who they are; test_fhir_completed.py has a caller who is."""
    assert client().get(f"/fhir/{path}?{query}").status_code in (400, 403, 404, 422)
