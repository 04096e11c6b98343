"""The resources of a Bundle as lines, like those of an NDJSON file: they refer to each other by type and id."""

import re
from dataclasses import dataclass
from typing import Any

import msgspec

from ischio.fhir.routes import Json, exact, text_at
from ischio.record.events import State

_FAILED = ("error", "fatal")
_FORBIDDEN = ("forbidden", "security", "login", "suppressed")
_REFERENCE = re.compile(rb'("reference"\s*:\s*)("(?:[^"\\]|\\.)*")')
_NONE = msgspec.Raw(b"null")


class _Issue(msgspec.Struct):
    severity: str | None = None
    code: str | None = None


class _Resource(msgspec.Struct):
    resourceType: str | None = None
    id: str | None = None
    issue: list[_Issue] | None = None


class _Response(msgspec.Struct):
    status: str | None = None


class _Entry(msgspec.Struct):
    fullUrl: str | None = None
    resource: msgspec.Raw = _NONE
    response: _Response | None = None


class _Link(msgspec.Struct):
    relation: str | None = None


class _Bundle(msgspec.Struct):
    entry: list[_Entry] | None = None
    link: list[_Link] | None = None


@dataclass(slots=True)
class Pages:
    """What a Bundle, and Bundles in it, hold.

    resources: the JSON of each. persons: ids of its Patients. types: of its resources. failed: a query failed, so what
    a type of which nothing is there would have told is unknown. truncated: types of which there is more elsewhere.
    unreadable: entries that hold no resource.
    """

    resources: list[bytes]
    persons: list[str]
    types: set[str]
    truncated: set[str]
    failed: State | None = None
    unreadable: int = 0


_decode_bundle = msgspec.json.Decoder(_Bundle).decode
_decode_resource = msgspec.json.Decoder(_Resource).decode
_decode_exactly = msgspec.json.Decoder(float_hook=exact).decode
_encode = msgspec.json.Encoder(decimal_format="number").encode


def pages_of(bundle: bytes) -> Pages:
    """The contents of a Bundle. Raises msgspec.DecodeError, UnicodeDecodeError or RecursionError if it is no JSON."""
    pages = Pages([], [], set(), set())
    _add(bundle, pages)
    return pages


def _add(bundle: bytes, pages: Pages) -> None:
    read = _read(bundle)
    entries, types = [], set()
    for entry in read.entry or ():
        resource = _glance(entry.resource)
        kind = resource.resourceType
        if kind == "Bundle":
            _add(bytes(entry.resource), pages)
        elif kind == "OperationOutcome":
            _note_outcome(resource, pages)
        elif kind is not None:
            entries.append((entry, resource))
            types.add(kind)
        elif entry.response is None or entry.response.status is None:
            pages.unreadable += 1
        elif entry.response.status[:1] in "45":
            pages.failed = State.NOT_AUTHORISED if entry.response.status[:3] in ("401", "403") else State.QUERY_FAILED
    pages.types |= types
    if any(link.relation == "next" for link in read.link or ()):
        pages.truncated |= types
    names = {entry.fullUrl: _name(entry, resource) for entry, resource in entries if entry.fullUrl}
    for entry, resource in entries:
        pages.resources.append(_with_id(_renamed(bytes(entry.resource), names), entry, resource))
        if resource.resourceType == "Patient" and (own := resource.id or _own(entry)):
            pages.persons.append(own)


def _read(bundle: bytes) -> _Bundle:
    try:
        return _decode_bundle(bundle)
    except msgspec.ValidationError:
        return _loosely(_decode_exactly(bundle))


def _loosely(bundle: Json) -> _Bundle:
    """A Bundle some of whose entries have not the shape that FHIR gives them: those that have it."""
    listed = bundle.get("entry") if type(bundle) is dict else None
    links = bundle.get("link") if type(bundle) is dict else None
    relations = [_Link(text_at(link, "relation")) for link in (links if type(links) is list else ())]
    return _Bundle([_loose_entry(entry) for entry in (listed if type(listed) is list else ())], relations)


def _loose_entry(entry: Json) -> _Entry:
    if type(entry) is not dict:
        return _Entry()
    status = text_at(entry.get("response"), "status")
    return _Entry(text_at(entry, "fullUrl"), msgspec.Raw(_encode(entry.get("resource"))), _Response(status))


def _glance(resource: msgspec.Raw) -> _Resource:
    try:
        return _decode_resource(resource)
    except msgspec.ValidationError:
        read = _decode_exactly(resource)
        return _Resource(text_at(read, "resourceType"), text_at(read, "id"))


def _note_outcome(outcome: _Resource, pages: Pages) -> None:
    for issue in outcome.issue or ():
        if issue.severity in _FAILED:
            pages.failed = State.NOT_AUTHORISED if issue.code in _FORBIDDEN else State.QUERY_FAILED


def _own(entry: _Entry) -> str | None:
    """The id of a resource that has none but by its address."""
    return entry.fullUrl.rpartition("/")[2].removeprefix("urn:uuid:") if entry.fullUrl else None


def _name(entry: _Entry, resource: _Resource) -> bytes:
    return msgspec.json.encode(f"{resource.resourceType}/{resource.id or _own(entry)}")


def _renamed(resource: bytes, names: dict[str, bytes]) -> bytes:
    """The resource with references to addresses of this Bundle as type and id, whatever the addresses were."""

    def by_name(match: "re.Match[bytes]") -> bytes:
        address: Any = msgspec.json.decode(match[2])
        plain = address.partition("/_history/")[0]
        return match[1] + names.get(plain, match[2])

    return _REFERENCE.sub(by_name, resource) if names else resource


def _with_id(line: bytes, entry: _Entry, resource: _Resource) -> bytes:
    if resource.id or not entry.fullUrl:
        return line
    return _encode(_decode_exactly(line) | {"id": _own(entry)})
