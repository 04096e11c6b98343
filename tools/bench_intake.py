"""How fast an export becomes an event store: the section of docs/performance.md on the intake.

Run it as `python tools/bench_intake.py` to see the section by itself. Two exports are read, each by two processes: what
a hospital would send, of which little is of concern, and a synthetic registry, of which most is.
"""

import gzip
import os
import re
import resource
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import perf_counter, process_time

import msgspec

from ischio.cohort.intake.bundles import pages_of
from ischio.cohort.intake.run import take_in
from ischio.cohort.store import open_store
from ischio.loading.pathway import load_pathway, packaged

ROOT = Path(__file__).parents[1]
PEOPLE = ROOT / "tests" / "data" / "synthea"
BYTES = 2_400_000_000
REGISTRY = 2_000
PROCESSES = 2
BAR = 200
_UUID = re.compile(rb"[0-9a-f]{8}(?=-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})")


def export(folder: Path, size: int) -> Counter[str]:
    """Writes Synthea's people again and again, under other ids, as NDJSON by type. Returns the resources of each type.

    size: bytes, at least.
    """
    people = [pages_of(gzip.decompress(path.read_bytes())).resources for path in sorted(PEOPLE.glob("*.gz"))]
    plain = [[msgspec.json.encode(msgspec.json.decode(one)) for one in person] for person in people]
    files, counts, written, number = {}, Counter[str](), 0, 0
    while written < size:
        for resource_json in plain[number % len(plain)]:
            kind = msgspec.json.decode(resource_json)["resourceType"]
            if kind not in files:
                files[kind] = (folder / f"{kind}.ndjson").open("wb")
            written += files[kind].write(_UUID.sub(b"%08x" % number, resource_json) + b"\n")
            counts[kind] += 1
        number += 1
    for file in files.values():
        file.close()
    return counts


def section() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "export").mkdir()
        counts = export(folder / "export", BYTES)
        registry = [
            sys.executable,
            "-c",
            "from ischio.interfaces.cli.main import run; run()",
            "synthesize",
            str(REGISTRY),
        ]
        subprocess.run([*registry, "--seed", "1", "--out", folder / "registry"], check=True, stdout=subprocess.DEVNULL)
        rows = [
            row(f"an export of {len(counts)} types, {counts.total():,} resources", folder / "export", BAR),
            row(f"a synthetic registry of {REGISTRY:,} people", folder / "registry", None),
        ]
    yield from (
        "",
        f"Intake: from FHIR NDJSON to the Parquet of the event store, by {PROCESSES} processes, start included.",
        f"The export is {len(list(PEOPLE.glob('*.gz')))} Synthea people of `tests/data/synthea`, each many times",
        "under other ids; most of it is claims, encounters and readings that no fact looks at. Of the synthetic",
        f"registry most is of concern. The bar is {BAR} MB/s by the wall, with both cores free. Other work on the",
        f"machine lengthens processor seconds too (load at the end: {os.getloadavg()[0]:.1f} on {os.cpu_count()}",
        "cores), so they are also told as times what it takes to decode the lines and do nothing with them.",
        "",
        "| what | size | events | processor | MB/s of a core | times bare decoding | wall | MB/s | within the bar |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
        *rows,
    )


def row(what: str, folder: Path, bar: float | None) -> str:
    size = sum(path.stat().st_size for path in folder.glob("*.ndjson")) / 1e6
    store = folder.with_name(f"{folder.name}-store")
    used, begun = _of_children(), perf_counter()
    subprocess.run([sys.executable, __file__, folder, store], check=True)
    processor, wall = _of_children() - used, perf_counter() - begun
    bare = decoding(folder)
    events = open_store(store).manifest.events
    verdict = "" if bar is None else "yes" if size / wall >= bar else "**no**"
    return (
        f"| {what} | {size:.0f} MB | {events:,} | {processor:.1f} s | {size / processor:.0f} "
        f"| {processor / bare:.1f} | {wall:.1f} s | {size / wall:.0f} | {verdict} |"
    )


def decoding(folder: Path) -> float:
    """Processor seconds to decode each line, and no more."""
    begun = process_time()
    for path in sorted(folder.glob("*.ndjson")):
        with path.open("rb") as file:
            for line in file:
                msgspec.json.decode(line)
    return process_time() - begun


def _of_children() -> float:
    """Processor seconds of the processes that this one has run so far, and of theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main(arguments: Sequence[str]) -> None:
    if arguments:
        folder, store = map(Path, arguments)
        take_in(folder, store, load_pathway(), packaged() / "bindings.yaml", PROCESSES)
    else:
        print(*section(), sep="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
