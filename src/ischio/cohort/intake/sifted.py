"""What the sieve kept of one part, by range of persons: a file that is known by the digest of what it was made from.

Sections, each compressed by itself, then an index and its length. Each line of a section is a head, a tab and JSON.
"""

import zlib
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from hashlib import md5
from pathlib import Path
from typing import BinaryIO

import msgspec

from ischio.cohort.intake.not_understood import Counted

TARGETS, VOUCHING = -1, -2
"""Sections of what is nobody's own: resources to which others refer, and resources that vouch for others."""
GAP, ROW = "", "row"
"""Kinds of lines that are no resource: something that could not be had, and a row of events."""
_BUFFERED = 32 << 20
_LENGTH = 8


class Head(msgspec.Struct, frozen=True, array_like=True):
    """person: whose it is (of a target: its name). line: in the file. kind: type of resource, GAP or ROW.

    names: resources to which its codes refer; of a gap the state and the concepts.
    """

    person: str
    line: int
    kind: str
    names: tuple[str, ...] = ()


class Index(msgspec.Struct, frozen=True):
    """lines: of the part. kept: bytes of what was kept. sections: range, offset, length.

    unknown: if the part breaks off, the types of resources of which there may be more. left: what was not kept.
    """

    lines: int
    kept: int
    sections: tuple[tuple[int, int, int], ...]
    unknown: tuple[str, ...] | None
    left: tuple[Counted, ...]


_encode, _decode_head = msgspec.json.encode, msgspec.json.Decoder(Head).decode


@lru_cache(maxsize=4096)
def range_of(person: str, ranges: int) -> int:
    """The number of the range into which a person falls; `range_in_sql` says the same."""
    return int.from_bytes(md5(person.encode(), usedforsecurity=False).digest()[:4], "big") % ranges


class SiftedWriter:
    """Writes one file: add what is kept, then finish."""

    def __init__(self, file: BinaryIO, ranges: int) -> None:
        self._file, self._ranges = file, ranges
        self._waiting: defaultdict[int, list[bytes]] = defaultdict(list)
        self._size = self._offset = self.kept = 0
        self._sections: list[tuple[int, int, int]] = []

    def add(self, head: Head, json: bytes, section: int | None = None) -> None:
        place = range_of(head.person, self._ranges) if section is None else section
        if b"\n" in json:
            json = json.replace(b"\n", b" ")  # between tokens: a line end within a text is written \n
        self._waiting[place].append(_encode(head) + b"\t" + json)
        self._size += len(json)
        if self._size > _BUFFERED:
            self._flush()

    def finish(self, lines: int, unknown: tuple[str, ...] | None, left: tuple[Counted, ...]) -> None:
        self._flush()
        index = _encode(Index(lines, self.kept, tuple(self._sections), unknown, left))
        self._file.write(index + len(index).to_bytes(_LENGTH, "big"))

    def _flush(self) -> None:
        for place, lines in sorted(self._waiting.items()):
            # Level 1: the next levels take twice the time for a fifth less.
            packed = zlib.compress(b"\n".join(lines), 1)
            self._file.write(packed)
            self._sections.append((place, self._offset, len(packed)))
            self._offset += len(packed)
        self.kept += self._size
        self._size = 0
        self._waiting.clear()


def index_of(path: Path) -> Index | None:
    """The index of a file; None if there is no such file, or it is not whole."""
    try:
        with path.open("rb") as file:
            file.seek(-_LENGTH, 2)
            end = file.tell()
            length = int.from_bytes(file.read(_LENGTH), "big")
            file.seek(end - length)
            return msgspec.json.decode(file.read(length), type=Index)
    except (OSError, msgspec.DecodeError):
        return None


def section_lines(path: Path, index: Index, section: int) -> Iterator[tuple[Head, bytes]]:
    """The lines of one section, in the order of the part."""
    places = [(offset, length) for place, offset, length in index.sections if place == section]
    if not places:
        return
    with path.open("rb") as file:
        for offset, length in places:
            file.seek(offset)
            for line in zlib.decompress(file.read(length)).split(b"\n"):
                head, _, json = line.partition(b"\t")
                yield _decode_head(head), json
