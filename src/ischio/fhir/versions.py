"""Resources that belong to another version of FHIR, by the marks that only that version has."""

from collections import Counter
from collections.abc import Iterable

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

    def version_of(self, entry: Entry) -> str | None:
        """The other version that a resource belongs to; None if nothing says so."""
        marks = self._marks.get(entry.type)
        return next((mark.version for mark in marks if _bears(entry.resource, mark)), None) if marks else None

    def refuse_other_version(self, entries: Iterable[Entry], name: str) -> None:
        """Raises RecordError if most of the resources that could be read belong to another version."""
        versions = Counter(
            self.version_of(entry) for entry in entries if entry.type in self._read or entry.type in self._marks
        )
        ours = versions.pop(None, 0)
        if versions and versions.total() > ours:
            found = max(versions, key=lambda version: (versions[version], str(version)))
            what = f"The Bundle is FHIR {found}: {versions[found]} of its resources have the shape of that version."
            raise refusal(name, what, f"Give it as FHIR R4 ({self._ours}).")


def _bears(resource: dict[str, Json], mark: VersionMark) -> bool:
    if mark.path is None:
        return True
    found = mark.path.found(resource)
    return bool(found) and (mark.json is None or isinstance(found[0], _KINDS[mark.json]))
