"""The pathway's own code system, and a value set for each concept, its values, and all that a resource type holds."""

import re
from collections.abc import Iterable, Iterator, Mapping

from ischio.fhir.export.activities import code_of
from ischio.fhir.export.publication import Json, Publication, kebab
from ischio.fhir.tables import OURS, read_from
from ischio.model.terminology import Code, Concept

LICENCES = {
    "snomed": (
        "This value set includes SNOMED CT, copyright SNOMED International. Codes of the International Patient "
        "Summary Free Set are under CC BY 4.0; use of others needs an affiliate licence."
    ),
    "loinc": (
        "This material contains content from LOINC (http://loinc.org), which is copyright Regenstrief Institute, Inc. "
        "and the LOINC Committee, and is available at no cost under the licence at http://loinc.org/license."
    ),
    "atc": "ATC is copyright WHO Collaborating Centre for Drug Statistics Methodology; no commercial redistribution.",
    "opcs4": "OPCS-4 is copyright NHS England, under the Open Government Licence.",
    "hpo": "Human Phenotype Ontology: free with attribution, unmodified.",
}
"""What must stand beside codes of a system; the other systems are in the public domain, or our own."""


def code_system(publication: Publication) -> Json:
    """Every code of our own: concepts, their values, actions without a concept, and stages."""
    pathway, name = publication.pathway, publication.system.rpartition("/")[2]
    about = f"Own codes of the pathway {pathway.title}, for what no standard code was found to say."
    codes = dict(_own_codes(publication))
    return {
        **publication.head("CodeSystem", name, f"Own codes: {pathway.title}", about),
        "url": publication.system,
        "caseSensitive": True,
        "content": "complete",
        "count": len(codes),
        "property": [
            {"code": "kind", "description": "concept, value, action or stage", "type": "string"},
        ],
        "concept": [
            {"code": code, **rest, "property": [{"code": "kind", "valueString": kind}]}
            for code, (kind, rest) in codes.items()
        ],
    }


def _own_codes(publication: Publication) -> Iterator[tuple[str, tuple[str, Json]]]:
    """Each code once, with its kind, display and definition."""
    pathway = publication.pathway
    found: dict[str, tuple[str, list[str]]] = {}
    for concept in pathway.concepts.values():
        for kind, codes in (("concept", concept.codes), *(("value", codes) for codes in concept.values.values())):
            for code in codes:
                if code.system == OURS:
                    found.setdefault(code.code, (kind, []))[1].append(code.display)
    for own, (kind, displays) in found.items():
        yield own, (kind, _displayed(displays))
    for action in pathway.actions.values():
        own, display = code_of(action, pathway)
        if own not in found:
            yield own, ("action", {"display": display, "definition": action.about.sentence})
    for stage in pathway.stages:
        about = stage.about
        yield stage_code(stage.id), ("stage", {"display": about.title, "definition": about.sentence})


def stage_code(stage: str) -> str:
    return f"stage-{kebab(stage)}"


def _displayed(displays: list[str]) -> Json:
    """The shortest of the displays; a code that several concepts use has the others as designations."""
    different = sorted(dict.fromkeys(displays), key=len)
    shown: Json = {"display": different[0]}
    return shown | ({"designation": [{"value": other} for other in different[1:]]} if different[1:] else {})


# ---- value sets ---------------------------------------------------------------------------------------------------


def value_sets(publication: Publication) -> Iterator[Json]:
    for concept in publication.pathway.concepts.values():
        if concept.codes:
            title, about = concept.title, f"Codes that mean: {concept.title}."
            yield _value_set(publication, concept_set(publication, concept.id), title, about, concept.codes)
        if concept.values:
            title, codes = f"{concept.title}: values", [code for codes in concept.values.values() for code in codes]
            about = f"Codes that stand for a value of: {concept.title}."
            yield _value_set(publication, answers_set(publication, concept.id), title, about, codes)
    for kind, concepts in read_concepts(publication).items():
        yield _union(publication, kind, concepts)


def concept_set(publication: Publication, concept: str) -> str:
    """The id of the value set of what a concept is coded as."""
    return publication.id(concept)


def answers_set(publication: Publication, concept: str) -> str:
    """The id of the value set of a concept's values."""
    return publication.id(concept, "values")


def type_set(publication: Publication, kind: str) -> str:
    """The id of the value set of all that is read from a resource type."""
    return publication.id("read-from", kind)


def read_concepts(publication: Publication) -> Mapping[str, list[Concept]]:
    """The concepts read by their codes from each resource type."""
    concepts, bindings = publication.pathway.concepts, publication.bindings
    found = {}
    for kind, binding in bindings.resources.items():
        read = [concepts[name] for name in read_from(concepts, bindings, kind) if concepts[name].codes]
        if binding.code and read:
            found[str(kind)] = read
    return found


def _value_set(publication: Publication, name: str, title: str, about: str, codes: Iterable[Code]) -> Json:
    systems: dict[str, list[Code]] = {}
    for code in codes:
        systems.setdefault(code.system, []).append(code)
    includes = [one for system, each in systems.items() for one in _included(publication, system, each)]
    notices = [LICENCES[system] for system in systems if system in LICENCES]
    return {
        **publication.head("ValueSet", name, title, about),
        **({"copyright": "\n".join(notices)} if notices else {}),
        "compose": {"include": includes},
    }


def _included(publication: Publication, system: str, codes: list[Code]) -> Iterator[Json]:
    """The exact codes of a system together; every beginning of codes by itself, because filters narrow each other."""
    uri = str(publication.bindings.systems[system])
    exact = {code.code: code.display for code in codes if not code.prefix}
    if exact:
        listed = [{"code": code, **({"display": display} if display else {})} for code, display in exact.items()]
        yield {"system": uri, "concept": listed}
    starts = sorted({code.code for code in codes if code.prefix})
    for start in (one for one in starts if not any(one != other and one.startswith(other) for other in starts)):
        yield {"system": uri, "filter": [{"property": "code", "op": "regex", "value": f"{re.escape(start)}.*"}]}


def _union(publication: Publication, kind: str, concepts: list[Concept]) -> Json:
    about = f"Codes of {kind} resources that the pathway reads: what a search by code has to ask for."
    sets = [publication.canonical("ValueSet", concept_set(publication, concept.id)) for concept in concepts]
    return {
        **publication.head("ValueSet", type_set(publication, kind), f"Read from {kind}", about),
        "compose": {"include": [{"valueSet": [one]} for one in sets]},
    }
