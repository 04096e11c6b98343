"""A record sorted by what the facts look at: which events match a fact, before any date is asked about.

What does not depend on the index date is found once for a record and kept, because the same record is asked about on
many dates.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from ischio.model.about import Scope, Side
from ischio.model.facts import Compared, Fact, First, Latest, Selecting, Selection, SideRule
from ischio.model.frozen import frozen
from ischio.model.pathway import Pathway
from ischio.record.chronicle import EMPTY, Chronicle, in_order
from ischio.record.events import EVERYTHING, Event, FactValue, Gap, Ignored, Record, State
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


class Fitting(NamedTuple):
    """What an event is to a fact, of whichever side. lacks: the reading lacks something that the fact asks for.

    lifts: it takes back what was said before.
    """

    when: Occurrence
    reading: Reading | None
    lacks: bool
    lifts: bool


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
        self._found: dict[str, list[Fitting]] = {}
        self._readings: dict[tuple[int, Occurrence], Reading] = {}
        self._gaps = gaps_of(pathway, record)
        for event in record.events:
            if inverted(event):
                self._dropped[event.concept].append(Ignored(event.source, "ends before it starts"))
            else:
                self._occurrences[event.concept].append(occurrence_of(event))
        readers = self._readers()
        self.of_person = self._desk(Scope.PERSON, None, readers)
        self.of_hip = {side: self._desk(Scope.HIP, side, readers) for side in Side}
        self._found.clear()
        self._readings.clear()

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
        dropped = [one for concept in selection.concepts for one in self._dropped.get(concept, ())]
        own: list[Reading] = []
        unsided: list[Reading] = []
        incomplete: list[Reading] = []
        lifting: list[Occurrence] = []
        unsided_lifting: list[Occurrence] = []
        for when, reading, lacks, lifts in self._fitting(fact):
            if wanted is None or when.side in (wanted, "both", None):
                sided = wanted is None or when.side is not None or selection.side is SideRule.THIS_OR_UNSIDED
                if lifts:
                    (lifting if sided else unsided_lifting).append(when)
                if lacks and reading is not None:
                    incomplete.append(reading)
                elif reading is not None:
                    (own if sided or when.code in selection.unsided_values else unsided).append(reading)
        own_ones, unsided_ones, incomplete_ones = map(in_order, (own, unsided, incomplete))
        return Matches(own_ones, unsided_ones, lifting, unsided_lifting, incomplete_ones, dropped, gap)

    def _fitting(self, fact: Fact) -> list[Fitting]:
        """What the events are to a fact, whichever side is asked about: looked up for one side, it serves the other."""
        known = self._found.get(fact.id)
        if known is None:
            known = self._found[fact.id] = list(self._sort(fact))
        return known

    def _sort(self, fact: Fact) -> Iterator[Fitting]:
        assert not isinstance(fact.derivation, Compared), "reads no events"
        selection = fact.derivation.selection
        for concept in selection.concepts:
            for occurred in self._occurrences.get(concept, ()):
                when = lasting(occurred, selection.in_force)
                lifts = when.code in selection.lifted_by and _eligible(selection, when, selection.lifted_by)
                lack = reading = None
                if _eligible(selection, when, selection.values):
                    lack = _lacking(fact.derivation, when.event)
                    reading = Reading(when, why=f"{lack} is not recorded") if lack else self._reading(fact, when)
                if lifts or reading is not None:
                    yield Fitting(when, reading, lack is not None, lifts)

    def _reading(self, fact: Fact, when: Occurrence) -> Reading | None:
        """What an event is to a fact that it is eligible for."""
        derivation = fact.derivation
        assert not isinstance(derivation, Compared), "reads no events"
        if isinstance(derivation, Latest | First):
            return self._read(fact, derivation, when)
        if when.event.unread:
            return Reading(when, why=when.event.unread, maybe=True)
        # What is stated not to be is no match for what is or was.
        return Reading(when) if derivation.selection.values or when.code != "no" else None

    def _read(self, fact: Fact, derivation: Latest | First, when: Occurrence) -> Reading:
        """The reading of an event, made once for all facts that read alike."""
        key = alike(self.pathway)[fact.id], when
        known = self._readings.get(key)
        if known is None:
            known = self._readings[key] = read(fact, derivation, when)
        return known


def _wanted(rule: SideRule, side: Side | None) -> str | None:
    """The side that a fact of this hip looks at; None for any, and for a fact of the person."""
    if side is None or rule is SideRule.PERSON or rule is SideRule.ANY:
        return None
    return side.other.value if rule is SideRule.OTHER else side.value


@lru_cache(maxsize=8)
def alike(pathway: Pathway) -> Mapping[str, int]:
    """Per fact that has values a number, the same for all that read an event alike."""
    kinds: list[object] = []
    found: dict[str, int] = {}
    for fact in pathway.facts.values():
        if isinstance(fact.derivation, Latest | First):
            kind = fact.type, fact.derivation.yes, fact.derivation.no
            if kind not in kinds:
                kinds.append(kind)
            found[fact.id] = kinds.index(kind)
    return found


@lru_cache(maxsize=8)
def readers_of(pathway: Pathway) -> Mapping[str, tuple[Fact, ...]]:
    """Per concept the facts that look at it."""
    readers: defaultdict[str, list[Fact]] = defaultdict(list)
    for fact in pathway.facts.values():
        if not isinstance(fact.derivation, Compared):
            for concept in fact.derivation.selection.concepts:
                readers[concept].append(fact)
    return {concept: tuple(facts) for concept, facts in readers.items()}


def gaps_of(pathway: Pathway, record: Record) -> Mapping[str, Gap]:
    """What could not be read, per concept that a fact looks at: the first that is told."""
    told = {gap.concept: gap for gap in reversed(record.gaps)}
    every = told.pop(EVERYTHING, None)
    return told if every is None else dict.fromkeys(readers_of(pathway), every) | told


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
    if not event.unread and values and when.code not in values:
        return False
    return not selection.qualifiers or all(
        accepted == ("*",) or event.qualifiers.get(name, accepted[0]) in accepted
        for name, accepted in selection.qualifiers.items()
    )


def _lacking(derivation: Selecting, event: Event) -> str | None:
    """The first qualifier that is asked for and not recorded, else the value where one is taken from it."""
    for name in derivation.selection.qualifiers:
        if name not in event.qualifiers:
            return name.replace("_", " ")
    return "its value" if isinstance(derivation, Latest | First) and event.value is None and not event.unread else None


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
