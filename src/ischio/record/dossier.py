"""A record sorted by what the facts look at: which events match a fact, before any date is asked about.

What does not depend on the index date is found once for a record and kept, because the same record is asked about on
many dates.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import assert_never

from ischio.model.pathway import Compared, Fact, First, Latest, Pathway, Selection, Side, SideRule
from ischio.model.truth import FALSE, TRUE, UNKNOWN, Truth, truth_of
from ischio.record.events import Event, FactValue, Gap, Ignored, Record, State
from ischio.record.occurrence import Occurrence, inverted, occurrence_of
from ischio.record.reading import Reading, read

DONE_OR_STATED = ("done", "stated")


@dataclass(frozen=True, slots=True, eq=False)
class Matches:
    """The events of a record that match a fact of one hip (or of the person), whenever they were.

    own: of this side. unsided: may be of this side. incomplete: lack a qualifier or a value that the fact asks for,
    with what they lack. dropped: end before they start. gap: what could not be read.
    """

    own: tuple[Reading, ...] = ()
    unsided: tuple[Reading, ...] = ()
    incomplete: tuple[Reading, ...] = ()
    dropped: tuple[Ignored, ...] = ()
    gap: Gap | None = None

    @property
    def nothing(self) -> bool:
        return not (self.own or self.unsided or self.incomplete or self.dropped) and self.gap is None


NOTHING = Matches()


class Dossier:
    """One record as one pathway reads it."""

    def __init__(self, pathway: Pathway, record: Record) -> None:
        self.pathway = pathway
        self.record = record
        self._occurrences: defaultdict[str, list[Occurrence]] = defaultdict(list)
        self._dropped: defaultdict[str, list[Ignored]] = defaultdict(list)
        self._gaps: Mapping[str, Gap] = {gap.concept: gap for gap in reversed(record.gaps)}
        self._matches: dict[tuple[str, Side | None], Matches] = {}
        self._given = {side: _given(record, side) for side in (None, *Side)}
        for event in record.events:
            if inverted(event):
                self._dropped[event.concept].append(Ignored(event.source, "ends before it starts"))
            else:
                self._occurrences[event.concept].append(occurrence_of(event))

    def matches(self, fact: Fact, side: Side | None) -> Matches:
        """The events that match the fact. side: None for a fact of the person."""
        key = fact.id, side
        found = self._matches.get(key)
        if found is None:
            found = self._matches[key] = self._match(fact, side)
        return found

    def given(self, side: Side | None) -> Mapping[str, FactValue]:
        """The facts that the record sets directly for this hip (or, if None, for the person)."""
        return self._given[side]

    def _match(self, fact: Fact, side: Side | None) -> Matches:
        derivation = fact.derivation
        if isinstance(derivation, Compared):
            return NOTHING
        selection = derivation.selection
        concepts = selection.concepts
        gap = next((self._gaps[concept] for concept in concepts if concept in self._gaps), None)
        if gap is None and not any(name in self._occurrences or name in self._dropped for name in concepts):
            return NOTHING
        own: list[Reading] = []
        unsided: list[Reading] = []
        incomplete: list[Reading] = []
        for when in (when for concept in concepts for when in self._occurrences.get(concept, ())):
            event = when.event
            belongs = _on_side(selection.side, event, side)
            if belongs is FALSE or not _eligible(selection, event):
                continue
            lack = _lacking(selection, event)
            if isinstance(derivation, Latest | First):
                lack = lack or ("a value" if event.value is None else None)
                reading = Reading(when) if lack else read(fact, derivation, when)
            elif _code(event) == "no" and not selection.values:
                continue  # stated not to be so: no match for what looks for something that is or was
            else:
                reading = Reading(when)
            if lack:
                incomplete.append(Reading(when, why=f"{lack} is not recorded"))
            else:
                (own if belongs is TRUE else unsided).append(reading)
        dropped = tuple(ignored for concept in concepts for ignored in self._dropped.get(concept, ()))
        return Matches(tuple(own), tuple(unsided), tuple(incomplete), dropped, gap)


def _given(record: Record, side: Side | None) -> Mapping[str, FactValue]:
    return {
        fact: FactValue(fact, value, State.NOT_ASKED if value is None else State.KNOWN, source="given")
        for fact, value in record.given.get(side, {}).items()
    }


def _eligible(selection: Selection, event: Event) -> bool:
    """Whether kind, asserter, value and recorded qualifiers are those asked for."""
    if event.kind.value not in (selection.kinds or DONE_OR_STATED):
        return False
    if selection.asserters and event.asserter.value not in selection.asserters:
        return False
    if selection.values and _code(event) not in selection.values:
        return False
    return all(
        accepted == ("*",) or event.qualifiers.get(name, accepted[0]) in accepted
        for name, accepted in selection.qualifiers.items()
    )


def _code(event: Event) -> str | None:
    if isinstance(event.value, bool):
        return "yes" if event.value else "no"
    return event.value if isinstance(event.value, str) else None


def _lacking(selection: Selection, event: Event) -> str | None:
    """The first qualifier that is asked for and not recorded."""
    return next((name.replace("_", " ") for name in selection.qualifiers if name not in event.qualifiers), None)


def _on_side(rule: SideRule, event: Event, side: Side | None) -> Truth:
    """Whether the event is of the side that the fact of this hip looks at; unknown if it names none."""
    match rule:
        case SideRule.PERSON | SideRule.ANY:
            return TRUE
        case SideRule.THIS | SideRule.OTHER:
            if side is None:
                return TRUE
            if event.side is None:
                return UNKNOWN
            return truth_of(event.side.counts_for(side if rule is SideRule.THIS else side.other))
        case _:
            assert_never(rule)


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
