"""Records as rows of `events`, for tests and small cohorts; large ones are written by SQL from their files."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from ischio.backends.sql.columns import EVENTS, qualifiers
from ischio.language.units import canonical
from ischio.model.dates import PartialDate
from ischio.model.pathway import Pathway
from ischio.record.dossier import gaps_of
from ischio.record.events import Event, Record

Cell = str | bool | date | Decimal | None
Row = tuple[Cell, ...]


def event_rows(pathway: Pathway, record: Record) -> Iterator[Row]:
    """The events of a record, and what of it could not be read, in the order of `event_columns`.

    Facts that a record gives directly have no row: they are no events.
    """
    names = qualifiers(pathway)
    for event in record.events:
        yield (*_row(record.patient.id, event), *[event.qualifiers.get(name) for name in names])
    nothing = (None,) * (len(EVENTS) - 3 + len(names))
    for concept in gaps_of(pathway, record):
        row = (record.patient.id, concept, *nothing, None)
        place = [column.name for column in EVENTS].index("unavailable")
        yield (*row[:place], True, *row[place + 1 :])


def _row(person: str, event: Event) -> Row:
    value = event.value
    return (
        person,
        event.concept,
        event.kind.value,
        event.asserter.value,
        None if event.side is None else event.side.value,
        *_span(event.start),
        *_span(event.end),
        *_span(event.recorded),
        value if isinstance(value, Decimal) else None,
        canonical(event.unit or "1") if isinstance(value, Decimal) else None,
        value if isinstance(value, str) else None,
        value if isinstance(value, bool) else None,
        value if isinstance(value, date) else None,
        event.unread is not None,
        False,
    )


def _span(dated: PartialDate | None) -> tuple[date | None, date | None]:
    return (None, None) if dated is None else (dated.earliest, dated.latest)
