"""A record sorted by what the facts look at: which events match a fact, before any date is asked about.

What does not depend on the index date is found once for a record and kept, because the same record is asked about on
many dates.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache

from ischio.model.about import Scope, Side
from ischio.model.facts import Compared, Fact, First, Latest, Selection, SideRule
from ischio.model.frozen import frozen
from ischio.model.pathway import Pathway
from ischio.record.chronicle import EMPTY, Chronicle, in_order
from ischio.record.events import Event, FactValue, Gap, Ignored, Record, State
from ischio.record.occurrence import Occurrence, inverted, lasting, occurrence_of
from ischio.record.plan import plan_of
from ischio.record.reading import Reading, read

DONE_OR_STATED = ("done", "stated")


@frozen(eq=False)
class Matches:
    """The events of a record that match a fact of one hip (or of the person), whenever they were.

    own: of this side. unsided: may be of this side. incomplete: lack a qualifier or a value that the fact asks for,
    with what they lack. lifting, unsided_lifting: take back what was said before. dropped: end before they start.
    gap: what could not be read.
    """

    own: Chronicle
    unsided: Chronicle
    lifting: list[Occurrence]
    unsided_lifting: list[Occurrence]
    incomplete: Chronicle
    dropped: list[Ignored]
    gap: Gap | None

    @property
    def nothing(self) -> bool:
        return self.own is self.unsided is self.incomplete is EMPTY and not self.dropped and self.gap is None


@dataclass(frozen=True, slots=True, eq=False)
class Desk:
    """What a record holds for the facts of one hip, or of the person: those left out of `matches` match nothing.

    settled: the facts that are the same on every date, because the record sets them directly or holds nothing on them.
    open: all others, in the order in which they can be derived.
    """

    matches: Mapping[str, Matches]
    settled: Mapping[str, FactValue]
    open: tuple[Fact, ...]


class Dossier:
    """One record as one pathway reads it."""

    def __init__(self, pathway: Pathway, record: Record) -> None:
        self.pathway = pathway
        self.record = record
        self._occurrences: defaultdict[str, list[Occurrence]] = defaultdict(list)
        self._dropped: defaultdict[str, list[Ignored]] = defaultdict(list)
        self._gaps: Mapping[str, Gap] = {gap.concept: gap for gap in reversed(record.gaps)}
        for event in record.events:
            if inverted(event):
                self._dropped[event.concept].append(Ignored(event.source, "ends before it starts"))
            else:
                self._occurrences[event.concept].append(occurrence_of(event))
        readers = self._readers()
        self.of_person = self._desk(Scope.PERSON, None, readers)
        self.of_hip = {side: self._desk(Scope.HIP, side, readers) for side in Side}

    def _desk(self, scope: Scope, side: Side | None, readers: Collection[Fact]) -> Desk:
        plan = plan_of(self.pathway)
        found = {fact.id: self._match(fact, side) for fact in readers if fact.scope is scope}
        matches = {name: each for name, each in found.items() if not each.nothing}
        settled = plan.settled[scope].copy()
        for name in matches:
            settled.pop(name, None)
        facts = plan.person if scope is Scope.PERSON else plan.hip
        if given := _given(self.record, side):
            settled |= {fact.id: given[fact.id] for fact in facts if fact.id in given}
        return Desk(matches, settled, tuple([fact for fact in facts if fact.id not in settled]))

    def _readers(self) -> Collection[Fact]:
        """The facts that look at something the record holds, or that could not be read."""
        held = self._occurrences.keys() | self._dropped.keys() | self._gaps.keys()
        readers = readers_of(self.pathway)
        return {fact.id: fact for concept in held for fact in readers.get(concept, ())}.values()

    def _match(self, fact: Fact, side: Side | None) -> Matches:
        assert not isinstance(fact.derivation, Compared), "reads no events"
        selection = fact.derivation.selection
        gap = next((self._gaps[concept] for concept in selection.concepts if concept in self._gaps), None)
        wanted = _wanted(selection.side, side)
        dropped: list[Ignored] = []
        own: list[Reading] = []
        unsided: list[Reading] = []
        incomplete: list[Reading] = []
        lifting: list[Occurrence] = []
        unsided_lifting: list[Occurrence] = []
        for concept in selection.concepts:
            dropped += self._dropped.get(concept, ())
            for occurred in self._occurrences.get(concept, ()):
                when = lasting(occurred, selection.in_force)
                if wanted is None or when.side in (wanted, "both", None):
                    sided = wanted is None or when.side is not None or selection.side is SideRule.THIS_OR_UNSIDED
                    certain = sided or code_of(when.event) in selection.unsided_values
                    if code_of(when.event) in selection.lifted_by and _eligible(selection, when, selection.lifted_by):
                        (lifting if sided else unsided_lifting).append(when)
                    _sort(fact, selection, when, incomplete, own if certain else unsided)
        own_ones, unsided_ones, incomplete_ones = map(in_order, (own, unsided, incomplete))
        return Matches(own_ones, unsided_ones, lifting, unsided_lifting, incomplete_ones, dropped, gap)


def _wanted(rule: SideRule, side: Side | None) -> str | None:
    """The side that a fact of this hip looks at; None for any, and for a fact of the person."""
    if side is None or rule is SideRule.PERSON or rule is SideRule.ANY:
        return None
    return side.other.value if rule is SideRule.OTHER else side.value


def _sort(
    fact: Fact, selection: Selection, when: Occurrence, incomplete: list[Reading], fitting: list[Reading]
) -> None:
    """Adds an event to those that fit, or to the incomplete ones, if it is what the selection asks for."""
    if not _eligible(selection, when, selection.values):
        return
    derivation = fact.derivation
    lack = _lacking(selection, when.event) if selection.qualifiers else None
    if lack is None and isinstance(derivation, Latest | First) and when.event.value is None and not when.event.unread:
        lack = "its value"
    if lack is not None:
        incomplete.append(Reading(when, why=f"{lack} is not recorded"))
    elif isinstance(derivation, Latest | First):
        fitting.append(read(fact, derivation, when))
    elif when.event.unread:
        fitting.append(Reading(when, why=when.event.unread, maybe=True))
    elif selection.values or code_of(when.event) != "no":  # what is stated not to be is no match for what is or was
        fitting.append(Reading(when))


@lru_cache(maxsize=8)
def readers_of(pathway: Pathway) -> Mapping[str, tuple[Fact, ...]]:
    """Per concept the facts that look at it."""
    readers: defaultdict[str, list[Fact]] = defaultdict(list)
    for fact in pathway.facts.values():
        if not isinstance(fact.derivation, Compared):
            for concept in fact.derivation.selection.concepts:
                readers[concept].append(fact)
    return {concept: tuple(facts) for concept, facts in readers.items()}


def _given(record: Record, side: Side | None) -> Mapping[str, FactValue]:
    return {
        fact: FactValue(fact, value, State.NOT_ASKED if value is None else State.KNOWN, source="given")
        for fact, value in record.given.get(side, {}).items()
    }


def _eligible(selection: Selection, when: Occurrence, values: tuple[str, ...]) -> bool:
    """Whether kind, asserter, value and recorded qualifiers are those asked for, as far as they can be told."""
    event = when.event
    if not event.unread and when.kind not in (selection.kinds or DONE_OR_STATED):
        return False
    if selection.asserters and event.asserter.value not in selection.asserters:
        return False
    if not event.unread and values and code_of(event) not in values:
        return False
    return not selection.qualifiers or all(
        accepted == ("*",) or event.qualifiers.get(name, accepted[0]) in accepted
        for name, accepted in selection.qualifiers.items()
    )


def code_of(event: Event) -> str | None:
    """The event's value as facts.yaml names it, if it is a code, yes or no."""
    if isinstance(event.value, bool):
        return "yes" if event.value else "no"
    return event.value if isinstance(event.value, str) else None


def _lacking(selection: Selection, event: Event) -> str | None:
    """The first qualifier that is asked for and not recorded."""
    return next((name.replace("_", " ") for name in selection.qualifiers if name not in event.qualifiers), None)


_RECENT: dict[tuple[int, int], Dossier] = {}


def dossier_of(pathway: Pathway, record: Record) -> Dossier:
    """The dossier of a record; those asked for last are kept, and found again by identity."""
    key = id(pathway), id(record)
    dossier = _RECENT.get(key)
    # A dossier holds its record, so an id cannot pass to another record while the dossier is kept.
    if dossier is None:
        if len(_RECENT) >= 32:
            _RECENT.clear()
        dossier = _RECENT[key] = Dossier(pathway, record)
    return dossier
