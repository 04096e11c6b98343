"""The look-up tables of one pathway and its bindings, built once and shared by all readings."""

from collections.abc import Mapping

from ischio.fhir.bindings import Binding, Bindings
from ischio.fhir.codes import CodeIndex, values_by_code
from ischio.fhir.medicines import Medicines
from ischio.fhir.routes import Json, codings
from ischio.fhir.values import ValueReader
from ischio.fhir.versions import VersionMarks
from ischio.model.mistake import Mistake, PathwayError
from ischio.model.terminology import Concept
from ischio.record.events import Asserter, EventSide

OURS = "ischio"
"""The code system of codes of our own, in every pathway."""


class Tables:
    """From codes, types and references to what they mean.

    concepts: of the pathway, by id. Raises PathwayError where bindings and concepts do not fit together.
    ours: the URI of our own codes. describing: concepts that say more about others, the side and the qualifiers.
    read: resource type -> concept -> how it is read.
    named: resource type -> concepts that words can name, each with its wording.
    """

    def __init__(self, concepts: Mapping[str, Concept], bindings: Bindings) -> None:
        check_fit(concepts, bindings)
        self.bindings = bindings
        self.ours = str(bindings.systems[OURS])
        self.describing = {bindings.side, *bindings.qualifiers}
        self.index = CodeIndex(concepts, bindings.systems)
        self.medicines = Medicines(concepts, bindings, self.index)
        self.values = ValueReader(concepts, bindings)
        self.versions = VersionMarks(bindings)
        # Plain keys: the words of a file know their line, and are slower to look up.
        self.resources: Mapping[str, Binding] = {str(kind): binding for kind, binding in bindings.resources.items()}
        self.read = {kind: read_from(concepts, bindings, kind) for kind in self.resources}
        self.named = {
            kind: [(concept, one.names) for concept, one in read.items() if one.names]
            for kind, read in self.read.items()
        }
        sides = values_by_code(concepts[bindings.side], bindings.systems)
        self.sides = {coding: EventSide(side) for coding, side in sides.items()}
        self.refusals = {(bindings.systems[code.system], code.code) for code in bindings.refusals}
        self.asserters = {str(kind): Asserter(who) for who, kinds in bindings.asserters.items() for kind in kinds}

    def concepts_named(self, code: Json) -> list[str]:
        """All concepts that a CodeableConcept names, wherever they are read."""
        return [meaning.concept for coding in codings(code) for meaning in self.index.meanings(coding)]


def check_fit(concepts: Mapping[str, Concept], bindings: Bindings) -> None:
    """Raises PathwayError, with every mistake, if a binding names no concept or a code's system has no URI."""
    unbound = [
        name
        for name in (*bindings.concepts, *bindings.qualifiers, bindings.side, bindings.site, *_unrecognised(bindings))
        if name not in concepts
    ]
    systems = {OURS, *(code.system for code in bindings.refusals), *bindings.medicines.systems}
    for concept in concepts.values():
        systems |= {code.system for codes in (concept.codes, *concept.values.values()) for code in codes}
    mistakes = [
        Mistake(f"{name} is no concept of terminology.yaml.", "Mend the name, or add the concept.", "bindings.yaml")
        for name in unbound
    ] + [
        Mistake(f"The code system {name} has no URI.", "Add it under `systems`.", "bindings.yaml")
        for name in sorted(systems - set(bindings.systems))
    ]
    if mistakes:
        raise PathwayError(*mistakes)


def _unrecognised(bindings: Bindings) -> set[str]:
    return {str(one.unrecognised) for one in bindings.resources.values() if one.unrecognised is not None}


def read_from(concepts: Mapping[str, Concept], bindings: Bindings, kind: str) -> dict[str, Binding]:
    """The concepts that are read from resources of a type, and how."""
    found = ((concept, bindings.of(concept, kind)) for concept in concepts if concept not in bindings.qualifiers)
    return {concept: binding for concept, binding in found if binding is not None}
