"""Measures `ischio cohort` end to end on synthetic registries, for docs/explanation/duckdb-or-spark.md.

Run it as `python tools/bench_registry.py 1000 10000 --spark 1000`: sizes for DuckDB, then those for Spark. Each run is
a process of its own, so that its peak of memory is its own. Processor seconds are told beside those of the wall, which
other work lengthens.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, sleep

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "explanation" / "duckdb-or-spark.md"
BEGIN, END = "<!-- figures: begin (written by tools/bench_registry.py) -->\n", "<!-- figures: end -->\n"
ON = "2026-06-01"
TARGET = 100_000_000
START = (sys.executable, "-c", "from ischio.interfaces.cli.main import run; run()")


@dataclass(frozen=True)
class Measured:
    """One run. processor, wall: seconds; memory: peak, in gigabytes; disk: of what it left, in megabytes."""

    what: str
    people: int
    processor: float
    wall: float
    memory: float
    disk: float


def took(what: str, people: int, left: Path, *arguments: object) -> Measured:
    """Runs a command in a process of its own. Raises CalledProcessError if it fails."""
    begun = perf_counter()
    child = subprocess.Popen([*START, *map(str, arguments)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    seconds: dict[int, float] = {}
    peak = 0
    while child.poll() is None:
        used = {pid: _used(pid) for pid in _family(child.pid)}
        seconds.update({pid: time for pid, (time, _) in used.items() if time})
        peak = max(peak, sum(held for _, held in used.values()))
        sleep(0.2)
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, [str(each) for each in arguments])
    wall = perf_counter() - begun
    disk = sum(path.stat().st_size for path in left.rglob("*") if path.is_file()) / 1e6
    return Measured(what, people, sum(seconds.values()), wall, peak / 1e9, disk)


def _family(pid: int) -> Iterator[int]:
    """A process and all that it started, Spark's Java among them."""
    yield pid
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for each in (task / "children").read_text().split():
                yield from _family(int(each))


def _used(pid: int) -> tuple[float, int]:
    """Processor seconds and bytes of memory of a process; nothing once it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0, 0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), int(fields[21]) * os.sysconf("SC_PAGE_SIZE")


def measured(people: int, engines: Sequence[str]) -> Iterator[Measured]:
    """A registry made, read and judged: reading is the first run, judging the ones over the event store."""
    with tempfile.TemporaryDirectory() as place:
        registry, results = Path(place) / "registry", Path(place) / "results"
        yield took(
            "synthesize", people, registry, "synthesize", people, "--on", ON, "--out", registry, "--processes", 1
        )
        if "duckdb" in engines:
            yield took("records to page", people, results, "cohort", registry, "--on", ON, "--out", results)
        else:
            took("", people, results, "cohort", registry, "--dates", ON, "--out", results)
        store = results / "persons" / "store"
        for engine in engines:
            out = Path(place) / engine
            options = ("--engine", engine, "--master", "local[2]") if engine == "spark" else ()
            yield took(
                f"event store to page, {engine}", people, out, "cohort", store, "--on", ON, "--out", out, *options
            )


def table(rows: Sequence[Measured]) -> Iterator[str]:
    yield "| what | persons | processor | for 1,000 persons | wall | peak memory | left on disk |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for each in rows:
        rate = f"{each.processor / each.people * 1000:.1f} s"
        yield (
            f"| {each.what} | {each.people:,} | {each.processor:.0f} s | {rate} | {each.wall:.0f} s "
            f"| {each.memory:.1f} GB | {each.disk:.0f} MB |"
        )


def projection(rows: Sequence[Measured]) -> Iterator[str]:
    """What the largest runs say of 100 million persons: growth in step with the people, and no more.

    Of what ran at one size only nothing is projected: a small run is mostly start and planning.
    """
    for what in dict.fromkeys(row.what for row in rows if row.what != "synthesize"):
        runs = sorted((row for row in rows if row.what == what), key=lambda row: row.people)
        smallest, largest = runs[0], runs[-1]
        if smallest.people == largest.people:
            yield f"- {what}: ran at one size only, so nothing is projected."
            continue
        hours = largest.processor / largest.people * TARGET / 3600
        disk = largest.disk / largest.people * TARGET / 1e6
        fell = (largest.processor / largest.people) / (smallest.processor / smallest.people)
        yield (
            f"- {what}: {hours:,.0f} processor hours for 100 million persons, {hours / 24 / 64:,.1f} days of 64 cores, "
            f"{disk:,.1f} TB left on disk; from {smallest.people:,} to {largest.people:,} persons the time for each "
            f"fell to {fell:.0%}."
        )


def main(arguments: Sequence[str]) -> None:
    place = arguments.index("--spark") if "--spark" in arguments else len(arguments)
    sizes, of_spark = (
        [int(each) for each in part if each.isdigit()] for part in (arguments[:place], arguments[place:])
    )
    rows = []
    for people in sorted({*sizes, *of_spark}):
        engines = ["duckdb"] * (people in sizes) + ["spark"] * (people in of_spark)
        rows += list(measured(people, engines))
        print(*table(rows), sep="\n")
    cores, load = os.cpu_count(), os.getloadavg()[0]
    told = [
        f"Measured on {cores} cores (load at the end, with other work beside: {load:.0f}), on synthetic people up to",
        f"{ON}, followed along each person's days.",
        "",
        *table(rows),
        "",
        "Projected from the largest run of each kind, as if time went on growing in step with the people; nothing of",
        "that size was tried:",
        "",
        *projection(rows),
        "",
    ]
    text = PAGE.read_text("utf-8")
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    PAGE.write_text(head + BEGIN + "\n".join(["", *told]) + END + tail, "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
