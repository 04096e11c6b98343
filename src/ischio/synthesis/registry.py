"""A synthetic registry as a folder of a bulk export: one NDJSON file a resource type, and the truth apart in `truth/`.

The folder is written under another name and renamed when it is whole, so that what bears its name is never half of one.
People are told in chunks, by several processes, and written in order: the bytes do not depend on how many there are.
"""

import errno
import gc
import gzip
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from multiprocessing import get_context, parent_process
from pathlib import Path
from threading import Thread
from typing import Any, BinaryIO

import msgspec

from ischio.fhir.bindings import load_bindings
from ischio.loading.pathway import load_pathway, packaged
from ischio.model.mistake import IschioError, Mistake
from ischio.synthesis.chance import Chance
from ischio.synthesis.figures import Figures, load_figures
from ischio.synthesis.flaws import Recording
from ischio.synthesis.resources import Pen, Scribe
from ischio.synthesis.story import tell_person
from ischio.synthesis.truth import FOLDER, TABLES, Row, as_csv, heading, rows_of
from ischio.synthesis.unrelated import Unrelated

Json = dict[str, Any]

CHUNK = 250
AHEAD = 4
"""Chunks that may wait to be written, for each process: so memory stays the same whatever the size of the registry."""


@dataclass(frozen=True, slots=True)
class Order:
    """What registry is wanted: people 1 to `people` of a seed, told up to the day `on`."""

    people: int
    seed: int
    on: date
    packed: bool = False


@dataclass
class Counts:
    """What was written. resources: by type; conditions to flaws: of the truth; size: bytes, unpacked."""

    people: int = 0
    size: int = 0
    resources: Counter[str] = field(default_factory=Counter)
    conditions: Counter[str] = field(default_factory=Counter)
    stages: Counter[str] = field(default_factory=Counter)
    diversions: Counter[str] = field(default_factory=Counter)
    flaws: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Counts") -> None:
        self.people += other.people
        self.size += other.size
        for name in ("resources", "conditions", "stages", "diversions", "flaws"):
            getattr(self, name).update(getattr(other, name))


@dataclass
class Chunk:
    """The bytes of some people, for each file, and what they are."""

    files: dict[str, bytes]
    counts: Counts


# ---- one person -------------------------------------------------------------------------------------------------


@cache
def _pen() -> Pen:
    # Only codes that need no licence of one's own are written.
    return Pen(load_pathway(licensed_codes=False), load_bindings(packaged() / "bindings.yaml"))


def write_person(number: int, seed: int, on: date, figures: Figures) -> tuple[list[Json], list[tuple[str, Row]]]:
    """The resources of one person, the Patient first, and the truth about them."""
    person = tell_person(number, seed, on, figures)
    recording = Recording(Chance(seed, number, "recording"), figures, person.last)
    events = list(recording.recorded(person.chart.events))
    scribe = Scribe(person, _pen(), Chance(seed, number, "record"), figures)
    resources = [scribe.patient(), *scribe.resources(events)]
    share = figures.unrelated_share
    beside = max(round((len(resources) - 1) * share / (1 - share)), int(figures.unrelated_least))
    unrelated = Unrelated(person, Chance(seed, number, "unrelated"), figures).resources(beside)
    resources += (one | {"id": f"{person.id}-u{count}"} for count, one in enumerate(unrelated, 1))
    # The type and the id first, as servers write them.
    resources = [{"resourceType": one["resourceType"], "id": one["id"]} | one for one in resources]
    return resources, list(rows_of(person, (*recording.flaws, *scribe.flaws)))


def shared() -> Iterator[Json]:
    """Resources that those of many people refer to."""
    return _pen().shared()


# ---- many -------------------------------------------------------------------------------------------------------


def make_chunk(first: int, last: int, order: Order) -> Chunk:
    """The people of these numbers, both included."""
    lines: dict[str, list[bytes]] = {}
    truth: dict[str, list[Row]] = {table: [] for table in TABLES}
    counts, figures = Counts(people=last - first + 1), load_figures()
    encode = msgspec.json.Encoder(enc_hook=str).encode  # texts of knowledge files know their line, and are told plainly
    if first == 1:
        for resource in shared():
            lines.setdefault(resource["resourceType"], []).append(encode(resource))
    for number in range(first, last + 1):
        resources, rows = write_person(number, order.seed, order.on, figures)
        for resource in resources:
            lines.setdefault(resource["resourceType"], []).append(encode(resource))
        for table, row in rows:
            truth[table].append(row)
    counts.resources.update({kind: len(written) for kind, written in lines.items()})
    files = {f"{kind}.ndjson": b"\n".join((*written, b"")) for kind, written in lines.items()}
    counts.size = sum(map(len, files.values()))
    _count_truth(truth, counts)
    files |= {f"{FOLDER}/{table}.csv": as_csv(table, rows) for table, rows in truth.items()}
    return Chunk({name: _packed(content) for name, content in files.items()} if order.packed else files, counts)


def _count_truth(truth: dict[str, list[Any]], counts: Counts) -> None:
    counts.conditions.update(row.condition for row in truth["people"])
    counts.stages.update(row.stage for row in truth["hips"])
    counts.diversions.update(row.diversion for row in truth["hips"] if row.diversion)
    counts.flaws.update(row.kind for row in truth["flaws"])


def _packed(content: bytes) -> bytes:
    """One member of a gzip file; members one after the other are a gzip file as well. No time is written into it."""
    return gzip.compress(content, 6, mtime=0)


def _chunks(order: Order, processes: int) -> Iterator[Chunk]:
    """All chunks in their order."""
    spans = [(first, min(first + CHUNK - 1, order.people)) for first in range(1, order.people + 1, CHUNK)]
    if processes < 2 or len(spans) < 2:
        yield from (make_chunk(*span, order) for span in spans)
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn"), initializer=_begin_work) as pool:
        waiting: list[Future[Chunk]] = []
        for span in spans:
            waiting.append(pool.submit(make_chunk, *span, order))
            if len(waiting) >= AHEAD * processes:
                yield waiting.pop(0).result()
        for chunk in waiting:
            yield chunk.result()


def _begin_work() -> None:
    """Readies a process that tells chunks."""
    # Nothing that is told of a person refers back to itself: looking for garbage cycles took a sixth of the time.
    gc.disable()
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A process whose parent was killed would wait for more work for ever."""
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


# ---- the folder -------------------------------------------------------------------------------------------------


def write_registry(order: Order, folder: Path, processes: int = 2, readme: str = "") -> Iterator[Counts]:
    """Writes the registry, and yields the counts so far after every chunk.

    Raises IschioError where the folder is in use or cannot be written; then nothing is left behind.
    """
    refuse_used(folder)
    unfinished = _unfinished(folder)
    counts = Counts()
    try:
        _begin(unfinished)
        with ExitStack() as stack:
            open_files: dict[str, BinaryIO] = {}
            for chunk in _chunks(order, processes):
                for name, content in chunk.files.items():
                    _file(unfinished, name, order, open_files, stack).write(content)
                counts.add(chunk.counts)
                yield counts
        (unfinished / "README.md").write_text(readme, encoding="utf-8")
        if folder.is_dir():
            folder.rmdir()
        unfinished.rename(folder.resolve())
    except OSError as error:
        raise _not_written(error, folder, counts) from None
    finally:
        with suppress(OSError):
            shutil.rmtree(unfinished)


def _begin(unfinished: Path) -> None:
    """A new folder; what an interrupted run left under this name goes."""
    if unfinished.exists():
        shutil.rmtree(unfinished)
    (unfinished / FOLDER).mkdir(parents=True)


def _file(folder: Path, name: str, order: Order, open_files: dict[str, BinaryIO], stack: ExitStack) -> BinaryIO:
    """The open file of this name; a table of the truth begins with its heading."""
    if name not in open_files:
        path = folder / (f"{name}.gz" if order.packed else name)
        open_files[name] = stack.enter_context(path.open("wb"))
        if name.endswith(".csv"):
            first = heading(Path(name).stem)
            open_files[name].write(_packed(first) if order.packed else first)
    return open_files[name]


def refuse_used(folder: Path) -> None:
    """Raises IschioError where a file is in the folder's place, or the folder holds something."""
    if folder.exists() and not folder.is_dir():
        raise IschioError(Mistake("A file is in the place of the folder.", "Name a new folder.", str(folder)))
    if folder.is_dir() and any(folder.iterdir()):
        mend = "Name a new folder, or remove this one first; nothing in it was touched."
        raise IschioError(Mistake("The folder is not empty.", mend, str(folder)))
    left = _unfinished(folder)
    if left.exists() and not all(_is_ours(path) for path in left.iterdir()):
        mend = "Rename it, or name another folder; nothing in it was touched."
        raise IschioError(Mistake("The unfinished registry would be written here, and it is in use.", mend, str(left)))


def _unfinished(folder: Path) -> Path:
    """Where the registry is written before it bears its name."""
    whole = folder.resolve()
    return whole.with_name(f"{whole.name}.unfinished")


def _is_ours(path: Path) -> bool:
    return path.name in (FOLDER, "README.md") or path.name.endswith((".ndjson", ".ndjson.gz"))


def _not_written(error: OSError, folder: Path, counts: Counts) -> IschioError:
    if error.errno != errno.ENOSPC:
        mend = "Name a place that can be written to."
        return IschioError(Mistake(f"It cannot be written: {error.strerror}.", mend, str(folder)))
    what = f"The disk is full after {counts.people} people; what was written is removed again."
    each = counts.size // max(counts.people, 1) // 1000
    mend = f"Make room (about {each} kB a person), use --gzip, or ask for fewer people."
    return IschioError(Mistake(what, mend, str(folder)))
