"""Small FHIR R4 resources for tests, complete but for what a test is about. All people are synthetic."""

import json
from collections.abc import Iterable
from typing import Any

from ischio.fhir.bindings import Bindings, load_bindings
from ischio.fhir.reader import FhirReader
from ischio.loading.pathway import load_pathway, packaged
from ischio.record.events import Event, Record

Json = dict[str, Any]

PATHWAY = load_pathway()
BINDINGS: Bindings = load_bindings(packaged() / "bindings.yaml")
READER = FhirReader(PATHWAY.concepts, BINDINGS)

SNOMED, LOINC, ICD10CM = (BINDINGS.systems[name] for name in ("snomed", "loinc", "icd10cm"))
OURS = BINDINGS.systems["ischio"]
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"

RIGHT, LEFT, BOTH, HIP = (SNOMED, "24028007"), (SNOMED, "7771000"), (SNOMED, "51440002"), (SNOMED, "29836001")
PERSON: Json = {"reference": "Patient/p"}


def concept(*codings: str | tuple[str, str], text: str | None = None) -> Json:
    """A CodeableConcept. A bare code is one of ours."""
    pairs = [(OURS, coding) if isinstance(coding, str) else coding for coding in codings]
    return {"coding": [{"system": system, "code": code} for system, code in pairs], **({"text": text} if text else {})}


def patient(**fields: Any) -> Json:
    return {"resourceType": "Patient", "id": "p", "birthDate": "1984-05-02", "gender": "female"} | fields


def observation(code: str | Json, **fields: Any) -> Json:
    """A final observation of 2026-03-01 whose value the test gives."""
    about = code if isinstance(code, dict) else concept(code)
    base = {"resourceType": "Observation", "id": "o", "status": "final", "code": about, "subject": PERSON}
    return base | {"effectiveDateTime": "2026-03-01"} | fields


def condition(
    code: Json, verification: str | None = "confirmed", clinical: str | None = "active", **fields: Any
) -> Json:
    statuses: Json = {}
    if verification:
        statuses["verificationStatus"] = concept((VERIFICATION, verification))
    if clinical:
        statuses["clinicalStatus"] = concept((CLINICAL, clinical))
    base = {"resourceType": "Condition", "id": "c", "code": code, "subject": PERSON, "recordedDate": "2026-03-01"}
    return base | statuses | fields


def procedure(code: str | Json, status: str = "completed", **fields: Any) -> Json:
    about = code if isinstance(code, dict) else concept(code)
    base = {"resourceType": "Procedure", "id": "x", "status": status, "code": about, "subject": PERSON}
    return base | {"performedDateTime": "2026-03-01"} | fields


def order(code: Json, status: str = "active", **fields: Any) -> Json:
    """An order for a medicine, written on 2026-03-01."""
    base = {"resourceType": "MedicationRequest", "id": "m", "status": status, "intent": "order", "subject": PERSON}
    return base | {"medicationCodeableConcept": code, "authoredOn": "2026-03-01"} | fields


def answers(*items: Json, **fields: Any) -> Json:
    base = {"resourceType": "QuestionnaireResponse", "id": "q", "status": "completed", "subject": PERSON}
    return base | {"authored": "2026-03-01", "source": PERSON, "item": list(items)} | fields


def quantity(value: Any, unit: str) -> Json:
    return {"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit}


def bundle(*resources: Json, **fields: Any) -> bytes:
    entries = [{"resource": resource} for resource in resources]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries} | fields).encode()


def read(*resources: Json) -> Record:
    """The record of our person with these resources."""
    return READER.read(bundle(patient(), *resources))


def events(record: Record) -> list[Event]:
    """The events but sex, birth and death, and those of which it cannot be told what they say."""
    return [
        event for event in record.events if event.concept not in ("sex", "birth_date", "death") and not event.unread
    ]


def unread(record: Record) -> dict[str, str | None]:
    """Concept -> why it cannot be told what an event of it says."""
    return {event.concept: event.unread for event in record.events if event.unread}


def only(record: Record) -> Event:
    """The one event there is."""
    found = events(record)
    assert len(found) == 1, (found, record.ignored)
    return found[0]


def whys(record: Record) -> Iterable[str]:
    return [f"{one.source} {one.why}" for one in record.ignored]
