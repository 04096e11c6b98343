"""Within the package everything that is named is there: resources, codes of our own, defines."""

import base64
import io
import json
import re
import tarfile
from inspect import unwrap

import pytest
from fhir_export import FOLDERS, Json, exported, of_type, publication, walk
from fhir_forms import LOINC, READER, SNOMED

from ischio.engine.assess import assess
from ischio.engine.judge import judges_of
from ischio.fhir.export import package
from ischio.fhir.export.activities import REQUESTS
from ischio.fhir.export.package import export
from ischio.fhir.export.placing import stage_of
from ischio.fhir.export.publication import Publication
from ischio.fhir.export.terminology import value_sets
from ischio.loading.pathway import load_pathway, packaged
from ischio.model.about import Scope, Side
from ischio.model.truth import TRUE
from ischio.record.case_form import read_case
from ischio.record.derivation import derive

ATC = publication().bindings.systems["atc"]

CANONICALS = ("library", "definitionCanonical", "valueSet", "resource", "reference")
"""Elements in which another resource of the package is named."""
REQUEST_TYPES = {"CommunicationRequest", "MedicationRequest", "ServiceRequest", "Task"}


@pytest.fixture(params=FOLDERS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_every_canonical_is_that_of_a_resource_in_the_package(name: str):
    base, resources = publication(name).base, exported(name).resources
    there = {f"{one['url']}|{one['version']}" for one in resources}
    there |= {f"{one['resourceType']}/{one['id']}" for one in resources}
    named = [
        given
        for resource in resources
        for node in walk(resource)
        for key in CANONICALS
        for given in (node.get(key) if isinstance(node.get(key), list) else [node.get(key)])
        if isinstance(given, str)
    ]
    assert len(named) > len(resources)
    assert [one for one in named if one not in there] == []
    assert all(one.startswith(base) or "://" not in one for one in named)


def test_every_code_of_our_own_is_in_the_code_system_with_its_words(name: str):
    system = publication(name).system
    (codes,) = of_type("CodeSystem", name)
    words = {
        one["code"]: {one["display"], *(other["value"] for other in one.get("designation", ()))}
        for one in codes["concept"]
    }
    used = [
        (one["code"], one["display"])
        for resource in exported(name).resources
        for node in walk(resource)
        if node.get("system") == system
        for one in (node.get("concept") or [node])
    ]
    assert used
    assert [(code, display) for code, display in used if display not in words.get(code, ())] == []
    assert codes["count"] == len(codes["concept"]) == len(words)


def test_every_condition_names_a_define_of_the_library_it_refers_to(name: str):
    (plan,) = of_type("PlanDefinition", name)
    conditions = [node["expression"] for node in walk(plan) if node.get("kind") == "applicability"]
    defines = {f"{one['url']}|{one['version']}": defines_in(one) for one in of_type("Library", name)}
    assert len(conditions) > len(plan["action"])
    assert [one for one in conditions if one["expression"] not in defines[one["reference"]]] == []


def cql_of(library: Json) -> str:
    return base64.b64decode(library["content"][0]["data"]).decode()


def defines_in(library: Json) -> set[str]:
    text = cql_of(library)
    return {quoted or plain for quoted, plain in re.findall(r'^define (?:"([^"]+)"|(\w+)):', text, re.MULTILINE)}


def test_every_action_stands_once_for_each_side_or_once_for_the_person(name: str):
    (plan,) = of_type("PlanDefinition", name)
    placed = [node["definitionCanonical"] for node in walk(plan) if "definitionCanonical" in node]
    activities = [f"{one['url']}|{one['version']}" for one in of_type("ActivityDefinition", name)]
    assert sorted(placed) == sorted(activities)
    actions = publication(name).pathway.actions.values()
    assert len(placed) == sum(1 if action.scope is Scope.PERSON else 2 for action in actions)
    ids = [node["id"] for node in walk(plan) if "id" in node]
    assert len(ids) == len(set(ids))


def test_activities_are_proposals_of_kinds_that_fhir_knows(name: str):
    for activity in of_type("ActivityDefinition", name):
        assert activity["kind"] in REQUEST_TYPES
        assert activity.get("intent") == (None if activity["kind"] == "CommunicationRequest" else "proposal")
        assert "dosage" not in activity
    assert set(REQUESTS.values()) == REQUEST_TYPES


def test_every_action_says_on_what_it_rests_and_nothing_unverified_is_cited():
    pathway = publication().pathway
    (plan,) = of_type("PlanDefinition")
    leaves = [node for node in walk(plan) if "definitionCanonical" in node]
    assert all(leaf["documentation"][0]["type"] == "justification" for leaf in leaves)
    cited = {one["label"] for node in walk(plan) for one in node.get("documentation", ()) if "label" in one}
    unverified = {claim.id for claim in pathway.claims.values() if claim.verified == "unverified"}
    assert cited
    assert unverified
    assert cited & unverified == set()


def test_a_plan_that_nobody_reviewed_is_a_draft():
    (plan,) = of_type("PlanDefinition")
    assert (plan["status"], plan["experimental"]) == ("draft", True)
    assert all(statement in plan["usage"] for statement in publication().pathway.statements)


def test_no_condition_above_an_action_hides_it():
    """In all cases an action that is offered stands under a stage whose condition is true."""
    pathway, offered = publication().pathway, 0
    for path in sorted((packaged() / "cases").glob("*.yaml")):
        case = read_case(path, pathway, READER.read)
        judges = judges_of(pathway, derive(pathway, case.record, case.index_date), case.index_date)
        for hip in assess(pathway, case.record, case.index_date).hips:
            for action in hip.actions:
                stage = stage_of(pathway.actions[action.id], pathway)
                if action.status in ("due", "optional") and stage is not None:
                    offered += 1
                    assert judges[Side(hip.side)].criterion(stage.criterion).truth is TRUE, (path.name, action.id)
    assert offered > 100


def test_nothing_exported_is_tied_to_one_disease():
    made, of_hips = exported("ankle"), re.compile(r"\bhips?\b|ischiofemoral|impingement", re.IGNORECASE)
    texts = [content.decode() for content in made.files.values()]
    texts += [cql_of(one) for one in of_type("Library", "ankle")]
    assert [found.group() for text in texts for found in of_hips.finditer(text)] == []


def test_the_same_pathway_gives_the_same_bytes(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(package, "cql_libraries", unwrap(package.cql_libraries))
    again = export(publication())
    assert again.files == exported().files
    assert again.archive == exported().archive


def test_the_archive_is_a_fhir_package():
    made = exported()
    with tarfile.open(fileobj=io.BytesIO(made.archive)) as archive:
        names, entries = archive.getnames(), archive.getmembers()
        manifest = json.load(archive.extractfile("package/package.json"))
        index = json.load(archive.extractfile("package/.index.json"))
    assert names == [f"package/{name}" for name in made.files]
    assert {(entry.mtime, entry.uid, entry.uname, entry.mode) for entry in entries} == {(0, 0, "", 0o644)}
    assert re.fullmatch(r"[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+", manifest["name"])
    assert (manifest["fhirVersions"], manifest["dependencies"]) == (["4.0.1"], {"hl7.fhir.r4.core": "4.0.1"})
    assert manifest["version"] == publication().pathway.version
    assert index["index-version"] == 2
    assert {one["filename"] for one in index["files"]} == set(made.files) - {"package.json", ".index.json"}
    for one in index["files"]:
        resource = json.loads(made.files[one["filename"]])
        assert {key: resource[key] for key in one if key != "filename"} == {
            key: one[key] for key in one if key != "filename"
        }


def test_codes_that_need_a_licence_are_left_out_unless_asked_for():
    licensed = Publication(load_pathway(), publication().bindings)
    more = codes_of(tuple(value_sets(licensed))) - codes_of(exported().resources)
    assert {system for system, _ in more} == {ATC, SNOMED}
    assert not any(system == ATC for system, _ in codes_of(exported().resources))


def test_a_value_set_with_codes_of_others_says_whose_they_are():
    for value_set in of_type("ValueSet"):
        systems = {include.get("system") for include in value_set["compose"]["include"]}
        assert ("LOINC" in value_set.get("copyright", "")) == (LOINC in systems)
        assert ("SNOMED" in value_set.get("copyright", "")) == (SNOMED in systems)


def codes_of(resources: tuple[Json, ...]) -> set[tuple[str, str]]:
    return {
        (node["system"], one["code"])
        for resource in resources
        for node in walk(resource)
        if "system" in node and "concept" in node
        for one in node["concept"]
    }
