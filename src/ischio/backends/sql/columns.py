"""The two tables that everything is printed from: `people` and `events`, one row for each `record.events.Event`."""

from collections.abc import Sequence
from functools import lru_cache

from ischio.backends.sql.text import Column
from ischio.model.facts import Compared
from ischio.model.pathway import Pathway

PEOPLE: Sequence[Column] = (Column("person", "varchar"), Column("index_date", "date"))
"""index_date is needed only where the index date is a column; a person may then have several rows."""

EVENTS: Sequence[Column] = (
    Column("person", "varchar"),
    Column("concept", "varchar"),
    Column("kind", "varchar"),
    Column("asserter", "varchar"),
    Column("side", "varchar"),
    Column("start_first", "date"),
    Column("start_last", "date"),
    Column("end_first", "date"),
    Column("end_last", "date"),
    Column("recorded_first", "date"),
    Column("recorded_last", "date"),
    Column("number", "decimal(15, 6)"),
    Column("unit", "varchar"),
    Column("code", "varchar"),
    Column("yes", "boolean"),
    Column("day", "date"),
    Column("unread", "boolean"),
    Column("unavailable", "boolean"),
)
"""Name and type of each column; the qualifiers that the pathway asks for come behind them.

start, end, recorded: first and last day that the date can be; both null where it is not given, start = end for what
happens at a moment. number, code, yes, day: at most one is filled, the value. unit: as UCUM writes it; null for none.
unread: it cannot be told what the event says. unavailable: not an event, but word that the concept could not be read.
"""


@lru_cache(maxsize=16)
def qualifiers(pathway: Pathway) -> tuple[str, ...]:
    """The names of the qualifiers that some fact asks for."""
    selecting = (f.derivation.selection for f in pathway.facts.values() if not isinstance(f.derivation, Compared))
    return tuple(sorted({name for selection in selecting for name in selection.qualifiers}))


def qualifier(name: str) -> str:
    """The column that holds a qualifier."""
    return f"qualifier_{name}"


def event_columns(pathway: Pathway) -> tuple[Column, ...]:
    """All columns of `events`, with their types."""
    return (*EVENTS, *(Column(qualifier(name), "varchar") for name in qualifiers(pathway)))
