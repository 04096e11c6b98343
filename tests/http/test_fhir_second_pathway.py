"""A pathway of another part of the body goes through the endpoint, which speaks of no hip."""

import json
import re

import fhirkit
import pytest
from fhir_calls import ANKLE, assessed, bundle_of, case, contained, on, parameters, service, serving

from ischio.fhir.apply.requests import due

OF_HIPS = re.compile(r"\bhips?\b|ischiofemoral|impingement|buttock|trochanter|\bIFI\b", re.IGNORECASE)
APPLY = "/fhir/PlanDefinition/acute-ankle-injury/$apply"


@pytest.mark.parametrize("name", assessed(ANKLE))
def test_a_case_is_applied_and_what_is_due_is_offered(name: str):
    given = parameters(
        subject="Patient/p", data=bundle_of(name, ANKLE), parameters=on(case(name, ANKLE).index_date.isoformat())
    )
    answer = serving(service(ANKLE)).post(APPLY, json=given)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert list(map(str, fhirkit.validate(found))) == []
    drafts = [one for one in found["contained"] if "intent" in one and one["resourceType"] != "RequestGroup"]
    advice = [one for one in contained(found, "CommunicationRequest") if "extension" in one]
    assert len(drafts) + len(advice) == len(due(assessed(ANKLE)[name]))
    assert not OF_HIPS.findall(answer.text)


def test_its_forms_and_what_it_needs_are_its_own():
    caller = serving(service(ANKLE))
    needed = caller.get(APPLY.replace("apply", "data-requirements")).json()
    assert {one["type"] for one in needed["dataRequirement"]} >= {"Patient", "Observation"}
    forms = caller.get("/fhir/Questionnaire").json()
    assert forms["total"] >= 1
    assert not OF_HIPS.findall(json.dumps([needed, forms, caller.get("/fhir/metadata").json()]))
