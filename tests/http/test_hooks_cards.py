"""Every card that the pathway can emit: all cases through every hook, with an order of every action."""

import json
import re
from collections.abc import Iterator
from functools import cache

import pytest
from hook_calls import (
    BASE,
    EXTENSION,
    HOOKS,
    SERVICES,
    Clock,
    Json,
    call,
    cards_of,
    cases,
    chart,
    no_server,
    prefetch,
    resources_of,
    searchset,
    service,
)

from ischio.engine.answer import Answer
from ischio.engine.assess import assess, brief
from ischio.engine.status import Status
from ischio.fhir.apply.requests import Context, due, proposal
from ischio.fhir.export.activities import REQUESTS, coded, sides_of, site
from ischio.interfaces.http.hooks.answering import Answerer
from ischio.interfaces.http.hooks.cards import card
from ischio.interfaces.http.hooks.opinions import Said
from ischio.interfaces.http.hooks.wording import plain
from ischio.model.about import Side
from ischio.model.assessment import Assessment
from ischio.record.case_form import Case

CLOCK = Clock()
SERVICE = service(CLOCK)
ANSWERER = Answerer(SERVICE, no_server)
PUBLICATION, PATHWAY = SERVICE.publication, SERVICE.pathway
SENTENCE = re.compile(r"[.!?](?=\s|$)")
CASES = cases()


def draft(action: str, side: Side | None) -> Json:
    """A draft order for an action, coded as our own suggestion is."""
    defined = PATHWAY.actions[action]
    kind = REQUESTS[defined.kind]
    what = "medicationCodeableConcept" if kind == "MedicationRequest" else "code"
    found: Json = {"resourceType": kind, "id": f"{action}-{side.value if side else 'person'}".replace("_", "-")}
    found |= {
        "status": "draft",
        "intent": "order",
        "subject": {"reference": "Patient/p"},
        what: coded(PUBLICATION, defined),
    }
    return found | ({"bodySite": [site(PUBLICATION, side)]} if side and kind == "ServiceRequest" else {})


ORDERS = [
    draft(action.id, side)
    for action in PATHWAY.actions.values()
    if REQUESTS[action.kind] in ("ServiceRequest", "MedicationRequest")
    for side in sides_of(action)
]
PROBLEM = {
    "resourceType": "Condition",
    "id": "new",
    "subject": {"reference": "Patient/p"},
    "code": {"coding": [{"system": PUBLICATION.system, "code": "ischiofemoral-impingement"}]},
    "bodySite": [site(PUBLICATION, Side.RIGHT)],
    "recordedDate": "2026-01-01",
}
WHOLE = {
    "order-select": {
        "draftOrders": searchset(*ORDERS),
        "selections": [f"{one['resourceType']}/{one['id']}" for one in ORDERS],
    },
    "order-sign": {"draftOrders": searchset(*ORDERS)},
    "problem-list-item-create": {"conditions": searchset(PROBLEM)},
}


def emitted(case: Case, one_by_one: bool) -> Iterator[tuple[str, Json]]:
    """The cards of a case, hook by hook; orders together, and of some cases one by one too."""
    CLOCK.set_to(case.index_date)
    answer = Answer(PATHWAY, case.record, case.index_date)
    for hook in HOOKS:
        contexts = [WHOLE.get(hook, {})]
        contexts += [{"draftOrders": searchset(one)} for one in ORDERS] if hook == "order-sign" and one_by_one else []
        for context in contexts:
            about = chart(SERVICE, case.record, case.index_date, hook, **_decoded(context, case))
            about.__dict__["answer"] = answer  # judged once for all hooks
            said = ANSWERER.opinion(about)
            if isinstance(said, Said):
                yield hook, card(about, SERVICES[hook], said, SERVICE.new_uuid())


def _decoded(context: Json, case: Case) -> Json:
    return json.loads(json.dumps(context).replace('"Patient/p"', f'"Patient/{case.record.patient.id}"'))


@cache
def every_card() -> tuple[tuple[str, str, Json], ...]:
    return tuple(
        (case.path.stem, hook, found)
        for place, case in enumerate(CASES)
        for hook, found in emitted(case, one_by_one=place % 8 == 0)
    )


@cache
def whole_answer(name: str) -> Assessment:
    found = next(case for case in CASES if case.path.stem == name)
    return assess(PATHWAY, found.record, found.index_date)


def test_every_hook_emits_cards(record_property: pytest.FixtureRequest) -> None:
    counts = {hook: sum(of == hook for _, of, _ in every_card()) for hook in HOOKS}
    levels = {
        level: sum(one["indicator"] == level for _, _, one in every_card()) for level in ("info", "warning", "critical")
    }
    record_property("counted", f"cards of {len(CASES)} cases: {counts}, {levels}")
    assert min(counts.values()) > 30
    assert min(levels.values()) > 30


def test_a_card_is_read_in_one_breath() -> None:
    """C10: one sentence of fewer than 140 code points; five sentences and 600 characters at most."""
    for name, hook, one in every_card():
        told = (name, hook, one["summary"], one["detail"])
        assert len(one["summary"]) < 140, told
        assert not SENTENCE.search(one["summary"]), told
        assert "…" not in one["summary"], told
        assert len(one["detail"]) <= 600, told
        assert len(SENTENCE.findall(one["detail"])) <= 5, told


def test_a_card_has_source_uuid_why_link_and_reasons_to_override() -> None:
    """C10, and what CDS Hooks asks of a card."""
    for name, hook, one in every_card():
        assert one["source"]["label"], name
        assert one["source"]["url"].startswith(f"{BASE}/"), name
        assert re.fullmatch(r"[0-9a-f-]{36}", one["uuid"]), name
        links = {link["type"]: link for link in one["links"]}
        assert links["absolute"]["url"] == f"{BASE}/cds-services/{SERVICES[hook].id}/why/{one['uuid']}"
        assert links["smart"]["url"].startswith(f"{BASE}/")
        assert isinstance(links["smart"]["appContext"], str)
        assert "appContext" not in links["absolute"]
        assert 1 <= len(one["overrideReasons"]) <= 6
        assert all(reason.keys() == {"code", "system", "display"} for reason in one["overrideReasons"])
        assert isinstance(one["extension"][EXTENSION], dict)
        assert one["extension"].keys() == {EXTENSION}


def test_a_suggestion_is_whole() -> None:
    """A label, a name of its own, and actions that create a whole draft or leave an order out."""
    for name, _, one in every_card():
        suggestions = one.get("suggestions", [])
        assert (one.get("selectionBehavior") == "any") == bool(suggestions), name
        assert len({suggestion["uuid"] for suggestion in suggestions}) == len(suggestions)
        assert sum(suggestion.get("isRecommended", False) for suggestion in suggestions) <= 1
        for suggestion in suggestions:
            assert suggestion["label"]
            assert suggestion["actions"]
            for action in suggestion["actions"]:
                assert action["description"]
                if action["type"] == "create":
                    assert action["resource"]["status"] == "draft"
                    assert "resourceId" not in action
                    assert action["resource"].get("intent", "proposal") == "proposal"
                else:
                    assert action["type"] == "delete"
                    assert "/" in action["resourceId"]
                    assert "resource" not in action


def test_nothing_in_a_card_is_empty() -> None:
    def empty(value: Json) -> bool:
        if isinstance(value, dict):
            return not value or any(map(empty, value.values()))
        return value is None or value == ""

    for name, _, one in every_card():
        assert not any(empty(value) for key, value in one.items() if key != "extension"), name


def test_only_a_red_flag_is_critical() -> None:
    for name, hook, one in every_card():
        assert one["indicator"] != "critical" or "red flag" in one["summary"].lower(), (name, hook, one["summary"])


def test_a_red_flag_is_told_when_the_chart_is_opened() -> None:
    shown = {name: one for name, hook, one in every_card() if hook == "patient-view"}
    for case in CASES:
        whole = whole_answer(case.path.stem)
        alerts = [*whole.person.alerts, *(alert for hip in whole.hips for alert in hip.alerts)]
        if alerts:
            assert shown[case.path.stem]["indicator"] == "critical", case.path.stem
            assert any(plain(alert.title) in shown[case.path.stem]["detail"] for alert in alerts)


@pytest.mark.parametrize("hook", ["patient-view", "encounter-discharge"])
def test_suggestions_are_what_is_due(hook: str) -> None:
    """For every case: actions suggested by the card = due actions of the engine, with their sides."""
    shown = {name: one for name, of, one in every_card() if of == hook}
    for case in CASES:
        whole = whole_answer(case.path.stem)
        wanted = {(action.id, side) for action, side in due(whole) if action.status == Status.DUE.value}
        on_pathway = any(hip.stage.id != "not_on_pathway" for hip in whole.hips)
        if case.path.stem not in shown:
            assert not wanted or not on_pathway, case.path.stem
            continue
        about = Context(
            case.record.patient.id, case.index_date, "e1" if hook != "patient-view" else None, "Practitioner/d"
        )
        expected = [
            proposal(PUBLICATION, whole, action, side, about)
            for action, side in due(whole)
            if (action.id, side) in wanted
        ]
        given = [suggestion["actions"][0]["resource"] for suggestion in shown[case.path.stem].get("suggestions", [])]
        assert sorted(map(_text, given)) == sorted(_text(one.resource) for one in expected), case.path.stem


def _text(resource: Json) -> str:
    return json.dumps(resource, sort_keys=True, default=str)


def test_what_a_card_is_made_from_is_the_whole_answer() -> None:
    """The short answer says what the whole one says, of what it says."""
    for case in CASES:
        whole, short = (
            whole_answer(case.path.stem),
            brief(Answer(PATHWAY, case.record, case.index_date)),
        )
        assert [one[0].id for one in due(short)] == [one[0].id for one in due(whole)]
        for mine, full in zip(short.hips, whole.hips, strict=True):
            assert (mine.side, mine.stage, mine.diversion, mine.alerts, mine.review) == (
                full.side,
                full.stage,
                full.diversion,
                full.alerts,
                full.review,
            )
        assert short.person.alerts == whole.person.alerts


def test_a_call_with_prefetch_gives_the_card_of_the_record() -> None:
    """The cases that have a FHIR form, through the whole service."""
    shown = {name: one for name, of, one in every_card() if of == "patient-view"}
    tried = 0
    for case in CASES[::4]:
        resources = resources_of(case.record)
        if resources is not None:
            CLOCK.set_to(case.index_date)
            found = cards_of(ANSWERER, call("patient-view", prefetch(resources)))
            wanted = shown.get(case.path.stem)
            assert [one["summary"] for one in found] == ([wanted["summary"]] if wanted else []), case.path.stem
            assert [one["detail"] for one in found] == ([wanted["detail"]] if wanted else []), case.path.stem
            tried += 1
    assert tried > 50


XSS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "[a](javascript:alert(1))",
    "![x](https://evil.example/x.png)",
    "<svg/onload=alert(1)>",
    "`${7*7}`",
    "</textarea><iframe src=//evil.example>",
    "\u202egnp.exe",
    "# heading\n- list",
    "&lt;b&gt;",
]


@pytest.mark.parametrize("poison", XSS)
def test_nothing_of_the_patient_is_rendered(poison: str) -> None:
    """Names, words, displays and notes of a record do not reach the texts of a card."""

    def poisoned(value: Json) -> Json:
        if isinstance(value, dict):
            found = {key: poisoned(one) for key, one in value.items()}
            return found | (
                {"display": poison}
                if "code" in value and "system" in value
                else {"text": poison}
                if "coding" in value
                else {}
            )
        return [poisoned(one) for one in value] if isinstance(value, list) else value

    case = next(one for one in CASES if one.path.stem == "nsaid-with-an-active-ulcer")
    CLOCK.set_to(case.index_date)
    resources = [poisoned(one) | {"note": [{"text": poison}]} for one in resources_of(case.record) or []]
    resources[0] |= {"name": [{"family": poison, "text": poison}]}
    orders = searchset(*(poisoned(one) | {"note": [{"text": poison}]} for one in ORDERS))
    for hook, more in (("patient-view", {}), ("order-sign", {"draftOrders": orders})):
        (found,) = cards_of(ANSWERER, call(hook, prefetch(resources), **more))
        assert poison not in json.dumps(found, ensure_ascii=False)


@pytest.mark.parametrize("poison", XSS)
def test_a_text_in_markdown_means_nothing_but_itself(poison: str) -> None:
    left = re.sub(r"&#\d+;", "", plain(poison))
    assert not re.search(r"[<>`\[\]*_#|~!&\\]", left)
