"""Words as small numbers: what is compared once for every row of a big table is compared quickly."""

from collections.abc import Mapping
from dataclasses import dataclass

from ischio.language.regions import leaves_by_fact
from ischio.model.about import Side
from ischio.model.expression import Compare, Literal
from ischio.model.facts import Compared, Fact, Selection
from ischio.model.pathway import Pathway

SIDES: Mapping[str, int] = {"right": 1, "left": 2, "both": 3}
"""Bits, so that an event of both sides counts for each. No side is 0."""

HIPS: Mapping[Side, int] = {Side.RIGHT: 1, Side.LEFT: 2}
PERSON = 0
"""Stands in the place of the hip for what belongs to the person."""

KINDS: Mapping[str, int] = {"done": 1, "stated": 2, "planned": 4, "declined": 8}
RANKS: Mapping[str, int] = {"clinician": 2, "device": 1, "patient": 0}
"""The larger the more authority; the patient who goes first has 3."""

PATIENT_FIRST = 3


def selection_of(fact: Fact) -> Selection | None:
    """The events that a fact looks at; None for one that compares others."""
    return None if isinstance(fact.derivation, Compared) else fact.derivation.selection


@dataclass(frozen=True)
class Numbering:
    """The numbers of the codes of a pathway's facts."""

    pathway: Pathway

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
