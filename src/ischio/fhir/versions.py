"""Resources that belong to another version of FHIR, by the marks that only that version has."""

from collections import Counter
from collections.abc import Iterable, Mapping

from ischio.fhir.bindings import Bindings, VersionMark
from ischio.fhir.bundle import Entry
from ischio.fhir.input import refusal
from ischio.fhir.routes import Json

_KINDS: dict[str, type] = {"text": str, "object": dict}


class VersionMarks:
    """The marks by resource type."""

    def __init__(self, bindings: Bindings) -> None:
        self._ours = bindings.version
        self._read = set(bindings.resources)
        self._marks: dict[str, list[VersionMark]] = {}
        for mark in bindings.other_versions:
            for kind in mark.types:
                self._marks.setdefault(kind, []).append(mark)

    def foreign(self, entries: Iterable[Entry], name: str, sound: int = 0) -> Mapping[str, str]:
        """The resources of another version: source -> version. sound: how many of ours there are beside the entries.

        Raises RecordError if they are most of the resources that could be read.
        """
        relevant = [entry for entry in entries if entry.type in self._read or entry.type in self._marks]
        foreign = {
            entry.source: version for entry in relevant if (version := self.of(entry.type, entry.resource)) is not None
        }
        if 2 * len(foreign) > len(relevant) + sound:
            version, count = max(Counter(foreign.values()).items(), key=lambda counted: (counted[1], counted[0]))
            what = f"The Bundle is FHIR {version}: {count} of its resources have the shape of that version."
            raise refusal(name, what, f"Give it as FHIR R4 ({self._ours}).")
        return foreign

    def of(self, kind: str, resource: dict[str, Json]) -> str | None:
        """The version whose shape a resource of some type has; None if it has no mark of another."""
        for mark in self._marks.get(kind, ()):
            if (mark.path is None or mark.path.top in resource) and _bears(resource, mark):
                return mark.version
        return None

    def hints(self, kind: str) -> tuple[tuple[str, ...], ...]:
        """The keys that each mark of another version needs to be there, for a resource of this type."""
        return tuple(mark.path.keys for mark in self._marks.get(kind, ()) if mark.path is not None)


def _bears(resource: dict[str, Json], mark: VersionMark) -> bool:
    if mark.path is None:
        return True
    found = mark.path.found(resource)
    return bool(found) and (mark.json is None or isinstance(found[0], _KINDS[mark.json]))
