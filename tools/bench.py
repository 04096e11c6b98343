"""`make bench`: measures what architecture and README promise and writes docs/performance.md.

Medians over many runs in one process, commands over several fresh processes. What is measured is processor time: all of
it runs in one thread, and so other work on the machine counts little. Ratios mean more than the milliseconds.
"""

import os
import platform
import resource
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from statistics import median
from time import process_time

import msgspec
from bench_cohort import section as cohort_section
from bench_cql import section as cql_section
from bench_intake import section as intake_section

from ischio.engine.assess import assess
from ischio.engine.judge import judges_of
from ischio.engine.lanes import Board, lanes_of_day
from ischio.engine.status import outcome
from ischio.fhir.bindings import load_bindings
from ischio.fhir.reader import FhirReader
from ischio.loading.pathway import load_pathway, packaged
from ischio.model.about import Side
from ischio.model.expression import Expression
from ischio.model.pathway import Pathway
from ischio.record.derivation import derive
from ischio.record.events import Record

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "performance.md"
ISCHIO = Path(sys.executable).with_name("ischio")
INDEX = date(2026, 6, 1)
RESOURCES = 50
KEPT = "<!-- what follows was measured by hand; make bench leaves it as it is -->"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the page. bar and took in milliseconds; no bar for what is only a part."""

    what: str
    bar: float | None
    took: float
    runs: int

    @property
    def bar_text(self) -> str:
        return "" if self.bar is None else f"{self.bar:g} ms"

    @property
    def verdict(self) -> str:
        return "" if self.bar is None else "yes" if self.took <= self.bar else "**no**"


def of_children() -> float:
    """Processor seconds of the processes that this one has run so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def timed(call: Callable[[], object], runs: int, clock: Callable[[], float] = process_time) -> float:
    """Median milliseconds of processor time, after up to three calls that do not count."""
    for _ in range(min(3, runs - 1)):
        call()
    times = []
    for _ in range(runs):
        begun = clock()
        call()
        times.append(clock() - begun)
    return median(times) * 1000


def bundle_of(resources: int) -> bytes:
    """A sample Bundle from examples/, grown to so many resources by earlier copies of its observations."""
    samples = [msgspec.json.decode(path.read_bytes()) for path in sorted((ROOT / "examples").glob("*.json"))]
    bundle = max(samples, key=lambda sample: len(sample["entry"]))
    entries = bundle["entry"][:resources]
    observed = [entry["resource"] for entry in entries if entry["resource"]["resourceType"] == "Observation"]
    for number in range(resources - len(entries)):
        copied = observed[number % len(observed)]
        entries.append(
            {"resource": copied | {"id": f"copy-{number}", "effectiveDateTime": f"2026-0{1 + number % 5}-11"}}
        )
    return msgspec.json.encode(bundle | {"entry": entries})


def conditions_of_actions(pathway: Pathway) -> list[Expression]:
    """Whatever an action asks for: when, due, done, in progress, stops and cautions."""
    found = []
    for action in pathway.actions.values():
        own = (action.when, action.due_when, action.done, action.in_progress)
        found += [condition for condition in own if condition is not None]
        found += [rule.when for rule in (*action.stops, *action.strong_cautions, *action.cautions)]
    return found


def engine_rows(pathway: Pathway, record: Record) -> list[Row]:
    """One assessment, and its parts by themselves: the same criteria judged with reasons and by truth alone.

    Each run gets a copy of the record, as if it were a new person's: nothing kept of a record helps the next run.
    """
    facts = derive(pathway, record, INDEX)
    conditions = conditions_of_actions(pathway)

    def judge_with_reasons() -> None:
        for judge in judges_of(pathway, facts, INDEX).values():
            for name in pathway.criteria:
                judge.criterion(name)
            for condition in conditions:
                judge.condition(condition)

    def judge_truth() -> Board:
        return Board(pathway, lanes_of_day(INDEX, facts[Side.RIGHT], facts[Side.LEFT]))

    return [
        Row(
            "full assessment of a person from a parsed record",
            10,
            timed(lambda: assess(pathway, replace(record), INDEX), 200),
            200,
        ),
        Row(
            "of this, facts of both hips from the record",
            None,
            timed(lambda: derive(pathway, replace(record), INDEX), 200),
            200,
        ),
        Row("judging both hips with reasons", 3, timed(judge_with_reasons, 200), 200),
        Row("judging both hips, truth only (criteria and gates)", 0.3, timed(judge_truth, 500), 500),
        Row(
            "the same, with stages and the statuses of all actions",
            None,
            timed(lambda: outcome(pathway, judge_truth()), 500),
            500,
        ),
    ]


def reading_row(reader: FhirReader, raw: bytes) -> Row:
    took = timed(lambda: reader.read(raw), 300)
    return Row(f"reading a {RESOURCES}-resource R4 Bundle ({len(raw) // 1024} KiB) into a record", 1, took, 300)


def command_row(arguments: list[str], bar: float, runs: int) -> Row:
    def call() -> None:
        done = subprocess.run([ISCHIO, *arguments], capture_output=True, check=False)
        if done.returncode:
            raise SystemExit(f"ischio {' '.join(arguments)} failed:\n{done.stdout.decode()}{done.stderr.decode()}")

    return Row(f"`ischio {' '.join(arguments)}`, whole process", bar, timed(call, runs, of_children), runs)


def section_of(tool: str) -> list[str]:
    """In a process of its own: what it loads would weigh on what is measured here."""
    done = subprocess.run([sys.executable, ROOT / "tools" / tool], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def shown(number: float) -> str:
    return f"{number:.0f}" if number >= 100 else f"{number:.3g}"


def page(rows: list[Row], sections: list[str], pathway: Pathway, record: Record) -> str:
    first = rows[0].took
    lines = [
        f"| {row.what} | {row.bar_text} | {shown(row.took)} ms | {row.took / first:.3g} | {row.verdict} | {row.runs} |"
        for row in rows
    ]
    size = f"{len(pathway.facts)} facts, {len(pathway.criteria)} criteria, {len(pathway.actions)} actions"
    return "\n".join(
        [
            "# Performance",
            "",
            "Written by `make bench`, but for its end. Medians of processor time. Compare ratios to the first row; the",
            f"milliseconds are those of one machine: {os.cpu_count()} cores, Python {platform.python_version()}, "
            f"on {date.today()}.",
            "",
            f"Pathway {pathway.id} {pathway.version}: {size}. Record: {len(record.events)} events of a sample patient.",
            "",
            "| what | bar | median | ratio | within the bar | runs |",
            "| --- | --- | --- | --- | --- | --- |",
            *lines,
            *sections,
            "",
            KEPT,
        ]
    )


def main() -> None:
    pathway = load_pathway()
    raw = bundle_of(RESOURCES)
    reader = FhirReader(pathway.concepts, load_bindings(packaged() / "bindings.yaml"))
    record = reader.read(raw)
    rows = [*engine_rows(pathway, record), reading_row(reader, raw)]
    rows += [command_row(["--help"], 300, 10), command_row(["check"], 2000, 5), command_row(["verify"], 60000, 1)]
    served = [*section_of("bench_hooks.py"), *section_of("bench_clinic.py")]
    text = page(rows, [*cql_section(), *cohort_section(), *intake_section(), *served], pathway, record)
    print(text)
    _, _, by_hand = PAGE.read_text(encoding="utf-8").partition(KEPT)
    PAGE.write_text(text + by_hand, encoding="utf-8")


if __name__ == "__main__":
    main()
