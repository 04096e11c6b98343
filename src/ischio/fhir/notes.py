"""What was not used and why, and what could not be had: noted while a Bundle is read."""

from collections import Counter
from collections.abc import Iterable

from ischio.fhir.bundle import Contents, Entry
from ischio.fhir.check_digit import is_sound
from ischio.fhir.routes import Json, codings, shown, texts
from ischio.fhir.tables import Tables
from ischio.record.events import Gap, Ignored, State

_EXAMPLES = 5
"""Unknown codes that are named for each resource type; the rest are counted."""
_DAMAGED = "their SNOMED CT ids fail the check digit, as after a spreadsheet rounded them"


class Notes:
    """Gathers notes. Codes and types that nobody reads are counted, not listed one by one.

    snomed: the URI of SNOMED CT, whose ids carry a check digit; None where none of its codes is read.
    """

    def __init__(self, snomed: str | None) -> None:
        self._snomed = snomed
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

    def unknown_code(self, entry: Entry, codes: Iterable[Json]) -> None:
        codes = tuple(codes)
        damaged = [code for node in codes for system, code in codings(node) if system == self._snomed]
        if damaged and not any(map(is_sound, damaged)):
            self._damaged.setdefault(entry.type, Counter())[shown(damaged[0])] += 1
            return
        coded = (f"{code} {next(texts(node), '')}" for node in codes for _, code in codings(node))
        words = (text for node in codes for text in texts(node))
        named = next(coded, None) or next(words, None) or "no code"
        self._unknown.setdefault(entry.type, Counter())[shown(named.strip())] += 1

    def incomplete(self, contents: Contents, tables: Tables) -> None:
        """What a further page, or a query that failed, may have told is unknown."""
        if contents.failed is not None:
            present = {entry.type for entry in contents.entries}
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
