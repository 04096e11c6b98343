"""The web application, put together from its parts. Each part gives its routes for one service."""

import gc
import os
import signal
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ischio.cohort.processes import end_with_the_parent
from ischio.fhir.bindings import load_bindings
from ischio.fhir.export.publication import Publication
from ischio.fhir.reader import FhirReader
from ischio.interfaces.http import openapi
from ischio.interfaces.http.demo import record as demo
from ischio.interfaces.http.fhir import routes as fhir
from ischio.interfaces.http.guards import health, metrics
from ischio.interfaces.http.guards.answered import Watch
from ischio.interfaces.http.guards.bodies import Bodies
from ischio.interfaces.http.guards.callers import Callers
from ischio.interfaces.http.guards.failures import Failures
from ischio.interfaces.http.guards.headers import SecurityHeaders
from ischio.interfaces.http.guards.identity import Identity
from ischio.interfaces.http.guards.log import log_answered, set_up_logging
from ischio.interfaces.http.guards.metrics import Metrics
from ischio.interfaces.http.guards.origins import Origins
from ischio.interfaces.http.guards.paths import Paths
from ischio.interfaces.http.guards.rates import Buckets, Rates
from ischio.interfaces.http.hooks import routes as hooks
from ischio.interfaces.http.outward import guard_of, issuers_of
from ischio.interfaces.http.pages import routes as pages
from ischio.interfaces.http.pages.case_runs import begin
from ischio.interfaces.http.pages.gate import not_served
from ischio.interfaces.http.problems import Problem, refused
from ischio.interfaces.http.service import Service
from ischio.interfaces.http.settings import Settings
from ischio.interfaces.http.settings_file import FILE, load_settings
from ischio.loading.pathway import load_pathway, packaged
from ischio.remote.keys import fetching
from ischio.remote.tokens import Clients
from ischio.store.store import Store, open_store


def build(service: Service) -> Starlette:
    """The application with all its guards."""
    return guarded(service, parts(service))


def parts(service: Service) -> list[Route]:
    """The routes of every part."""
    small_record = demo.routes(service) if service.settings.demo else ()
    return [
        *hooks.routes(service),
        *fhir.routes(service),
        *pages.routes(service),
        *small_record,
    ]


def guarded(service: Service, routes: Sequence[Route]) -> Starlette:
    """An application of these routes behind the guards. The first guard sees a request first and its answer last."""
    settings, counts = service.settings, Metrics()
    limits = settings.limits
    guards = [
        Middleware(Identity),
        Middleware(Watch, tell=(log_answered, counts.count)),
        Middleware(SecurityHeaders, settings=settings),
        Middleware(Origins, listed=settings.origins),
        Middleware(Failures, seconds=limits.seconds),
        Middleware(Rates, buckets=Buckets(limits.requests)),
        Middleware(Paths),
        Middleware(Bodies, size=limits.body, seconds=limits.seconds),
    ]
    if service.clients is not None:
        guards.append(Middleware(Callers, clients=service.clients, base=settings.base, clock=service.clock))
    every = [*routes, *health.routes(_checks(service)), metrics.route(counts, settings.metrics)]
    return Starlette(
        routes=[*every, openapi.route(every, service.pathway, settings)],
        middleware=guards,
        exception_handlers={Problem: _refused, HTTPException: partial(_not_served, service)},
    )


def service_of(settings: Settings, store: Store | None = None) -> Service:
    """The service on the shipped pathway, with the values of the site. Raises IschioError where a file is at fault."""
    settings = demo.knowing(settings) if settings.demo else settings
    pathway, bindings = load_pathway(overlay=settings.overlay), load_bindings(packaged() / "bindings.yaml")
    reader = FhirReader(pathway.concepts, bindings)
    publication = Publication(pathway, bindings)
    used = store.used_tokens if store else None
    clients = Clients(issuers_of(settings), fetching(guard_of(settings)), used) if settings.clients else None
    return Service(pathway, bindings, reader, publication, settings, lambda: datetime.now(UTC), clients, store)


def application() -> Starlette:
    """What a server starts in each of its processes: the settings come from the environment alone."""
    set_up_logging()
    # A process whose supervisor was killed would hold the port, and answer with settings of yesterday.
    end_with_the_parent(lambda: os.kill(os.getpid(), signal.SIGTERM))
    file = os.environ.get(FILE)
    settings = load_settings(Path(file) if file else None, os.environ)
    service = service_of(settings, open_store(settings.store))
    built = build(service)
    collect_seldom()
    begin(service.pathway)
    return built


def collect_seldom() -> None:
    """What is loaded at the start stays, and what a call decodes holds no circles: Python need not look for garbage
    after each few hundred objects. It takes a fifth to a quarter off a call with a large record.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def _checks(service: Service) -> dict[str, health.Check]:
    """What must work before the service can answer; the pathway was loaded when it started."""
    store = service.store
    return {} if store is None else {"store": lambda: reached(store)}


def reached(store: Store) -> None:
    """Raises where the store does not answer."""
    with store.database.reading() as connection:
        connection.exec_driver_sql("select 1")


async def _refused(_: Request, problem: Exception) -> Response:
    assert isinstance(problem, Problem)
    return refused(problem)


async def _not_served(service: Service, request: Request, error: Exception) -> Response:
    """To a browser with a page, where there are pages; to a program as FHIR tells it."""
    assert isinstance(error, HTTPException)
    if service.store is not None and "text/html" in request.headers.get("accept", ""):
        answer = not_served(service, request, error.status_code)
    else:
        code = "not-found" if error.status_code == 404 else "not-supported"
        answer = refused(Problem(error.status_code, code, f"{error.detail}.", "See what the service offers."))
    answer.headers.update(error.headers or {})
    return answer
