"""The whole intake: sifts what is new, makes the ranges that it touches, and publishes the store last.

Each step leaves files that are known by the digest of what they were made from. A run that was interrupted, or one over
a folder to which something was added, finds them there and makes only what is missing; so nothing is lost, and the
store is the same to the byte as if nothing had happened.
"""

import errno
import fcntl
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import msgspec

import ischio.fhir.reader
from ischio.backends.sql.columns import event_columns
from ischio.cohort.intake.dictionary import load_dictionary
from ischio.cohort.intake.not_understood import Example, Reason, combined, placed, write_report
from ischio.cohort.intake.ranges import RangeMade, RangeTask
from ischio.cohort.intake.shared import gather
from ischio.cohort.intake.sifted import TARGETS, VOUCHING, Index, index_of
from ischio.cohort.intake.sources import DICTIONARY, Form, Found, SourceFile, sources_in
from ischio.cohort.intake.workers import SiftTask, Workers
from ischio.cohort.store import (
    FORMAT,
    MANIFEST,
    NOT_UNDERSTOOD,
    UNFINISHED,
    WORK,
    FileLost,
    Manifest,
    Source,
    Store,
    StoreError,
    cannot_write,
    open_store,
    publish_manifest,
    published,
)
from ischio.fhir.bindings import load_bindings
from ischio.fhir.tables import Tables
from ischio.model.mistake import Mistake
from ischio.model.pathway import Pathway
from ischio.record.events import State

RANGE_BYTES = 256 << 20
"""Bytes of sources for each range: its resources and its persons fit into the memory of one process."""
SMALL_RANGE_BYTES, AT_LEAST = 4 << 20, 4
"""Of a small registry some smaller ranges, so that several processes have work."""
_GZIP_EXPANDS = 10
_GROWTH = 8
"""A store keeps its ranges until its sources have grown by this factor."""

LOCK = ".lock"

Progress = Callable[[str, int, int], None]
"""What is being done ("sifting", "reading"), how much of it is done, and how much there is: bytes, then ranges."""


@dataclass(frozen=True, slots=True)
class Sifted:
    """A source and its parts, sifted. paths and indexes: of each part, in order."""

    source: SourceFile
    digests: tuple[str, ...]
    paths: tuple[Path, ...]
    indexes: tuple[Index, ...]

    @property
    def lines(self) -> int:
        return sum(index.lines for index in self.indexes)

    @property
    def whole(self) -> bool:
        return all(index.unknown is None for index in self.indexes)

    def placed(self) -> Iterator[tuple[Path, Index, int]]:
        """Each part with the lines before it."""
        before = 0
        for path, index in zip(self.paths, self.indexes, strict=True):
            yield path, index, before
            before += index.lines


def take_in(
    folder: Path,
    into: Path,
    pathway: Pathway,
    bindings: Path,
    processes: int = 2,
    progress: Progress | None = None,
) -> Store:
    """Reads a folder of sources into the event store `into`, or brings that up to date.

    bindings: the file bindings.yaml of the pathway. Raises StoreError for a folder without sources, a full disk, or a
    store that another run is writing, and PathwayError for a data dictionary. What is wrong with a source is counted.
    """
    found = sources_in(folder)
    for dictionary in sorted({one.path.parent / DICTIONARY for one in found.sources if one.form is Form.TABLE}):
        load_dictionary(dictionary, pathway)
    if into.resolve() == folder.resolve():
        mend = "Give the event store a folder of its own."
        raise StoreError(Mistake("The sources and the event store cannot be one folder.", mend, str(into)))
    try:
        (into / WORK).mkdir(parents=True, exist_ok=True)
        with _alone(into), Workers(pathway, bindings, processes) as workers:
            return _Run(into, pathway, bindings, found, workers, progress or _silent).store()
    except OSError as error:
        raise cannot_write(Path(error.filename or into), error) from error
    except BrokenProcessPool:
        mend = "Give the same command again, with fewer processes: it goes on where it stopped."
        raise StoreError(Mistake("A process was ended from outside, perhaps for its memory.", mend)) from None
    except sqlite3.OperationalError as error:
        raise cannot_write(into, OSError(errno.ENOSPC, str(error))) from error


class _Run:
    def __init__(
        self,
        into: Path,
        pathway: Pathway,
        bindings: Path,
        found: Found,
        workers: Workers,
        progress: Progress,
    ) -> None:
        self._into, self._work, self._pathway, self._bindings = into, into / WORK, pathway, bindings
        self._sources, self._unread = found.sources, found.unread
        self._workers, self._progress = workers, progress
        self._reading = _reading(pathway, bindings)
        self._before = self._earlier()
        self._ranges = self._how_many()
        self._needed: set[Path] = set()

    def store(self) -> Store:
        sifted = self._sift()
        shared = self._shared(sifted)
        made = self._make_ranges(sifted, shared)
        write_report(self._into / NOT_UNDERSTOOD, self._reasons(sifted, made))
        manifest = self._manifest(sifted, made)
        store = publish_manifest(self._into, manifest)
        self._tidy(store)
        return store

    # ---- sifting -----------------------------------------------------------------------------------------------------

    def _sift(self) -> list[Sifted]:
        parts = [(source, part) for source in self._sources for part in source.parts]
        tasks = [SiftTask(part, source.form, self._work, self._ranges, self._reading) for source, part in parts]
        total, done = sum(source.size for source in self._sources), 0
        results: dict[str, list[tuple[str, Path]]] = {source.name: [] for source in self._sources}
        for (source, part), result in zip(parts, self._workers.sift(tasks), strict=True):
            results[source.name].append(result)
            done += (part.end - part.start) if part.end is not None else source.size
            self._progress("sifting", done, total)
        self._needed |= {path for listed in results.values() for _, path in listed}
        return [_sifted(source, results[source.name]) for source in self._sources]

    def _shared(self, sifted: Sequence[Sifted]) -> Path:
        """The file of what is nobody's own, made unless it is there from an earlier run."""
        paths = [path for one in sifted for path, index, _ in one.placed() if _has(index, TARGETS, VOUCHING)]
        name = sha256(" ".join(sorted(path.name for path in paths)).encode()).hexdigest()[:32]
        shared = self._work / f"shared-{name}.sqlite"
        self._needed.add(shared)
        if not shared.is_file():
            with published(shared) as unfinished:
                gather(unfinished, paths, Tables(self._pathway.concepts, load_bindings(self._bindings)))
        return shared

    # ---- ranges ------------------------------------------------------------------------------------------------------

    def _make_ranges(self, sifted: Sequence[Sifted], shared: Path) -> list[RangeMade]:
        """All ranges; those that an earlier run made of the same parts are taken as they are."""
        tasks = list(self._tasks(sifted, shared))
        receipts = [self._work / f"range-{task.number:05}-{_digest_of(task)}.json" for task in tasks]
        self._needed |= set(receipts)
        made = {receipt: found for receipt in receipts if (found := self._receipt(receipt)) is not None}
        self._progress("reading", len(made), len(tasks))
        missing = [(task, receipt) for task, receipt in zip(tasks, receipts, strict=True) if receipt not in made]
        results = self._workers.make([task for task, _ in missing])
        for (_, receipt), result in zip(missing, results, strict=True):
            with published(receipt) as unfinished:
                unfinished.write_bytes(msgspec.json.encode(result))
            made[receipt] = result
            self._progress("reading", len(made), len(tasks))
        return [made[receipt] for receipt in receipts]

    def _tasks(self, sifted: Sequence[Sifted], shared: Path) -> Iterator[RangeTask]:
        everyone = self._everyone(sifted)
        placed = [(path, index, one.source.name, before) for one in sifted for path, index, before in one.placed()]
        for number in range(self._ranges):
            parts = tuple((path, name, before) for path, index, name, before in placed if _has(index, number))
            old = self._before.ranges[number] if self._before else None
            files = (old.people, old.events) if old else None
            yield RangeTask(number, self._into, parts, shared, everyone, self._reading, files)

    def _everyone(self, sifted: Sequence[Sifted]) -> tuple[tuple[str, str], ...]:
        """What cannot be told of anybody because a source breaks off."""
        tables = Tables(self._pathway.concepts, load_bindings(self._bindings))
        kinds = {kind for one in sifted for index in one.indexes for kind in index.unknown or ()}
        return tuple((State.TRUNCATED.value, name) for kind in sorted(kinds) for name in tables.read[kind])

    def _receipt(self, path: Path) -> RangeMade | None:
        """What an earlier run made, if its files are all there."""
        try:
            made = msgspec.json.decode(path.read_bytes(), type=RangeMade)
        except (OSError, msgspec.DecodeError):
            return None
        there = all((self._into / name).is_file() for name in (made.files.people, made.files.events))
        return made if there else None

    # ---- the store ---------------------------------------------------------------------------------------------------

    def _earlier(self) -> Store | None:
        """The store of an earlier run that read its sources as this one does."""
        if not (self._into / MANIFEST).is_file():
            return None
        try:
            store = open_store(self._into)
        except FileLost:
            return None
        return store if store.manifest.reading == self._reading else None

    def _how_many(self) -> int:
        """As many ranges as the sources ask for; those of an earlier run as long as they do."""
        size = sum(source.size * (_GZIP_EXPANDS if source.compressed else 1) for source in self._sources)
        wanted = max(size // RANGE_BYTES, min(size // SMALL_RANGE_BYTES, AT_LEAST), 1)
        if self._before is not None and wanted <= _GROWTH * len(self._before.ranges):
            return len(self._before.ranges)
        self._before = None
        return wanted

    def _reasons(self, sifted: Sequence[Sifted], made: Sequence[RangeMade]) -> tuple[Reason, ...]:
        return combined(
            [
                *(Reason("file", why, 1, (Example(name),)) for name, why in self._unread),
                *(reason for one in sifted for reason in _left(one)),
                *(reason for one in made for reason in one.reasons),
            ]
        )

    def _manifest(self, sifted: Sequence[Sifted], made: Sequence[RangeMade]) -> Manifest:
        return Manifest(
            FORMAT,
            f"{self._pathway.id} {self._pathway.version}",
            self._reading,
            tuple(column.name for column in event_columns(self._pathway)),
            sum(one.files.persons for one in made),
            sum(one.files.rows for one in made),
            tuple(one.files for one in made),
            tuple(_as_source(one) for one in sifted),
        )

    def _tidy(self, store: Store) -> None:
        """Takes away what neither the store nor a later run needs."""
        kept = self._needed | {path for one in store.ranges for path in (one.people, one.events)}
        for folder in (self._work, self._into / "people", self._into / "events"):
            for path in folder.iterdir():
                if path not in kept and path.name != LOCK:
                    path.unlink()
        for path in self._into.glob(f"*{UNFINISHED}"):
            path.unlink()


def _silent(what: str, done: int, total: int) -> None:
    """Nobody watches."""


@contextmanager
def _alone(into: Path) -> Iterator[None]:
    """Holds the store for this run; the lock goes with the process, however that ends."""
    with (into / WORK / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            mend = "Wait until it is done, or give another folder."
            raise StoreError(Mistake("Another run is writing this event store.", mend, str(into))) from None
        yield


def _reading(pathway: Pathway, bindings: Path) -> str:
    """The digest of all that decides how a source becomes events."""
    digest = sha256(repr((FORMAT, pathway.concepts, event_columns(pathway))).encode() + bindings.read_bytes())
    for folder in (Path(__file__).parent, Path(ischio.fhir.reader.__file__).parent):
        for module in sorted(folder.glob("*.py")):
            digest.update(module.read_bytes())
    return digest.hexdigest()


def _sifted(source: SourceFile, results: Sequence[tuple[str, Path]]) -> Sifted:
    indexes = [index_of(path) for _, path in results]
    return Sifted(
        source,
        tuple(digest for digest, _ in results),
        tuple(path for _, path in results),
        tuple(index for index in indexes if index is not None),
    )


def _has(index: Index, *sections: int) -> bool:
    return any(section in sections for section, _, _ in index.sections)


def _digest_of(task: RangeTask) -> str:
    """The same for a range that is made of the same; what is kept of an earlier run makes no difference to it."""
    parts = [(path.name, source, before) for path, source, before in task.parts]
    made_of = repr((parts, task.shared.name, task.everyone, task.reading))
    return sha256(made_of.encode()).hexdigest()[:32]


def _left(one: Sifted) -> Iterator[Reason]:
    for _, index, before in one.placed():
        yield from (placed(counted, one.source.name, before) for counted in index.left)


def _as_source(one: Sifted) -> Source:
    digest = sha256("".join(one.digests).encode()).hexdigest()
    return Source(one.source.name, one.source.form.value, one.source.size, digest, one.lines, one.whole)
