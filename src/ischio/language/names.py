"""The names that a condition may use, and the words that no name may be."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from ischio.model.facts import FactType
from ischio.model.parameters import Parameter

CQL_KEYWORDS = frozenset(
    """
    after aggregate all and as asc ascending before between by called case cast code codesystem codesystems collapse
    concept contains context convert date day days default define desc descending difference display distinct div
    duration during else end ends except exists expand external false flatten fluent from function hour hours if
    implies in include included includes intersect is less let library list maximum meets millisecond milliseconds
    minimum minute minutes mod month months more not null occurs of on or overlaps parameter per point predecessor
    private properly public return returns same second seconds singleton sort start starting starts successor such
    that than then time timezone timezoneoffset to total true tuple union using valueset version week weeks when
    where width with within without xor year years choice interval index this
    """.split()  # noqa: SIM905  # as a list, one word a line, nobody could read it
)
"""Words that CQL 1.5 keeps for itself, in lower case. Source: HL7 CQL 1.5, Formal Specification, grammar cql.g4."""

SHAPE = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Names:
    """What each name means in a condition.

    others: names of things that no condition can name, with what they are ("a stage"). broken: names that are written
    but at fault; their own mistakes are told elsewhere, so a condition that uses them is not blamed.
    """

    facts: Mapping[str, FactType] = field(default_factory=dict)
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    criteria: Collection[str] = ()
    others: Mapping[str, str] = field(default_factory=dict)
    broken: Collection[str] = ()

    def unknown(self, name: str) -> tuple[str, str]:
        """What is wrong with a name that is neither fact, criterion nor parameter, and the mend."""
        if name in CQL_KEYWORDS:
            return f"`{name}` is a CQL keyword and names nothing here.", "Name a fact, a criterion or a parameter."
        if other := self.others.get(name):
            return f"`{name}` is {other}; a condition names only facts, criteria and parameters.", self._instead(name)
        known = [*self.facts, *self.criteria, *self.parameters]
        return f"`{name}` is not known.", suggestion(name, known) or "Declare it, or mend the name."

    def _instead(self, name: str) -> str:
        criteria = (f"{kind}_{name}" for kind in ("gate", "stage", "diversion"))
        named = next((criterion for criterion in criteria if criterion in self.criteria), None)
        return f"Write {named}." if named else "Name the facts or criteria that it rests on."


def suggestion(name: str, known: Iterable[str]) -> str:
    """ "Did you mean ...?" for a name that is not among the known ones; empty if none is near."""
    near = get_close_matches(name, list(known), n=1, cutoff=0.7)
    return f"Did you mean {near[0]}?" if near else ""


def refusal(name: str) -> tuple[str, str] | None:
    """What is wrong with a name that an author gives, and the mend; None for a good one."""
    if not SHAPE.fullmatch(name):
        return f"`{name}` is not lower snake case.", "Use small letters, digits and `_`, beginning with a letter."
    if name in CQL_KEYWORDS:
        return f"`{name}` is a CQL keyword, so it cannot be a name.", f"Add a word, such as {name}_recorded."
    return None
