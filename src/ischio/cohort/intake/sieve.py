"""Which resources of an export the reader could use at all: told from a few fields of each, without reading the rest.

Most of an export is claims, encounters and vital signs that no rule looks at. The sieve lets go what would give neither
event nor gap. What it cannot tell, because a resource has an odd shape, it keeps: the reader is the one who judges.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec

from ischio.fhir.bindings import Binding
from ischio.fhir.check_digit import is_sound
from ischio.fhir.routes import Coding, Json, Route, shown, text_at
from ischio.fhir.tables import Tables
from ischio.fhir.versions import VersionMarks

_REMEMBERED = 100_000
"""Codes whose relevance is remembered for each type of resource."""
_TYPE = re.compile(rb'\s*\{\s*"resourceType"\s*:\s*"(\w+)"')
_PERSON = re.compile(rb'"reference"\s*:\s*"(?:[^"]*/)?Patient/([^"/]+)')
_FAILED = re.compile(rb'"severity"\s*:\s*"(?:error|fatal)"')
_ANYWHERE = re.compile(rb'"resourceType"\s*:\s*"(\w+)"')


class Kept(NamedTuple):
    """For the reader. person: whose it is, None if it does not say. names: resources to which its codes refer."""

    kind: str
    person: str | None
    names: tuple[str, ...] = ()


class Target(NamedTuple):
    """No resource of a person, but one to whose code others may refer, such as a Medication."""

    name: str


class Vouching(NamedTuple):
    """Says of other resources who made them."""


class Nested(NamedTuple):
    """A Bundle."""


@dataclass(frozen=True, slots=True, eq=False)
class Left:
    """Not for the reader. what: the type of resource; detail: for the report, such as the code that nobody reads.

    Compared by identity: like resources get the very same verdict, which is quicker to count.
    """

    what: str
    why: str
    detail: str = ""


class Foreign(NamedTuple):
    """Of another version of FHIR. concepts: what can therefore not be told of the person."""

    kind: str
    person: str | None
    version: str
    concepts: tuple[str, ...]


class Broken(NamedTuple):
    """No JSON. person and kind: as far as the bytes still show them. breaks_off: its end is missing."""

    why: str
    kind: str | None
    person: str | None

    @property
    def breaks_off(self) -> bool:
        return self.why == _NO_END


Verdict = Kept | Target | Vouching | Nested | Left | Foreign | Broken

_NO_END = "breaks off before its end"
NOT_READ = "this type of resource is not read"
NO_FACT = "no fact reads their codes"
DAMAGED = "their SNOMED CT ids fail the check digit, as after a spreadsheet rounded them"
NO_QUESTION = "none of its questions is read"
NO_RESOURCE = "is no FHIR resource"
NO_ID = "is a Patient without an id"
FAILED_QUERY = "the export says that a query failed, so something may be missing"


class _Code(msgspec.Struct, frozen=True):
    system: str | None = None
    code: str | None = None
    display: str | None = None
    text: str | None = None


class _Named(msgspec.Struct, frozen=True):
    """A CodeableConcept, a Coding or a Reference."""

    coding: tuple[_Code, ...] | None = None
    system: str | None = None
    code: str | None = None
    display: str | None = None
    text: str | None = None
    reference: str | None = None


class _Item(msgspec.Struct, frozen=True):
    linkId: str | None = None
    item: "_Item | tuple[_Item, ...] | None" = None
    answer: "_Item | tuple[_Item, ...] | None" = None


_NONE = msgspec.Raw(b"null")


class _Any(msgspec.Struct):
    """What is looked at in a type of resource that is not read by itself."""

    resourceType: str | None = None
    id: str | None = None
    code: msgspec.Raw = _NONE
    contained: msgspec.Raw = _NONE


class _About(msgspec.Struct):
    subject: _Named | None = None
    patient: _Named | None = None


@dataclass(frozen=True, slots=True)
class _Plan:
    """How one type of resource is looked at.

    what: picks all that tells what a resource is about, and can be hashed. codes, about, items: fields that lead there.
    always: whatever its codes. marks: keys that hint at another version. known: what it is about -> why no fact looks
    there; if one may, the resources to which its codes refer. An export repeats its codes, so most resources are told
    by one look into that.
    """

    kind: str
    decoder: "msgspec.json.Decoder[Any]"
    what: Callable[[Any], Any]
    codes: tuple[tuple[str, ...], ...]
    about: tuple[tuple[str, ...], ...]
    items: tuple[str, ...]
    always: bool
    marks: tuple[tuple[bytes, ...], ...]
    known: dict[Any, Left | tuple[str, ...]] = field(default_factory=dict)


class Sieve:
    """The sieve of one pathway and its bindings."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._versions = VersionMarks(tables.bindings)
        self._plans = {str(kind): self._plan(str(kind), binding) for kind, binding in tables.bindings.resources.items()}
        self._guesses = {kind.encode(): plan for kind, plan in self._plans.items()}
        self._other = msgspec.json.Decoder(_Any)
        self._whole = msgspec.json.Decoder()
        self._raw = msgspec.json.Decoder(list[msgspec.Raw])
        self._about = msgspec.json.Decoder(_About)
        self._snomed = tables.bindings.systems.get("snomed")
        self._unread: dict[str, Left] = {}

    def judge(self, line: bytes) -> Verdict:
        """The verdict on one resource, given as the bytes of its JSON."""
        match = _TYPE.match(line)
        plan = self._guesses.get(match[1]) if match else None
        try:
            if plan is not None:
                read = plan.decoder.decode(line)
                if read.resourceType == plan.kind:
                    return self._of_read_type(plan, read, line)
            return self._of_other_type(line)
        except msgspec.ValidationError:
            return self._odd(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            return broken(line, _why(error))

    # ---- types that are read -----------------------------------------------------------------------------------------

    def _of_read_type(self, plan: _Plan, read: Any, line: bytes) -> Verdict:
        what = plan.what(read)
        known = plan.known.get(what)
        if known is None:
            known = self._why_left(plan, read) or _names(plan, read)
            if len(plan.known) < _REMEMBERED:
                plan.known[what] = known
        if isinstance(known, Left):
            inner = None if read.contained is _NONE else self._inside(read.contained)
            return known if inner is None else Kept(plan.kind, _person(plan, read) or inner.person, inner.names)
        person = _person(plan, read)
        for mark in plan.marks:
            if mark[0] in line and all(key in line for key in mark):
                foreign = self._foreign(plan.kind, person, self._whole.decode(line))
                return foreign or Kept(plan.kind, person, known)
        return Kept(plan.kind, person, known)

    def _why_left(self, plan: _Plan, read: Any) -> Left | None:
        """Why no fact looks at a resource; None if one may."""
        if plan.always:
            return None
        if plan.items:
            return None if self._asks(plan.kind, _at(read, plan.items)) else Left(plan.kind, NO_QUESTION)
        nodes = _named(plan, read)
        says_something = any(self._says_something(plan.kind, node) for node in nodes)
        return None if says_something else self._unread_code(plan.kind, nodes)

    def _says_something(self, kind: str, node: _Named) -> bool:
        read, index = self._tables.read[kind], self._tables.index
        return (
            node.reference is not None
            or any(one.concept in read for coding in _codings(node) for one in index.meanings(coding))
            or any(wording.fits(text) for _, wording in self._tables.named[kind] for text in _texts(node))
        )

    def _asks(self, kind: str, items: Sequence[Any]) -> bool:
        """Whether one of the questions, at any depth, is one of ours."""
        read, index, ours = self._tables.read[kind], self._tables.index, self._tables.ours
        waiting = list(items)
        while waiting:
            item = waiting.pop()
            code = (item.linkId or "").partition(".")[0]
            if any(one.concept in read for one in index.meanings((ours, code))):
                return True
            waiting += [*_listed(item.item), *_listed(item.answer)]
        return False

    def _unread_code(self, kind: str, nodes: list[_Named]) -> Left:
        codings = [coding for node in nodes for coding in _codings(node)]
        snomed = [code for system, code in codings if system == self._snomed]
        if snomed and not any(map(is_sound, snomed)):
            return Left(kind, DAMAGED, shown(snomed[0]))
        words = next((text for node in nodes for text in _texts(node)), "")
        named = f"{codings[0][1]} {words}" if codings else words or "no code"
        return Left(kind, NO_FACT, shown(named.strip()))

    # ---- other types -------------------------------------------------------------------------------------------------

    def _of_other_type(self, line: bytes) -> Verdict:
        read = self._other.decode(line)
        kind = read.resourceType
        if kind in self._unread and read.code is _NONE and read.contained is _NONE:
            return self._unread[kind]
        if kind in self._plans:
            return self._of_read_type(self._plans[kind], self._plans[kind].decoder.decode(line), line)
        if kind is None:
            return Left("JSON", NO_RESOURCE)
        if kind == "Patient":
            return Kept(kind, read.id) if read.id else Left(kind, NO_ID)
        if kind == self._tables.bindings.vouching.type:
            return Vouching()
        if kind == "Bundle":
            return Nested()
        if kind == "OperationOutcome" and _FAILED.search(line):
            return Left(kind, FAILED_QUERY)
        inner = self._inside(read.contained)
        if inner is not None:
            return Kept(kind, self._person_of(line) or inner.person, inner.names)
        version = self._versions.of(kind, {})
        if version is not None:
            return Foreign(kind, self._person_of(line), version, ())
        if read.id and read.code is not _NONE and self._may_be_meant(self._whole.decode(read.code)):
            return Target(f"{kind}/{read.id}")
        left = Left(shown(kind), NOT_READ)
        return self._unread.setdefault(kind, left) if len(self._unread) < _REMEMBERED else left

    def _may_be_meant(self, code: Json) -> bool:
        """Whether a code means anything, so that what refers to its resource is about that."""
        return bool(self._tables.concepts_named(code) or self._tables.medicines.meant((code,), self._every_medicine()))

    def _every_medicine(self) -> Mapping[str, Binding]:
        kinds = self._tables.bindings.resources
        return {name: one for kind in kinds for name, one in self._tables.read[kind].items() if kinds[kind].medicine}

    def _person_of(self, line: bytes) -> str | None:
        about = self._about.decode(line)
        return _first_person(node.reference for node in (about.subject, about.patient) if node is not None)

    def _inside(self, contained: msgspec.Raw) -> Kept | None:
        """The first resource inside another that the reader could use by itself."""
        if contained is _NONE:
            return None
        for one in self._raw.decode(contained):
            verdict = self.judge(bytes(one))
            if isinstance(verdict, Kept) and verdict.kind in self._plans:
                return verdict
            if isinstance(verdict, Foreign):  # the reader asks only whole resources for their version
                return Kept(verdict.kind, verdict.person)
        return None

    # ---- odd ones ----------------------------------------------------------------------------------------------------

    def _odd(self, line: bytes) -> Verdict:
        """A resource whose fields have not the shape that FHIR gives them is left to the reader."""
        try:
            resource = self._whole.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            return broken(line, _why(error))
        kind = resource.get("resourceType") if type(resource) is dict else None
        if type(kind) is not str:
            return Left("JSON", NO_RESOURCE)
        if kind == "Patient":
            own = text_at(resource, "id")
            return Kept(kind, own) if own else Left(kind, NO_ID)
        binding = self._tables.bindings.resources.get(kind)
        routes = binding.about if binding else (Route("subject"), Route("patient"))
        person = _first_person(text_at(node, "reference") for route in routes for node in route.found(resource))
        return (self._foreign(kind, person, resource) if binding else None) or Kept(kind, person)

    def _foreign(self, kind: str, person: str | None, resource: dict[str, Json]) -> Foreign | None:
        """What has the shape of another version; what its codes mean can then not be told, or if they say nothing,
        whatever is read from such resources."""
        version = self._versions.of(kind, resource)
        if version is None:
            return None
        read = self._tables.read[kind]
        codes = [node for route in self._tables.bindings.resources[kind].code for node in route.found(resource)]
        meant = {concept for node in codes for concept in self._tables.concepts_named(node) if concept in read}
        return Foreign(kind, person, version, tuple(sorted(meant or read)))

    # ---- plans -------------------------------------------------------------------------------------------------------

    def _plan(self, kind: str, binding: Binding) -> _Plan:
        codes = [*binding.code, *([Route(f"{binding.parts}.code")] if binding.parts else [])]
        items = [binding.items] if binding.items else []
        return _Plan(
            kind,
            msgspec.json.Decoder(_resource_shape(kind, binding, codes)),
            attrgetter(*dict.fromkeys(_fields(route)[0] for route in (*codes, *items))),
            tuple(map(_fields, codes)),
            tuple(map(_fields, binding.about)),
            _fields(binding.items) if binding.items else (),
            always=binding.medicine,
            marks=tuple(tuple(b'"' + key.encode() + b'"' for key in mark) for mark in self._versions.hints(kind)),
        )


def broken(line: bytes, why: str) -> Broken:
    """What the bytes of a line that is no JSON still show: a person only if it names no other."""
    persons, kind = set(_PERSON.findall(line)), _ANYWHERE.search(line)
    person = persons.pop().decode(errors="replace") if len(persons) == 1 else None
    return Broken(why, kind[1].decode() if kind else None, person)


def _why(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "is nested too deeply"
    if isinstance(error, UnicodeDecodeError):
        return "holds text that is not UTF-8"
    return _NO_END if "truncated" in str(error) else "is not JSON"


def _shape(name: str, fields: dict[str, Any], named: Iterable[Route]) -> type[msgspec.Struct]:
    """A type that picks what lies at some routes, and passes over all else. fields: what it has besides."""
    picked: dict[str, Any] = {}
    branches: dict[str, list[Route]] = {}
    for route in named:
        if len(route.keys) > 1:
            branches.setdefault(route.keys[0], []).append(Route(".".join(route.keys[1:])))
        else:
            picked[route.keys[0]] = _Named
    picked |= {key: _shape(f"{name}_{key}", {}, routes) for key, routes in branches.items()}
    picked |= fields
    listed = [
        (f"{key}_", kind | tuple[kind, ...] | None, None)  # type: ignore[valid-type]  # made as it runs
        for key, kind in picked.items()
    ]
    return msgspec.defstruct(name, listed, rename={f"{key}_": key for key in picked}, frozen=True)


def _resource_shape(kind: str, binding: Binding, codes: Iterable[Route]) -> type[msgspec.Struct]:
    """The same for a whole resource."""
    items = dict.fromkeys(binding.items.keys if binding.items else (), _Item)
    picked = _shape(kind, items, [*codes, *binding.about])
    resource = [("resourceType", str | None, None), ("contained", msgspec.Raw, _NONE)]
    return msgspec.defstruct(kind, resource, bases=(picked,), frozen=True)


def _named(plan: _Plan, read: Any) -> list[_Named]:
    return [node for keys in plan.codes for node in _at(read, keys)]


def _names(plan: _Plan, read: Any) -> tuple[str, ...]:
    return tuple(node.reference for node in _named(plan, read) if node.reference)


def _person(plan: _Plan, read: Any) -> str | None:
    return _first_person(node.reference for keys in plan.about for node in _at(read, keys))


def _fields(route: Route) -> tuple[str, ...]:
    """How `_shape` calls the keys: with a line after them, for some keys are words of Python."""
    return tuple(f"{key}_" for key in route.keys)


def _at(node: Any, keys: tuple[str, ...]) -> Sequence[Any]:
    """Everything below a node that its fields lead to; lists on the way are entered."""
    found = _listed(getattr(node, keys[0]))
    for key in keys[1:]:
        found = [below for one in found for below in _listed(getattr(one, key))]
    return found


def _listed(value: Any) -> Sequence[Any]:
    return () if value is None else value if type(value) is tuple else (value,)


def _codings(node: _Named) -> Iterator[Coding]:
    for one in (node,) if node.coding is None else node.coding:
        if one.system is not None and one.code is not None:
            yield one.system, one.code


def _texts(node: _Named) -> Iterator[str]:
    parts: tuple[_Named | _Code, ...] = (node, *(node.coding or ()))
    for part in parts:
        for text in (part.text, part.display):
            if text:
                yield text


def _first_person(references: Iterable[str | None]) -> str | None:
    """The id of the Patient that the first reference names; None if it names none."""
    return next((_patient(reference) for reference in references if reference), None)


@lru_cache(maxsize=4096)
def _patient(reference: str) -> str | None:
    head, _, own = reference.partition("/_history/")[0].rpartition("/")
    return own if own and (head == "Patient" or head.endswith("/Patient")) else None
