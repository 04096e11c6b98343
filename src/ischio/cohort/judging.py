"""The judged table: everyone of an event store judged on their index dates, batch by batch.

Each batch is a file that is published whole; a run that was stopped goes on with those that are missing. Memory holds
one batch, whatever the size of the registry.
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ischio.backends.sql.dialect import DUCKDB
from ischio.backends.sql.printer import statements
from ischio.backends.sql.text import quoted
from ischio.cohort.store import UNFINISHED, Range, Store, StoreError, published, require_columns
from ischio.model.mistake import Mistake
from ischio.model.pathway import Pathway

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

KEY = "judged-for.txt"
"""The file that says what the files of a folder were judged for."""


Done = Callable[[int, int], None]
"""Told after each batch how many persons are judged, of how many."""


@dataclass(frozen=True, slots=True)
class IndexDates:
    """On which dates people are judged: `dates`, the last of which is the cohort's date.

    along: also on each day up to then on which something of theirs began, ended or was written down.
    """

    dates: tuple[date, ...]
    along: bool

    @property
    def last(self) -> date:
        return self.dates[-1]


@dataclass(frozen=True, slots=True)
class Batch:
    """Persons of one range who are judged together, from first to last in order of `person`.

    rows: index dates times events, over all of them. name: of the file.
    """

    range: Range
    first: str
    last: str
    rows: int
    name: str


class Engine(Protocol):
    """What judges a batch. rows_at_a_time: how many index dates times events it takes at once.

    at_once: how many batches it can be given at the same time, each in a thread of its own.
    """

    rows_at_a_time: int
    at_once: int

    def judge(self, batch: Batch, dates: IndexDates, to: Path) -> None:
        """Writes the judged rows of the batch to a Parquet file, in order of person, index date and hip."""


def judge(
    pathway: Pathway,
    store: Store,
    folder: Path,
    dates: IndexDates,
    engine: Engine,
    connection: "DuckDBPyConnection",
    done: Done = lambda _done, _of: None,
) -> str:
    """Fills the folder with the judged table, and gives the glob of its files.

    Raises StoreError for a store read for another pathway, and where the folder holds another table or is full.
    """
    require_columns(store, pathway)
    claim(folder, key_of(pathway, store, dates))
    judged = 0

    def one(batch: Batch) -> None:
        file = folder / f"{batch.name}.parquet"
        if not file.exists():
            with disk_told(folder), published(file) as unfinished:
                engine.judge(batch, dates, unfinished)

    with ThreadPoolExecutor(engine.at_once) as threads:
        for each in store.ranges:
            for _ in threads.map(one, batches(connection, each, dates, engine.rows_at_a_time)):
                pass  # raises what went wrong in a thread
            judged += each.persons
            done(judged, store.manifest.persons)
    return str(folder / "*.parquet")


def key_of(pathway: Pathway, store: Store, dates: IndexDates) -> str:
    """What decides the judged table: the printed rules, what was read, and the dates."""
    printed = "\n".join(statement.sql for statement in statements(pathway, DUCKDB))
    read = (store.folder / "manifest.json").read_bytes()
    days = ",".join(map(str, dates.dates)) + (" and along" if dates.along else "")
    return "\n".join((sha256(printed.encode()).hexdigest(), sha256(read).hexdigest(), days, ""))


def claim(folder: Path, key: str) -> None:
    """Takes a folder that is new, or holds files of the same run; sweeps away what a stopped run left half-written.

    Where only the records have changed since, what was judged of the earlier ones makes way.
    Raises StoreError where the folder was judged by other rules or on other dates.
    """
    folder.mkdir(parents=True, exist_ok=True)
    mark = folder / KEY
    before = mark.read_text(encoding="utf-8") if mark.exists() else ""
    if before and _rules_and_dates(before) != _rules_and_dates(key):
        what = "The folder holds the judged table of another run: other rules or other dates."
        raise StoreError(Mistake(what, "Name a new folder, or remove this one.", str(folder)))
    swept = "*.parquet*" if before != key else f"*{UNFINISHED}"
    for left in folder.glob(swept):
        left.unlink()
    if before != key:
        with published(mark) as unfinished:
            unfinished.write_text(key, encoding="utf-8")


def _rules_and_dates(key: str) -> tuple[str, str]:
    rules, _, dates = key.splitlines()
    return rules, dates


# ---- batches ----------------------------------------------------------------------------------------------------


def batches(connection: "DuckDBPyConnection", range_: Range, dates: IndexDates, rows_at_a_time: int) -> Iterator[Batch]:
    """The persons of a range, so many at a time that index dates times events stay below the limit."""
    of = f"(sum(index_dates * (events + 1)) over (order by person) - 1) // {rows_at_a_time}"
    found = connection.execute(
        f"""with dated as ({index_dates(range_, dates)}),
        counted as (select person, count(*) as index_dates from dated group by person),
        recorded as (select person, count(*) as events from {_parquet(range_.events)} group by person),
        placed as (select person, index_dates * (coalesce(events, 0) + 1) as rows, {of} as place
          from counted left join (select person, events from recorded) using (person))
        select min(person), max(person), sum(rows) from placed group by place order by place"""
    ).fetchall()
    for number, (first, last, rows) in enumerate(found):
        yield Batch(range_, first, last, int(rows), f"{range_.number:05}-{number:04}")


def index_dates(range_: Range, dates: IndexDates) -> str:
    """A select of the persons of a range with each of their index dates."""
    return dated(_parquet(range_.people), _parquet(range_.events), dates, "unnest([{}])")


def dated(people: str, events: str, dates: IndexDates, rows_of: str) -> str:
    """The same of any two tables. rows_of: how the dialect makes a row of each of a list, such as `unnest([{}])`."""
    of_all = rows_of.format(", ".join(f"date '{day}'" for day in dates.dates))
    fixed = f"select person, {of_all} as index_date from {people}"
    if not dates.along:
        return fixed
    days = rows_of.format("start_last, end_last, recorded_last")
    own = f"select person, {days} as index_date from {events} where not coalesce(unavailable, false)"
    return (
        f"select distinct person, index_date from (select * from ({own}) as own "
        f"where index_date <= date '{dates.last}' union all {fixed}) as both_"
    )


def _parquet(path: Path) -> str:
    return f"read_parquet({quoted(str(path))})"


# ---- DuckDB -----------------------------------------------------------------------------------------------------


class Duck:
    """Judges in the process itself. DuckDB plans a statement by one core, so that two batches keep two of them busy."""

    rows_at_a_time = 1_500_000
    at_once = min(os.cpu_count() or 1, 4)

    def __init__(self, connection: "DuckDBPyConnection", pathway: Pathway) -> None:
        self._connection, self._pathway = connection, pathway

    def judge(self, batch: Batch, dates: IndexDates, to: Path) -> None:
        from ischio.backends.sql.duck import run

        among = f"where person between {quoted(batch.first)} and {quoted(batch.last)}"
        # A connection of its own: temporary tables are seen by nobody else, and go with it.
        with self._connection.cursor() as own:
            own.execute(f"create temp table events as select * from {_parquet(batch.range.events)} {among}")
            own.execute(f"create temp table people as select * from ({index_dates(batch.range, dates)}) {among}")
            run(own, self._pathway)
            write_judged(own, "ischio_answer", "ischio_facts", dates.last, to)


def write_judged(connection: "DuckDBPyConnection", answers: str, facts: str, last: date, to: Path) -> None:
    """Both tables as one, in order; at_end: whether the row is of the cohort's date."""
    connection.execute(
        f"copy (select person, index_date, hip, index_date = date '{last}' as at_end, "
        f"* exclude (person, index_date, hip) from {answers} as answers "
        f"join {facts} as facts using (person, index_date, hip) "
        f"order by person, index_date, hip) to {quoted(str(to))} (format parquet, compression zstd)"
    )


def connect(spilled: Path) -> "DuckDBPyConnection":
    """A connection of its own. spilled: the folder for what does not fit into memory."""
    import duckdb

    # With two threads DuckDB 2.0 now and then plans the printed facts for a minute and more, in place of half a second;
    # without this pass of its optimizer it was not seen to.
    return duckdb.connect(config={"temp_directory": str(spilled), "disabled_optimizers": "statistics_propagation"})


@contextmanager
def disk_told(folder: Path) -> Iterator[None]:
    """What DuckDB says of the disk or of memory, with the mend."""
    import duckdb

    try:
        yield
    except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
        mend = "Make room, then give the same command again: it goes on where it stopped."
        raise StoreError(Mistake(" ".join(str(error).split())[:300], mend, str(folder))) from None
