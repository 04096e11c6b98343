"""The rows of `make bench` about cohorts: a synthetic registry from events to action statuses in DuckDB, on two cores.

Each size runs in a process of its own, so that the peak of its memory is its own. Seconds are those of the wall: the
work is done by several threads.
"""

import resource
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).parents[1]
INDEX = date(2026, 6, 1)
SIZES = (10_000, 100_000, 1_000_000)
BAR_SECONDS, BAR_GIGABYTES = 30, 4
THREADS = 2
PERSONS_AT_A_TIME = 100_000


@dataclass(frozen=True)
class Cohort:
    """One measurement. scan: seconds of a bare scan of the same columns; gigabytes: the peak of the process."""

    people: int
    seconds: float
    scan: float
    gigabytes: float

    @property
    def verdict(self) -> str:
        if self.people < SIZES[-1]:
            return ""
        return "yes" if self.seconds <= BAR_SECONDS and self.gigabytes <= BAR_GIGABYTES else "**no**"


def measure(people: int) -> Cohort:
    """Fills a registry of that size and runs the pathway over it, range by range; the filling does not count."""
    sys.path.insert(0, str(ROOT / "tests"))
    import duckdb
    from generative.registry import fill

    from ischio.backends.sql.columns import event_columns
    from ischio.backends.sql.duck import run_by_range
    from ischio.loading.pathway import load_pathway

    pathway, database = load_pathway(), duckdb.connect(config={"threads": THREADS})
    fill(database, pathway, people, INDEX.isoformat())
    begun = perf_counter()
    database.execute(
        f"select {', '.join(f'max({each.name})' for each in event_columns(pathway))} from events"
    ).fetchall()
    scanned = perf_counter()
    for answers in run_by_range(database, pathway, INDEX, PERSONS_AT_A_TIME):
        assert answers.limit(1).fetchall(), "a range has persons"
    done = perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    return Cohort(people, done - scanned, scanned - begun, peak)


def measured() -> Iterator[Cohort]:
    """Every size, each in its own process."""
    for people in SIZES:
        done = subprocess.run([sys.executable, __file__, str(people)], capture_output=True, text=True, check=True)
        yield Cohort(people, *map(float, done.stdout.split()))


def section() -> list[str]:
    """The part of docs/performance.md about cohorts."""
    rows = []
    for each in measured():
        took = f"{each.seconds:.1f} s | {each.seconds / each.people * 1e6:.0f} s | {each.gigabytes:.1f} GB"
        rows.append(
            f"| {each.people:,} | {took} | {each.scan:.2f} s | {each.seconds / each.scan:.0f} | {each.verdict} |"
        )
    return [
        "",
        "Cohorts: persons with 20 events each, from events to the statuses of all actions, in DuckDB with",
        f"{THREADS} threads, {PERSONS_AT_A_TIME:,} persons at a time, by the wall.",
        f"The bar for a million is {BAR_SECONDS} s and {BAR_GIGABYTES} GB.",
        "",
        "| persons | took | for a million | memory | bare scan of the columns | times the scan | within the bar |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        *rows,
        "",
    ]


if __name__ == "__main__":
    cohort = measure(int(sys.argv[1]))
    print(cohort.seconds, cohort.scan, cohort.gigabytes)
