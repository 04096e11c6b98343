"""Runs the printed statements in DuckDB, all persons at once or a range of them at a time."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from ischio.backends.sql.dialect import DUCKDB
from ischio.backends.sql.printer import ANSWER, FACTS, statements
from ischio.backends.sql.text import Statement
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
    printed = statements(pathway, DUCKDB, index, persons)
    _fill(connection, [each for each in printed if each.once], with_facts)
    return _of_persons(connection, printed, with_facts)


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
    for place, (first, last) in enumerate(ranges):
        printed = statements(pathway, DUCKDB, index, (first, last))
        if not place:
            _fill(connection, [each for each in printed if each.once], with_facts)
        yield _of_persons(connection, printed, with_facts)


def _of_persons(connection: "DuckDBPyConnection", printed: Sequence[Statement], with_facts: bool) -> "DuckDBPyRelation":
    """Fills the tables that differ from one range of persons to the next."""
    _fill(connection, [each for each in printed if not each.once], with_facts)
    return connection.table(ANSWER)


def _fill(connection: "DuckDBPyConnection", printed: Sequence[Statement], with_facts: bool) -> None:
    """Creates the tables, and drops each of them when no other reads it any more: it need not wait in memory."""
    wanted = [each for each in printed if each.name != FACTS or with_facts]
    own = {each.name for each in wanted if not each.once} - {ANSWER, FACTS}
    for place, statement in enumerate(wanted):
        connection.execute(f"create or replace temp table {statement.name} as {statement.sql}")
        later = {name for each in wanted[place + 1 :] for name in _read_by(each)}
        for name in sorted(own & _read_by(statement) - later):
            connection.execute(f"drop table {name}")


def _read_by(statement: Statement) -> set[str]:
    return set(re.findall(r"\b(?:from|join) (ischio_\w+)", statement.sql))
