"""What a Bundle holds: its resources, each once, and the one person it is about."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec

from ischio.fhir.input import refusal
from ischio.fhir.routes import Json, Route, shown, text_at
from ischio.fhir.unopened import Shut, called
from ischio.record.events import Ignored, State

_UPDATED, _VERSION = Route("meta.lastUpdated"), Route("meta.versionId")
_LINKS, _TYPES, _ISSUES = Route("link.relation"), Route("entry.resource.resourceType"), Route("issue")
_STATUS, _DIAGNOSTICS, _DETAILS = Route("response.status"), Route("diagnostics"), Route("details.text")
_FAILED = ("error", "fatal")
_FORBIDDEN = ("forbidden", "security", "login", "suppressed")


class Entry(NamedTuple):
    """One resource. source: how it is named to a person, such as `Observation/ifs-1`; url: the entry's fullUrl."""

    source: str
    type: str
    url: str | None
    resource: dict[str, Json]


@dataclass(slots=True)
class Contents:
    """The resources in an order that does not depend on the file's, and what could not be had.

    truncated: resource types of which there is more on a further page. failed: why a query failed, if one did; which
    it was is not said, so it may be any that gave nothing. shut: beside the entries, what tells of no event.
    """

    entries: list[Entry] = field(default_factory=list)
    ignored: list[Ignored] = field(default_factory=list)
    truncated: set[str] = field(default_factory=set)
    failed: State | None = None
    shut: Shut = field(default_factory=dict)

    def of_type(self, resource_type: str) -> Iterator[Entry]:
        return (entry for entry in self.entries if entry.type == resource_type)


def contents_of(bundle: dict[str, Json]) -> Contents:
    """All resources of a Bundle and of Bundles inside it; of several versions of one resource the newest."""
    contents = Contents()
    unnamed: list[dict[str, Json]] = []
    named: dict[tuple[str | None, str], Entry] = {}
    for url, resource in _resources(bundle, contents):
        entry = _entry(url, resource)
        if entry is None:
            unnamed.append(resource)
            continue
        key = url, entry.source
        other = named.setdefault(key, entry)
        if other is not entry and other.resource != resource:
            contents.ignored.append(Ignored(entry.source, "another version of it is newer"))
            named[key] = max(entry, other, key=_newness)
    contents.entries = sorted(named.values(), key=lambda entry: (entry.source, entry.url or ""))
    contents.entries += _numbered(unnamed)
    return contents


def _resources(bundle: dict[str, Json], contents: Contents) -> Iterator[tuple[str | None, dict[str, Json]]]:
    waiting = [bundle]
    while waiting:
        current = waiting.pop()
        _note_next_page(current, contents)
        listed = current.get("entry")
        for position, entry in enumerate(listed if type(listed) is list else (), 1):
            resource = entry.get("resource") if type(entry) is dict else None
            if type(resource) is not dict or type(resource.get("resourceType")) is not str:
                _note_unreadable(entry, position, contents)
            elif resource["resourceType"] == "Bundle":
                waiting.append(resource)
            elif resource["resourceType"] == "OperationOutcome":
                _note_outcome(resource, contents)
            else:
                url = entry.get("fullUrl")
                yield (url if type(url) is str and url else None), resource


def _note_next_page(bundle: dict[str, Json], contents: Contents) -> None:
    """A page with a page after it: what its resource types tell is incomplete."""
    if "next" not in _LINKS.found(bundle):
        return
    types = _TYPES.found(bundle)
    contents.truncated.update(kind for kind in types if type(kind) is str)
    contents.ignored.append(Ignored("Bundle", "a further page was not included, so what it tells is incomplete"))


def _note_outcome(outcome: dict[str, Json], contents: Contents) -> None:
    for issue in _ISSUES.found(outcome):
        if type(issue) is dict and issue.get("severity") in _FAILED:
            contents.failed = State.NOT_AUTHORISED if issue.get("code") in _FORBIDDEN else State.QUERY_FAILED
            why = _DIAGNOSTICS.text(issue) or _DETAILS.text(issue) or "no reason given"
            contents.ignored.append(Ignored("OperationOutcome", f"a query failed: {shown(why)}"))


def _note_unreadable(entry: Json, position: int, contents: Contents) -> None:
    status = _STATUS.text(entry)
    if status is not None and status[:1] in "45":
        contents.failed = State.NOT_AUTHORISED if status[:3] in ("401", "403") else State.QUERY_FAILED
        contents.ignored.append(Ignored("Bundle", f"a query failed with status {shown(status)}"))
    elif not (type(entry) is dict and "resource" not in entry and ("request" in entry or "response" in entry)):
        contents.ignored.append(Ignored(f"Bundle, entry {position}", "holds no readable resource"))


def _entry(url: str | None, resource: dict[str, Json]) -> Entry | None:
    kind, own = resource["resourceType"], text_at(resource, "id")
    if own is None and url is None:
        return None
    return Entry(called(kind, own or url), kind, url, resource)


def _newness(entry: Entry) -> tuple[str, int, str, bytes]:
    """Last updated, then version, then content, so that the same one is taken whatever the order."""
    updated, version = _UPDATED.text(entry.resource) or "", _VERSION.text(entry.resource) or ""
    return updated, len(version), version, _canonical(entry.resource)


def _canonical(resource: dict[str, Json]) -> bytes:
    return msgspec.json.encode(resource, order="deterministic")


def _numbered(unnamed: Iterable[dict[str, Json]]) -> Iterator[Entry]:
    """Resources without id or fullUrl, numbered by their content."""
    for number, resource in enumerate(sorted(unnamed, key=_canonical), 1):
        kind = resource["resourceType"]
        yield Entry(f"{shown(kind)} without id, number {number}", kind, None, resource)


@dataclass(frozen=True, slots=True)
class Person:
    """The one Patient of a Bundle, and how references to them look."""

    resource: dict[str, Json]
    id: str
    references: frozenset[str]
    elsewhere: bool

    def is_meant_by(self, reference: str) -> bool:
        """Whether a reference (relative, absolute, urn:uuid or to a version) is to this person."""
        if reference in self.references:
            return True
        plain = reference.split("/_history/")[0]
        if plain in self.references:
            return True
        # An absolute reference with our id: ours unless we know that our own address is another one.
        return not self.elsewhere and "://" in plain and plain.endswith(f"/Patient/{self.id}")


def person_in(contents: Contents, name: str) -> Person:
    """The one Patient. Raises RecordError if there is none, or more than one."""
    patients = list(contents.of_type("Patient"))
    if not patients:
        mend = "Add the Patient resource; without it nobody can tell whose record this is."
        raise refusal(name, "The Bundle holds no Patient.", mend)
    if len(patients) > 1:
        first, second = patients[0].source, patients[1].source
        what = f"The Bundle holds {len(patients)} Patients, among them {first} and {second}."
        raise refusal(name, what, "Give one Bundle for each person.")
    return _person(patients[0])


def _person(entry: Entry) -> Person:
    own = text_at(entry.resource, "id")
    references = {f"Patient/{own}"} if own else set()
    if entry.url:
        references.add(entry.url)
    return Person(
        entry.resource,
        own or (entry.url or "unnamed").rsplit("/", 1)[-1].removeprefix("urn:uuid:"),
        frozenset(references),
        elsewhere=entry.url is not None and "://" in entry.url,
    )
