"""What the endpoint can do, as its CapabilityStatement: exactly what is routed (tests/http/test_fhir_capability.py)."""

from importlib.metadata import version

from ischio.fhir.export.publication import FHIR_VERSION, Json, Publication
from ischio.interfaces.http.fhir.completed import SEARCHED as COMPLETED
from ischio.interfaces.http.fhir.completed import WHOSE
from ischio.interfaces.http.fhir.published import SEARCHED, TYPES
from ischio.interfaces.http.problems import FHIR_JSON

_CORE = "http://hl7.org/fhir/OperationDefinition"
OPERATIONS = {
    "PlanDefinition": {
        "apply": f"{_CORE}/PlanDefinition-apply",
        "data-requirements": f"{_CORE}/PlanDefinition-data-requirements",
    },
    "Questionnaire": {"populate": "http://hl7.org/fhir/uv/sdc/OperationDefinition/Questionnaire-populate"},
    "Measure": {"evaluate-measure": f"{_CORE}/Measure-evaluate-measure"},
}
"""By type: the operations served, with their definitions."""
ANSWERED = "QuestionnaireResponse"


def capability_statement(publication: Publication, base: str) -> Json:
    """base: the address of the endpoint."""
    title = publication.pathway.title
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": publication.pathway.reviewed.isoformat(),
        "publisher": publication.publisher,
        "description": f"The pathway {title}: what it is made of, and what it says of one person.",
        "kind": "instance",
        "software": {"name": "ischio", "version": version("ischio")},
        "implementation": {"description": title, "url": base},
        "fhirVersion": FHIR_VERSION,
        "format": [FHIR_JSON],
        "rest": [{"mode": "server", "resource": [*(_type(kind) for kind in TYPES), _answers()]}],
    }


def _type(kind: str) -> Json:
    operations = [{"name": name, "definition": url} for name, url in OPERATIONS.get(kind, {}).items()]
    return {
        "type": kind,
        "interaction": [{"code": "read"}, {"code": "search-type"}],
        "versioning": "no-version",
        "searchParam": [{"name": name, "type": how} for name, how in SEARCHED.items()],
        **({"operation": operations} if operations else {}),
    }


def _answers() -> Json:
    words = (
        "What is created is checked against its Questionnaire and kept as what it says, not as a document: it cannot "
        "be read again. Forms that patients completed here are read, and searched by `patient`, by listed callers."
    )
    return {
        "type": ANSWERED,
        "interaction": [{"code": code} for code in ("create", "read", "search-type")],
        "versioning": "no-version",
        "searchParam": [{"name": name, "type": how} for name, how in {**WHOSE, **COMPLETED}.items()],
        "documentation": words,
    }
