"""A refusal as FHIR tells it: an OperationOutcome that says what, where and the mend."""

from collections.abc import Sequence
from typing import Any

import msgspec
from starlette.responses import Response

FHIR_JSON = "application/fhir+json"


class Problem(Exception):
    """A request that is refused. status: of HTTP; code: of FHIR's issue types; mend: what the caller can do."""

    def __init__(self, status: int, code: str, what: str, mend: str, where: str | None = None) -> None:
        super().__init__(what)
        self.status, self.code, self.what, self.mend, self.where = status, code, what, mend, where


def issue(severity: str, code: str, text: str, where: str | None = None) -> dict[str, Any]:
    found: dict[str, Any] = {"severity": severity, "code": code, "diagnostics": text}
    return found | ({"expression": [where]} if where else {})


def outcome(issues: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {"resourceType": "OperationOutcome", "issue": list(issues)}


def refused(problem: Problem) -> Response:
    told = issue("error", problem.code, f"{problem.what} {problem.mend}", problem.where)
    return Response(msgspec.json.encode(outcome([told])), problem.status, media_type=FHIR_JSON)
