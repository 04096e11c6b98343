"""What has to be fetched of a person's record for a pathway: one query for each resource type that is read.

Prefetch templates, `$data-requirements`, searches on a server and what the CQL library needs all come from here.
Not among them is what only a reference leads to: the Medication of an order, and the Provenance that says who made
something (its search by patient finds what is said of the Patient alone).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ischio.fhir.bindings import Binding, Bindings
from ischio.fhir.routes import Route
from ischio.fhir.tables import read_from
from ischio.fhir.writer import OF_THE_PATIENT
from ischio.model.terminology import Concept

PATIENT = "Patient"
_TYPE = re.compile("(CodeableConcept|Reference|DateTime)$")
"""Of a choice of types, the one that ends its name."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """What is read from one resource type.

    concepts: what a query that fails leaves unknown.
    coded: elements whose codes tell what a resource is about; none where all of the type is read.
    """

    type: str
    concepts: frozenset[str]
    coded: tuple[str, ...] = ()

    def query(self, patient: str) -> str:
        """The read or search that fetches it. patient: the id of the Patient, or what stands for it in a template."""
        return f"{PATIENT}/{patient}" if self.type == PATIENT else f"{self.type}?patient={patient}"


def requirements(concepts: Mapping[str, Concept], bindings: Bindings) -> tuple[Requirement, ...]:
    """The Patient first, then every type from which a concept is read, in the order of bindings.yaml."""
    return (_patient(concepts), *_read(concepts, bindings))


def _patient(concepts: Mapping[str, Concept]) -> Requirement:
    return Requirement(PATIENT, frozenset(name for name in OF_THE_PATIENT if name in concepts))


def _read(concepts: Mapping[str, Concept], bindings: Bindings) -> Iterator[Requirement]:
    for kind, binding in bindings.resources.items():
        if read := read_from(concepts, bindings, kind):
            yield Requirement(str(kind), frozenset(read), tuple(_coded(binding)))


def _coded(binding: Binding) -> dict[str, None]:
    """Each element once: those with the code of the whole, then those of its parts."""
    parts = (Route(f"{binding.parts}.code"),) if binding.code and binding.parts else ()
    return dict.fromkeys(element(route) for route in (*binding.code, *parts))


def element(route: Route) -> str:
    """A path as FHIRPath has it: a choice of types by its plain name."""
    return ".".join(_TYPE.sub("", key) for key in route.keys)
