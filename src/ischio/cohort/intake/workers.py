"""The two kinds of work of an intake, done in this process or in several."""

import gc
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

from ischio.cohort.intake.lines import Part, digest_of
from ischio.cohort.intake.persons import PersonReader
from ischio.cohort.intake.ranges import RangeMade, RangeTask, make_range
from ischio.cohort.intake.sieve import Sieve
from ischio.cohort.intake.sift import Sifter
from ischio.cohort.intake.sifted import SiftedWriter, index_of
from ischio.cohort.intake.sources import DICTIONARY, Form
from ischio.cohort.intake.tables import sift_rows, sift_table
from ischio.cohort.processes import end_with_the_parent
from ischio.cohort.store import published
from ischio.fhir.bindings import load_bindings
from ischio.fhir.reader import FhirReader
from ischio.fhir.tables import Tables
from ischio.model.pathway import Pathway

Task = TypeVar("Task")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class SiftTask:
    """reading: digest of how sources are read; ranges: how many; both decide what a sifted part looks like."""

    part: Part
    form: Form
    work: Path
    ranges: int
    reading: str


class Bench:
    """What one process needs for its work, made once."""

    def __init__(self, pathway: Pathway, bindings: Path) -> None:
        read = load_bindings(bindings)
        self._pathway, self._tables = pathway, Tables(pathway.concepts, read)
        self._sieve = Sieve(self._tables)
        self._reader = PersonReader(pathway, self._tables, FhirReader(pathway.concepts, read))

    def sift(self, task: SiftTask) -> tuple[str, Path]:
        """The digest of a part and its sifted file, which is made unless it is there from an earlier run."""
        digest = digest_of(task.part)
        if task.form is Form.TABLE:
            digest = sha256(digest.encode() + (task.part.path.parent / DICTIONARY).read_bytes()).hexdigest()
        name = sha256(f"{digest} {task.form.value} {task.reading} {task.ranges}".encode()).hexdigest()[:32]
        path = task.work / name
        if index_of(path) is None:
            with published(path) as unfinished, unfinished.open("wb") as file:
                self._sift(task, SiftedWriter(file, task.ranges))
        return digest, path

    def _sift(self, task: SiftTask, writer: SiftedWriter) -> None:
        match task.form:
            case Form.LINES:
                Sifter(self._sieve, self._tables, writer).lines(task.part)
            case Form.DOCUMENT:
                Sifter(self._sieve, self._tables, writer).document(task.part)
            case Form.EVENTS:
                sift_rows(task.part.path, self._pathway, writer)
            case Form.TABLE:
                sift_table(task.part.path, self._pathway, writer)

    def make(self, task: RangeTask) -> RangeMade:
        return make_range(task, self._pathway, self._reader)


class Workers:
    """Does tasks in this process, or in several that end with it. Use it as a context."""

    def __init__(self, pathway: Pathway, bindings: Path, processes: int) -> None:
        self._arguments = (pathway, bindings)
        self._processes = processes
        self._pool: ProcessPoolExecutor | None = None
        self._bench: Bench | None = None

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def sift(self, tasks: Sequence[SiftTask]) -> Iterator[tuple[str, Path]]:
        """The results in the order of the tasks."""
        yield from self._results(Bench.sift, _sift, tasks)

    def make(self, tasks: Sequence[RangeTask]) -> Iterator[RangeMade]:
        """The results in the order of the tasks."""
        yield from self._results(Bench.make, _make, tasks)

    def _results(
        self, here: Callable[[Bench, Task], Result], there: Callable[[Task], Result], tasks: Sequence[Task]
    ) -> Iterator[Result]:
        if self._processes > 1 and len(tasks) > 1:
            if self._pool is None:
                # New processes, not copies of this one, which may have threads that draw a progress bar.
                self._pool = ProcessPoolExecutor(self._processes, get_context("spawn"), _begin, self._arguments)
            yield from self._pool.map(there, tasks)
            return
        if tasks and self._bench is None:
            self._bench = Bench(*self._arguments)
        for task in tasks:
            assert self._bench is not None
            yield here(self._bench, task)


_bench: Bench | None = None


def _begin(pathway: Pathway, bindings: Path) -> None:
    global _bench
    # Charts of thousands of persons are no garbage: looking through them again and again took a fifth of the time.
    gc.disable()
    # It would wait for work for ever.
    end_with_the_parent()
    _bench = Bench(pathway, bindings)


def _sift(task: SiftTask) -> tuple[str, Path]:
    assert _bench is not None
    return _bench.sift(task)


def _make(task: RangeTask) -> RangeMade:
    assert _bench is not None
    made = _bench.make(task)
    gc.collect()
    return made
