"""Words as small numbers: what is compared once for every row of a big table is compared quickly."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from ischio.language.regions import leaves_by_fact
from ischio.model.expression import Compare, Literal
from ischio.model.pathway import Compared, Fact, First, Latest, Pathway, Selection, Side, ValueKind

SIDES: Mapping[str, int] = {"right": 1, "left": 2, "both": 3}
"""Bits, so that an event of both sides counts for each."""

HIPS: Mapping[Side, int] = {Side.RIGHT: 1, Side.LEFT: 2}
KINDS: Mapping[str, int] = {"done": 1, "stated": 2, "planned": 4, "declined": 8}
RANKS: Mapping[str, int] = {"clinician": 2, "device": 1, "patient": 0}
"""The larger the more authority; the patient who goes first has 3."""

PATIENT_FIRST = 3

Scale = tuple[str, str]
"""The unit and the step in which a fact's numbers are held."""


def selection_of(fact: Fact) -> Selection | None:
    """The events that a fact looks at; None for one that compares others."""
    return None if isinstance(fact.derivation, Compared) else fact.derivation.selection


@dataclass(frozen=True)
class Numbering:
    """Concepts, words and scales of one pathway, each with its number."""

    pathway: Pathway

    @cached_property
    def concepts(self) -> Mapping[str, int]:
        """Those that some fact looks at."""
        looked_at = {concept for selection in self._selections for concept in selection.concepts}
        return {concept: number for number, concept in enumerate(sorted(looked_at), 1)}

    @cached_property
    def words(self) -> Mapping[str, int]:
        """The codes that mean something to some fact; all others are 0."""
        named = {"yes", "no"}
        for fact in self.pathway.facts.values():
            named.update(fact.type.codes)
            if isinstance(fact.derivation, Latest | First):
                named.update(fact.derivation.yes, fact.derivation.no)
        for selection in self._selections:
            named.update(selection.values, selection.unsided_values, selection.begun_values, selection.lifted_by)
        return {word: number for number, word in enumerate(sorted(named), 1)}

    @cached_property
    def scales(self) -> Mapping[Scale, tuple[int, tuple[str, ...]]]:
        """Of each scale its number and the concepts that are read on it."""
        concepts: dict[Scale, dict[str, None]] = {}
        for fact in self.pathway.facts.values():
            if fact.type.kind is ValueKind.NUMBER and isinstance(fact.derivation, Latest | First):
                read = concepts.setdefault(scale_of(fact), {})
                read.update(dict.fromkeys(fact.derivation.selection.concepts))
        return {scale: (number, tuple(read)) for number, (scale, read) in enumerate(sorted(concepts.items()), 1)}

    def codes_of(self, fact: Fact) -> Mapping[str, int]:
        """A fact's own codes, numbered so that larger ones win, and codes that no rule tells apart lie together.

        The one declared first has the largest number, and with it those of its region.
        """
        named = self._codes_named(fact)
        groups: dict[str, list[str]] = {}
        for code in fact.type.codes:
            groups.setdefault(code if code in named else "", []).append(code)
        in_order = [code for group in groups.values() for code in group]
        return {code: len(in_order) - place for place, code in enumerate(in_order)}

    def region_bounds(self, fact: Fact) -> tuple[int, ...]:
        """The numbers of codes above which another region begins."""
        named = self._codes_named(fact)
        numbers = self.codes_of(fact)
        names = {number: code if code in named else "" for code, number in numbers.items()}
        return tuple(number for number in range(1, len(numbers)) if names[number] != names[number + 1])

    def _codes_named(self, fact: Fact) -> set[object]:
        """The codes of a fact that some rule names."""
        leaves = leaves_by_fact(self.pathway)[fact.id]
        limits = (leaf.limit for leaf in leaves if isinstance(leaf, Compare))
        return {limit.value for limit in limits if isinstance(limit, Literal)}

    @cached_property
    def _selections(self) -> tuple[Selection, ...]:
        found = map(selection_of, self.pathway.facts.values())
        return tuple(selection for selection in found if selection is not None)


def scale_of(fact: Fact) -> Scale:
    return fact.type.unit, str(fact.type.step)
