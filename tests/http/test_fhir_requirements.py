"""`$data-requirements`: what it names is what prefetch asks for, and enough for every case."""

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import fhirkit
import pytest
from fhir_calls import Json, client, service

from ischio.fhir.requirements import requirements
from ischio.fhir.routes import Route, codings
from ischio.fhir.writer import NotWritable, as_bundle
from ischio.interfaces.http.hooks.services import discovery
from ischio.interfaces.inputs import read_cases

ADDRESS = "/fhir/PlanDefinition/ischiofemoral/$data-requirements"


@cache
def library() -> Json:
    found: Json = client().get(ADDRESS).json()
    return found


def test_it_is_a_valid_module_definition():
    assert (library()["resourceType"], library()["type"]["coding"][0]["code"]) == ("Library", "module-definition")
    assert list(map(str, fhirkit.validate(library()))) == []
    assert client().post(ADDRESS, json={"resourceType": "Parameters"}).json() == library()
    assert client().get(ADDRESS.replace("ischiofemoral", "x")).status_code == 404


def test_its_types_are_those_of_the_prefetch_templates():
    """Both come from one function; each service has one template for each type."""
    named = {one["type"] for one in library()["dataRequirement"]}
    for hook in discovery(service())["services"]:
        asked = [re.split(r"[?/]", template)[0] for template in hook["prefetch"].values()]
        assert (set(asked), len(asked)) == (named, len(named)), hook["id"]


def test_it_is_what_the_library_that_retrieves_says():
    served = client().get("/fhir/Library/IschioRecord").json()
    assert served["dataRequirement"] == library()["dataRequirement"]


def test_what_it_names_is_enough_for_every_case(capsys: pytest.CaptureFixture[str]):
    """Without the resources that fit none of the requirements, a case is read as with them."""
    one, count, left_out = service(), 0, 0
    for case in read_cases(one.pathway, None)[0]:
        try:
            whole = as_bundle(case.record, one.pathway, one.bindings)
        except NotWritable:
            continue
        fitting = [entry for entry in whole["entry"] if is_required(entry["resource"])]
        left_out += len(whole["entry"]) - len(fitting)
        needed = one.reader.read(json.dumps(whole | {"entry": fitting}).encode())
        assert needed.events == one.reader.read(json.dumps(whole).encode()).events, case.id
        count += 1
    with capsys.disabled():
        print(f"\nthe data requirements are enough for {count} cases; {left_out} resources were not needed")
    assert count > 250


def test_every_event_of_a_case_is_of_a_concept_that_its_type_is_needed_for():
    """What was read, event by event, is what a failed query of its type would leave unknown."""
    one = service()
    concepts = {needed.type: needed.concepts for needed in requirements(one.pathway.concepts, one.bindings)}
    for case in read_cases(one.pathway, None)[0][::5]:
        try:
            whole = as_bundle(case.record, one.pathway, one.bindings)
        except NotWritable:
            continue
        for event in one.reader.read(json.dumps(whole).encode()).events:
            assert event.concept in concepts[event.source.partition("/")[0]], (case.id, event)


def test_what_the_pathway_does_not_read_is_not_required():
    """Or the above would say nothing."""
    other = {"coding": [{"system": "http://loinc.org", "code": "8302-2"}]}  # body height
    assert not is_required({"resourceType": "Observation", "code": other})
    assert not is_required({"resourceType": "Immunization"})


def is_required(resource: Json) -> bool:
    return any(fits(resource, one) for one in library()["dataRequirement"] if one["type"] == resource["resourceType"])


def fits(resource: Json, requirement: Json) -> bool:
    """Whether it has one of the codes at the place of each filter."""
    return all(
        any(holds(filter_["valueSet"], coding) for coding in coded(resource, filter_["path"]))
        for filter_ in requirement.get("codeFilter", ())
    )


def coded(resource: Json, path: str) -> Iterator[tuple[str, str]]:
    """The codes at an element; of a choice of types where it is a CodeableConcept."""
    for route in (Route(path), Route(f"{path}CodeableConcept")):
        for node in route.found(resource):
            yield from codings(node)


def holds(canonical: str, coding: tuple[str, str]) -> bool:
    exact, patterns = expanded(canonical)
    system, code = coding
    return coding in exact or any(system == of and pattern.fullmatch(code) for of, pattern in patterns)


@cache
def expanded(canonical: str) -> tuple[set[tuple[str, str]], list[tuple[str, re.Pattern[str]]]]:
    """The codes of a value set as it is served, and the patterns of codes."""
    found: list[Any] = client().get("/fhir/ValueSet", params={"url": canonical}).json()["entry"]
    exact: set[tuple[str, str]] = set()
    patterns: list[tuple[str, re.Pattern[str]]] = []
    for include in found[0]["resource"]["compose"]["include"]:
        for other in include.get("valueSet", ()):
            more, again = expanded(other)
            exact |= more
            patterns += again
        exact |= {(include["system"], one["code"]) for one in include.get("concept", ())}
        patterns += [(include["system"], re.compile(one["value"])) for one in include.get("filter", ())]
    return exact, patterns
