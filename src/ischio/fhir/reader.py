"""Reads a FHIR R4 (4.0.1) Bundle into a record."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from ischio.fhir.bindings import Bindings
from ischio.fhir.bundle import contents_of, person_in
from ischio.fhir.input import read_bundle
from ischio.fhir.intake import Intake
from ischio.fhir.outlines import Outlines
from ischio.fhir.routes import Json
from ischio.fhir.tables import Tables
from ischio.model.pathway import Pathway
from ischio.model.terminology import Concept
from ischio.record.events import Record


class FhirReader:
    """Reads Bundles for one pathway; its look-up tables are built once.

    concepts: of the pathway, by id. Raises PathwayError where bindings and concepts do not fit together.
    """

    def __init__(self, concepts: Mapping[str, Concept], bindings: Bindings) -> None:
        self._tables = Tables(concepts, bindings)
        self._outlines = Outlines(self._tables)

    def read(self, source: bytes | Path) -> Record:
        """The record in a Bundle of any type. Raises RecordError for what is wrong with the input as a whole."""
        return self._record(*read_bundle(source))

    def read_resources(self, resources: Sequence[Json], name: str) -> Record:
        """The record in decoded resources, numbers as decimals, the Patient among them. name: what to call them."""
        return self._record({"resourceType": "Bundle", "entry": [{"resource": one} for one in resources]}, name)

    def _record(self, bundle: dict[str, Json], name: str) -> Record:
        contents = contents_of(bundle)
        foreign = self._tables.versions.foreign(contents.entries, name)
        return Intake(self._tables, self._outlines, contents, person_in(contents, name), foreign).record()


def read_record(source: bytes | Path, pathway: Pathway, bindings: Bindings) -> Record:
    """The record in a FHIR R4 Bundle, given as bytes or as the path of a file.

    Raises RecordError for what is wrong with the input as a whole. For many records keep one FhirReader.
    """
    return FhirReader(pathway.concepts, bindings).read(source)
