"""What a records system says of somebody, kept in their event log: read at each launch, and only what changed written.

What is kept so is marked by its source: whoever reads the records system itself must not count it a second time.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from ischio.record.events import Event, Record, State
from ischio.store.entries import Logged
from ischio.store.event_form import NOT_READ, gap_event, gaps_in, text_of
from ischio.store.events import Entry, standing

TAKEN = "record/"
"""With this begins the source of what was taken over; the resource that it came from follows."""
_NUMBERS = ("MR",)
"""Types of identifiers (HL7 v2-0203) by which a hospital numbers people."""


def is_taken_over(event: Event) -> bool:
    return event.source.startswith(TAKEN)


def last_taken_over(logged: Sequence[Logged]) -> date | None:
    """The day on which something was last taken over; None where nothing ever was."""
    days = [each.by.at.date() for each in logged if each.event and is_taken_over(each.event)]
    return max(days, default=None)


def entries_to_follow(record: Record, logged: Sequence[Logged]) -> list[Entry]:
    """What has to be written so that the log says what the record says now.

    What stands already stays, from wherever it came. What is no longer in the record is taken back, unless it could not
    be read this time: then it is here as it was read before, and a gap is only what was never read.
    """
    stands = standing(logged)
    now = {_content(event): replace(event, source=TAKEN + event.source) for event in _told(record, _never_read(logged))}
    held = {_content(each.event): each for each in stands if each.event and is_taken_over(each.event)}
    entered = {_content(each.event) for each in stands if each.event and not is_taken_over(each.event)}
    unread = {gap.concept for gap in record.gaps}
    gone = [each for content, each in held.items() if content not in now and _concept(each) not in unread]
    new = [event for content, event in now.items() if content not in held and content not in entered]
    return [*(Entry(None, each.id) for each in gone), *map(Entry, new)]


def _never_read(logged: Sequence[Logged]) -> frozenset[str] | None:
    """The concepts that could be read at no launch so far; None: all, where there was no launch."""
    if last_taken_over(logged) is None:
        return None
    gaps = [each.event for each in standing(logged) if each.event and each.event.concept == NOT_READ]
    return frozenset(gap.concept for event in gaps for gap in gaps_in(event))


def _told(record: Record, never_read: frozenset[str] | None) -> Iterator[Event]:
    """Its events, and as an event for each reason what could not be read, now or ever."""
    yield from record.events
    concepts: defaultdict[State, set[str]] = defaultdict(set)
    for gap in record.gaps:
        if never_read is None or gap.concept in never_read:
            concepts[gap.state].add(gap.concept)
    for state, unread in concepts.items():
        yield gap_event(state, unread, "query")


def _content(event: Event) -> str:
    """What it says, wherever it stands."""
    return text_of(replace(event, source=""))


def _concept(logged: Logged) -> str:
    assert logged.event is not None
    return logged.event.concept


def number_in(patient: Mapping[str, Any]) -> str:
    """The identifier by which a hospital numbers somebody, of a Patient resource; else the first; empty: none."""
    listed = patient.get("identifier")
    every = [
        one for one in (listed if isinstance(listed, list) else ()) if isinstance(one, Mapping) and one.get("value")
    ]
    numbers = [one for one in every if _is_number(one)]
    return str((numbers or every)[0]["value"]) if every else ""


def _is_number(identifier: Mapping[str, Any]) -> bool:
    kind = identifier.get("type")
    codings: Iterable[Any] = (kind.get("coding") if isinstance(kind, Mapping) else None) or ()
    return any(isinstance(one, Mapping) and one.get("code") in _NUMBERS for one in codings)
