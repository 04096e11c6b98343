"""What reads the events: one reader for each fact that looks at events, with all that it asks for.

A fact that chooses for each of its concepts by itself has a reader for each. Readers are rows of a table, so that one
short statement serves them all: `ischio_reader` holds what differs from one to the next.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import assert_never

from ischio.backends.sql.numbering import KINDS, RANKS, Numbering, selection_of
from ischio.model.about import Scope
from ischio.model.facts import (
    Compared,
    Count,
    CourseLength,
    DateOf,
    Exists,
    Fact,
    First,
    Latest,
    Selection,
    SideRule,
    ValueKind,
)
from ischio.model.pathway import Pathway
from ischio.record.plan import no_of, plan_of

MOST_STEPS = 1 << 37
"""What chooses between values is packed into 64 bits, which leaves this much for a number."""

DAY_BITS = 22
MIRROR = (1 << DAY_BITS) - 1
"""A day and its mirror image together."""


class Pattern(IntEnum):
    """What is made of the matches."""

    EXISTS, DATE, COUNT, COURSE, VALUE = range(1, 6)


class Way(IntEnum):
    """From matches to what is said. SEEN: one alone tells that there is one. SUMMED: all are weighed together.
    NARROWED: before that, some are passed over for the sake of others."""

    SEEN, SUMMED, NARROWED = range(3)


@dataclass(frozen=True)
class Reader:
    """One fact that looks at events, or one concept of it. number: from 1; concept: None for all together.

    level: how many rounds of facts have to be known before. told_in_full: a date of which it matters between which
    days it lies. attests: its day is held against what went stale.
    """

    number: int
    fact: Fact
    selection: Selection
    concept: str | None
    level: int
    told_in_full: bool
    attests: bool

    @property
    def pattern(self) -> Pattern:
        match self.fact.derivation:
            case Latest() | First():
                return Pattern.VALUE
            case DateOf():
                return Pattern.DATE
            case Exists():
                return Pattern.EXISTS
            case Count():
                return Pattern.COUNT
            case CourseLength():
                return Pattern.COURSE
            case Compared():
                raise AssertionError("compares facts, and reads no events")
            case _:
                assert_never(self.fact.derivation)

    @property
    def valued(self) -> bool:
        """Whether the pattern wants the event's value."""
        return self.pattern is Pattern.VALUE

    @property
    def latest(self) -> Latest | None:
        return self.fact.derivation if isinstance(self.fact.derivation, Latest) else None

    @property
    def oldest(self) -> bool:
        derivation = self.fact.derivation
        return isinstance(derivation, First) or (isinstance(derivation, DateOf) and derivation.oldest)

    @property
    def way(self) -> Way:
        if self.extreme != 0 or self.one_yes or self.authority is not None:
            return Way.NARROWED
        return Way.SUMMED if self.pattern is not Pattern.EXISTS or self.attests else Way.SEEN

    @property
    def authority(self) -> int | None:
        """The rank that may take back a yes; None where nobody may, because one yes among all is enough."""
        by = None if self.latest is None or self.one_yes else self.latest.corrected_by
        return None if by is None else RANKS[by]

    @property
    def extreme(self) -> int:
        """1 where the largest number counts instead of the newest, -1 where the smallest does."""
        return 0 if self.latest is None else int(self.latest.largest) - int(self.latest.smallest)

    @property
    def one_yes(self) -> bool:
        """Whether one yes among all is a yes."""
        return self.latest is not None and self.latest.any_yes_of == "readings"

    @property
    def of_hip(self) -> bool:
        return self.fact.scope is Scope.HIP

    @property
    def any_side(self) -> bool:
        return not self.of_hip or self.selection.side in (SideRule.PERSON, SideRule.ANY)

    @property
    def both_unsided(self) -> bool:
        """Whether what names no side counts for either hip, whatever else is known."""
        return self.selection.side is SideRule.THIS_OR_UNSIDED

    @property
    def kinds(self) -> int:
        return sum(KINDS[kind] for kind in self.selection.kinds or ("done", "stated"))

    @property
    def voices(self) -> int:
        return sum(1 << RANKS[asserter] for asserter in self.selection.asserters or RANKS)

    @property
    def yes(self) -> int:
        """The number of what counts as yes: of codes the one declared first."""
        return len(self.fact.type.codes) if self.fact.type.kind is ValueKind.CODE else 1

    @property
    def vouched(self) -> bool:
        """Whether an attestation can stand in for what went stale."""
        stale = self.latest is not None and self.latest.stale_after is not None
        return stale and self.fact.absent.no_when is not None and no_of(self.fact) is not None

    @property
    def limits(self) -> tuple[int, int]:
        """The smallest and the largest value."""
        type_ = self.fact.type
        match type_.kind:
            case ValueKind.BOOLEAN:
                return 0, 1
            case ValueKind.CODE:
                return 1, len(type_.codes)
            case ValueKind.DATE:
                return 1, (1 << DAY_BITS) - 3
            case ValueKind.NUMBER if not self.valued:
                return 0, (1 << 32) - 3
            case ValueKind.NUMBER:
                low = -MOST_STEPS + 1 if type_.low is None else type_.low
                return low, MOST_STEPS - 1 if type_.high is None else type_.high
            case _:
                assert_never(type_.kind)


def readers_of(pathway: Pathway) -> tuple[Reader, ...]:
    """All readers, numbered."""
    levels, full, attesting = _levels(pathway), _told_in_full(pathway), _attestations(pathway)
    found: list[Reader] = []
    for fact in pathway.facts.values():
        selection = selection_of(fact)
        for concept in () if selection is None else _concepts_apart(fact, selection):
            assert selection is not None, "asked for above"
            flags = fact.id in full, fact.id in attesting
            found.append(Reader(len(found) + 1, fact, selection, concept, levels[fact.id], *flags))
    return tuple(found)


def _concepts_apart(fact: Fact, selection: Selection) -> tuple[str | None, ...]:
    by_concept = isinstance(fact.derivation, Latest) and fact.derivation.any_yes_of == "concepts"
    return selection.concepts if by_concept else (None,)


def facts_before(fact: Fact) -> set[str]:
    """The facts that decide which events count: they must be known before the events are looked at."""
    selection = selection_of(fact)
    if selection is None:
        return set()
    single = {name for name in (selection.unsided_when, selection.back_from) if name is not None}
    return single | {anchor.fact for anchor in selection.anchors} | set(selection.unsided_unless)


def _levels(pathway: Pathway) -> Mapping[str, int]:
    """Of each fact how many rounds of facts come before."""
    plan, found = plan_of(pathway), dict[str, int]()
    for fact in (*plan.person, *plan.hip):
        before = facts_before(fact)
        found[fact.id] = max((found[name] + (name in before) for name in plan.inputs[fact.id]), default=0)
    return found


def _told_in_full(pathway: Pathway) -> set[str]:
    """The date facts of which it matters between which days they lie, and whether anything is recorded at all."""
    found = {fact for stage in pathway.stages for fact in stage.since}
    for selection in filter(None, map(selection_of, pathway.facts.values())):
        found.update(anchor.fact for anchor in selection.anchors)
        found.update(() if selection.back_from is None else (selection.back_from,))
    return found


def _attestations(pathway: Pathway) -> set[str]:
    """The facts whose day is held against what went stale."""
    return {
        fact.absent.no_when
        for fact in pathway.facts.values()
        if fact.absent.no_when and isinstance(fact.derivation, Latest) and fact.derivation.stale_after is not None
    }


def going_stale(reader: Reader, numbers: Numbering) -> Iterator[int] | None:
    """The numbers of the values that alone go stale; None where all do."""
    stale = reader.latest.stale_after if reader.latest else None
    if stale is None or not stale.values:
        return None
    named = {"yes": 1, "no": 0} if reader.fact.type.kind is ValueKind.BOOLEAN else numbers.codes_of(reader.fact)
    return (number for code, number in named.items() if code in stale.values)
