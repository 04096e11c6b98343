"""The CQL libraries as Library resources, with compiled ELM where there is any."""

import base64
import json
from collections.abc import Mapping

from ischio.backends.cql.text import Library
from ischio.fhir.export.publication import Json, Publication
from ischio.fhir.export.terminology import type_set
from ischio.fhir.requirements import Requirement, requirements

READS = "IschioRecord"
"""The library that retrieves resources."""
_TYPES = "http://terminology.hl7.org/CodeSystem/library-type"
_INDEX = {"name": "Index", "use": "in", "min": 0, "max": "1", "type": "date"}


def library(publication: Publication, source: Library, elm: Mapping[str, Json] | None) -> Json:
    """One library. elm: the compiled form by the names of libraries; None where it was not compiled."""
    about = f"CQL library {source.name} of the pathway {publication.pathway.title}."
    below = [{"type": "depends-on", "resource": publication.canonical("Library", name)} for name in included(source)]
    content = [_content("text/cql", source.text)]
    if elm is not None:
        content.append(_content("application/elm+json", json.dumps(elm[source.name], sort_keys=True)))
    return {
        **publication.head("Library", source.name, f"{publication.pathway.title}: {source.name}", about),
        "type": {"coding": [{"system": _TYPES, "code": "logic-library", "display": "Logic Library"}]},
        **({"relatedArtifact": below} if below else {}),
        "parameter": [_INDEX],
        **({"dataRequirement": requirements_of(publication)} if source.name == READS else {}),
        "content": content,
    }


def module_definition(publication: Publication) -> Json:
    """What `$data-requirements` of the plan gives: what it needs, and the library that holds its logic."""
    title = publication.pathway.title
    head = publication.head("Library", publication.id("requirements"), f"{title}: requirements", f"What {title} reads.")
    named = {key: value for key, value in head.items() if key != "url"}  # made on demand, and found at no address
    return {
        **named,
        "type": {"coding": [{"system": _TYPES, "code": "module-definition", "display": "Module Definition"}]},
        "relatedArtifact": [{"type": "depends-on", "resource": publication.canonical("Library", READS)}],
        "parameter": [_INDEX],
        "dataRequirement": requirements_of(publication),
    }


def included(source: Library) -> list[str]:
    """The libraries that one includes."""
    lines = (line.split() for line in source.text.splitlines())
    return [words[1] for words in lines if words[:1] == ["include"]]


def _content(kind: str, text: str) -> Json:
    return {"contentType": kind, "data": base64.b64encode(text.encode()).decode("ascii")}


def data_requirements(publication: Publication, needed: Requirement) -> list[Json]:
    """What is read of one type: what is coded so, for each place of codes (filters beside each other would narrow each
    other), or all of it.
    """
    coded = {"valueSet": publication.canonical("ValueSet", type_set(publication, needed.type))}
    filtered = [{"type": needed.type, "codeFilter": [{"path": path, **coded}]} for path in needed.coded]
    return filtered or [{"type": needed.type}]


def requirements_of(publication: Publication) -> list[Json]:
    """What has to be fetched of a person's record for the pathway."""
    every = requirements(publication.pathway.concepts, publication.bindings)
    return [one for needed in every for one in data_requirements(publication, needed)]
