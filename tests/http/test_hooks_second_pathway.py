"""The hooks of another pathway: nothing in them is tied to hips or to a disease."""

import json
import re
from pathlib import Path

import pytest
from hook_calls import BASE, CONTEXTS, INSTANCE, Clock, Json, no_server, searchset

from ischio.fhir.bindings import load_bindings
from ischio.fhir.export.publication import Publication
from ischio.fhir.reader import FhirReader
from ischio.fhir.writer import as_bundle
from ischio.interfaces.http.hooks.answering import Answerer
from ischio.interfaces.http.hooks.services import discovery, hook_services, keys
from ischio.interfaces.http.service import Service
from ischio.interfaces.http.settings import Settings
from ischio.interfaces.http.whose import NOBODY
from ischio.loading.pathway import load_pathway
from ischio.record.case_form import read_case

ANKLE = Path(__file__).parents[1] / "knowledge" / "ankle"
PATHWAY, BINDINGS = load_pathway(ANKLE), load_bindings(ANKLE / "bindings.yaml")
CLOCK = Clock()
SERVICE = Service(
    PATHWAY,
    BINDINGS,
    FhirReader(PATHWAY.concepts, BINDINGS),
    Publication(PATHWAY, BINDINGS),
    Settings(base=BASE),
    CLOCK,
)
ANSWERER = Answerer(SERVICE, no_server)
OF_HIPS = re.compile(r"\bhips?\b|ischiofemoral|impingement|buttock|trochanter|\bIFI\b", re.IGNORECASE)
CASES = sorted((ANKLE / "cases").glob("*.yaml"))


def answered(path: Path, hook: str) -> Json:
    case = read_case(path, PATHWAY)
    CLOCK.set_to(case.index_date)
    resources = [entry["resource"] for entry in as_bundle(case.record, PATHWAY, BINDINGS)["entry"]]
    data: Json = {
        key.name: searchset(*(r for r in resources if r["resourceType"] == key.needed.type)) for key in keys(SERVICE)
    }
    context = {"userId": "Practitioner/d", "patientId": "p", **CONTEXTS.get(hook, {})}
    body = {"hook": hook, "hookInstance": INSTANCE, "context": context, "prefetch": data | {"patient": resources[0]}}
    service = next(one for one in hook_services(PATHWAY).values() if one.hook == hook)
    return ANSWERER.answer(service, json.dumps(body).encode(), NOBODY)


@pytest.mark.parametrize("hook", ["patient-view", "encounter-discharge", "order-sign"])
@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_card_of_an_ankle_speaks_of_no_hip(path: Path, hook: str) -> None:
    answer = answered(path, hook)
    assert len(answer["cards"]) <= 1
    assert not OF_HIPS.search(json.dumps(answer, default=str).replace(SERVICE.publication.name, ""))


def test_an_ankle_has_cards() -> None:
    shown = [card["summary"] for path in CASES for card in answered(path, "patient-view")["cards"]]
    assert shown
    assert any("ankle" in summary for summary in shown)


def test_its_services_are_its_own() -> None:
    assert not OF_HIPS.search(json.dumps(discovery(SERVICE)))
    assert {one["id"] for one in discovery(SERVICE)["services"]} == set(hook_services(PATHWAY))
