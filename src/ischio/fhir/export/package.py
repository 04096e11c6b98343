"""All resources of a pathway, and the FHIR package that holds them, byte for byte the same each time."""

import gzip
import io
import json
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ischio.backends.cql.libraries import common, libraries
from ischio.backends.cql.text import Library
from ischio.fhir.cql_record import fhir_functions, record_library
from ischio.fhir.export.activities import activities
from ischio.fhir.export.guide import implementation_guide, index, manifest
from ischio.fhir.export.libraries import library
from ischio.fhir.export.plan import plan
from ischio.fhir.export.publication import Json, Publication
from ischio.fhir.export.questionnaires import questionnaires
from ischio.fhir.export.terminology import code_system, value_sets

FOLDER = "package"
INDEX = ".index.json"


@dataclass(frozen=True, slots=True)
class Export:
    """A package ready to be written. files: by name. not_compiled: why the libraries hold no ELM, if they do not."""

    name: str
    version: str
    resources: tuple[Json, ...]
    files: Mapping[str, bytes]
    not_compiled: str | None

    @property
    def archive_name(self) -> str:
        return f"{self.name}-{self.version}.tgz"

    @property
    def archive(self) -> bytes:
        return packed(self.files)


def export(publication: Publication) -> Export:
    """The whole package. Raises PathwayError for what cannot be said in FHIR or CQL."""
    sources = cql_sources(publication)
    elm, why_not = None, "the translator is not there"
    held = resources(publication, sources, elm)
    files = package(publication, held)
    return Export(publication.name, publication.pathway.version, held, files, why_not)


def cql_sources(publication: Publication) -> tuple[Library, ...]:
    """The CQL libraries, each after those that it includes."""
    pathway = publication.pathway
    below = (common(pathway), fhir_functions(pathway), record_library(pathway, publication.bindings))
    return (*below, *libraries(pathway))


def resources(publication: Publication, sources: Iterable[Library], elm: Mapping[str, Json] | None) -> tuple[Json, ...]:
    """Every resource, the plan first. sources: the CQL libraries; elm: their compiled forms, by name."""
    held = (
        plan(publication),
        *activities(publication),
        *questionnaires(publication),
        *(library(publication, source, elm) for source in sources),
        code_system(publication),
        *value_sets(publication),
    )
    return (implementation_guide(publication, held), *held)


def package(publication: Publication, held: Iterable[Json]) -> dict[str, bytes]:
    """The files of the package by name, in the order in which they are packed."""
    named = sorted((f"{one['resourceType']}-{one['id']}.json", one) for one in held)
    files = {"package.json": manifest(publication), INDEX: index(named), **dict(named)}
    return {name: _written(content) for name, content in files.items()}


def packed(files: Mapping[str, bytes]) -> bytes:
    """The files as a gzipped tar, without times, owners or anything else that differs from run to run."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for entry, content in _entries(files):
            archive.addfile(entry, io.BytesIO(content))
    return gzip.compress(plain.getvalue(), mtime=0)


def _entries(files: Mapping[str, bytes]) -> Iterator[tuple[tarfile.TarInfo, bytes]]:
    for name, content in files.items():
        entry = tarfile.TarInfo(f"{FOLDER}/{name}")
        entry.size, entry.mode = len(content), 0o644
        yield entry, content


def _written(content: Json) -> bytes:
    return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()
