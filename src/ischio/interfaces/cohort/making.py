"""Makes the results of a cohort from an event store: judged, counted, hidden, written."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING, Any

import msgspec

from ischio.backends.sql.text import quoted
from ischio.cohort.cells import LEAST
from ischio.cohort.counting import count
from ischio.cohort.followed import outcome_results, time_results
from ischio.cohort.judging import Done, Engine, IndexDates, claim, connect, judge, key_of
from ischio.cohort.measured import measured
from ischio.cohort.measured import visible as seen_by_side
from ischio.cohort.measures import measure
from ischio.cohort.outcomes import outcomes
from ischio.cohort.persons import falling_short, overdue
from ischio.cohort.quality import SYNTHETIC, quality
from ischio.cohort.store import Store
from ischio.cohort.tables import Results, Shown, shown
from ischio.cohort.tabulated import Cohort, tabulated
from ischio.cohort.times import times
from ischio.fhir.bindings import load_bindings
from ischio.fhir.export.publication import Publication
from ischio.fhir.measure_reports import summary
from ischio.interfaces.cohort.files import PERSONS, begin, finish, put, put_select, put_tables
from ischio.interfaces.cohort.report import Made, page, report
from ischio.model.mistake import IschioError, Mistake
from ischio.model.pathway import Pathway

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

JUDGED = "judged"


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for. command: as it was given, but for the folder written to; least: none to show all counts."""

    command: str
    dates: IndexDates
    given: bool
    """Whether the cohort's date was given, or is the newest day of the records."""

    least: int | None = LEAST


def make(
    pathway: Pathway,
    bindings: Path,
    store: Store,
    out: Path,
    request: Request,
    engine: Engine,
    connection: "DuckDBPyConnection",
    done: Done,
) -> Shown:
    """Writes all results and gives what may be shown. The page comes last: without it the folder is not finished."""
    claim(out / PERSONS / JUDGED, key_of(pathway, store, request.dates))
    begin(out)
    files = judge(pathway, store, out / PERSONS / JUDGED, request.dates, engine, connection, done)
    connection.execute(f"create or replace view {JUDGED} as select * from read_parquet({quoted(files)})")
    counted = count(connection, pathway, JUDGED, request.dates)
    visible = shown(all_results(connection, pathway, store, counted), request.least)
    put_tables(connection, out, visible.tables.values())
    put_measure_reports(pathway, bindings, visible, request.dates.last, out / "fhir" / "measure-reports.ndjson")
    put_select(connection, overdue(JUDGED), out / PERSONS / "overdue.csv", "csv")
    if "measures" in visible.tables:
        put_select(connection, falling_short(pathway, JUDGED), out / PERSONS / "measures.csv", "csv")
    made = Made(request.command, tuple(facts(pathway, store, request)))
    whole = report(visible, pathway, request.dates.dates, made)
    encoded = msgspec.json.encode(whole).decode()
    finish(out, page(whole), encoded, run_data(pathway, store, request, visible))
    return visible


def all_results(connection: "DuckDBPyConnection", pathway: Pathway, store: Store, counted: Cohort) -> Results:
    """Everything that is told, before anything is hidden. Measures and outcomes need people followed over time."""
    results = tabulated(counted) + quality(connection, store)
    if counted.course is None:
        return results
    return (
        results
        + measured(pathway, measure(connection, pathway, JUDGED))
        + outcome_results(pathway, outcomes(connection, pathway, JUDGED))
        + time_results(pathway, times(connection, pathway, JUDGED))
    )


def put_measure_reports(pathway: Pathway, bindings: Path, visible: Shown, on: date, path: Path) -> None:
    """A FHIR MeasureReport for each measure, one a line; hidden counts are masked.

    A pathway without bindings has no addresses in FHIR, and so no reports.
    """
    if "measures" not in visible.tables or not bindings.is_file():
        return
    publication = Publication(pathway, load_bindings(bindings))
    reports = (summary(publication, each, seen_by_side(visible, name), on) for name, each in pathway.measures.items())
    put(path, "".join(json.dumps(report, ensure_ascii=False) + "\n" for report in reports))


@contextmanager
def connected(out: Path) -> "Iterator[DuckDBPyConnection]":
    """A connection that spills what does not fit into memory into the folder, and takes it away at the end."""
    spilled = out / PERSONS / "spilled"
    with connect(spilled) as connection:
        yield connection
    rmtree(spilled, ignore_errors=True)


def newest_day(connection: "DuckDBPyConnection", store: Store) -> date:
    """The newest day on which something of the records was done, stated or written down.

    Raises IschioError for a store without such a day.
    """
    files = ", ".join(quoted(str(each.events)) for each in store.ranges)
    row = (
        connection.execute(
            "select max(greatest(start_last, recorded_last)) "  # greatest passes over nulls
            f"from read_parquet([{files}]) where kind in ('done', 'stated')"
        ).fetchone()
        if store.ranges
        else None
    )
    if row is None or row[0] is None:
        what = "Nothing in the records has a date, so there is none for which to judge."
        raise IschioError(Mistake(what, "Give one: --on DATE.", str(store.folder)))
    found: date = row[0]
    return found


def facts(pathway: Pathway, store: Store, request: Request) -> "list[tuple[str, str]]":
    """How the results were made, in words."""
    last = request.dates.last.isoformat()
    told = (
        last
        if request.given
        else f"{last}: the newest day on which something was done or written down (give --on for another)"
    )
    overlay = f", with the site's values from {pathway.overlay}" if pathway.overlay else ""
    return [
        ("The cohort's date", told),
        (
            "Judged on",
            "each person's recorded days up to then"
            if request.dates.along
            else ", ".join(map(str, request.dates.dates)),
        ),
        ("Pathway", f"{pathway.id} {pathway.version}, content reviewed {pathway.reviewed}{overlay}"),
        ("Program", f"ischio {version('ischio')}, DuckDB {version('duckdb')}"),
        ("Records", f"{store.manifest.persons:,} persons, {store.manifest.events:,} events"),
    ]


def run_data(pathway: Pathway, store: Store, request: Request, visible: Shown) -> dict[str, Any]:
    """The same for a program to read; null for a hidden count."""
    synthetic = visible.counts[SYNTHETIC]
    rules, records = key_of(pathway, store, request.dates).split()[:2]
    return {
        "command": request.command,
        "ischio": version("ischio"),
        "pathway": {"id": pathway.id, "version": pathway.version, "overlay": pathway.overlay, "rules": rules},
        "records": {
            "persons": store.manifest.persons,
            "synthetic": synthetic if isinstance(synthetic, int) else None,
            "events": store.manifest.events,
            "manifest": records,
        },
        "dates": [str(day) for day in request.dates.dates],
        "date_given": request.given,
        "along_events": request.dates.along,
        "counts_hidden_below": request.least,
    }
