"""All resources of a pathway, and the FHIR package that holds them, byte for byte the same each time."""

import gzip
import io
import json
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ischio.backends.cql.text import Library
from ischio.fhir.cql_libraries import cql_libraries
from ischio.fhir.elm import NoElm, translate
from ischio.fhir.export.activities import activities
from ischio.fhir.export.guide import implementation_guide, index, manifest
from ischio.fhir.export.libraries import library
from ischio.fhir.export.measures import measures
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


def export(publication: Publication, translator: Path | None = None) -> Export:
    """The whole package. translator: as of elm.translate. Raises PathwayError for what FHIR or CQL cannot say."""
    sources = cql_libraries(publication.pathway, publication.bindings)
    compiled = translate(sources, translator)
    elm, why_not = (None, compiled.why) if isinstance(compiled, NoElm) else (compiled, None)
    held = resources(publication, sources, elm)
    return Export(publication.name, publication.pathway.version, held, package(publication, held), why_not)


def resources(publication: Publication, sources: Iterable[Library], elm: Mapping[str, Json] | None) -> tuple[Json, ...]:
    """Every resource, the plan first. sources: the CQL libraries; elm: their compiled forms, by name."""
    held = (
        plan(publication),
        *activities(publication),
        *questionnaires(publication),
        *measures(publication),
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
