"""Which concepts a resource is about: by its codes, the codes of its parts, its words, or the questions it answers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ischio.fhir.bindings import Binding
from ischio.fhir.bundle import Entry
from ischio.fhir.codes import one_side
from ischio.fhir.notes import Notes
from ischio.fhir.references import References
from ischio.fhir.routes import Json, Route, codings, gathered, text_at, texts
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
    """Finds the concepts in the resources of one Bundle; what has none is noted."""

    tables: Tables
    references: References
    notes: Notes

    def in_resource(self, entry: Entry, binding: Binding) -> list[Finding]:
        if binding.items is not None:
            return list(self._in_answers(entry, binding.items))
        codes = self._codes(entry, binding)
        if binding.medicine:
            return self._medicines(entry, binding, codes)
        found = self._with_parts(entry, binding, codes)
        if not found:
            self.notes.unknown_code(entry, codes)
        return self._usable(entry, found)

    def _with_parts(self, entry: Entry, binding: Binding, codes: tuple[Json, ...]) -> list[Finding]:
        """The concepts of a resource and of its parts, each with what any part says of side and qualifiers."""
        whole = binding.parts.found(entry.resource) if binding.parts is not None else ()
        if not whole:
            return self._meant(entry.type, entry.resource, codes, ())
        parts = [part for part in whole if type(part) is dict]
        more = [one for part in parts for one in self._more(part.get("code"), part.get("valueCodeableConcept"))]
        found = self._meant(entry.type, entry.resource, codes, more)
        for part in parts:
            found += self._meant(entry.type, part, (part.get("code"),), more)
        return found

    def _medicines(self, entry: Entry, binding: Binding, codes: tuple[Json, ...]) -> list[Finding]:
        """The medicines that codes and words tell; one that they do not tell is a finding of its own where bound."""
        tables, read = self.tables, self.tables.read[entry.type]
        told = tables.medicines.meant(codes, read)
        if told:
            return [Finding(concept, read[concept], entry.resource, codes, told_by=by) for concept, by in told.items()]
        self.notes.unknown_code(entry, codes)
        if binding.unrecognised is None:
            return []
        return [Finding(str(binding.unrecognised), binding, entry.resource, codes)]

    def _more(self, code: Json, value: Json) -> Parts:
        """The side or qualifier that a part names."""
        tables = self.tables
        return [(concept, value) for concept in tables.concepts_named(code) if concept in tables.describing]

    def _usable(self, entry: Entry, found: list[Finding]) -> list[Finding]:
        """Without those that are bound only so as to say why they are not used."""
        usable = [one for one in found if one.binding.why_not is None]
        if found and not usable:
            self.notes.ignore(entry.source, found[0].binding.why_not or "")
        return usable

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

    def _codes(self, entry: Entry, binding: Binding) -> tuple[Json, ...]:
        """The CodeableConcepts that say what it is about; of a reference, the code of the resource it refers to."""
        codes = gathered(binding.code, entry.resource)
        for place, node in enumerate(codes):
            reference = text_at(node, "reference")
            if reference is not None:
                codes[place] = self.references.target(entry, reference).get("code")
        return tuple(codes)

    def _in_answers(self, entry: Entry, items: Route) -> Iterator[Finding]:
        """The answers to questions whose linkId is a code of ours, with a side after a dot: `pain-nrs.right`."""
        waiting = list(items.found(entry.resource))
        while waiting:
            item = waiting.pop()
            answers = [answer for answer in _ANSWER.found(item) if type(answer) is dict]
            waiting += _ITEM.found(item) + [below for answer in answers for below in _ITEM.found(answer)]
            code, _, side = (text_at(item, "linkId") or "").partition(".")
            for meaning in self.tables.index.meanings((self.tables.ours, code)):
                binding = self.tables.read[entry.type].get(meaning.concept)
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
