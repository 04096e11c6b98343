"""The event store: Parquet files, a pair for each range of persons, and a manifest that makes the folder whole."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from ischio.backends.sql.columns import event_columns
from ischio.model.mistake import IschioError, Mistake
from ischio.model.pathway import Pathway

FORMAT = 2
MANIFEST = "manifest.json"
NOT_UNDERSTOOD = "not-understood.json"
WORK = "sifted"
"""The folder, within the store, of what later runs of the intake need."""
UNFINISHED = ".unfinished"
"""The end of the name of a file that is still being written."""


class StoreError(IschioError):
    """An event store is missing, unfinished, of another kind, or cannot be written."""


class FileLost(StoreError):
    """A file that the manifest names is not there; the intake can make it again."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was read. name: relative to the folder given; form: `ndjson`, `bundle`, `table`, `events`.

    digest: SHA-256 of its bytes. lines: resources, rows or entries in it.
    whole: no if it breaks off, so that what it would have told is unknown.
    """

    name: str
    form: str
    bytes: int
    digest: str
    lines: int
    whole: bool = True


@dataclass(frozen=True, slots=True)
class RangeFiles:
    """The files of one range, by name in the store's folder, and how much they hold."""

    people: str
    events: str
    persons: int
    rows: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a store holds and from what it was read.

    pathway: id and version. reading: digest of all that decides how a source becomes events (codes, bindings, format).
    columns: of the events, in order. ranges: by number.
    """

    format: int
    pathway: str
    reading: str
    columns: tuple[str, ...]
    persons: int
    events: int
    ranges: tuple[RangeFiles, ...]
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Range:
    """The persons whose id falls into one range: few enough to be judged at a time.

    people: Parquet, one row for each person, ordered by `person`; its columns are PEOPLE_COLUMNS.
    events: Parquet, exactly the columns of `backends.sql.columns.event_columns`, ordered by `person`.
    """

    number: int
    people: Path
    events: Path
    persons: int
    rows: int


@dataclass(frozen=True, slots=True)
class Store:
    folder: Path
    manifest: Manifest
    ranges: tuple[Range, ...]

    @property
    def not_understood(self) -> Path:
        """JSON: what of the sources was not understood, by reason, with counts and examples."""
        return self.folder / NOT_UNDERSTOOD


PEOPLE_COLUMNS: tuple[tuple[str, str], ...] = (
    ("person", "varchar"),
    ("named", "boolean"),
    ("read", "boolean"),
    ("synthetic", "boolean"),
    ("resources", "integer"),
    ("events", "integer"),
    ("gaps", "integer"),
    ("ignored", "integer"),
    ("first_day", "date"),
    ("last_day", "date"),
    ("notes", "varchar"),
    ("digest", "varchar"),
)
"""Name and type of each column of `people`.

named: a Patient with this id was there. read: the record could be read; if not, all about the person is unknown.
synthetic: the Patient is tagged as test data (HTEST).
resources: that concern the pathway, each once. events, gaps, ignored: what came of them (gaps: what could not be had).
first_day, last_day: of the dated events (birth left out). notes: JSON, what of theirs was not understood: type, reason,
count and an example of each. digest: of all that the rows of this person were made from.
"""


def open_store(folder: Path) -> Store:
    """The store in a folder. Raises StoreError for one that is missing, unfinished, not whole or no event store."""
    try:
        written = (folder / MANIFEST).read_bytes()
    except FileNotFoundError:
        raise _not_whole(folder) from None
    except OSError as error:
        raise StoreError(Mistake(f"{error.strerror}.", "Check who may read it.", str(folder / MANIFEST))) from None
    try:
        manifest = msgspec.json.decode(written, type=Manifest)
    except msgspec.DecodeError:
        mend = "Give the folder that the intake wrote, or run the intake again into an empty one."
        raise StoreError(Mistake("This is no manifest of an event store.", mend, str(folder / MANIFEST))) from None
    if manifest.format != FORMAT:
        what = f"The event store has format {manifest.format}; this version reads format {FORMAT}."
        raise StoreError(Mistake(what, "Run the intake again into an empty folder.", str(folder)))
    ranges = tuple(_range(folder, number, files) for number, files in enumerate(manifest.ranges))
    return Store(folder, manifest, ranges)


def require_columns(store: Store, pathway: Pathway) -> None:
    """Raises StoreError if the store was read for a pathway that asks for other columns."""
    if store.manifest.columns != tuple(column.name for column in event_columns(pathway)):
        what = f"The event store was read for {store.manifest.pathway}, whose events have other columns."
        raise StoreError(Mistake(what, "Run the intake again for this pathway.", str(store.folder)))


def publish_manifest(folder: Path, manifest: Manifest) -> Store:
    """Writes the manifest, which makes the folder a store, and opens it. Call it last."""
    with published(folder / MANIFEST) as unfinished:
        unfinished.write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n")
    return open_store(folder)


@contextmanager
def published(target: Path) -> Iterator[Path]:
    """A name to write a file under. When it is whole and on the disk it gets its own name, all at once.

    Raises StoreError where the disk is full or the folder cannot be written; nothing is left that looks whole.
    """
    unfinished = target.with_name(f"{target.name}.{os.getpid()}{UNFINISHED}")
    try:
        yield unfinished
        _to_disk(unfinished)
        os.replace(unfinished, target)
        _to_disk(target.parent)
    except OSError as error:
        raise cannot_write(target, error) from error
    finally:
        unfinished.unlink(missing_ok=True)


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def cannot_write(target: Path, error: OSError) -> StoreError:
    """What to tell of an error met while the store was written."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        mend = "Make room, then give the same command again: it goes on where it stopped."
        return StoreError(Mistake("The disk is full.", mend, str(target.parent)))
    what = f"The file cannot be written: {error.strerror or error}."
    return StoreError(Mistake(what, "Check the folder and who may write in it.", str(target)))


def _range(folder: Path, number: int, files: RangeFiles) -> Range:
    one = Range(number, folder / files.people, folder / files.events, files.persons, files.rows)
    for path in (one.people, one.events):
        if not path.is_file():
            raise FileLost(Mistake("A file of the event store is missing.", "Run the intake again.", str(path)))
    return one


def _not_whole(folder: Path) -> StoreError:
    if not folder.is_dir():
        return StoreError(Mistake("The folder is missing.", "Check its name.", str(folder)))
    if any(folder.glob(f"**/*{UNFINISHED}")) or (folder / WORK).is_dir():
        what = "The event store is unfinished: its intake was interrupted."
        return StoreError(Mistake(what, "Give the same command again: it goes on where it stopped.", str(folder)))
    what = f"The folder is no event store: it holds no {MANIFEST}."
    return StoreError(Mistake(what, "Give the folder that the intake wrote.", str(folder)))
