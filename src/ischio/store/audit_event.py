"""An audit entry as a FHIR R4 AuditEvent. Pure."""

from typing import Any

from ischio.store.entries import Action, AuditEntry, Outcome, Person

Json = dict[str, Any]

_TYPE = {
    "system": "http://terminology.hl7.org/CodeSystem/audit-event-type",
    "code": "rest",
    "display": "Restful Operation",
}
_INTERACTIONS = {
    Action.CREATE: "create",
    Action.READ: "read",
    Action.EXECUTE: "operation",
    Action.DELETE: "delete",
}


def audit_event(entry: AuditEntry, observer: str) -> Json:
    """observer: whose audit it is, such as the service's address."""
    event: Json = {
        "resourceType": "AuditEvent",
        "id": f"audit-{entry.number}",
        "type": _TYPE,
        "subtype": [{"system": "http://hl7.org/fhir/restful-interaction", "code": _INTERACTIONS[entry.action]}],
        "action": entry.action.value,
        "recorded": entry.by.at.isoformat(timespec="milliseconds"),
        "outcome": entry.outcome.value,
    }
    if entry.outcome is not Outcome.SUCCESS and entry.why:
        event["outcomeDesc"] = entry.why
    event["agent"] = [{"who": {"identifier": {"value": entry.by.who}}, "requestor": True}]
    event["source"] = {"observer": {"display": observer}}
    event["entity"] = [*_person(entry.whom), _thing(entry)]
    return event


def _person(whom: Person | None) -> list[Json]:
    """The person by their address at their own server."""
    if whom is None:
        return []
    role = {"system": "http://terminology.hl7.org/CodeSystem/object-role", "code": "1", "display": "Patient"}
    return [{"what": {"type": "Patient", "identifier": {"system": whom.server, "value": whom.id}}, "role": role}]


def _thing(entry: AuditEntry) -> Json:
    """What was read or written, with the links of the chain, so that a copy can be held against the store."""
    links = {"number": str(entry.number), "previous": entry.previous, "digest": entry.digest, "proof": entry.proof}
    thing: Json = {"detail": [{"type": name, "valueString": value} for name, value in links.items() if value]}
    if entry.record:
        thing["what"] = {"identifier": {"value": entry.record}}
    return {"name": entry.what} | thing | ({"description": entry.why} if entry.why else {})
