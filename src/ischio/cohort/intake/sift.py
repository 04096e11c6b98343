"""Sifts one part of a source: judges each resource, keeps what the reader could use, counts the rest."""

import re
from collections.abc import Iterable

import msgspec

from ischio.cohort.intake.bundles import Pages, pages_of
from ischio.cohort.intake.lines import LONGEST, Lines, Part
from ischio.cohort.intake.not_understood import LINE, Tally
from ischio.cohort.intake.sieve import NO_FACT, Broken, Foreign, Kept, Left, Nested, Sieve, Target, Vouching, broken
from ischio.cohort.intake.sifted import GAP, TARGETS, VOUCHING, Head, SiftedWriter
from ischio.fhir.tables import Tables
from ischio.record.events import State

TOO_LONG = f"is longer than {LONGEST >> 20} MiB and was passed over"
WHOSE = "does not say by reference whose it is"
NO_ENTRY = "an entry holds no readable resource"
_ID = re.compile(rb'"id"\s*:\s*"([A-Za-z0-9.-]{1,64})"')


class Sifter:
    """Sifts one part into a writer."""

    def __init__(self, sieve: Sieve, tables: Tables, writer: SiftedWriter) -> None:
        self._sieve, self._tables, self._writer = sieve, tables, writer
        self._left: dict[Left, int] = {}
        self._firsts: dict[Left, int] = {}
        self._kinds: set[str] = set()
        self._tally = Tally()

    def lines(self, part: Part) -> None:
        """Sifts a part of an NDJSON file, and finishes the writer."""
        lines, number, last = Lines(part), 0, None
        judge, left = self._sieve.judge, self._left
        for number, line in enumerate(lines, 1):
            if line is None:
                self._tally.add(LINE, TOO_LONG, number)
                continue
            line = line.strip() if number > 1 else line.removeprefix(b"\xef\xbb\xbf").strip()
            if not line:
                continue
            last = judge(line)
            if isinstance(last, Left) and last in left:
                left[last] += 1
            else:
                self._take(last, line, number)
        why = lines.why_not_whole
        if why is None and part.last and isinstance(last, Broken) and last.breaks_off:
            why = "breaks off within its last line"
        self._finish(number, why)

    def document(self, part: Part) -> None:
        """Sifts a file that is one JSON value, a Bundle or one resource, and finishes the writer."""
        lines = Lines(part)
        whole = _joined(lines)
        why = lines.why_not_whole
        if whole is None:
            why = f"is one JSON value of more than {LONGEST >> 20} MiB: export it as NDJSON"
        else:
            line = whole.removeprefix(b"\xef\xbb\xbf").strip()
            verdict = broken(line, why) if why else self._sieve.judge(line)
            self._take(verdict, line, 1)
            if isinstance(verdict, Broken) and verdict.person is None:
                why = why or verdict.why
        self._finish(1, why)

    def _finish(self, lines: int, why_not_whole: str | None) -> None:
        for one, count in self._left.items():
            by_code = one.why == NO_FACT
            self._tally.add(one.what, one.why, self._firsts[one], "", one.detail if by_code else "", count)
            self._kinds.add(one.what)
        unknown = None
        if why_not_whole is not None:
            self._tally.add("file", why_not_whole)
            read = set(map(str, self._tables.read))
            unknown = tuple(sorted(self._kinds & read if len(self._kinds) == 1 else read))
        self._writer.finish(lines, unknown, tuple(self._tally.counts()))

    def _take(self, verdict: object, line: bytes, number: int, sole: str | None = None) -> None:
        """Keeps or counts what has this verdict. sole: whose it is if it does not say."""
        match verdict:
            case Kept(kind, person, names):
                self._kinds.add(kind)
                if person or sole:
                    self._writer.add(Head(person or sole or "", number, kind, names), line)
                else:
                    self._tally.add(kind, WHOSE, number, _source(kind, line))
            case Left():
                self._left[verdict] = self._left.get(verdict, 0) + 1
                self._firsts.setdefault(verdict, number)
            case Target(name):
                self._kinds.add(name.partition("/")[0])
                self._writer.add(Head(name, number, name.partition("/")[0]), line, TARGETS)
            case Vouching():
                self._writer.add(Head("", number, "Provenance"), line, VOUCHING)
            case Nested():
                self._bundle(line, number)
            case Foreign(kind, person, version, concepts):
                self._kinds.add(kind)
                self._tally.add(kind, f"has the shape of FHIR {version}, not of R4", number, _source(kind, line))
                self._gap(person or sole, number, State.QUERY_FAILED, concepts)
            case Broken(why, kind, person):
                self._tally.add(LINE, why, number, kind or "")
                kinds = [kind] if kind in self._tables.read else self._tables.read if kind in (None, "Bundle") else ()
                self._gap(person or sole, number, State.QUERY_FAILED, self._concepts(kinds))

    def _bundle(self, line: bytes, number: int) -> None:
        try:
            pages = pages_of(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            self._take(broken(line, "is a Bundle that cannot be read"), line, number)
            return
        sole = pages.persons[0] if len(set(pages.persons)) == 1 else None
        if pages.unreadable:
            self._tally.add("Bundle", NO_ENTRY, number, count=pages.unreadable)
        persons = set(pages.persons)
        for resource in pages.resources:
            verdict = self._sieve.judge(resource)
            self._take(verdict, resource, number, sole)
            if isinstance(verdict, Kept) and verdict.person:
                persons.add(verdict.person)
        self._gaps(pages, sorted(persons), number)

    def _gaps(self, pages: Pages, persons: list[str], number: int) -> None:
        """What further pages, or a query that failed, may have told of each person of a Bundle is unknown."""
        read = self._tables.read.keys()
        missing = {State.TRUNCATED: read & pages.truncated}
        if pages.truncated:
            self._tally.add("Bundle", "a further page was not included, so what it tells is incomplete", number)
        if pages.failed is not None:
            self._tally.add("Bundle", "a query failed, so what it tells is incomplete", number)
            missing[pages.failed] = read - pages.types
        for state, kinds in missing.items():
            for person in persons:
                self._gap(person, number, state, self._concepts(sorted(kinds)))

    def _concepts(self, kinds: Iterable[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(str(concept) for kind in kinds for concept in self._tables.read[kind]))

    def _gap(self, person: str | None, number: int, state: State, concepts: tuple[str, ...]) -> None:
        if person is not None and concepts:
            self._writer.add(Head(person, number, GAP, (state.value, *concepts)), b"{}")


def _joined(lines: Lines) -> bytes | None:
    """The lines as one; None if that is too long to be held."""
    found: list[bytes] = []
    length = 0
    for line in lines:
        length += LONGEST + 1 if line is None else len(line) + 1
        if length > LONGEST:
            return None
        found.append(line or b"")
    return b"\n".join(found)


def _source(kind: str, line: bytes) -> str:
    found = _ID.search(line)
    return f"{kind}/{found[1].decode()}" if found else kind
