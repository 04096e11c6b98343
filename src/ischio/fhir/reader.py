"""Reads a FHIR R4 (4.0.1) Bundle into a record."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import msgspec

from ischio.fhir.bindings import Bindings
from ischio.fhir.bundle import contents_of, person_in
from ischio.fhir.input import read_bundle
from ischio.fhir.intake import Intake
from ischio.fhir.outlines import Outlines
from ischio.fhir.routes import Json, text_at
from ischio.fhir.tables import Tables
from ischio.fhir.unopened import Glances, Shut, Unopened, Unused, called
from ischio.model.pathway import Pathway
from ischio.model.terminology import Concept
from ischio.record.events import Record

NONE: Shut = MappingProxyType({})


class FhirReader:
    """Reads Bundles for one pathway; its look-up tables are built once.

    concepts: of the pathway, by id. Raises PathwayError where bindings and concepts do not fit together.
    """

    def __init__(self, concepts: Mapping[str, Concept], bindings: Bindings) -> None:
        self._tables = Tables(concepts, bindings)
        self._outlines = Outlines(self._tables)
        self._glances = Glances(bindings, self._outlines.keys)

    def read(self, source: bytes | Path) -> Record:
        """The record in a Bundle of any type. Raises RecordError for what is wrong with the input as a whole."""
        return self._record(*read_bundle(source))

    def read_resources(self, resources: Sequence[Json | Unopened], name: str) -> Record:
        """The record in resources, the Patient among them; decoded ones have their numbers as decimals.

        name: what to call them. Raises RecordError, and what the JSON of an unopened one is at fault for.
        """
        opened, shut = self._sorted(resources)
        return self._record({"resourceType": "Bundle", "entry": [{"resource": one} for one in opened]}, name, shut)

    def unopened(self, written: Iterable[msgspec.Raw]) -> Iterator[Unopened | Json]:
        """Resources as `read_resources` takes them: those that may tell nothing are not decoded.

        written: JSON values. Raises msgspec.DecodeError or UnicodeDecodeError for what is none after all.
        """
        return self._glances.each(written)

    def _sorted(self, resources: Sequence[Json | Unopened]) -> tuple[list[Json], Shut]:
        """The resources that have to be opened, decoded; and the others, each the only one that is called so."""
        times = Counter([_called(one) for one in resources])
        opened, shut = list[Json](), dict[str, tuple[Unopened, Unused]]()
        for one in resources:
            if not isinstance(one, Unopened):
                opened.append(one)
                continue
            unused = self._outlines.unused(one) if times[one.source] == 1 else None
            if unused is None:
                opened.append(one.opened())
            else:
                shut[one.source] = one, unused
        return opened, shut

    def _record(self, bundle: dict[str, Json], name: str, shut: Shut = NONE) -> Record:
        contents = contents_of(bundle)
        contents.shut = shut
        foreign = self._tables.versions.foreign(contents.entries, name, len(shut))
        return Intake(self._tables, self._outlines, contents, person_in(contents, name), foreign).record()


def _called(resource: Json | Unopened) -> str:
    if isinstance(resource, Unopened):
        return resource.source
    return called(text_at(resource, "resourceType"), text_at(resource, "id"))


def read_record(source: bytes | Path, pathway: Pathway, bindings: Bindings) -> Record:
    """The record in a FHIR R4 Bundle, given as bytes or as the path of a file.

    Raises RecordError for what is wrong with the input as a whole. For many records keep one FhirReader.
    """
    return FhirReader(pathway.concepts, bindings).read(source)
