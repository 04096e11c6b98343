"""The endpoints of CDS Hooks: discovery, call, feedback, and why a call was answered as it was."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ischio.interfaces.http.hooks.answering import Answerer
from ischio.interfaces.http.hooks.feedback import answer_to, read_feedback
from ischio.interfaces.http.hooks.gathering import ServerOf
from ischio.interfaces.http.hooks.servers import servers
from ischio.interfaces.http.hooks.services import HookService, discovery, hook_services
from ischio.interfaces.http.hooks.why import LINK_LASTS, may_ask, why, why_page
from ischio.interfaces.http.html_answers import html
from ischio.interfaces.http.problems import FHIR_JSON, Problem
from ischio.interfaces.http.service import Service
from ischio.interfaces.http.whose import NOBODY, access
from ischio.interfaces.page.page import message
from ischio.remote.tokens import Client
from ischio.store.entries import Access, Card, Feedback
from ischio.store.store import Store

PATH = "/cds-services"
Endpoint = Callable[[Request], Awaitable[Response]]

_NO_CALL = "No call of this service has this id, or its address has ended."
_TAKE_ID = (
    f"Take it from the call's answer within {LINK_LASTS // timedelta(hours=1)} hours, "
    "or ask with the token of the records system that called."
)

# Texts of knowledge files know their line, and are told plainly.
_encode = msgspec.json.Encoder(enc_hook=str, order="deterministic").encode


def routes(service: Service, server_of: ServerOf | None = None) -> list[Route]:
    """server_of: the FHIR server that a call names; None: as the settings allow."""
    answerer = Answerer(service, server_of or servers(service.settings))
    hooks = hook_services(service.pathway)
    found: list[Route] = []
    for path, method, endpoint in (
        ("", "GET", _discovery(service)),
        ("/{id}", "POST", _call(answerer, hooks)),
        ("/{id}/feedback", "POST", _feedback(service, hooks)),
        ("/{id}/why/{uuid}", "GET", _why(service, hooks)),
    ):
        found += (Route(f"{PATH}{path}{slash}", endpoint, methods=[method]) for slash in ("", "/"))
    return found


def _discovery(service: Service) -> Endpoint:
    told = _encode(discovery(service))

    async def endpoint(_: Request) -> Response:
        return Response(told, media_type="application/json")

    return endpoint


def _call(answerer: Answerer, hooks: dict[str, HookService]) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        hook = _hook(request, hooks)
        body = await _json(request)
        # In a thread: the store and the caller's FHIR server are waited for.
        told = await run_in_threadpool(answerer.answer, hook, body, client_of(request))
        request.state.cards = [one["indicator"] for one in told["cards"]]  # for the metrics
        return Response(_encode(told), media_type="application/json")

    return endpoint


def _feedback(service: Service, hooks: dict[str, HookService]) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        hook = _hook(request, hooks)
        read = read_feedback(await _json(request))
        told = [one for one in read if isinstance(one, Feedback)]
        taken = await run_in_threadpool(_store(service).feedback.take, hook.id, told, _by(service, request))
        status, body = answer_to(read, taken)
        return Response(_encode(body) if body else b"", status, media_type=FHIR_JSON if body else None)

    return endpoint


def _why(service: Service, hooks: dict[str, HookService]) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        hook, uuid, client = _hook(request, hooks), request.path_params["uuid"], client_of(request)

        def told(card: Card) -> bool:
            return card.service == hook.id and may_ask(card, client, service.clock())

        card = await run_in_threadpool(_store(service).cards.card, uuid, access(service, client), told)
        as_page = "text/html" in request.headers.get("accept", "")
        if card is None and as_page:
            return html(service.settings, message("Nothing to show", _NO_CALL, _TAKE_ID), 404)
        if card is None:
            raise Problem(404, "not-found", _NO_CALL, _TAKE_ID)
        if as_page:
            return html(service.settings, why_page(service.pathway, card))
        return Response(_encode(why(service.pathway, card)), media_type="application/json")

    return endpoint


# ---- of a request ------------------------------------------------------------------------------------------------


def _hook(request: Request, hooks: dict[str, HookService]) -> HookService:
    hook = hooks.get(request.path_params["id"])
    if hook is None:
        raise Problem(404, "not-found", "There is no service of this id.", f"GET {PATH} lists them.")
    return hook


async def _json(request: Request) -> bytes:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Problem(415, "not-supported", "The body is not JSON.", "Send it with Content-Type: application/json.")
    return await request.body()


def client_of(request: Request) -> Client:
    """Who calls, as the guard before this found out."""
    found = getattr(request.state, "client", None)
    return found if isinstance(found, Client) else NOBODY


def _by(service: Service, request: Request) -> Access:
    return access(service, client_of(request))


def _store(service: Service) -> Store:
    if service.store is None:
        raise Problem(501, "not-supported", "This service keeps nothing.", "Set up a store.")
    return service.store
