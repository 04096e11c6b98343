"""Orders that are selected or signed: what stands against them, and what has to be known first."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from fhir_forms import BINDINGS, PATHWAY
from hook_calls import (
    EXTENSION,
    SERVICES,
    Clock,
    Json,
    call,
    cards_of,
    case,
    no_server,
    prefetch,
    resources_of,
    searchset,
    service,
)

from ischio.fhir.bindings import Order
from ischio.interfaces.http.hooks.answering import Answerer
from ischio.interfaces.http.hooks.orders import OrderReader
from ischio.interfaces.http.whose import NOBODY
from ischio.model.mistake import PathwayError
from ischio.store.entries import Access
from ischio.store.store import open_store

CLOCK = Clock()
ANSWERER = Answerer(service(CLOCK), no_server)
SYSTEMS = BINDINGS.systems
RIGHT = {"coding": [{"system": SYSTEMS["snomed"], "code": "24028007"}]}
SUBJECT = {"reference": "Patient/p"}
NOTHING = "nothing"


def medicine(system: str, code: str, text: str = "") -> Json:
    about = {"coding": [{"system": SYSTEMS[system], "code": code}], "text": text} if code else {"text": text}
    base = {"resourceType": "MedicationRequest", "id": "m1", "status": "draft", "intent": "order", "subject": SUBJECT}
    return base | {"medicationCodeableConcept": about}


def request(system: str, code: str, **more: Json) -> Json:
    about = {"coding": [{"system": SYSTEMS[system], "code": code}]}
    base = {"resourceType": "ServiceRequest", "id": "s1", "status": "draft", "intent": "order", "subject": SUBJECT}
    return base | {"code": about} | more


NAPROXEN = medicine("rxnorm", "7258")
BY_NAME = medicine("rxnorm", "", "Naproxen 500 mg tablets")
BY_CLASS = medicine("atc", "M01AE02")
CYCLOBENZAPRINE = medicine("rxnorm", "21949")
PARACETAMOL_CREAM = medicine("rxnorm", "", "Emollient cream")
MRI = request("loinc", "36022-2")
INJECTION = request("ischio", "ischiofemoral-space-injection", bodySite=[RIGHT])
INJECTION_NO_SIDE = request("ischio", "ischiofemoral-space-injection")
OSTEOTOMY = request("ischio", "lateralizing-intertrochanteric-osteotomy", bodySite=[RIGHT])
RESECTION = request("ischio", "lesser-trochanter-resection-endoscopic", bodySite=[RIGHT])

ROWS = [
    ("nsaid-everything-known", NAPROXEN, NOTHING, ""),
    ("nsaid-with-an-active-ulcer", NAPROXEN, "warning", "stopped by Active ulcer or bleeding"),
    ("nsaid-with-an-active-ulcer", BY_NAME, "warning", "stopped by Active ulcer or bleeding"),
    ("nsaid-with-an-active-ulcer", BY_CLASS, "warning", "stopped by Active ulcer or bleeding"),
    ("nsaid-with-an-active-ulcer", PARACETAMOL_CREAM, NOTHING, ""),
    ("nsaid-with-an-active-ulcer", NAPROXEN | {"subject": {"reference": "Patient/q"}}, NOTHING, ""),
    ("nsaid-with-an-active-ulcer", NAPROXEN | {"status": "entered-in-error"}, NOTHING, ""),
    ("nsaid-pregnancy-not-asked", NAPROXEN, "warning", "check first Pregnant"),
    ("operation-on-an-anticoagulant", NAPROXEN, "info", "with care Anticoagulant"),
    ("relaxant-on-a-mao-inhibitor", CYCLOBENZAPRINE, "warning", "MAO inhibitor"),
    ("imaging-everything-known", MRI, NOTHING, ""),
    ("gate-injection-passes", INJECTION, "warning", "check first"),
    ("injection-everything-known", INJECTION, NOTHING, ""),
    ("injection-everything-known", INJECTION_NO_SIDE, NOTHING, ""),
    ("injection-infection", INJECTION, "warning", "stopped until 3 Jun 2026 by Active infection"),
    ("injection-infection", INJECTION_NO_SIDE, "warning", "stopped until 3 Jun 2026 by Active infection"),
    ("injection-infection-not-asked", INJECTION, "warning", "check first Active infection"),
    ("gate-conservative-passes", RESECTION, "info", "not a step of the pathway now"),
    ("operation-everything-known", RESECTION, NOTHING, ""),
    ("operation-on-an-anticoagulant", RESECTION, "warning", "stopped by Anticoagulant without a plan"),
    ("operation-everything-known", OSTEOTOMY, "warning", "cannot be judged without knowing Femoral version"),
    ("cauda-equina", INJECTION, "critical", "stopped by Red flag"),
    ("cauda-equina", NAPROXEN, "critical", "stopped by Red flag"),
]


def cards(name: str, hook: str, *drafts: Json, **more: Json) -> list[Json]:
    found = case(name)
    CLOCK.set_to(found.index_date)
    resources = resources_of(found.record)
    assert resources is not None, name
    return cards_of(ANSWERER, call(hook, prefetch(resources), draftOrders=searchset(*drafts), **more))


@pytest.mark.parametrize(("name", "order", "indicator", "told"), ROWS)
def test_an_order_that_is_signed(name: str, order: Json, indicator: str, told: str) -> None:
    found = cards(name, "order-sign", order)
    assert [one["indicator"] for one in found] == ([] if indicator == NOTHING else [indicator])
    for one in found:
        assert told in one["summary"], one["summary"]


def test_only_a_selected_order_is_judged() -> None:
    both = (NAPROXEN, CYCLOBENZAPRINE | {"id": "m2"})
    for selections, named in ((["MedicationRequest/m1"], True), (["m1"], True), (["MedicationRequest/m2"], False)):
        found = cards("nsaid-with-an-active-ulcer", "order-select", *both, selections=selections)
        assert any("Anti-inflammatory" in one["summary"] for one in found) is named


def test_a_stopped_order_can_be_left_out() -> None:
    (one,) = cards("nsaid-with-an-active-ulcer", "order-sign", NAPROXEN)
    (suggestion,) = one["suggestions"]
    (action,) = suggestion["actions"]
    assert (action["type"], action["resourceId"]) == ("delete", "MedicationRequest/m1")


def test_several_orders_give_one_card_with_the_gravest_first() -> None:
    drafts = (INJECTION, NAPROXEN, CYCLOBENZAPRINE | {"id": "m2"})
    (one,) = cards("nsaid-with-an-active-ulcer", "order-sign", *drafts)
    assert one["summary"].startswith("Anti-inflammatory medicine, short course: stopped")
    assert one["summary"].endswith("2 more to check")


def test_an_order_for_both_sides_is_judged_on_each() -> None:
    both = {"coding": [{"system": SYSTEMS["snomed"], "code": "51440002"}]}
    (one,) = cards("injection-infection", "order-sign", INJECTION | {"bodySite": [both]})
    assert "right hip" in one["summary"]


def test_an_order_beside_its_medication() -> None:
    """An order may name its medicine by a resource beside it."""
    beside = {"resourceType": "Medication", "id": "n", "code": NAPROXEN["medicationCodeableConcept"]}
    order = {name: value for name, value in NAPROXEN.items() if name != "medicationCodeableConcept"}
    order |= {"medicationReference": {"reference": "Medication/n"}}
    (one,) = cards("nsaid-with-an-active-ulcer", "order-sign", order, beside)
    assert "Active ulcer" in one["summary"]


@pytest.mark.parametrize("drafts", [[], [5], [{}], [{"resourceType": "ServiceRequest"}], [None], [NAPROXEN, {"id": 5}]])
def test_a_draft_that_is_no_order_stops_nothing(drafts: list[Json]) -> None:
    assert len(cards("nsaid-with-an-active-ulcer", "order-sign", *drafts)) == (NAPROXEN in drafts)


def test_orders_of_another_version_of_fhir_are_not_taken_for_none(tmp_path: Path) -> None:
    """Nothing is said of them, and why is told: they could not be read."""
    newer = INJECTION | {"resourceType": "MedicationUsage"}
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    found = case("injection-infection")
    CLOCK.set_to(found.index_date)
    body = call("order-sign", prefetch(resources_of(found.record) or []), draftOrders=searchset(newer))
    answer = Answerer(service(CLOCK, store), no_server).answer(
        SERVICES["order-sign"], json.dumps(body).encode(), NOBODY
    )
    kept = store.cards.card(answer["extension"][EXTENSION]["call"], Access("test", CLOCK()))
    store.close()
    assert answer["cards"] == []
    assert kept is not None
    assert kept.why == "not-readable"


def test_every_order_of_the_bindings_leads_to_its_action() -> None:
    for name, order in BINDINGS.orders.items():
        assert name in PATHWAY.actions
        assert set(order.concepts) <= PATHWAY.concepts.keys()
        assert all(set(order.values) <= PATHWAY.concepts[one].values.keys() for one in order.concepts)


def test_orders_that_name_what_is_not_there_are_told_at_once() -> None:
    order = Order(line=7, concepts=("no_concept",))  # type: ignore[arg-type]  # a name that is no concept of any release
    with pytest.raises(PathwayError) as told:
        OrderReader(PATHWAY, replace(BINDINGS, orders={"no_action": order}))
    assert [one.what for one in told.value.mistakes] == ["no_action is no action.", "no_concept is no concept."]
    assert {one.line for one in told.value.mistakes} == {7}


# ---- a problem that opens the pathway ------------------------------------------------------------------------------

VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
CONFIRMED = {"coding": [{"system": VERIFICATION, "code": "confirmed"}]}


def problem(system: str, code: str, **more: Json) -> Json:
    about = {"coding": [{"system": SYSTEMS[system], "code": code}]}
    base = {"resourceType": "Condition", "id": "c1", "subject": SUBJECT, "code": about, "verificationStatus": CONFIRMED}
    return base | {"recordedDate": "2026-06-01"} | more


IFI = problem("ischio", "ischiofemoral-impingement", bodySite=[RIGHT])
PERSON = {"resourceType": "Patient", "id": "p", "birthDate": "1980-01-01", "gender": "female"}


@pytest.mark.parametrize(
    ("new", "known", "summary"),
    [
        (IFI, [], "Ischiofemoral impingement can start: Right hip"),
        (IFI, [IFI], "Ischiofemoral impingement can start: Right hip"),
        (IFI, [IFI | {"id": "older", "recordedDate": "2026-05-01"}], None),
        ({name: value for name, value in IFI.items() if name != "bodySite"}, [], "once the side of the new problem"),
        (problem("snomed", "38341003"), [], None),
        (IFI | {"subject": {"reference": "Patient/q"}}, [], None),
        (IFI | {"verificationStatus": {"coding": [{"system": VERIFICATION, "code": "entered-in-error"}]}}, [], None),
    ],
    ids=["new", "already sent to the server", "on the pathway before", "no side", "another", "of another", "withdrawn"],
)
def test_a_new_problem(new: Json, known: list[Json], summary: str | None) -> None:
    CLOCK.set_to(case("gate-injection-passes").index_date)
    body = call("problem-list-item-create", prefetch([PERSON, *known]), conditions=searchset(new))
    found = cards_of(ANSWERER, json.loads(json.dumps(body)))
    assert len(found) == (summary is not None), found
    for one in found:
        assert summary in one["summary"]
        assert one["indicator"] == "info"
