"""A service for tests of the FHIR endpoint: the shipped pathway, a fixed clock, and ways to call it."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from httpx import Response
from starlette.testclient import TestClient

from ischio.engine.assess import assess
from ischio.fhir.bindings import load_bindings
from ischio.fhir.export.publication import Publication
from ischio.fhir.reader import FhirReader
from ischio.fhir.writer import as_bundle
from ischio.interfaces.http.app import guarded
from ischio.interfaces.http.fhir.routes import routes
from ischio.interfaces.http.service import Service
from ischio.interfaces.http.settings import Bounds, Settings
from ischio.loading.pathway import load_pathway, packaged
from ischio.model.assessment import Assessment
from ischio.record.case_form import Case, read_case

Json = dict[str, Any]

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
BASE = "http://testserver"
PATHWAY_ID = "ischiofemoral"
ANKLE = Path(__file__).parents[1] / "knowledge" / "ankle"
SETTINGS = Settings(base=BASE, limits=Bounds(requests=1_000_000))


@cache
def service(folder: Path | None = None) -> Service:
    pathway, bindings = load_pathway(folder), load_bindings((folder or packaged()) / "bindings.yaml")
    reader = FhirReader(pathway.concepts, bindings)
    return Service(pathway, bindings, reader, Publication(pathway, bindings), SETTINGS, lambda: NOW)


@cache
def client() -> TestClient:
    """Of the service without a store."""
    return serving(service())


def serving(one: Service) -> TestClient:
    return TestClient(guarded(one, routes(one)))


def case(name: str, folder: Path | None = None) -> Case:
    return read_case((folder or packaged()) / "cases" / f"{name}.yaml", service(folder).pathway)


@cache
def assessed(folder: Path | None = None) -> dict[str, Assessment]:
    """Every case, assessed on its index date."""
    pathway = service(folder).pathway
    cases = (read_case(path, pathway) for path in sorted(((folder or packaged()) / "cases").glob("*.yaml")))
    return {one.id: assess(pathway, one.record, one.index_date) for one in cases}


def bundle_of(name: str, folder: Path | None = None) -> Json:
    """The case as a Bundle about Patient/p."""
    one = service(folder)
    return as_bundle(case(name, folder).record, one.pathway, one.bindings)


def parameters(**given: Any) -> Json:
    """A Parameters resource. Texts as strings, resources as such; of a list each."""
    listed = [(name, one) for name, value in given.items() for one in (value if isinstance(value, list) else [value])]
    return {"resourceType": "Parameters", "parameter": [{"name": name, **_valued(value)} for name, value in listed]}


def on(day: str) -> Json:
    """The `parameters` that set the index date."""
    return {"resourceType": "Parameters", "parameter": [{"name": "Index", "valueDate": day}]}


def _valued(value: Any) -> Json:
    if isinstance(value, dict):
        return {"resource": value}
    return {"valueBoolean": value} if isinstance(value, bool) else {"valueString": value}


def of_case(name: str, **given: Any) -> Json:
    """What an operation is given to answer for a case on its index date."""
    day = case(name).index_date.isoformat()
    return parameters(**{"subject": "Patient/p", "data": bundle_of(name), "parameters": on(day)} | given)


def issues(answer: Response) -> list[Json]:
    """Those of the OperationOutcome that was answered."""
    assert answer.json()["resourceType"] == "OperationOutcome"
    found: list[Json] = answer.json()["issue"]
    return found


def told(answer: Response) -> str:
    return " ".join(one["diagnostics"] for one in issues(answer))


def contained(care_plan: Json, kind: str) -> list[Json]:
    return [one for one in care_plan["contained"] if one["resourceType"] == kind]
