"""OperationOutcome: how FHIR tells what went wrong, or could not be told."""

from collections.abc import Iterable
from typing import Any

Json = dict[str, Any]


def issue(severity: str, code: str, text: str, *where: str) -> Json:
    """One thing to tell. code: of FHIR's issue types; where: FHIRPaths of what it is about."""
    return {"severity": severity, "code": code, "diagnostics": text, **({"expression": list(where)} if where else {})}


def outcome(issues: Iterable[Json]) -> Json:
    return {"resourceType": "OperationOutcome", "issue": list(issues)}
