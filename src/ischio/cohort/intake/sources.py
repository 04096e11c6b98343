"""Which files of a folder are read, and as what. Told from what is in them: exports call their files as they like."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import msgspec

from ischio.cohort.intake.lines import Part, parts_of
from ischio.cohort.store import UNFINISHED, WORK, StoreError
from ischio.model.mistake import Mistake

DICTIONARY = "dictionary.yaml"
"""The data dictionary of the tables beside it."""
NEVER_READ = ("truth",)
"""Folders that hold what a registry is judged by, not what it says."""
_LOOKED_AT = 1 << 20
_GZIP = b"\x1f\x8b"


class Form(Enum):
    """How a source is read."""

    LINES = "ndjson"
    DOCUMENT = "bundle"
    EVENTS = "events"
    TABLE = "table"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """name: of the file, from the folder on."""

    path: Path
    name: str
    size: int
    form: Form
    compressed: bool = False

    @property
    def parts(self) -> list[Part]:
        if self.form is Form.LINES and not self.compressed:
            return parts_of(self.path, self.size)
        return [Part(self.path, self.compressed)]


@dataclass(frozen=True, slots=True)
class Found:
    """unread: files that are not read, each with the reason."""

    sources: tuple[SourceFile, ...]
    unread: tuple[tuple[str, str], ...]


def sources_in(folder: Path) -> Found:
    """The files of a folder and the folders in it, by name. Raises StoreError if none can be read.

    Left out: hidden ones, notes (.md, .txt, .log), data dictionaries, and folders called `truth`.
    """
    if not folder.exists():
        raise StoreError(Mistake("The folder is missing.", "Check its name.", str(folder)))
    paths = sorted(_files(folder)) if folder.is_dir() else [folder]
    found = [_source(path, str(path.relative_to(folder)) if path != folder else path.name) for path in paths]
    sources = tuple(one for one in found if isinstance(one, SourceFile))
    if not sources:
        mend = "Give a folder of FHIR NDJSON files, Bundles, or tables with a data dictionary."
        raise StoreError(Mistake("The folder holds nothing that can be read.", mend, str(folder)))
    return Found(sources, tuple(one for one in found if not isinstance(one, SourceFile)))


def _files(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name.startswith(".") or path.name.endswith(UNFINISHED):
            continue
        if path.is_dir():
            # An event store that lies within the folder is no source of itself.
            if path.name not in NEVER_READ and not (path / WORK).is_dir():
                yield from _files(path)
        elif path.is_file() and path.suffix not in (".md", ".txt", ".log") and path.name != DICTIONARY:
            yield path


def _source(path: Path, name: str) -> SourceFile | tuple[str, str]:
    """The source, or the name of the file and why it is none."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(_LOOKED_AT)
    except OSError as error:
        return name, f"cannot be read: {error.strerror}"
    compressed = start.startswith(_GZIP)
    if compressed:
        start = _start_of_packed(start)
    form = _form(path, start.removeprefix(b"\xef\xbb\xbf").lstrip(), compressed)
    return SourceFile(path, name, size, form, compressed) if isinstance(form, Form) else (name, form)


def _start_of_packed(start: bytes) -> bytes:
    try:
        return zlib.decompressobj(zlib.MAX_WBITS + 16).decompress(start, _LOOKED_AT)
    except zlib.error:
        return b""


def _form(path: Path, start: bytes, compressed: bool) -> Form | str:
    """What a file is, or why it is not read."""
    suffixes = {suffix.lower() for suffix in path.suffixes}
    if start.startswith(b"PAR1"):
        return Form.EVENTS
    if {".ndjson", ".jsonl"} & suffixes:
        return Form.LINES if not start or start.startswith(b"{") else _what_it_is(start)
    if start.startswith(b"{"):
        return Form.LINES if _is_value(start) else Form.DOCUMENT
    if ".csv" in suffixes and not compressed:
        return Form.TABLE if (path.parent / DICTIONARY).is_file() else f"is a table without a {DICTIONARY} beside it"
    return _what_it_is(start)


def _is_value(start: bytes) -> bool:
    """Whether the first line is a JSON value by itself, or the second begins one: else the file as a whole is one."""
    first, _, rest = start.partition(b"\n")
    try:
        msgspec.json.decode(first)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return rest.lstrip().startswith(b'{"')
    return True


def _what_it_is(start: bytes) -> str:
    if not start:
        return "is empty"
    if start.startswith(b"PK\x03\x04"):
        return "is a ZIP archive: unpack it first"
    if start.startswith(b"<"):
        return "is XML: export it as JSON"
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "is encoded in UTF-16: save it as UTF-8"
    return "is of no kind that is read"
