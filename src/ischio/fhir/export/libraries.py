"""The CQL libraries as Library resources, with compiled ELM where there is any."""

import base64
import json
from collections.abc import Iterator, Mapping

from ischio.backends.cql.text import Library
from ischio.fhir.export.publication import Json, Publication
from ischio.fhir.export.terminology import read_concepts, type_set
from ischio.fhir.routes import Route

READS = "IschioRecord"
"""The library that retrieves resources."""


def library(publication: Publication, source: Library, elm: Mapping[str, Json] | None) -> Json:
    """One library. elm: the compiled form by the names of libraries; None where it was not compiled."""
    system = "http://terminology.hl7.org/CodeSystem/library-type"
    about = f"CQL library {source.name} of the pathway {publication.pathway.title}."
    below = [{"type": "depends-on", "resource": publication.canonical("Library", name)} for name in included(source)]
    content = [_content("text/cql", source.text)]
    if elm is not None:
        content.append(_content("application/elm+json", json.dumps(elm[source.name], sort_keys=True)))
    return {
        **publication.head("Library", source.name, f"{publication.pathway.title}: {source.name}", about),
        "type": {"coding": [{"system": system, "code": "logic-library", "display": "Logic Library"}]},
        **({"relatedArtifact": below} if below else {}),
        "parameter": [{"name": "Index", "use": "in", "min": 0, "max": "1", "type": "date"}],
        **({"dataRequirement": list(_requirements(publication))} if source.name == READS else {}),
        "content": content,
    }


def included(source: Library) -> list[str]:
    """The libraries that one includes."""
    lines = (line.split() for line in source.text.splitlines())
    return [words[1] for words in lines if words[:1] == ["include"]]


def _content(kind: str, text: str) -> Json:
    return {"contentType": kind, "data": base64.b64encode(text.encode()).decode("ascii")}


def _requirements(publication: Publication) -> Iterator[Json]:
    """What has to be fetched: of each type what is coded so, and every answered form."""
    coded = read_concepts(publication)
    for kind, binding in publication.bindings.resources.items():
        if kind not in coded:
            yield {"type": str(kind)}
            continue
        holding = publication.canonical("ValueSet", type_set(publication, kind))
        routes = [*binding.code, *([Route(f"{binding.parts}.code")] if binding.parts else [])]
        for path in dict.fromkeys(_element(route) for route in routes):
            yield {"type": str(kind), "codeFilter": [{"path": path, "valueSet": holding}]}


def _element(route: Route) -> str:
    """A path as FHIRPath has it: a choice of types by its plain name."""
    return ".".join(key.removesuffix("CodeableConcept").removesuffix("Reference") for key in route.keys)
