"""The web application, put together from its parts. Each part gives its routes for one service."""

from datetime import UTC, datetime

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from ischio.fhir.bindings import load_bindings
from ischio.fhir.export.publication import Publication
from ischio.fhir.reader import FhirReader
from ischio.interfaces.http.problems import Problem, refused
from ischio.interfaces.http.service import Service
from ischio.interfaces.http.settings import Settings
from ischio.loading.pathway import load_pathway, packaged


def build(service: Service) -> Starlette:
    return Starlette(routes=[], exception_handlers={Problem: _refused})


def service_of(settings: Settings) -> Service:
    """The service on the pathway that is shipped. Raises PathwayError where that is at fault."""
    pathway, bindings = load_pathway(), load_bindings(packaged() / "bindings.yaml")
    reader = FhirReader(pathway.concepts, bindings)
    return Service(pathway, bindings, reader, Publication(pathway, bindings), settings, lambda: datetime.now(UTC))


async def _refused(_: Request, problem: Exception) -> Response:
    assert isinstance(problem, Problem)
    return refused(problem)
