"""The pathway as CQL libraries over FHIR R4, each after those that it includes."""

from ischio.backends.cql.libraries import common, libraries
from ischio.backends.cql.text import Library
from ischio.fhir.bindings import Bindings
from ischio.fhir.cql_record import fhir_functions, record_library
from ischio.model.pathway import Pathway


def cql_libraries(pathway: Pathway, bindings: Bindings) -> tuple[Library, ...]:
    """All libraries. Raises NotExpressible for what CQL as printed here cannot express."""
    return (common(pathway), fhir_functions(pathway), record_library(pathway, bindings), *libraries(pathway))
