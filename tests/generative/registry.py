"""A synthetic registry of any size, made by SQL from seeds, for speed and for Spark."""

import duckdb

from ischio.backends.sql.columns import EVENTS, qualifier, qualifiers
from ischio.backends.sql.numbering import selection_of
from ischio.backends.sql.text import quoted
from ischio.model.facts import Selection
from ischio.model.pathway import Pathway
from ischio.model.terminology import Concept

EVENTS_OF_A_PERSON = 20


def fill(database: duckdb.DuckDBPyConnection, pathway: Pathway, people: int, index: str) -> None:
    """Fills `people` and `events` with events that the pathway's facts look at.

    Each value is decided by a hash of the person, the number of the event and what it is for. One event in ten is
    dated to the month, one in twenty has no side or no date, a few cannot be read.
    """
    database.execute(
        f"create or replace table people as select cast(range as varchar) as person, date '{index}' as index_date "
        f"from range({people})"
    )
    names = qualifiers(pathway)
    rows = [row for selection in _selections(pathway) for row in _templates(pathway, selection, names)]
    heads = ("concept", "kind", "asserter", "number", "unit", "code", *map(qualifier, names))
    database.execute(f"create or replace temp table templates({', '.join(f'{head} varchar' for head in heads)})")
    listed = ", ".join(f"({', '.join('null' if cell is None else quoted(cell) for cell in row)})" for row in rows)
    database.execute(f"insert into templates values {listed}")
    columns = [f"{CELLS.get(each.name, each.name)}::{each.sql} as {each.name}" for each in EVENTS]
    columns += [qualifier(name) for name in names]
    hashes = ", ".join(f"cast(hash(range, n, {salt}) % 1000003 as integer) as h{salt}" for salt in range(7))
    database.execute(
        f"""create or replace table events as
        with numbered as (
          select cast(range as varchar) as person, {hashes} from range({people}), range({EVENTS_OF_A_PERSON}) as t(n)
        ), chosen as (
          select *, date '{index}' - (h1 % 900 - 20) as day0
          from numbered join (select *, row_number() over () - 1 as place from templates) on h0 % {len(rows)} = place
        ), spanned as (
          select *, case when h2 % 10 = 1 then date_trunc('month', day0)::date else day0 end as first0,
            case when h2 % 10 = 1 then last_day(day0) else day0 end as last0
          from chosen
        )
        select {", ".join(columns)} from spanned"""
    )


CELLS = {
    "asserter": "case h5 % 6 when 0 then 'patient' when 1 then 'device' else asserter end",
    "side": "case when h4 % 20 = 0 then null when h4 % 20 = 1 then 'both' when h4 % 3 = 0 then 'left' else 'right' end",
    "start_first": "case when h2 % 20 <> 0 then first0 end",
    "start_last": "case when h2 % 20 <> 0 then last0 end",
    "end_first": "case when h3 % 8 = 1 then day0 + 30 when h3 % 8 <> 0 and h2 % 20 <> 0 then first0 end",
    "end_last": "case when h3 % 8 = 1 then day0 + 30 when h3 % 8 <> 0 and h2 % 20 <> 0 then last0 end",
    "recorded_first": "null",
    "recorded_last": "null",
    "number": "cast(number as decimal(15, 6)) + h5 % 20",
    "yes": "null",
    "day": "case when concept = 'birth_date' then date '1950-01-01' + h1 % 18000 end",
    "unread": "h6 % 500 = 0",
    "unavailable": "false",
}
"""How a column of `events` is filled, of a template and the hashes h0 to h6; the others are the template's own."""


def _selections(pathway: Pathway) -> list[Selection]:
    found = map(selection_of, pathway.facts.values())
    return [selection for selection in found if selection is not None]


def _templates(pathway: Pathway, selection: Selection, names: tuple[str, ...]) -> list[tuple[str | None, ...]]:
    """An event that the selection looks at, of each of its concepts and values."""
    rows = []
    for name in selection.concepts:
        concept = pathway.concepts[name]
        for code in _codes(concept, selection):
            given = {key: accepted[0].replace("*", "neutral") for key, accepted in selection.qualifiers.items()}
            rows.append(
                (
                    name,
                    (selection.kinds or ("done",))[0],
                    (selection.asserters or ("clinician",))[0],
                    "1" if concept.unit else None,
                    concept.unit if concept.unit and not concept.unit.startswith("{") else None,
                    code,
                    *(given.get(each) for each in names),
                )
            )
    return rows


def _codes(concept: Concept, selection: Selection) -> tuple[str | None, ...]:
    return selection.values or tuple(concept.values) or (None,)
