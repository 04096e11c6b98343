"""How the FHIR endpoint answers: in FHIR JSON, to whoever accepts it."""

from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from ischio.interfaces.http.problems import FHIR_JSON, Problem

JSON_TYPES = (FHIR_JSON, "application/json", "text/json", "json")
_ANY = ("*/*", "application/*")


def reply(request: Request, resource: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """resource: JSON to encode, or bytes that are."""
    body = resource if isinstance(resource, bytes) else msgspec.json.encode(resource)
    # What a HEAD asks for is answered with its length and without its body.
    shown = {**(headers or {}), "Content-Length": str(len(body))}
    return Response(b"" if request.method == "HEAD" else body, status, shown, FHIR_JSON)


def check_accepted(request: Request) -> None:
    """Raises Problem for who wants XML, or another thing than JSON."""
    wanted = request.query_params.get("_format")
    if wanted is None:
        wanted = request.headers.get("accept", "*/*")
    kinds = [part.partition(";")[0].strip().lower() for part in wanted.split(",")]
    if not any(kind in JSON_TYPES or kind in _ANY or not kind for kind in kinds):
        raise Problem(406, "not-supported", "Only JSON is served here.", f"Ask for {FHIR_JSON}.")


def is_strict(request: Request) -> bool:
    """Whether the caller wants a parameter that is not known to be refused."""
    return "handling=strict" in request.headers.get("prefer", "").replace(" ", "")
