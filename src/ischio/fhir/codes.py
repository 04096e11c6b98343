"""Which concepts a code means: exact codes by one look-up, prefixes by trying each length."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from ischio.fhir.routes import Coding
from ischio.model.terminology import Concept
from ischio.record.events import EventSide

_REMEMBERED = 50_000
"""Codes whose meaning is remembered; a record full of invented codes cannot fill the memory."""


class Meaning(NamedTuple):
    """A concept that a code means, with the side that the code itself carries."""

    concept: str
    side: EventSide | None


class CodeIndex:
    """From a code to its concepts.

    concepts: by id. systems: name of a code system in terminology.yaml -> its URI.
    """

    def __init__(self, concepts: Mapping[str, Concept], systems: Mapping[str, str]) -> None:
        self._exact: dict[Coding, list[Meaning]] = {}
        self._prefixes: dict[str, dict[str, list[Meaning]]] = {}
        self._remembered: dict[Coding, tuple[Meaning, ...]] = {}
        for concept in concepts.values():
            for code in concept.codes:
                uri = systems[code.system]
                meaning = Meaning(concept.id, EventSide(code.side) if code.side else None)
                if code.prefix:
                    self._prefixes.setdefault(uri, {}).setdefault(code.code, []).append(meaning)
                else:
                    self._exact.setdefault((uri, code.code), []).append(meaning)

    def meanings(self, coding: Coding) -> tuple[Meaning, ...]:
        """The concepts that a code means, each once; where two entries fit, the one that carries a side."""
        known = self._remembered.get(coding)
        if known is None:
            known = tuple(self._sought(coding))
            if len(self._remembered) < _REMEMBERED:
                self._remembered[coding] = known
        return known

    def _sought(self, coding: Coding) -> Iterator[Meaning]:
        sides: dict[str, EventSide | None] = {}
        for meaning in self._fitting(coding):
            sides[meaning.concept] = sides.get(meaning.concept) or meaning.side
        for concept, side in sides.items():
            yield Meaning(concept, side)

    def _fitting(self, coding: Coding) -> Iterator[Meaning]:
        yield from self._exact.get(coding, ())
        uri, code = coding
        starts = self._prefixes.get(uri)
        if starts:
            for length in range(1, min(len(code), 12) + 1):
                yield from starts.get(code[:length], ())


def values_by_code(concept: Concept, systems: Mapping[str, str]) -> dict[Coding, str]:
    """The codes that stand for each coded value of a concept."""
    return {(systems[code.system], code.code): value for value, codes in concept.values.items() for code in codes}


def one_side(sides: Iterable[EventSide]) -> EventSide | None:
    """The side that several places give: right and left are both."""
    found: EventSide | None = None
    for side in sides:
        if side is not found:
            found = EventSide.BOTH if found else side
    return found
