"""The lines of a stretch of an NDJSON file, plain or compressed, in blocks: memory does not grow with the file."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

BLOCK = 1 << 20
LONGEST = 64 << 20
"""Bytes of the longest line that is read. A resource is seldom longer than a few; images do not belong into one."""
PART = 16 << 20
"""Bytes of a plain file that are read as one part: few enough for several processes to share a small registry."""


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a file: the lines that begin in it. end: None for a file that is read whole. last: of its file."""

    path: Path
    compressed: bool = False
    start: int = 0
    end: int | None = None
    last: bool = True


def parts_of(path: Path, size: int) -> list[Part]:
    """The parts of a plain NDJSON file."""
    if size <= PART:
        return [Part(path)]
    starts = range(0, size, PART)
    return [Part(path, False, start, min(start + PART, size), last=start + PART >= size) for start in starts]


def digest_of(part: Part) -> str:
    """SHA-256 of the bytes of the lines that begin in the part; of a file that is read whole, of all its bytes."""
    digest = sha256(b"last" if part.last else b"")
    for block in _blocks(part):
        digest.update(block)
    return digest.hexdigest()


class Lines:
    """The lines of a part, in order; None for one of more than LONGEST bytes.

    why_not_whole: how the file breaks off, known when the lines have been read; None if it does not.

    A line without a line end at the end of the file is a line like any other.
    """

    def __init__(self, part: Part) -> None:
        self._blocks = _unpacked(self, _blocks(part)) if part.compressed else _blocks(part)
        self.why_not_whole: str | None = None

    def __iter__(self) -> Iterator[bytes | None]:
        waiting: list[bytes] = []
        length = 0
        for block in self._blocks:
            *ended, rest = block.split(b"\n")
            for piece in ended:
                if length:
                    yield None if length + len(piece) > LONGEST else b"".join((*waiting, piece))
                    waiting, length = [], 0
                else:
                    yield piece
            length += len(rest)
            if length <= LONGEST:
                waiting.append(rest)
            else:
                waiting.clear()
        if length and self.why_not_whole is None:
            yield None if length > LONGEST else b"".join(waiting)


def _blocks(part: Part) -> Iterator[bytes]:
    """The bytes of the lines that begin in a part, in blocks."""
    with part.path.open("rb") as file:
        if part.end is None:
            while block := file.read(BLOCK):
                yield block
            return
        start = _next_line(part, file)
        if start is None:
            return
        file.seek(start)
        left, block = part.end - start, b""
        while left > 0:
            block = file.read(min(BLOCK, left))
            left -= len(block)
            yield block
        # The last line ends where the next part finds its first.
        while block and not block.endswith(b"\n"):
            block = file.readline(BLOCK)
            yield block


def _next_line(part: Part, file: BinaryIO) -> int | None:
    """Where the first line that begins in the part begins; None if none does, as inside a very long one."""
    assert part.end is not None
    if part.start == 0:
        return 0
    at = part.start - 1
    file.seek(at)
    while at < part.end - 1:
        block = file.read(min(BLOCK, part.end - 1 - at))
        found = block.find(b"\n")
        if found >= 0:
            return at + found + 1
        at += len(block)
    return None


def _unpacked(lines: Lines, blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The bytes of a gzip file, of one member or several; up to where it breaks off or is damaged."""
    unpacker = zlib.decompressobj(zlib.MAX_WBITS + 16)
    for block in blocks:
        while block:
            try:
                yield unpacker.decompress(block, BLOCK)
            except zlib.error:
                lines.why_not_whole = "is damaged: the gzip data cannot be unpacked further"
                return
            if unpacker.eof:
                block = unpacker.unused_data.lstrip(b"\0")
                if block:
                    unpacker = zlib.decompressobj(zlib.MAX_WBITS + 16)
            else:
                block = unpacker.unconsumed_tail
    yield unpacker.flush()
    if not unpacker.eof:
        lines.why_not_whole = "breaks off: the gzip data has no end"
