"""Runs the printed statements in DuckDB, all persons at once or a range of them at a time."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from ischio.backends.sql.dialect import DUCKDB
from ischio.backends.sql.printer import ANSWER, FACTS, Statement, statements
from ischio.model.pathway import Pathway

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation


def run(
    connection: "DuckDBPyConnection",
    pathway: Pathway,
    index: date | None = None,
    with_facts: bool = True,
    persons: tuple[str, str] | None = None,
) -> "DuckDBPyRelation":
    """The table `ischio_answer` for the persons of the tables (or views) `people` and `events` of the connection.

    index: one index date for all; None for the column `index_date` of `people`. with_facts: fill `ischio_facts` too.
    persons: the first and the last of those spoken of, in order of `person`; None for all.
    Raises NotInSql.
    """
    kept = {ANSWER, FACTS} if with_facts else {ANSWER}
    printed = [each for each in statements(pathway, DUCKDB, index, persons) if each.name != FACTS or with_facts]
    for place, statement in enumerate(printed):
        connection.execute(f"create or replace temp table {statement.name} as {statement.sql}")
        for name in _done_with(printed, place):
            if name not in kept:
                connection.execute(f"drop table {name}")
    return connection.table(ANSWER)


def run_by_range(
    connection: "DuckDBPyConnection", pathway: Pathway, index: date | None, persons: int, with_facts: bool = False
) -> Iterator["DuckDBPyRelation"]:
    """The answers of so many persons at a time, so that memory does not grow with the registry.

    Take each before asking for the next, which replaces it. Quick where `events` lies in the order of `person`.
    """
    of_range = f"(row_number() over (order by person) - 1) // {persons}"
    ranges = connection.execute(
        f"select min(person), max(person) from (select person, {of_range} as place "
        "from (select distinct person from people)) group by place order by place"
    ).fetchall()
    for first, last in ranges:
        yield run(connection, pathway, index, with_facts, (first, last))


def _done_with(printed: Sequence[Statement], place: int) -> Iterator[str]:
    """The tables that this statement is the last to read: they need not wait in memory."""
    later = {name for statement in printed[place + 1 :] for name in _read_by(statement)}
    return (name for name in _read_by(printed[place]) if name not in later)


def _read_by(statement: Statement) -> set[str]:
    return set(re.findall(r"\b(?:from|join) (ischio_\w+)", statement.sql))
