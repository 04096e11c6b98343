"""The whole pathway as SQL: from the tables `people` and `events` to facts, stages and the statuses of actions."""

from collections.abc import Iterator
from datetime import date

from ischio.backends.sql.dialect import Dialect
from ischio.backends.sql.events import EVENT, HIP_EVENT, events, hip_events
from ischio.backends.sql.facts import Select, facts, facts_table, hip_rows, person_rows
from ischio.backends.sql.index import DateColumn, Index, OneDate
from ischio.backends.sql.numbering import HIPS
from ischio.backends.sql.outcome import (
    DIVERSION,
    ME,
    NEXT_GATE,
    NEXT_GATE_TRUTH,
    REVIEW,
    STAGE,
    TWIN,
    criteria,
    position,
    statuses,
)
from ischio.backends.sql.refusals import refuse
from ischio.backends.sql.setting import Setting, criterion_column, fact_column, table
from ischio.backends.sql.text import Column, case, layered, listed, quoted
from ischio.model.pathway import Pathway, Scope, ValueKind

ANSWER, FACTS = table("answer"), table("facts")

Statement = Select
"""One table to be created, in order: its name and the select that fills it."""


def statements(
    pathway: Pathway, dialect: Dialect, index: date | None = None, persons: tuple[str, str] | None = None
) -> tuple[Statement, ...]:
    """The statements that give `ischio_facts` and `ischio_answer`, one row for each hip of each person.

    They read the tables `people` and `events` (columns.py). index: one index date for all; None for the column
    `index_date` of `people`. persons: the first and the last of those spoken of; None for all.
    Raises NotInSql where something cannot be printed, naming the rule and its place.
    """
    refuse(pathway)
    of: Index = DateColumn() if index is None else OneDate(index)
    return tuple(_statements(Setting(pathway, dialect, of, persons)))


def _statements(setting: Setting) -> Iterator[Statement]:
    yield Select(EVENT, events(setting))
    yield Select(HIP_EVENT, hip_events(setting))
    yield Select(table("person"), person_rows(setting))
    yield from facts(setting, Scope.PERSON, table("person"))
    yield Select(table("hip"), hip_rows(setting))
    yield from facts(setting, Scope.HIP, table("hip"))
    known = facts_table(setting, Scope.HIP, table("hip"))
    yield Select(table("judged"), f"select *\nfrom {layered(known, [*criteria(setting), *position(setting)])}")
    yield Select(FACTS, _facts(setting))
    yield Select(ANSWER, _answer(setting))


def _keys(setting: Setting) -> list[Column]:
    """Person, index date and hip as a reader knows them."""
    keys = [Column("person", "person")]
    if isinstance(setting.index, DateColumn):
        keys.append(Column("index_date", setting.dialect.date_of("index_day")))
    sides = ((f"{ME}.hip = {number}", quoted(side.value)) for side, number in HIPS.items())
    return [*keys, Column("hip", case(*sides))]


def _facts(setting: Setting) -> str:
    """Every fact and criterion as a reader knows it: numbers in steps, codes by their words, dates as dates."""
    columns = [Column(fact_column(name), _decoded(setting, name)) for name in setting.pathway.facts]
    criteria_ = [criterion_column(name) for name in setting.pathway.criteria]
    return f"select {listed([*_keys(setting), *columns, *criteria_])}\nfrom {table('judged')} as {ME}"


def _decoded(setting: Setting, name: str) -> str:
    fact, column = setting.pathway.facts[name], fact_column(name)
    if fact.type.kind is ValueKind.CODE:
        numbers = setting.numbers.codes_of(fact)
        return case(*((f"{column} = {number}", quoted(code)) for code, number in numbers.items()))
    return setting.dialect.date_of(column) if fact.type.kind is ValueKind.DATE else column


def _answer(setting: Setting) -> str:
    """Stage, diversion, gate ahead, review date and the status of every action."""
    columns = [
        *_keys(setting),
        *(Column(name, f"{ME}.{name}") for name in (STAGE, DIVERSION, NEXT_GATE, NEXT_GATE_TRUTH)),
        Column(REVIEW, setting.dialect.date_of(f"{ME}.{REVIEW}")),
        *statuses(setting),
    ]
    both = f"{table('judged')} as {ME}\njoin {table('judged')} as {TWIN} using ({', '.join(setting.index.keys)})"
    return f"select {listed(columns)}\nfrom {both}\nwhere {ME}.hip <> {TWIN}.hip"
