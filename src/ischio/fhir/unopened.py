"""Resources left as the bytes that they came in, until somebody needs more of them than what they are about.

Most of a long record is readings that no fact looks at. Decoding such a resource only to find that costs more than all
the rest of it, so of each no more is picked out than what its outline depends on.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec

from ischio.fhir.bindings import Bindings
from ischio.fhir.routes import Json, exact, shown

_NONE = msgspec.Raw(b"")
_BETWEEN = b"\0"
"""Stands in no JSON text, so that the parts of what tells an outline cannot run into each other."""
decoded = msgspec.json.Decoder(float_hook=exact).decode


class Unopened(NamedTuple):
    """A resource of a type that is read. source: what it is called; id: its own.

    told: the bytes of all that its outline depends on; json: of the whole.
    """

    source: str
    kind: str
    id: str
    told: bytes
    json: msgspec.Raw

    def opened(self) -> dict[str, Json]:
        """The whole resource, numbers as decimals."""
        resource: dict[str, Json] = decoded(self.json)
        return resource


def called(kind: Json, own: Json) -> str:
    """What a resource is called to a person: `Observation/ifs-1`. own: its id, else what stands for it."""
    return shown(f"{kind}/{own}", 120)


class Unused(NamedTuple):
    """Why a resource is not used for what it is about. code: what names it, if that is why, and so is to be counted.

    damaged: the code fails its check digit.
    """

    why: str = ""
    code: str = ""
    damaged: bool = False


Shut = Mapping[str, tuple[Unopened, Unused]]
"""Resources that tell of no event, and so need not be opened, by what they are called, each with why it tells none."""


class _Head(msgspec.Struct):
    resourceType: str | None = None


class _Glance(NamedTuple):
    """How one type is looked at. told: what its outline depends on; open: what may make the outline another."""

    decode: Callable[[msgspec.Raw], Any]
    told: Callable[[Any], tuple[msgspec.Raw, ...]]
    open: Callable[[Any], tuple[msgspec.Raw, ...]]


class Glances:
    """How the resources of each type are looked at.

    keys: of each type that is read, those on which its outlines depend.
    """

    def __init__(self, bindings: Bindings, keys: Mapping[str, Iterable[str]]) -> None:
        marked = {kind for mark in bindings.other_versions if mark.path is None for kind in mark.types}
        self._glances = {
            kind: _glance(kind, bindings, frozenset(named))
            for kind, named in keys.items()
            if kind not in marked and bindings.resources[kind].items is None  # of a form each answer counts by itself
        }
        self._head = msgspec.json.Decoder(_Head).decode

    def each(self, written: Iterable[msgspec.Raw]) -> Iterator[Unopened | Json]:
        """Each resource, left unopened where its id and what it is about can be told without; else decoded.

        written: JSON values. Raises msgspec.DecodeError or UnicodeDecodeError for what is none after all.
        """
        kind: str | None = None
        for json in written:
            one = self._like(kind, json) if kind else None
            if one is None:  # of another type than the one before
                kind = self._kind(json)
                one = self._like(kind, json) if kind else None
            yield decoded(json) if one is None else one

    def _kind(self, json: msgspec.Raw) -> str | None:
        """The type, where it is one that may stay unopened."""
        try:
            kind = self._head(json).resourceType
        except msgspec.ValidationError:
            return None
        return kind if kind in self._glances else None

    def _like(self, kind: str, json: msgspec.Raw) -> Unopened | Json | None:
        """The resource, unopened where that will do; None if it is of another type, or has not the shape of this."""
        glance = self._glances[kind]
        try:
            read = glance.decode(json)
        except msgspec.ValidationError:
            return None
        if read.resourceType != kind:
            return None
        own = read.id
        if not own or any(map(len, glance.open(read))):
            return decoded(json)
        return Unopened(called(kind, own), kind, own, _BETWEEN.join(glance.told(read)), json)


def _glance(kind: str, bindings: Bindings, told: frozenset[str]) -> _Glance:
    marks = [mark for mark in bindings.other_versions if kind in mark.types and mark.path is not None]
    told = told | {mark.path.top for mark in marks if mark.path and mark.json is not None}
    opening = {"contained"} | {mark.path.top for mark in marks if mark.path and mark.json is None}
    keys = sorted(told | opening)
    fields: list[tuple[str, Any, Any]] = [("resourceType", str | None, None), ("id", str | None, None)]
    fields += [(f"{key}_", msgspec.Raw, _NONE) for key in keys]
    shape = msgspec.defstruct(kind, fields, rename={f"{key}_": key for key in keys}, gc=False)
    return _Glance(msgspec.json.Decoder(shape).decode, _picking(told), _picking(opening))


def _picking(keys: Iterable[str]) -> Callable[[Any], tuple[msgspec.Raw, ...]]:
    """Picks keys of a glance, always as a tuple."""
    names = [f"{key}_" for key in sorted(keys)]
    pick: Callable[[Any], Any] = attrgetter(*names)
    return pick if len(names) > 1 else lambda read: (pick(read),)
