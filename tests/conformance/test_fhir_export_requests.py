"""A request made from an exported activity is read back: as planned, of its concept, on its side."""

import json
from typing import Any

import pytest
from fhir_export import Json, of_type, publication
from fhir_forms import PERSON, READER, patient

from ischio.fhir.export.activities import REQUESTS, activity_id, concept_of, sides_of
from ischio.model.about import Side
from ischio.model.rules import Action
from ischio.record.events import Kind

PARTS = {
    "ServiceRequest": {"code": "code", "bodySite": "bodySite"},
    "MedicationRequest": {"productCodeableConcept": "medicationCodeableConcept"},
}
"""What an engine copies from an activity into a request, by the names on both sides."""


def read_back() -> list[Any]:
    """Actions of which a request is read, once a side."""
    pathway, bindings = publication().pathway, publication().bindings
    return [
        pytest.param(action, side, id=activity_id(publication(), action, side))
        for action in pathway.actions.values()
        for side in sides_of(action)
        if (concept := concept_of(action, pathway)) and bindings.of(concept.id, REQUESTS[action.kind])
    ]


def request_from(activity: Json) -> Json:
    kind = activity["kind"]
    made = {"resourceType": kind, "id": "q", "status": "draft", "intent": activity["intent"], "subject": PERSON}
    copied = {there: activity[here] for here, there in PARTS[kind].items() if here in activity}
    return made | copied | {"authoredOn": "2026-03-01"}


@pytest.mark.parametrize(("action", "side"), read_back())
def test_a_request_is_read_back_as_planned_on_its_side(action: Action, side: Side | None):
    activities = {one["id"]: one for one in of_type("ActivityDefinition")}
    made = request_from(activities[activity_id(publication(), action, side)])
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in (patient(), made)]}
    record = READER.read(json.dumps(bundle).encode())
    (event,) = (event for event in record.events if event.source.startswith(made["resourceType"]))
    concept = concept_of(action, publication().pathway)
    assert concept is not None
    assert (event.concept, event.kind, event.unread) == (concept.id, Kind.PLANNED, None)
    assert (event.side.value if event.side else None) == (side.value if side else None)


def test_medicines_and_injections_are_among_those_read_back():
    read = {parameter.values[0].id for parameter in read_back()}
    assert {"nsaid_course", "muscle_relaxant_course", "simple_analgesic", "image_guided_injection"} <= read
