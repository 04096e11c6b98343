"""Which data would tell what is unknown, as FHIR DataRequirements."""

from collections.abc import Iterable, Iterator

from ischio.fhir.bindings import Bindings
from ischio.fhir.export.activities import site
from ischio.fhir.export.publication import Json, Publication
from ischio.fhir.export.terminology import concept_set
from ischio.fhir.requirements import PATIENT, element
from ischio.fhir.writer import OF_THE_PATIENT
from ischio.model.about import Scope, Side
from ischio.model.facts import Compared
from ischio.model.terminology import Concept

Wanted = tuple[str, Side | None]
"""A fact, and the side of which it is wanted."""


def needed(publication: Publication, wanted: Iterable[Wanted]) -> list[Json]:
    """What to supply so that the facts can be known: of each concept every coded resource that it is read from.

    Any one of them may do. Each is named once.
    """
    found: dict[str, Json] = {}
    for fact, side in wanted:
        for requirement in _of_fact(publication, fact, side):
            found.setdefault(repr(requirement), requirement)
    return list(found.values())


def _of_fact(publication: Publication, name: str, side: Side | None) -> Iterator[Json]:
    fact = publication.pathway.facts[name]
    if isinstance(fact.derivation, Compared):
        for term in fact.derivation.terms:
            yield from _of_fact(publication, term.fact, side)
        return
    for concept in fact.derivation.selection.concepts:
        yield from _of_concept(
            publication, publication.pathway.concepts[concept], side if fact.scope is Scope.HIP else None
        )


def _of_concept(publication: Publication, concept: Concept, side: Side | None) -> Iterator[Json]:
    if concept.id in OF_THE_PATIENT:
        yield {"type": PATIENT, "mustSupport": [_of_the_patient(publication.bindings, concept.id)]}
        return
    holding = publication.canonical("ValueSet", concept_set(publication, concept.id))
    for kind in publication.bindings.resources:
        binding = publication.bindings.of(concept.id, kind)
        if binding is None or not binding.code or not concept.codes:
            continue
        filters: list[Json] = [{"path": element(binding.code[0]), "valueSet": holding}]
        if side and binding.side:
            filters.append({"path": element(binding.side[0]), "code": site(publication, side)["coding"]})
        yield {"type": str(kind), "codeFilter": filters}


def _of_the_patient(bindings: Bindings, concept: str) -> str:
    """Where the Patient says what no other resource does."""
    person = bindings.person
    return element({"sex": person.sex, "birth_date": person.birth_date, "death": person.death_date}[concept])
