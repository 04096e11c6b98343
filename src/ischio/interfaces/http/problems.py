"""A refusal as FHIR tells it: an OperationOutcome that says what, where and the mend."""

import msgspec
from starlette.responses import Response

from ischio.fhir.outcomes import issue, outcome

FHIR_JSON = "application/fhir+json"


class Problem(Exception):
    """A request that is refused. status: of HTTP; code: of FHIR's issue types; mend: what the caller can do."""

    def __init__(self, status: int, code: str, what: str, mend: str, where: str | None = None) -> None:
        super().__init__(what)
        self.status, self.code, self.what, self.mend, self.where = status, code, what, mend, where


def refused(problem: Problem) -> Response:
    where = (problem.where,) if problem.where else ()
    told = issue("error", problem.code, f"{problem.what} {problem.mend}", *where)
    return Response(msgspec.json.encode(outcome([told])), problem.status, media_type=FHIR_JSON)
