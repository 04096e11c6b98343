"""What `$apply` gives for every case is FHIR R4: by fhirkit-rs and the published schema, with every reference resolved.

Each resource is looked at by itself, as the schema of all types at once would say only that none of them fits.
"""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path

import fhirkit
import pytest
from fhir_export import FOLDERS, Json, publication, walk
from test_fhir_export_valid import schema_says

from ischio.engine.assess import assess
from ischio.fhir.apply.care_plan import bundle, care_plan
from ischio.fhir.apply.requests import Context
from ischio.fhir.export.plan import plan
from ischio.record.case_form import read_case

NAMES = ("ischiofemoral", "ankle")
ABOUT = Context("p", date(2026, 6, 1), "e", "PractitionerRole/d", "o")


@cache
def answers(name: str) -> dict[str, tuple[Json, Json]]:
    """Of every case the CarePlan and the Bundle."""
    found, asked = publication(name), plan(publication(name))
    given = {}
    for path in sorted((FOLDERS[name] / "cases").glob("*.yaml")):
        case = read_case(Path(path), found.pathway)
        answer = assess(found.pathway, case.record, case.index_date)
        given[case.id] = care_plan(found, asked, answer, ABOUT), bundle(found, asked, answer, ABOUT)
    return given


def pieces(whole: Json) -> Iterator[Json]:
    """A resource without those in it, then each of them."""
    inside = [*whole.get("contained", ()), *(entry["resource"] for entry in whole.get("entry", ()))]
    yield {key: value for key, value in whole.items() if key not in ("contained", "entry")}
    yield from inside


@pytest.mark.parametrize("name", NAMES)
def test_every_answer_is_valid(name: str, capsys: pytest.CaptureFixture[str]):
    """The schema is asked about the CarePlan alone, whose resources are those of the Bundle under other ids."""
    different = {json.dumps(piece): piece for both in answers(name).values() for piece in pieces(both[0])}
    wrong = {}
    for written, piece in different.items():
        found = [*map(str, fhirkit.validate(piece)), *schema_says(piece)]
        if found:
            wrong[written[:200]] = found
    assert wrong == {}
    wholes = [one for both in answers(name).values() for one in both]
    listed = [one for whole in wholes for one in (whole, *pieces(whole))]
    assert [issue for one in listed for issue in map(str, fhirkit.validate(one))] == []
    with capsys.disabled():
        kinds = Counter(piece["resourceType"] for piece in different.values())
        print(f"\n{name}: {len(wholes)} answers, {len(different)} different resources without error ({dict(kinds)})")


def test_a_planted_fault_is_found():
    """Or the above would say nothing."""
    _, whole = answers("ankle")["fracture"]
    group, request = whole["entry"][0]["resource"], whole["entry"][1]["resource"]
    assert fhirkit.validate(group | {"status": None}) or schema_says(group | {"status": None})
    assert schema_says(group | {"authoredOn": "1 June"})
    assert fhirkit.validate(group | {"subject": "Patient/p"})
    assert schema_says(request | {"dose": "1"})


@pytest.mark.parametrize("name", NAMES)
def test_every_reference_leads_somewhere_and_everything_inside_is_referred_to(name: str):
    for case, (plan_of_care, collection) in answers(name).items():
        inside = [one["id"] for one in plan_of_care["contained"]]
        assert len(set(inside)) == len(inside), case
        assert {f"#{one}" for one in inside} == set(internal(plan_of_care)), case
        there = [entry["fullUrl"] for entry in collection["entry"]]
        assert len(set(there)) == len(there), case
        unnamed = {one["fullUrl"] for one in collection["entry"]} - set(internal(collection))
        assert set(internal(collection)) <= set(there), case
        guidance = [entry for entry in collection["entry"] if entry["fullUrl"] in unnamed]
        assert [one["resource"]["resourceType"] for one in guidance] == ["GuidanceResponse"], case


def internal(whole: Json) -> Iterator[str]:
    """References to what is in the same answer; those to the patient and whoever asks are the caller's."""
    for node in walk(whole):
        reference = node.get("reference")
        if isinstance(reference, str) and reference.startswith(("#", "urn:")):
            yield reference


@pytest.mark.parametrize("name", NAMES)
def test_every_request_is_a_draft_of_this_version(name: str):
    version = f"|{publication(name).pathway.version}"
    for case, both in answers(name).items():
        for one in (piece for whole in both for piece in pieces(whole)):
            if "intent" in one:
                assert (one["status"], one["intent"]) == ("draft", "proposal"), case
            named = [node for node in walk(one) if "instantiatesCanonical" in node]
            canonicals = [url for node in named for url in _listed(node["instantiatesCanonical"])]
            assert all(url.endswith(version) for url in canonicals), case
            assert not any(key in node for node in walk(one) for key in ("dosageInstruction", "doseAndRate")), case


def _listed(found: object) -> list[str]:
    return found if isinstance(found, list) else [str(found)]


@pytest.mark.parametrize("name", NAMES)
def test_the_same_call_gives_the_same_answer(name: str):
    found = publication(name)
    path = sorted((FOLDERS[name] / "cases").glob("*.yaml"))[0]
    case = read_case(path, found.pathway)
    answer = assess(found.pathway, case.record, case.index_date)
    again = care_plan(found, plan(found), answer, ABOUT), bundle(found, plan(found), answer, ABOUT)
    assert json.dumps(again) == json.dumps(answers(name)[case.id])
