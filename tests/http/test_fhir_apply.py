"""`$apply`: what is offered is kept, what is not is left out, and what is unknown is told and asked for.

Every case goes through it: its actions are those that the engine, the list for cards, and the SQL of a cohort offer.
"""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from fhir_calls import Json, assessed, bundle_of, client, contained, of_case, on, parameters, service, told
from generative.agreement import Asked, by_sql, numbered

from ischio.engine.status import Status
from ischio.fhir.apply import applied as applied_module
from ischio.fhir.apply.applied import applied
from ischio.fhir.apply.care_plan import care_plan
from ischio.fhir.apply.requests import Context, due
from ischio.fhir.export.plan import element_id, plan
from ischio.interfaces.inputs import read_cases
from ischio.model.about import Scope, Side
from ischio.model.assessment import Assessment

INSTANCE = "/fhir/PlanDefinition/ischiofemoral/$apply"
TYPE = "/fhir/PlanDefinition/$apply"
URL = "https://w3id.org/ischio/fhir/PlanDefinition/ischiofemoral"
UNKNOWN = (Status.CANNOT_TELL.value, Status.CHECK_FIRST.value)
ABOUT = Context("p", service().today)


@cache
def plans_of_care() -> dict[str, Json]:
    publication = service().publication
    asked = plan(publication)
    return {name: care_plan(publication, asked, one, ABOUT) for name, one in assessed().items()}


def leaves(actions: list[Json]) -> Iterator[Json]:
    for action in actions:
        if "action" in action:
            yield from leaves(action["action"])
        else:
            yield action


def kept(care_plan_: Json) -> list[str]:
    """The ids of what is kept, in order, red flags left out."""
    (group,) = contained(care_plan_, "RequestGroup")
    flags = {element_id(flag.fact, side) for flag in service().pathway.flags for side in (*Side, None)}
    return [one["id"] for one in leaves(group.get("action", [])) if one["id"] not in flags]


def ids_of(assessment: Assessment, *statuses: str) -> set[str]:
    parts = [*((Side(hip.side), hip.actions) for hip in assessment.hips), (None, assessment.person.actions)]
    return {element_id(one.id, side) for side, actions in parts for one in actions if one.status in statuses}


# ---- the same everywhere ----------------------------------------------------------------------------------------


def test_what_is_kept_is_what_the_engine_offers_and_what_cards_suggest():
    for name, assessment in assessed().items():
        found = kept(plans_of_care()[name])
        assert set(found) == ids_of(assessment, "due", "optional"), name
        assert set(found) == {element_id(action.id, side) for action, side in due(assessment)}, name
        assert len(found) == len(set(found)), name


def test_what_is_kept_is_what_the_sql_of_a_cohort_offers(capsys: pytest.CaptureFixture[str]):
    """All cases but the few that give facts directly: event tables hold events."""
    pathway = service().pathway
    cases = [one for one in read_cases(pathway, None)[0] if not one.record.given]
    asked = numbered([Asked(one.record, one.index_date) for one in cases])
    rows = by_sql(pathway, asked)
    for one, each in zip(cases, asked, strict=True):
        offered = {
            element_id(action.id, side if action.scope is Scope.HIP else None)
            for side in Side
            for action in pathway.actions.values()
            if rows[each.record.patient.id, side][f"action_{action.id}"] in ("due", "optional")
        }
        assert offered == set(kept(plans_of_care()[one.id])), one.id
    with capsys.disabled():
        print(f"\n$apply, engine, cards and SQL offer the same in {len(cases)} of {len(assessed())} cases")
    assert len(cases) >= 350


def test_the_endpoint_gives_what_the_pure_function_gives():
    name = "gate-injection-unknown"
    answer = client().post(INSTANCE, json=of_case(name))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/fhir+json")
    (mine,), (theirs,) = (contained(one, "RequestGroup") for one in (answer.json(), plans_of_care()[name]))
    assert mine["action"] == theirs["action"]


def test_order_and_nesting_are_those_of_the_plan():
    order = [one["id"] for one in leaves(plan(service().publication)["action"])]
    for name, one in plans_of_care().items():
        (group,) = contained(one, "RequestGroup")
        found = [leaf["id"] for leaf in leaves(group.get("action", []))]
        assert found == [each for each in order if each in set(found)], name


# ---- unknown ----------------------------------------------------------------------------------------------------


def test_no_action_that_cannot_be_told_is_dropped_in_silence():
    """Each has an issue that says where in the plan it stands, and the answer says which data would tell."""
    every = plan(service().publication)
    for name, assessment in assessed().items():
        unknown = ids_of(assessment, *UNKNOWN)
        outcomes = contained(plans_of_care()[name], "OperationOutcome")
        issues = [issue for one in outcomes for issue in one["issue"] if "details" in issue]
        assert {at(every, issue["expression"][0])["id"] for issue in issues} == unknown, name
        assert {issue["severity"] for issue in issues} <= {"information"}
        (guidance,) = contained(plans_of_care()[name], "GuidanceResponse")
        if unknown:
            assert guidance["status"] == "data-required", name
            assert guidance["dataRequirement"], name


def at(plan_: Json, expression: str) -> Json:
    """The action to which a path such as PlanDefinition.action[0].action[2].condition[0] leads."""
    node: Any = plan_
    for part in expression.removesuffix(".condition[0]").split(".")[1:]:
        key, _, position = part.removesuffix("]").partition("[")
        node = node[key][int(position)]
    assert isinstance(node, dict)
    return node


def test_a_red_flag_is_kept_where_present_and_told_where_unknown():
    flags = {flag.fact: flag for flag in service().pathway.flags}
    every = plan(service().publication)
    for name, assessment in assessed().items():
        parts = [*((Side(hip.side), hip) for hip in assessment.hips), (None, assessment.person)]
        present = {element_id(alert.id, side) for side, part in parts for alert in part.alerts}
        unknown = {
            element_id(fact.id, side)
            for side, part in parts
            for fact in part.facts
            if fact.id in flags and fact.value is None
        }
        (group,) = contained(plans_of_care()[name], "RequestGroup")
        there = {leaf["id"] for leaf in leaves(group.get("action", []))}
        assert there - set(kept(plans_of_care()[name])) == present, name
        outcomes = contained(plans_of_care()[name], "OperationOutcome")
        paths = [
            path
            for one in outcomes
            for issue in one["issue"]
            if "details" not in issue
            for path in issue.get("expression", ())
        ]
        assert {at(every, path)["id"] for path in paths} == unknown, name


def test_what_is_asked_for_names_the_data_and_the_side():
    (guidance,) = contained(plans_of_care()["gate-injection-unknown"], "GuidanceResponse")
    asked = guidance["dataRequirement"][0]
    assert asked["type"] == "Observation"
    code, side = asked["codeFilter"]
    assert code == {"path": "code", "valueSet": "https://w3id.org/ischio/fhir/ValueSet/ischiofemoral-pain-score|0.1.0"}
    assert (side["path"], side["code"][0]["code"]) == ("bodySite", "right")


def test_every_value_set_that_is_asked_for_is_served():
    served = {f"{one['resource']['url']}|{one['resource']['version']}" for one in entries("/fhir/ValueSet?_count=999")}
    asked = {
        filter_["valueSet"]
        for one in plans_of_care().values()
        for guidance in contained(one, "GuidanceResponse")
        for needed in guidance.get("dataRequirement", ())
        for filter_ in needed.get("codeFilter", ())
        if "valueSet" in filter_
    }
    assert len(asked) > 40
    assert asked <= served


def entries(path: str) -> list[Json]:
    found: list[Json] = client().get(path).json()["entry"]
    return found


def test_one_action_that_fails_costs_only_itself(monkeypatch: pytest.MonkeyPatch):
    name, fails = "gate-injection-unknown", kept(plans_of_care()["gate-injection-unknown"])[0]
    real = applied_module.proposal

    def proposal(publication: Any, assessment: Any, action: Any, side: Any, about: Any) -> Any:
        if element_id(action.id, side) == fails:
            raise RuntimeError("planted")
        return real(publication, assessment, action, side, about)

    monkeypatch.setattr(applied_module, "proposal", proposal)
    found = care_plan(service().publication, plan(service().publication), assessed()[name], ABOUT)
    assert kept(found) == kept(plans_of_care()[name])[1:]
    (outcome,) = contained(found, "OperationOutcome")
    errors = [issue for issue in outcome["issue"] if issue["severity"] == "error"]
    assert [error["code"] for error in errors] == ["exception"]
    assert "planted" not in json.dumps(errors)
    assert at(plan(service().publication), errors[0]["expression"][0])["id"] == fails


def test_what_an_action_of_the_plan_says_is_copied():
    """Relations, times and groups too, which the shipped plan does not use."""
    publication, name = service().publication, "gate-injection-unknown"
    changed = plan(publication)
    action = at(changed, where_of(changed, kept(plans_of_care()[name])[0]))
    action |= {"relatedAction": [{"actionId": "person", "relationship": "after"}], "timingDuration": {"value": 2}}
    found = applied(publication, changed, assessed()[name], ABOUT, lambda local: f"#{local}")
    (copy,) = [leaf for leaf in leaves(found.actions) if leaf["id"] == action["id"]]
    for key in (
        "title",
        "description",
        "textEquivalent",
        "priority",
        "code",
        "documentation",
        "condition",
        "relatedAction",
        "timingDuration",
        "requiredBehavior",
        "precheckBehavior",
        "cardinalityBehavior",
    ):
        assert copy[key] == action[key], key
    groups = [one for one in found.actions if "action" in one]
    assert {(one["groupingBehavior"], one["selectionBehavior"]) for one in groups} == {("logical-group", "any")}


def where_of(plan_: Json, leaf: str) -> str:
    def search(actions: list[Json], path: str) -> Iterator[str]:
        for position, action in enumerate(actions):
            here = f"{path}.action[{position}]"
            if action["id"] == leaf:
                yield here
            yield from search(action.get("action", []), here)

    return next(search(plan_["action"], "PlanDefinition"))


# ---- what is given ----------------------------------------------------------------------------------------------

DATA = bundle_of("gate-injection-unknown")
GROUP = {"resourceType": "Group", "id": "g", "type": "person", "actual": True}

REFUSED = {
    # what is wrong: address, what is given, status, code, words
    "no subject": (INSTANCE, {"data": DATA}, 400, "required", "for whom"),
    "two subjects": (INSTANCE, {"subject": ["Patient/p", "Patient/q"], "data": DATA}, 400, "invalid", "2 times"),
    "a subject that is no reference": (INSTANCE, {"subject": "??", "data": DATA}, 400, "value", "not a reference"),
    "a Group elsewhere": (
        INSTANCE, {"subject": "https://x.example.org/fhir/Group/g", "data": DATA}, 422, "not-supported", "one Patient"),
    "a Group": (INSTANCE, {"subject": "Group/g", "data": DATA}, 422, "not-supported", "one Patient"),
    "the plan named twice": (INSTANCE, {"url": URL, "subject": "p", "data": DATA}, 400, "invalid", "named twice"),
    "the plan named by two parameters": (
        TYPE, {"url": URL, "planDefinition": URL, "subject": "p", "data": DATA}, 400, "invalid", "named twice"),
    "no plan named": (TYPE, {"subject": "Patient/p", "data": DATA}, 400, "required", "No plan"),
    "an id that is not served": (
        "/fhir/PlanDefinition/x/$apply", {"subject": "p", "data": DATA}, 404, "not-found", "no such PlanDefinition"),
    "an address that is not served": (
        TYPE, {"url": "http://example.org/x", "subject": "p", "data": DATA}, 404, "not-found", "no PlanDefinition"),
    "a version that is not served": (
        TYPE, {"url": URL, "version": "9", "subject": "p", "data": DATA}, 404, "not-found", "no PlanDefinition"),
    "data of another": (INSTANCE, {"subject": "Patient/q", "data": DATA}, 422, "invalid", "another Patient"),
    "data without a Patient": (
        INSTANCE, {"subject": "p", "data": {"resourceType": "Bundle"}}, 422, "invalid", "no Patient"),
    "data that are no Bundle": (INSTANCE, {"subject": "p", "data": GROUP}, 400, "value", "not a Bundle"),
    "nothing known": (INSTANCE, {"subject": "Patient/p"}, 404, "not-found", "Nothing is known"),
    "another type of practitioner": (
        INSTANCE, {"subject": "p", "data": DATA, "practitioner": "Patient/p"}, 422, "invalid", "another type"),
    "an index date that is none": (
        INSTANCE, {"subject": "p", "data": DATA, "parameters": on("soon")}, 400, "value", "not a date"),
    "a form that there is not": (INSTANCE, {"subject": "p", "data": DATA, "form": "x"}, 400, "value", "no such form"),
    "a server that is not listed": (
        INSTANCE, {"subject": "p", "dataEndpoint": {"resourceType": "Endpoint", "address": "http://10.0.0.1/fhir"}},
        422, "forbidden", "may not be asked"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_says_why_and_the_mend(name: str):
    address, given, status, code, words = REFUSED[name]
    answer = client().post(address, json=parameters(**given))
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/fhir+json")
    (issue,) = answer.json()["issue"]
    assert (issue["severity"], issue["code"]) == ("error", code)
    assert words in issue["diagnostics"]


NAMED = {
    "by the address": (INSTANCE, {}),
    "by url": (TYPE, {"url": URL}),
    "by url and version": (TYPE, {"url": URL, "version": "0.1.0"}),
    "by canonical": (TYPE, {"canonical": f"{URL}|0.1.0"}),
    "by reference": (TYPE, {"planDefinition": "PlanDefinition/ischiofemoral"}),
    "by the resource": (TYPE, {"planDefinition": plan(service().publication)}),
    "by a subject without its type": (INSTANCE, {"subject": "p"}),
    "by an absolute subject": (INSTANCE, {"subject": "https://records.example.org/fhir/Patient/p"}),
}


@pytest.mark.parametrize("name", NAMED)
def test_plan_and_subject_may_be_named_so(name: str):
    address, given = NAMED[name]
    answer = client().post(address, json=of_case("gate-injection-unknown", **given))
    assert answer.status_code == 200
    assert kept(answer.json()) == kept(plans_of_care()["gate-injection-unknown"])


def test_a_parameter_that_is_not_known_is_told_or_refused():
    given = of_case("gate-injection-unknown", colour="red", userLanguage="de")
    (outcome,) = contained(client().post(INSTANCE, json=given).json(), "OperationOutcome")
    assert [(one["severity"], one["diagnostics"]) for one in outcome["issue"][:2]] == [
        ("warning", "The parameter colour is not known, and so not used."),
        ("information", "The parameter userLanguage changes nothing here."),
    ]
    strict = client().post(INSTANCE, json=given, headers={"Prefer": "handling=strict"})
    assert (strict.status_code, told(strict)[:18]) == (400, "Not known: colour.")


def test_the_bundle_form_holds_the_same_requests():
    name = "gate-injection-unknown"
    found = client().post(INSTANCE, json=of_case(name, form="bundle")).json()
    assert (found["resourceType"], found["type"]) == ("Bundle", "collection")
    group = found["entry"][0]["resource"]
    assert group["resourceType"] == "RequestGroup"
    assert [leaf["id"] for leaf in leaves(group["action"])] == kept(plans_of_care()[name])
    there = {entry["fullUrl"] for entry in found["entry"]}
    assert {leaf["resource"]["reference"] for leaf in leaves(group["action"])} <= there


def test_encounter_and_practitioner_stand_in_every_request():
    given = of_case("gate-injection-unknown", encounter="Encounter/3", practitioner="4", organization="Organization/5")
    found = client().post(INSTANCE, json=given).json()
    requests = [one for one in found["contained"] if "requester" in one]
    assert len(requests) == len(kept(found))
    assert {one["requester"]["reference"] for one in requests} == {"Practitioner/4"}
    assert {one["encounter"]["reference"] for one in requests} == {"Encounter/3"}
    assert (found["author"], found["encounter"]) == ({"reference": "Practitioner/4"}, {"reference": "Encounter/3"})


def test_applying_changes_nothing():
    once, again = (client().post(INSTANCE, json=of_case("gate-injection-unknown")) for _ in range(2))
    assert once.content == again.content


def test_what_was_not_used_of_the_data_is_told():
    data = bundle_of("gate-injection-unknown")
    observation = data["entry"][1]["resource"]
    data["entry"].append({"resource": observation | {"id": "s", "subject": {"reference": "Patient/q"}}})
    found = client().post(INSTANCE, json=of_case("gate-injection-unknown", data=data)).json()
    (outcome,) = contained(found, "OperationOutcome")
    assert any("Observation/s" in issue["diagnostics"] for issue in outcome["issue"])
