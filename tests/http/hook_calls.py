"""Hook calls for tests: a service with a clock that is set, cases as prefetched data, calls in each hook's form."""

import json
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from itertools import count
from typing import Any

from fhir_forms import BINDINGS, PATHWAY, READER
from starlette.applications import Starlette

from ischio.fhir.export.publication import Publication
from ischio.fhir.writer import NotWritable, as_bundle
from ischio.interfaces.http.app import guarded
from ischio.interfaces.http.hooks.answering import Answerer
from ischio.interfaces.http.hooks.calls import Call
from ischio.interfaces.http.hooks.charts import Chart
from ischio.interfaces.http.hooks.gathering import Gathered, Received, ServerOf, Told
from ischio.interfaces.http.hooks.routes import routes
from ischio.interfaces.http.hooks.services import hook_services, keys
from ischio.interfaces.http.service import Service
from ischio.interfaces.http.settings import Settings
from ischio.interfaces.http.whose import NOBODY
from ischio.loading.pathway import packaged
from ischio.record.case_form import Case, read_case
from ischio.record.events import Record
from ischio.store.store import Store

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

Json = Any

BASE = "https://pathway.example.org"
INSTANCE = "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"
HOOKS = ("patient-view", "order-select", "order-sign", "problem-list-item-create", "encounter-discharge")
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
SERVICES = {one.hook: one for one in hook_services(PATHWAY).values()}
EXTENSION = Publication(PATHWAY, BINDINGS).name


@dataclass
class Clock:
    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def set_to(self, day: date) -> None:
        self.now = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def numbered() -> Iterator[str]:
    return (f"00000000-0000-4000-8000-{number:012}" for number in count(1))


def service(clock: Clock, store: Store | None = None, settings: Settings | None = None) -> Service:
    made = numbered()
    return Service(
        PATHWAY,
        BINDINGS,
        READER,
        Publication(PATHWAY, BINDINGS),
        settings or Settings(base=BASE),
        clock,
        store=store,
        new_uuid=lambda: next(made),
    )


def client(of: Service, server_of: ServerOf | None = None) -> TestClient:
    app: Starlette = guarded(of, routes(of, server_of))
    return TestClient(app, base_url=BASE, raise_server_exceptions=False)


def no_server(_: Call) -> None:
    """No FHIR server may be asked."""


# ---- data ------------------------------------------------------------------------------------------------------


@cache
def cases() -> tuple[Case, ...]:
    folder = packaged() / "cases"
    return tuple(read_case(path, PATHWAY, lambda path: READER.read(path)) for path in sorted(folder.glob("*.yaml")))


def case(name: str) -> Case:
    return next(one for one in cases() if one.path.stem == name)


def resources_of(record: Record) -> list[Json] | None:
    """The record as FHIR resources, the Patient first; None where a case has no FHIR form."""
    try:
        bundle = as_bundle(record, PATHWAY, BINDINGS)
    except NotWritable:
        return None
    return [entry["resource"] for entry in bundle["entry"]]


def searchset(*resources: Json, **more: Json) -> Json:
    entries = [{"resource": resource} for resource in resources]
    return {"resourceType": "Bundle", "type": "searchset", "total": len(entries), "entry": entries} | more


def prefetch(resources: Iterable[Json]) -> dict[str, Json]:
    """Every key: a Bundle of its type, empty where there is none."""
    by_type: dict[str, list[Json]] = {}
    for one in resources:
        by_type.setdefault(one["resourceType"], []).append(one)
    found: dict[str, Json] = {
        key.name: searchset(*by_type.get(key.needed.type, ()))
        for key in keys(service(Clock()))
        if key.name != "patient"
    }
    return {"patient": by_type["Patient"][0], **found}


def call(hook: str, data: dict[str, Json] | None, patient: str = "p", **more: Json) -> Json:
    """A call in the hook's form. more: of the context."""
    context: Json = {"userId": "Practitioner/d", "patientId": patient, **CONTEXTS.get(hook, {}), **more}
    body = {"hook": hook, "hookInstance": INSTANCE, "context": context}
    return body | ({"prefetch": data} if data is not None else {})


CONTEXTS: dict[str, Json] = {
    "order-select": {"selections": [], "draftOrders": searchset()},
    "order-sign": {"draftOrders": searchset()},
    "problem-list-item-create": {"conditions": searchset()},
    "encounter-discharge": {"encounterId": "e1"},
}


def post(to: TestClient, body: Json, hook: str | None = None, **options: Any) -> Any:
    url = f"/cds-services/{SERVICES[hook or body['hook']].id}"
    return to.post(url, content=json.dumps(body), headers={"content-type": "application/json"}, **options)


def cards_of(answerer: Answerer, body: Json) -> Json:
    """The cards of a call, without a web server between."""
    return answerer.answer(SERVICES[body["hook"]], json.dumps(body).encode(), NOBODY)["cards"]


# ---- charts of records that have no FHIR form -----------------------------------------------------------------------


def chart(of: Service, record: Record, index: date, hook: str, **context: Json) -> Chart:
    """What a call with this record is judged on."""
    body = call(hook, None, **context)
    told = {key.name: Told((), None, Received.EMPTY) for key in keys(of)}
    patient = {"resourceType": "Patient", "id": record.patient.id}
    found = Gathered(record, patient, told, keys(of))
    made = Call(hook, INSTANCE, body["context"])
    return Chart(of, replace_patient(made, record), found, index)


def replace_patient(made: Call, record: Record) -> Call:
    return Call(made.hook, made.hook_instance, made.context | {"patientId": record.patient.id})
