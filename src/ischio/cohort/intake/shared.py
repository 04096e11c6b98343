"""What is nobody's own: resources to which others refer, such as a Medication, and those that say who made others.

They lie in a SQLite file, in which the ranges look up what they need: memory does not grow with their number.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from ischio.cohort.intake.sifted import TARGETS, VOUCHING, Head, index_of, section_lines
from ischio.fhir.routes import Json, text_at
from ischio.fhir.tables import Tables
from ischio.record.events import Asserter

_AT_ONCE = 500
_decode = msgspec.json.decode


def plain_name(reference: str) -> str:
    """Type and id of what a reference leads to, whatever stands before and after: `Medication/7`."""
    return "/".join(reference.partition("/_history/")[0].split("/")[-2:])


def gather(path: Path, sifted: Iterable[Path], tables: Tables) -> None:
    """Fills a new file from sifted parts."""
    database = sqlite3.connect(path, isolation_level=None)
    for pragma in ("synchronous = off", "journal_mode = off"):
        database.execute(f"pragma {pragma}")  # a file that is not finished is made again
    database.execute("begin")
    database.execute("create table targets(name text, json blob)")
    database.execute("create table vouching(name text, json blob)")
    for part in sifted:
        rows = ((head.person, json) for head, json in _section(part, TARGETS))
        database.executemany("insert into targets values (?, ?)", rows)
    database.execute("create index targets_by_name on targets(name)")
    for one in _vouching(sifted, tables):
        database.executemany("insert into vouching values (?, ?)", one)
    database.execute("create index vouching_by_name on vouching(name)")
    database.execute("commit")
    database.close()


def _vouching(sifted: Iterable[Path], tables: Tables) -> Iterator[list[tuple[str, bytes]]]:
    """Each resource that a person or a device vouches for, with all that vouch for it.

    Without any a clinician says so, so most need not be kept: nearly all that an export holds name clinicians.
    """
    wanted: set[str] = set()
    for json, whos, targets in _voices(sifted, tables):
        if any(who is not Asserter.CLINICIAN for who in whos):
            wanted |= set(targets)
            yield [(target, json) for target in targets]
    if wanted:
        for json, whos, targets in _voices(sifted, tables):
            if all(who is Asserter.CLINICIAN for who in whos):
                yield [(target, json) for target in targets if target in wanted]


def _voices(sifted: Iterable[Path], tables: Tables) -> Iterator[tuple[bytes, list[Asserter], list[str]]]:
    how = tables.bindings.vouching
    for part in sifted:
        for _, json in _section(part, VOUCHING):
            resource = _decode(json)
            whos = [_asserter(node, tables) for node in how.who.found(resource)]
            targets = [name for node in how.target.found(resource) if (name := text_at(node, "reference"))]
            yield json, whos, [plain_name(name) for name in targets]


def _asserter(node: Json, tables: Tables) -> Asserter:
    kind = plain_name(text_at(node, "reference") or "").rpartition("/")[0].partition("?")[0] or text_at(node, "type")
    return tables.asserters.get(kind or "", Asserter.CLINICIAN)


def _section(part: Path, section: int) -> Iterator[tuple[Head, bytes]]:
    index = index_of(part)
    return iter(()) if index is None else section_lines(part, index, section)


class Shared:
    """Looks up what is nobody's own."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        self.has_vouching = self._database.execute("select 1 from vouching limit 1").fetchone() is not None

    def targets(self, references: Iterable[str]) -> dict[str, list[bytes]]:
        """The resources to which references lead, by reference, each as an entry of a Bundle."""
        by_name: dict[str, list[str]] = {}
        for reference in sorted(references):
            by_name.setdefault(plain_name(reference), []).append(reference)
        found: dict[str, list[bytes]] = {}
        for name, json in self._found("targets", by_name):
            for reference in by_name[name]:
                found.setdefault(reference, []).append(_entry(reference, name, json))
        return found

    def vouching(self, names: Iterable[str]) -> dict[str, list[bytes]]:
        """The resources that say who made some others, by the name of these, each as an entry of a Bundle."""
        found: dict[str, list[bytes]] = {}
        for name, json in self._found("vouching", names):
            found.setdefault(name, []).append(b'{"resource":' + json + b"}")
        return found

    def _found(self, table: str, names: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        asked = sorted(set(names))
        for start in range(0, len(asked), _AT_ONCE):
            some = asked[start : start + _AT_ONCE]
            marks = ", ".join("?" * len(some))
            yield from self._database.execute(f"select name, json from {table} where name in ({marks})", some)


def _entry(reference: str, name: str, json: bytes) -> bytes:
    """With the address that the reference gives, if it gives one, so that the reader finds it under that."""
    plain = reference.partition("/_history/")[0]
    url = b'"fullUrl":' + msgspec.json.encode(plain) + b"," if plain != name else b""
    return b"{" + url + b'"resource":' + json + b"}"
