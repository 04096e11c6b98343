"""The FHIR R4 endpoint at /fhir: what is published, and the operations on it."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, time
from email.utils import format_datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ischio.interfaces.http.fhir import completed
from ischio.interfaces.http.fhir.callers import caller_of
from ischio.interfaces.http.fhir.capability import ANSWERED, capability_statement
from ischio.interfaces.http.fhir.forms import populate, take_in
from ischio.interfaces.http.fhir.measuring import evaluate
from ischio.interfaces.http.fhir.operations import Call, Work, apply, data_requirements
from ischio.interfaces.http.fhir.parameters import body_of, given
from ischio.interfaces.http.fhir.published import Published
from ischio.interfaces.http.fhir.replies import check_accepted, is_strict, reply
from ischio.interfaces.http.fhir.searching import search
from ischio.interfaces.http.service import Service

PATH = "/fhir"
Endpoint = Callable[[Request], Awaitable[Response]]


def routes(service: Service) -> list[Route]:
    """What is published is made here, once."""
    published, base = Published(service.publication), f"{service.settings.base}{PATH}"

    def operation(work: Work) -> Endpoint:
        return _operation(service, published, work)

    plan, form, kind = f"{PATH}/PlanDefinition", f"{PATH}/Questionnaire", f"{PATH}/{{kind}}"
    measured = f"{PATH}/Measure/{{id}}/$evaluate-measure"
    return [
        Route(f"{PATH}/metadata", _metadata(service, base), methods=["GET"]),
        Route(f"{plan}/$apply", operation(apply), methods=["GET", "POST"]),
        Route(f"{plan}/{{id}}/$apply", operation(apply), methods=["GET", "POST"]),
        Route(f"{plan}/{{id}}/$data-requirements", operation(data_requirements), methods=["GET", "POST"]),
        Route(f"{form}/$populate", operation(populate), methods=["GET", "POST"]),
        Route(f"{form}/{{id}}/$populate", operation(populate), methods=["GET", "POST"]),
        Route(measured, operation(evaluate), methods=["GET", "POST"]),
        Route(f"{PATH}/{ANSWERED}", _answers(service, published, base), methods=["GET", "POST"]),
        Route(f"{PATH}/{ANSWERED}/{{id}}", _read_completed(service), methods=["GET"]),
        Route(kind, _search(published, base), methods=["GET"]),
        Route(f"{kind}/{{id}}", _read(published, service), methods=["GET"]),
    ]


def _operation(service: Service, published: Published, work: Work) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        check_accepted(request)
        client = await caller_of(request, service)
        call = Call(service, published, request.path_params.get("id"), await given(request), client, is_strict(request))
        return reply(request, await run_in_threadpool(work, call))

    return endpoint


def _answers(service: Service, published: Published, base: str) -> Endpoint:
    """Takes in a filled-in form, or searches those that patients completed."""

    async def endpoint(request: Request) -> Response:
        check_accepted(request)
        client = await caller_of(request, service)
        if request.method != "POST":
            return await run_in_threadpool(completed.search, request, service, client, f"{base}/{ANSWERED}")
        response = await body_of(request)
        status, told = await run_in_threadpool(take_in, service, published, response, client)
        return reply(request, told, status)

    return endpoint


def _read_completed(service: Service) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        check_accepted(request)
        client = await caller_of(request, service)
        return await run_in_threadpool(completed.read, request, service, client)

    return endpoint


def _metadata(service: Service, base: str) -> Endpoint:
    statement = capability_statement(service.publication, base)

    async def endpoint(request: Request) -> Response:
        check_accepted(request)
        return reply(request, statement)

    return endpoint


def _search(published: Published, base: str) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        return search(request, published, base)

    return endpoint


def _read(published: Published, service: Service) -> Endpoint:
    changed = datetime.combine(service.pathway.reviewed, time(), UTC)

    async def endpoint(request: Request) -> Response:
        check_accepted(request)
        held = published.read(request.path_params["kind"], request.path_params["id"])
        headers = {"ETag": held.tag, "Last-Modified": format_datetime(changed, usegmt=True)}
        if held.tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return reply(request, held.body, headers=headers)

    return endpoint
