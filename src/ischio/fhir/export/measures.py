"""Measures as FHIR Measure resources, whose populations are defines of the CQL libraries of both sides."""

from collections.abc import Iterator

from ischio.backends.cql.measures import COUNTS, KNOWN, LEFT_OUT, MET, part
from ischio.fhir.export.citations import documentation
from ischio.fhir.export.plan import LIBRARIES
from ischio.fhir.export.publication import Json, Publication
from ischio.model.about import Side
from ischio.model.measures import Better, Days, Measure
from ischio.model.pathway import Pathway

POPULATIONS = {
    "initial-population": "Initial Population",
    "denominator": "Denominator",
    "denominator-exclusion": "Denominator Exclusion",
    "numerator": "Numerator",
}
"""The populations of FHIR that a measure has, with their displays."""

_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"


def measures(publication: Publication) -> Iterator[Json]:
    """One resource for each measure of the pathway."""
    return (_measure(publication, measure) for measure in publication.pathway.measures.values())


def measure_id(publication: Publication, measure: Measure) -> str:
    return publication.id("measure", measure.id)


def improvement(measure: Measure) -> Json:
    """Whether a rise or a fall of the share is the better care."""
    code = "increase" if measure.better is Better.HIGHER else "decrease"
    system = f"{_TERMINOLOGY}/measure-improvement-notation"
    return {
        "coding": [{"system": system, "code": code, "display": f"{code.capitalize()}d score indicates improvement"}]
    }


def side_code(publication: Publication, side: Side) -> Json:
    """The code of a group: its side."""
    return {"coding": [publication.coding(side.value, side.value.capitalize())], "text": side.value}


def population_code(name: str) -> Json:
    """One of FHIR's populations."""
    return {"coding": [{"system": f"{_TERMINOLOGY}/measure-population", "code": name, "display": POPULATIONS[name]}]}


def _measure(publication: Publication, measure: Measure) -> Json:
    about, pathway = measure.about, publication.pathway
    return {
        **publication.head("Measure", measure_id(publication, measure), about.title, about.sentence),
        "subjectCodeableConcept": {
            "coding": [{"system": "http://hl7.org/fhir/resource-types", "code": "Patient", "display": "Patient"}]
        },
        "usage": publication.intended_use,
        "relatedArtifact": documentation(pathway, about),
        "library": [publication.canonical("Library", LIBRARIES[side]) for side in Side],
        "disclaimer": "It has no target and was not validated: a share is a question to the service, not a verdict.",
        "scoring": {
            "coding": [{"system": f"{_TERMINOLOGY}/measure-scoring", "code": "proportion", "display": "Proportion"}]
        },
        "type": [{"coding": [{"system": f"{_TERMINOLOGY}/measure-type", "code": "process", "display": "Process"}]}],
        "rateAggregation": _aggregation(pathway),
        "rationale": about.note or about.sentence,
        "improvementNotation": improvement(measure),
        "guidance": _guidance(pathway, measure),
        "group": [_group(publication, measure, side) for side in Side],
    }


def _aggregation(pathway: Pathway) -> str:
    return (
        f"The unit is {pathway.one_body_part}: a group for each side, added up. Whoever it cannot be told of is in the "
        "initial population and in no other; the score is the numerator over the denominator."
    )


def _guidance(pathway: Pathway, measure: Measure) -> str:
    """On which day the CQL is to be evaluated."""
    if measure.on is None:
        return "Index is the date of the cohort: the end of the period."
    fact = pathway.facts[measure.on].about.title
    if measure.days is Days.EVERY:
        return f"Index is in turn every day up to the end of the period that is a day of: {fact}. All of them count."
    return f"Index is the newest day up to the end of the period that is the day of: {fact}."


def _group(publication: Publication, measure: Measure, side: Side) -> Json:
    defines = {
        "initial-population": COUNTS,
        "denominator": KNOWN,
        **({"denominator-exclusion": LEFT_OUT} if measure.leaves_out is not None else {}),
        "numerator": MET,
    }
    return {
        "code": side_code(publication, side),
        "population": [
            {
                "code": population_code(name),
                "criteria": {
                    "language": "text/cql-identifier",
                    "expression": part(measure, define),
                    "reference": publication.canonical("Library", LIBRARIES[side]),
                },
            }
            for name, define in defines.items()
        ],
    }
