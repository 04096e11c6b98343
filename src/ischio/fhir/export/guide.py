"""The package around the resources: its ImplementationGuide, package.json and .index.json."""

from collections.abc import Iterable

from ischio.fhir.export.publication import FHIR_VERSION, LICENCE, Json, Publication

CORE = "hl7.fhir.r4.core"
_INDEXED = ("id", "url", "version", "kind", "type", "content")


def implementation_guide(publication: Publication, resources: Iterable[Json]) -> Json:
    """What the package holds, for tools that look for its ImplementationGuide."""
    pathway = publication.pathway
    about = f"The pathway {pathway.title} as FHIR resources.\n{publication.intended_use}"
    listed = [
        {
            "reference": {"reference": f"{one['resourceType']}/{one['id']}"},
            "name": one["title"],
            "exampleBoolean": False,
        }
        for one in resources
    ]
    return {
        **publication.head("ImplementationGuide", publication.name, pathway.title, about),
        "packageId": publication.name,
        "license": LICENCE,
        "fhirVersion": [FHIR_VERSION],
        "definition": {"resource": listed},
    }


def manifest(publication: Publication) -> Json:
    """package.json."""
    pathway = publication.pathway
    head = publication.head("ImplementationGuide", publication.name, pathway.title, pathway.title)
    return {
        "name": publication.name,
        "version": pathway.version,
        "canonical": publication.base,
        "url": publication.base,
        "title": pathway.title,
        "description": f"The pathway {pathway.title} as FHIR resources. {' '.join(pathway.statements)}",
        "type": "fhir.ig",
        "fhirVersions": [FHIR_VERSION],
        "dependencies": {CORE: FHIR_VERSION},
        "author": head["publisher"],
        "license": LICENCE,
    }


def index(files: Iterable[tuple[str, Json]]) -> Json:
    """.index.json: file name and resource, in their order."""
    return {
        "index-version": 2,
        "files": [
            {
                "filename": name,
                "resourceType": one["resourceType"],
                **{key: one[key] for key in _INDEXED if isinstance(one.get(key), str)},
            }
            for name, one in files
        ],
    }
