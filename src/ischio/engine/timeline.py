"""How both hips moved through the pathway: every day on which the answer became another one, by effective date."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date

from ischio.engine.answer import Answer
from ischio.engine.assess import age_on
from ischio.engine.compare import moved
from ischio.engine.position import Positions
from ischio.engine.validity import course
from ischio.language.units import canonical
from ischio.model.assessment import PathwayShown, PatientShown
from ischio.model.comparison import Changes, Position
from ischio.model.pathway import Pathway
from ischio.model.timeline import Happening, Moment, Timeline
from ischio.record.dossier import readers_of
from ischio.record.events import Event, Kind, Record
from ischio.record.occurrence import Occurrence, inverted, occurrence_of
from ischio.record.reading import shown

CONTRACT = "1.0"
OF_THE_PATIENT = ("birth_date", "sex")
"""What a record holds as events and nobody would call one."""
PLAIN = (Kind.DONE, Kind.STATED)
Days = Mapping[date, tuple[Happening, ...]]


def timeline(pathway: Pathway, record: Record, until: date, since: date | None = None) -> Timeline:
    """The moments from `since` (default: the first dated entry that the pathway reads) to `until`, both included.

    The first moment is the first day looked at. There is none without `since` where no dated entry lies up to `until`.
    """
    days, undated = _happenings(pathway, record)
    first = since or min((day for day in days if day <= until), default=None)
    moments: tuple[Moment, ...] = ()
    quiet = 0
    if first is not None:
        happened = {day: found for day, found in days.items() if first <= day <= until}
        moments, quiet = _moments(happened, _positions(pathway, record, first, until))
    last = Answer(pathway, record, until, lasting=True)
    return Timeline(
        CONTRACT,
        PathwayShown(pathway.id, pathway.version, pathway.overlay),
        PatientShown(record.patient.id, age_on(record.patient.birth_date, until), record.patient.sex),
        first,
        until,
        moments,
        quiet,
        undated,
        min((day for day in last.validity.of_hip.values() if day is not None), default=None),
    )


def _positions(
    pathway: Pathway, record: Record, since: date, until: date
) -> Iterator[tuple[date, tuple[Position, ...]]]:
    """The positions on every day on which they may differ from those of the day before."""
    facts = Answer(pathway, record, since).facts
    for board, outcome in course(pathway, record, since, until, facts):
        days = board.lanes.dates
        positions = Positions(pathway, outcome, len(days))
        yield from ((day, positions.on(place)) for place, day in enumerate(days))


def _moments(happened: Days, course: Iterator[tuple[date, tuple[Position, ...]]]) -> tuple[tuple[Moment, ...], int]:
    """The days on which something differs, and how many entries lie after the last of them."""
    moments: list[Moment] = []
    for day, now in course:
        if moments and moments[-1].positions == now:
            continue
        changes = map(moved, moments[-1].positions, now) if moments else ()
        told = tuple(each for each in changes if each != Changes(each.part))
        since = moments[-1].date if moments else date.min
        moments.append(Moment(day, happened.get(day, ()), now, told, _between(happened, since, day)))
    return tuple(moments), _between(happened, moments[-1].date, date.max)


def _between(happened: Days, first: date, last: date) -> int:
    """How many entries lie strictly between two days."""
    return sum(len(found) for day, found in happened.items() if first < day < last)


# ---- what happened ----


def _happenings(pathway: Pathway, record: Record) -> tuple[Days, int]:
    """What the record holds of each day, as far as the pathway reads it; and how many such entries have no date.

    Of a date known to the month or year, the first day that it can be.
    """
    read, days, undated = readers_of(pathway), defaultdict[date, list[Happening]](list), 0
    for event in record.events:
        if event.concept not in read or event.concept in OF_THE_PATIENT or inverted(event):
            continue
        when = occurrence_of(event)
        if when.undated:
            undated += 1
            continue
        for day, ends in _edges(when):
            days[day].append(_happening(pathway, event, when, ends))
    return {
        day: tuple(sorted(found, key=lambda each: (each.text, each.source))) for day, found in days.items()
    }, undated


def _edges(when: Occurrence) -> Iterator[tuple[date, bool]]:
    """The day on which it began, and that on which it ended if it lasted."""
    if when.starts.earliest > date.min:
        yield when.starts.earliest, False
    if when.ends != when.starts and when.ends.latest < date.max:
        yield when.ends.latest, True


def _happening(pathway: Pathway, event: Event, when: Occurrence, ends: bool) -> Happening:
    words = [event.kind.value] if event.kind not in PLAIN else []
    if event.value is not None and event.value is not True:
        words.append(_value(event))
    title, known = pathway.concepts[event.concept].title, when.ends if ends else when.starts
    text = ": ".join(part for part in (title, ", ".join(words)) if part)
    dated = text if known.exact else f"{text} (dated {known})"
    return Happening(event.concept, dated, event.side.value if event.side else None, ends, event.source)


def _value(event: Event) -> str:
    """An event's value for a reader: a score without its unit, a code without its underscores."""
    bare = event.unit is not None and canonical(event.unit) == "1"
    return str(event.value) if bare else shown(event).replace("_", " ")
