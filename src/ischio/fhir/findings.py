"""Which concepts a resource is about: by its codes, the codes of its parts, its words, or the questions it answers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ischio.fhir.bindings import Binding
from ischio.fhir.codes import one_side
from ischio.fhir.routes import Json, Route, codings, text_at, texts
from ischio.fhir.tables import Tables
from ischio.record.events import EventSide

_ANSWER, _ITEM = Route("answer"), Route("item")
_SIDES = {side.value: side for side in EventSide}

Parts = Sequence[tuple[str, Json]]
"""Concepts that say more about a finding, its side and its qualifiers, each with the coded value given."""


class Finding(NamedTuple):
    """A concept found in a resource.

    node: the resource, part or answer in which its value stands. codes: the CodeableConcepts that name it.
    side: the one that its codes or its question carry. parts: what parts of the resource, or questions below the
    answer, say of its side and its qualifiers.
    """

    concept: str
    binding: Binding
    node: Json
    codes: tuple[Json, ...] = ()
    side: EventSide | None = None
    parts: Parts = ()
    told_by: str | None = None


@dataclass(frozen=True, slots=True)
class Finder:
    """Finds the concepts in resources."""

    tables: Tables

    def in_resource(self, kind: str, resource: dict[str, Json], codes: tuple[Json, ...]) -> list[Finding]:
        """codes: what the resource is about, with references replaced by the codes to which they lead."""
        binding = self.tables.resources[kind]
        if binding.items is not None:
            return list(self._in_answers(kind, resource, binding.items))
        if binding.medicine:
            read = self.tables.read[kind]
            told = self.tables.medicines.meant(codes, read)
            return [Finding(concept, read[concept], resource, codes, told_by=by) for concept, by in told.items()]
        return self._with_parts(kind, resource, codes)

    def _with_parts(self, kind: str, resource: dict[str, Json], codes: tuple[Json, ...]) -> list[Finding]:
        """The concepts of a resource and of its parts, each with what any part says of side and qualifiers."""
        where = self.tables.resources[kind].parts
        whole = where.found(resource) if where is not None else ()
        if not whole:
            return self._meant(kind, resource, codes, ())
        parts = [part for part in whole if type(part) is dict]
        more = [one for part in parts for one in self._more(part.get("code"), part.get("valueCodeableConcept"))]
        found = self._meant(kind, resource, codes, more)
        for part in parts:
            found += self._meant(kind, part, (part.get("code"),), more)
        return found

    def _more(self, code: Json, value: Json) -> Parts:
        """The side or qualifier that a part names."""
        tables = self.tables
        return [(concept, value) for concept in tables.concepts_named(code) if concept in tables.describing]

    def _meant(self, kind: str, node: Json, codes: tuple[Json, ...], parts: Parts) -> list[Finding]:
        """The concepts that codes mean, each once, with the side of any of them: M25.851 gives that of its words."""
        read = self.tables.read[kind]
        concepts: dict[str, None] = {}
        sides: list[EventSide] = []
        for code in codes:
            for coding in codings(code):
                for concept, side in self.tables.index.meanings(coding):
                    if side is not None:
                        sides.append(side)
                    if concept in read:
                        concepts[concept] = None
        for concept, wording in self.tables.named[kind]:
            if any(wording.fits(text) for code in codes for text in texts(code)):
                concepts[concept] = None
        if not concepts:
            return []
        both = one_side(sides) if sides else None
        return [Finding(concept, read[concept], node, codes, both, parts) for concept in concepts]

    def _in_answers(self, kind: str, resource: dict[str, Json], items: Route) -> Iterator[Finding]:
        """The answers to questions whose linkId is a code of ours, with a side after a dot: `pain-nrs.right`."""
        waiting = list(items.found(resource))
        while waiting:
            item = waiting.pop()
            answers = [answer for answer in _ANSWER.found(item) if type(answer) is dict]
            waiting += _ITEM.found(item) + [below for answer in answers for below in _ITEM.found(answer)]
            code, _, side = (text_at(item, "linkId") or "").partition(".")
            for meaning in self.tables.index.meanings((self.tables.ours, code)):
                binding = self.tables.read[kind].get(meaning.concept)
                if binding is None:
                    continue
                for answer in answers:
                    yield Finding(meaning.concept, binding, answer, (), _SIDES.get(side), self._asked_below(answer))

    def _asked_below(self, answer: Json) -> Parts:
        """The questions below an answer, as parts of it. After a dot a linkId may say which answer it asks about."""
        below = [(text_at(item, "linkId"), given) for item in _ITEM.found(answer) for given in _ANSWER.found(item)]
        coded = [
            ({"system": self.tables.ours, "code": (link or "").partition(".")[0]}, given)
            for link, given in below
            if type(given) is dict
        ]
        return [one for code, given in coded for one in self._more(code, given.get("valueCoding"))]
