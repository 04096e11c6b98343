"""Runs the printed statements in DuckDB, a range of persons at a time."""

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from ischio.backends.sql.dialect import DUCKDB
from ischio.backends.sql.printer import ANSWER, FACTS, Statement, statements
from ischio.model.pathway import Pathway

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation


def run(
    connection: "DuckDBPyConnection", pathway: Pathway, index: date | None = None, with_facts: bool = True
) -> "DuckDBPyRelation":
    """The table `ischio_answer` for the persons of the tables (or views) `people` and `events` of the connection.

    with_facts: fill `ischio_facts` as well. All other tables are dropped.
    """
    kept = {ANSWER, FACTS} if with_facts else {ANSWER}
    printed = [each for each in statements(pathway, DUCKDB, index) if each.name in kept or each.name != FACTS]
    for statement in printed:
        connection.execute(f"create or replace temp table {statement.name} as {statement.sql}")
    for name in _names(printed, kept):
        connection.execute(f"drop table {name}")
    return connection.table(ANSWER)


def _names(printed: list[Statement], kept: set[str]) -> Iterator[str]:
    return (statement.name for statement in printed if statement.name not in kept)
