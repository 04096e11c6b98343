"""The document of what is served, as OpenAPI 3.1: from the routes, and from the types by which bodies are decoded."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ischio.interfaces.http.hooks.calls import Call
from ischio.interfaces.http.hooks.feedback import MOST, Entry
from ischio.interfaces.http.hooks.services import hook_services
from ischio.interfaces.http.problems import FHIR_JSON
from ischio.interfaces.http.settings import Settings
from ischio.model.pathway import Pathway

Json = dict[str, Any]

PATH = "/openapi.json"
JSON, HTML, TEXT = "application/json", "text/html", "text/plain"
_REF = "#/components/schemas/{name}"
_PARAMETER = re.compile(r"{(\w+)}")
_CLOSED = re.compile(r"/cds-services|/\$|/QuestionnaireResponse")
"""What is for listed callers alone, where any are listed."""


class Told(NamedTuple):
    """What a route does, in a sentence. answers: the type of what it answers; takes: the schema of a body, by name."""

    does: str
    answers: str = FHIR_JSON
    takes: str | None = None


TOLD = {
    "/cds-services": Told("Which services there are, each for one hook, with its prefetch templates.", JSON),
    "/cds-services/{id}": Told("Calls a service: at most one card.", JSON, "Call"),
    "/cds-services/{id}/feedback": Told("What became of cards; each entry is judged by itself.", FHIR_JSON, "Batch"),
    "/cds-services/{id}/why/{uuid}": Told("Why a call was answered as it was, as JSON or as a page.", JSON),
    "/fhir/metadata": Told("The CapabilityStatement."),
    "/fhir/PlanDefinition/$apply": Told("Applies the plan that is named to a person.", FHIR_JSON, "Resource"),
    "/fhir/PlanDefinition/{id}/$apply": Told("Applies a plan to a person.", FHIR_JSON, "Resource"),
    "/fhir/PlanDefinition/{id}/$data-requirements": Told("What a plan reads of a record.", FHIR_JSON, "Resource"),
    "/fhir/Questionnaire/$populate": Told("Fills in the form that is named.", FHIR_JSON, "Resource"),
    "/fhir/Questionnaire/{id}/$populate": Told("Fills in a form from what is known.", FHIR_JSON, "Resource"),
    "/fhir/Measure/{id}/$evaluate-measure": Told("One person's part in a measure.", FHIR_JSON, "Resource"),
    "/fhir/QuestionnaireResponse": Told(
        "Takes in the answers of a form as events, or searches the forms that a patient completed.",
        FHIR_JSON,
        "Resource",
    ),
    "/fhir/QuestionnaireResponse/{id}": Told("Reads a form that a patient completed."),
    "/fhir/{kind}": Told("Searches what is published."),
    "/fhir/{kind}/{id}": Told("Reads one of the published resources."),
    "/smart/launch": Told("A records system opens the application for a patient.", HTML),
    "/smart/start": Told("The application is opened by itself.", HTML),
    "/smart/callback": Told("The browser is back from the records system.", HTML),
    "/smart/at/{name}": Told("The page of one launch.", HTML),
    "/smart/at/{name}/leave": Told("Closes the page and forgets its token.", HTML),
    "/health/live": Told("Whether the process answers.", "application/health+json"),
    "/health/ready": Told("Whether the service can work.", "application/health+json"),
    "/metrics": Told("Counts for Prometheus, for this machine or with the token.", TEXT),
    PATH: Told("This document.", JSON),
}
"""Every route, by its pattern; the pages of the small record are no interface."""


def route(routes: Sequence[Route], pathway: Pathway, settings: Settings) -> Route:
    """`GET /openapi.json`, of these routes and of itself."""

    async def shown(_: Request) -> Response:
        return Response(encoded, media_type=JSON)

    own = Route(PATH, shown, methods=["GET"])
    encoded = msgspec.json.encode(document([*routes, own], pathway, settings), enc_hook=str)
    return own


def document(routes: Sequence[Route], pathway: Pathway, settings: Settings) -> Json:
    """Of the routes that are told in TOLD."""
    told = [one for one in routes if one.path in TOLD]
    return {
        "openapi": "3.1.0",
        "info": {"title": f"{pathway.title}: web service", "version": pathway.version},
        "servers": [{"url": settings.base}],
        "paths": {one.path: dict(_operations(one, TOLD[one.path], pathway, settings)) for one in told},
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {"client": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


def _operations(route: Route, told: Told, pathway: Pathway, settings: Settings) -> Iterator[tuple[str, Json]]:
    """An operation for each method; HEAD goes with GET without saying."""
    named = [_parameter(name, route, pathway) for name in _PARAMETER.findall(route.path)]
    closed = settings.clients and _CLOSED.search(route.path)
    security: list[Json] = [{"client": []}, *([{}] if "/why/" in route.path else [])]
    responses: Json = {
        "2XX": {"description": "Answered.", "content": {told.answers: {}}},
        **({"3XX": {"description": "Sent on to another page."}} if told.answers == HTML else {}),
        "4XX": {"description": "Refused: what, where and the mend.", "content": {FHIR_JSON: _outcome()}},
    }
    for method in sorted((route.methods or set()) - {"HEAD"}):
        operation = {
            "summary": told.does,
            **({"parameters": named} if named else {}),
            **({"requestBody": _body(told.takes)} if told.takes and method == "POST" else {}),
            **({"security": security} if closed else {}),
            "responses": responses,
        }
        yield method.lower(), operation


def _parameter(name: str, route: Route, pathway: Pathway) -> Json:
    of_services = name == "id" and route.path.startswith("/cds-services")
    known = {"enum": list(hook_services(pathway))} if of_services else {}
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", **known}}


def _body(name: str) -> Json:
    media = FHIR_JSON if name == "Resource" else JSON
    return {"required": True, "content": {media: {"schema": {"$ref": _REF.format(name=name)}}}}


def _outcome() -> Json:
    return {"schema": {"$ref": _REF.format(name="Resource")}}


def _schemas() -> Json:
    _, found = msgspec.json.schema_components([Call, Entry], ref_template=_REF)
    entries = {"type": "array", "maxItems": MOST, "items": {"$ref": _REF.format(name="Entry")}}
    return {
        **found,
        "Batch": {"type": "object", "required": ["feedback"], "properties": {"feedback": entries}},
        "Resource": {
            "description": "A resource of FHIR R4.",
            "type": "object",
            "required": ["resourceType"],
            "properties": {"resourceType": {"type": "string"}},
        },
    }
