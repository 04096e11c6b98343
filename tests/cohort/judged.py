"""A judged table of a few people: every index day of theirs, both hips, as the cohort commands make it."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta

import duckdb
from generative.agreement import Asked, connection, load

from ischio.backends.sql.duck import run
from ischio.engine.measures import index_days
from ischio.model.dates import PartialDate
from ischio.model.pathway import Pathway
from ischio.record.events import Event, EventSide, Patient, Record


def judged(pathway: Pathway, records: Iterable[Record], on: date) -> duckdb.DuckDBPyConnection:
    """A database whose table `judged` holds everyone on every index day up to the date."""
    database = connection()
    asked = [Asked(record, day) for record in records for day in index_days(record, on)]
    load(database, pathway, asked)
    database.execute("create or replace temp table events as select distinct * from events")
    run(database, pathway)
    database.execute(
        f"create table judged as select *, index_date = date '{on}' as at_end "
        "from ischio_answer join ischio_facts using (person, index_date, hip)"
    )
    return database


# ---- people -----------------------------------------------------------------------------------------------------


def variations(records: Sequence[Record], count: int, seed: int) -> list[Record]:
    """So many people like those given, each with something forgotten, moved, doubled, blurred or on another side."""
    chance = random.Random(seed)
    return [_varied(chance.choice(records), f"p{seed}-{number}", chance) for number in range(count)]


def _varied(record: Record, name: str, chance: random.Random) -> Record:
    forgotten = chance.choice((0.0, 0.05, 0.15, 0.3))
    kept = [event for event in record.events if chance.random() >= forgotten]
    events = [_blurred(_moved(event, chance), chance) for event in kept]
    again = [_moved(event, chance) for event in kept if chance.random() < 0.05]
    return Record(Patient(name), tuple(replace(each, source=f"event {n}") for n, each in enumerate([*events, *again])))


def moved(record: Record, days: timedelta) -> Record:
    """The same record so many days later, birth aside."""
    events = (event if event.concept == "birth_date" else _event_moved(event, days) for event in record.events)
    return replace(record, events=tuple(events))


def _moved(event: Event, chance: random.Random) -> Event:
    """Now and then some days earlier or later."""
    days = timedelta(days=chance.choice((-90, -30, -14, -1, 1, 7, 14, 45, 120)))
    return _event_moved(event, days) if chance.random() < 0.2 else event


def _event_moved(event: Event, days: timedelta) -> Event:
    return replace(event, **{end: _later(getattr(event, end), days) for end in ("start", "end", "recorded")})


def _later(span: PartialDate | None, days: timedelta) -> PartialDate | None:
    return None if span is None else PartialDate(span.earliest + days, span.latest + days)


def _blurred(event: Event, chance: random.Random) -> Event:
    """Now and then known to the month only, without a side, or of both sides."""
    draw = chance.random()
    if draw < 0.02 and event.start is not None and event.start == event.end:
        month = PartialDate.parse(event.start.latest.isoformat()[:7])
        return replace(event, start=month, end=month)
    if draw < 0.05 and event.side is not None:
        return replace(event, side=chance.choice((None, EventSide.BOTH, EventSide.LEFT)))
    return event
