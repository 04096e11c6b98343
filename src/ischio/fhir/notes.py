"""What was not used and why, and what could not be had: noted while a Bundle is read."""

from collections import Counter
from collections.abc import Iterable

from ischio.fhir.bundle import Contents, Entry
from ischio.fhir.outlines import Sketch
from ischio.fhir.routes import shown
from ischio.fhir.tables import Tables
from ischio.fhir.unopened import Unused
from ischio.record.events import Gap, Ignored, State

_EXAMPLES = 5
"""Unknown codes that are named for each resource type; the rest are counted."""
_DAMAGED = "their SNOMED CT ids fail the check digit, as after a spreadsheet rounded them"


class Notes:
    """Gathers notes. Codes and types that nobody reads are counted, not listed one by one."""

    def __init__(self) -> None:
        self._ignored: set[Ignored] = set()
        self._gaps: dict[Gap, None] = {}
        self._unknown: dict[str, Counter[str]] = {}
        self._damaged: dict[str, Counter[str]] = {}
        self._unread: Counter[str] = Counter()

    def ignore(self, source: str, why: str) -> None:
        self._ignored.add(Ignored(source, why))

    def gap(self, concept: str, state: State, source: str) -> None:
        self._gaps[Gap(concept, state, source)] = None

    def unread_type(self, entry: Entry) -> None:
        self._unread[entry.type] += 1

    def unused(self, kind: str, source: str, unused: Unused) -> None:
        """What a resource is about is not used."""
        if unused.why:
            self.ignore(source, unused.why)
        else:
            counts = self._damaged if unused.damaged else self._unknown
            if kind not in counts:
                counts[kind] = Counter()
            counts[kind][unused.code] += 1

    def sketch(self, entry: Entry, sketch: Sketch) -> None:
        """What is not used of an event."""
        for why in sketch.notes:
            self.ignore(entry.source, why)
        if sketch.gap is not None:
            self.gap(sketch.concept, sketch.gap, entry.source)

    def incomplete(self, contents: Contents, tables: Tables) -> None:
        """What a further page, or a query that failed, may have told is unknown."""
        if contents.failed is not None:
            present = {entry.type for entry in contents.entries} | {one.kind for one, _ in contents.shut.values()}
            self._all_unknown(tables.read.keys() - present, contents.failed, tables)
        self._all_unknown(tables.read.keys() & contents.truncated, State.TRUNCATED, tables)

    def _all_unknown(self, types: Iterable[str], state: State, tables: Tables) -> None:
        for kind in sorted(types):
            for concept in tables.read[kind]:
                self.gap(concept, state, "Bundle")

    @property
    def gaps(self) -> tuple[Gap, ...]:
        return tuple(self._gaps)

    @property
    def ignored(self) -> tuple[Ignored, ...]:
        counted = [
            Ignored(f"{kind} ({codes.total()})", f"no fact reads their codes: {_examples(codes)}")
            for kind, codes in self._unknown.items()
        ]
        counted += [
            Ignored(f"{kind} ({codes.total()})", f"{_DAMAGED}: {_examples(codes)}")
            for kind, codes in self._damaged.items()
        ]
        counted += [
            Ignored(f"{shown(kind)} ({count})", "this type of resource is not read")
            for kind, count in self._unread.items()
        ]
        return tuple(sorted({*self._ignored, *counted}, key=lambda one: (one.source, one.why)))


def _examples(codes: Counter[str]) -> str:
    """The most frequent codes, and how many more there are."""
    often = sorted(codes, key=lambda code: (-codes[code], code))[:_EXAMPLES]
    more = f" and {len(codes) - _EXAMPLES} more" if len(codes) > _EXAMPLES else ""
    return "; ".join(often) + more
