"""Event stores for tests: made from tables `people` and `events` of a database, without a reader in between."""

from pathlib import Path

import duckdb
import pytest
from generative.agreement import connection
from generative.registry import fill

from ischio.backends.sql.columns import event_columns
from ischio.cohort.store import FORMAT, PEOPLE_COLUMNS, Manifest, RangeFiles, Store, publish_manifest
from ischio.interfaces.cli import main
from ischio.loading.pathway import load_pathway
from ischio.model.pathway import Pathway

TINY = Path(__file__).parents[1] / "knowledge" / "tiny"
ON = "2026-06-01"

FILLED = {"person": "person", "named": "true", "read": "true"}
"""How a column of people is filled; the others are null."""


def write_store(database: duckdb.DuckDBPyConnection, pathway: Pathway, folder: Path, ranges: int = 2) -> Store:
    """A store of the persons of `people`, dealt into ranges in their order."""
    folder.mkdir(parents=True, exist_ok=True)
    names = [column.name for column in event_columns(pathway)]
    described = ", ".join(f"{FILLED.get(name, 'null')}::{kind} as {name}" for name, kind in PEOPLE_COLUMNS)
    database.execute(
        f"create or replace temp table dealt as select person, ntile({ranges}) over (order by person) - 1 as range "
        "from (select distinct person from people)"
    )
    files = []
    for number in range(ranges):
        among = f"(select person from dealt where range = {number})"
        one = RangeFiles(f"people-{number}.parquet", f"events-{number}.parquet", 0, 0)
        database.execute(
            f"copy (select {described} from {among} order by person) to '{folder / one.people}' (format parquet)"
        )
        database.execute(
            f"copy (select {', '.join(names)} from events where person in {among} order by all) "
            f"to '{folder / one.events}' (format parquet)"
        )
        counts = (
            database.execute(f"select count(*) from '{folder / file}'").fetchone()[0]
            for file in (one.people, one.events)
        )
        files.append(RangeFiles(one.people, one.events, *counts))
    persons, events = (sum(getattr(one, name) for one in files) for name in ("persons", "rows"))
    manifest = Manifest(
        FORMAT, f"{pathway.id} {pathway.version}", "tests", tuple(names), persons, events, tuple(files), ()
    )
    return publish_manifest(folder, manifest)


def random_store(folder: Path, people: int, ranges: int = 2) -> Path:
    """A store of random people for the small pathway, judged until `ON`."""
    pathway, database = load_pathway(TINY), connection()
    fill(database, pathway, people, ON)
    write_store(database, pathway, folder, ranges)
    return folder


def run(*arguments: object) -> int:
    """The exit code of a command."""
    with pytest.raises(SystemExit) as left:
        main.run([str(argument) for argument in arguments])
    return int(left.value.code or 0)
