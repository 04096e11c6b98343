"""What is offered as draft requests: the ONE list, and what each request holds, for every case."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import fhirkit
import pytest
from fhir_calls import ANKLE, assessed, service

from ischio.engine.status import OFFERED, Status
from ischio.fhir.apply.requests import INSTANTIATES, Context, Proposal, due, proposal
from ischio.fhir.export.activities import activities, activity_id
from ischio.model.about import Side
from ischio.model.assessment import ActionShown, Assessment

ABOUT = Context("7", date(2026, 6, 1), encounter="8", practitioner="PractitionerRole/9")
FOLDERS = (None, ANKLE)


def offered(folder: Path | None) -> Iterator[tuple[str, Assessment, ActionShown, Side | None]]:
    for name, assessment in assessed(folder).items():
        yield from ((name, assessment, action, side) for action, side in due(assessment))


def proposals(folder: Path | None) -> Iterator[tuple[str, ActionShown, Proposal]]:
    publication = service(folder).publication
    for name, assessment, action, side in offered(folder):
        yield name, action, proposal(publication, assessment, action, side, ABOUT)


@pytest.mark.parametrize("folder", FOLDERS, ids=["ischiofemoral", "ankle"])
def test_the_list_is_what_the_engine_offers_due_first(folder: Path | None):
    for name, assessment in assessed(folder).items():
        listed = [(action.id, side and side.value) for action, side in due(assessment)]
        parts = [*((hip.side, hip.actions) for hip in assessment.hips), (None, assessment.person.actions)]
        engine = {
            (action.id, side) for side, actions in parts for action in actions if Status(action.status) in OFFERED
        }
        assert (set(listed), len(listed)) == (engine, len(engine)), name
        statuses = [action.status for action, _ in due(assessment)]
        assert statuses == sorted(statuses), name  # "due" before "optional"


@pytest.mark.parametrize("folder", FOLDERS, ids=["ischiofemoral", "ankle"])
def test_a_request_is_what_its_activity_defines(folder: Path | None):
    """Kind, code, priority and side, by the names that the type of request has for them."""
    publication = service(folder).publication
    defined = {one["id"]: one for one in activities(publication)}
    for name, action, made in proposals(folder):
        resource, own = made.resource, publication.pathway.actions[action.id]
        activity = defined[activity_id(publication, own, made.side)]
        code = activity.get("code") or activity["productCodeableConcept"]
        asked = [resource.get(key) for key in ("code", "medicationCodeableConcept") if key in resource]
        assert (asked or resource["category"])[0] == code, name
        assert resource["resourceType"] == activity["kind"], name
        assert (resource["priority"], resource.get("bodySite")) == (activity["priority"], activity.get("bodySite")), (
            name
        )
        assert made.title == activity["title"], name
        canonical = f"{activity['url']}|{activity['version']}"
        assert canonical in (canonical_of(resource), *canonical_of(resource)), name


def canonical_of(resource: dict[str, object]) -> list[object]:
    """What it instantiates: an element, one or several, or the extension of types that have none."""
    found = resource.get("instantiatesCanonical")
    extensions = [one["valueCanonical"] for one in resource.get("extension", []) if one["url"] == INSTANTIATES]
    return [*extensions, *(found if isinstance(found, list) else [found])]


@pytest.mark.parametrize("folder", FOLDERS, ids=["ischiofemoral", "ankle"])
def test_a_request_is_a_whole_valid_draft_for_the_patient(folder: Path | None):
    count = 0
    for name, _, made in proposals(folder):
        resource = made.resource
        assert list(map(str, fhirkit.validate(resource))) == [], name
        assert resource["status"] == "draft", name
        assert resource.get("intent") == ("proposal" if resource["resourceType"] != "CommunicationRequest" else None)
        assert (resource.get("subject") or resource["for"]) == {"reference": "Patient/7"}
        assert resource["encounter"] == {"reference": "Encounter/8"}
        assert resource["requester"] == {"reference": "PractitionerRole/9"}
        assert resource["reasonCode"], name
        assert not {"id", "dosageInstruction"} & resource.keys()
        count += 1
    assert count > (2000 if folder is None else 5)


def test_a_request_says_where_the_side_is_and_what_speaks_for_care():
    """An injection that is possible, with a caution, on the right."""
    named = {
        (name, action.id): made.resource
        for name, action, made in proposals(None)
        if action.cautions and action.status == "optional" and action.id == "image_guided_injection"
    }
    request = next(iter(named.values()))
    notes = [one["text"] for one in request["note"]]
    assert notes[0] == "Optional: it fits, but it does not come first or it needs a reason."
    assert notes[-1].startswith("With care: ")
    assert request["reasonCode"][0]["text"].startswith("Ischiofemoral impingement, right hip: ")


def test_nothing_of_the_shipped_pathway_stands_in_a_request_of_another():
    words = " ".join(str(made.resource) + made.title + made.description for _, _, made in proposals(ANKLE)).lower()
    assert "ankle" in words
    assert not [word for word in ("hip", "ischiofemoral", "buttock") if f" {word}" in words]
