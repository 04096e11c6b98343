"""What a resource says apart from its dates, its number and its people.

An export repeats it, resource after resource, so it is worked out once and remembered by the bytes of what tells it.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple, TypeVar

import msgspec

from ischio.fhir.bindings import Binding
from ischio.fhir.bundle import Entry
from ischio.fhir.check_digit import is_sound
from ischio.fhir.codes import one_side
from ischio.fhir.findings import Finder, Finding
from ischio.fhir.references import References
from ischio.fhir.routes import Coding, Json, Route, codings, first_code, gathered, shown, texts
from ischio.fhir.standing import NotUsed, Standing, standing_of
from ischio.fhir.tables import Tables
from ischio.fhir.unopened import Unopened, Unused
from ischio.fhir.values import NOTHING, Refused, Value
from ischio.record.events import EventSide, State

_REMEMBERED, _LONGEST = 10_000, 4096
"""Outlines that are remembered at a time, and the bytes of what tells each: no input can fill the memory."""
_encode = msgspec.json.Encoder(decimal_format="number").encode
K = TypeVar("K")
V = TypeVar("V")


class Sketch(NamedTuple):
    """An event without its dates, its number and who says so.

    node: the part or answer in which value[x] stands; None for the resource itself. asks: value[x] gives the value, and
    `value` counts if it gives none. notes: what of it is not used, and why. gap: why an older value counts no more.
    """

    concept: str
    binding: Binding
    told_by: str | None
    node: Json | None
    standing: Standing | NotUsed
    value: Value | Refused = NOTHING
    asks: bool = False
    side: EventSide | Refused | None = None
    qualifiers: Mapping[str, str] = {}
    notes: tuple[str, ...] = ()
    gap: State | None = None


class Outline(NamedTuple):
    """sketches: of the events that a resource tells of. unused: of what its codes say, or that they say nothing."""

    sketches: tuple[Sketch, ...] = ()
    unused: Unused | None = None


class Outlines:
    """The outlines of one pathway and its bindings. keys: of each type, those on which its outlines depend.

    Threads may share it. An outline depends on nothing but the bytes under which it is remembered, and nobody changes
    it; what is remembered is only ever looked up, added or dropped as a whole, each in one step of the interpreter. Two
    threads that meet may work out the same outline twice, or remember one more than the bound for each of them.
    """

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._finder = Finder(tables)
        self._snomed = tables.bindings.systems.get("snomed")
        self._remembered: dict[bytes, Outline] = {}
        self.keys: Mapping[str, frozenset[str]] = {kind: _keys_of_codes(tables, kind) for kind in tables.resources}
        self._shut: dict[tuple[str, bytes], tuple[Unused | None]] = {}

    def of(self, entry: Entry, references: References) -> Outline:
        """The outline of a resource of a type that is read. references: of its Bundle; a code may stand elsewhere."""
        items = self._tables.resources[entry.type].items
        if items is None or len(items.keys) > 1 or len(asked := items.found(entry.resource)) < 2:
            return self._of_one(entry, references)
        # Each question by itself: they repeat, and all answers together seldom do. The last comes first, as in Finder.
        ones = [entry._replace(resource=entry.resource | {items.top: [one]}) for one in reversed(asked)]
        outlines = [self._of_one(one, references) for one in ones]
        return Outline(tuple(sketch for outline in outlines for sketch in outline.sketches))

    def unused(self, one: Unopened) -> Unused | None:
        """Why a resource that is not opened tells of no event; None if it may tell of one, and has to be opened.

        Raises msgspec.DecodeError or UnicodeDecodeError where it is no JSON after all.
        """
        key = one.kind, one.told
        known = self._shut.get(key)
        if known is None:
            known = (self._alone(one),)
            self._remember(self._shut, key, len(one.told), known)
        return known[0]

    def _alone(self, one: Unopened) -> Unused | None:
        """The same, by the resource itself."""
        resource = one.opened()
        told = _encode({key: part for key, part in resource.items() if key in self.keys[one.kind]})
        if b'"reference"' in told or self._tables.versions.of(one.kind, resource) is not None:
            return None
        outline = self._outline(one.kind, resource, tuple(gathered(self._tables.resources[one.kind].code, resource)))
        return None if outline.sketches else outline.unused

    def _of_one(self, entry: Entry, references: References) -> Outline:
        keys = self.keys[entry.type]
        told = _encode((entry.type, {key: part for key, part in entry.resource.items() if key in keys}))
        codes: tuple[Json, ...] | None = None
        if b'"reference"' in told:
            codes = references.codes(entry, self._tables.resources[entry.type])
            told += _encode(codes)
        outline = self._remembered.get(told)
        if outline is None:
            codes = codes or references.codes(entry, self._tables.resources[entry.type])
            outline = self._outline(entry.type, entry.resource, codes)
            self._remember(self._remembered, told, len(told), outline)
        return outline

    def _remember(self, among: dict[K, V], key: K, size: int, told: V) -> None:
        if len(among) >= _REMEMBERED:
            among.clear()
        if size <= _LONGEST:
            among[key] = told

    def _outline(self, kind: str, resource: dict[str, Json], codes: tuple[Json, ...]) -> Outline:
        found = self._finder.in_resource(kind, resource, codes)
        if not found:
            return self._unread(self._tables.resources[kind], resource, codes)
        usable = [one for one in found if one.binding.why_not is None]
        unused = None if usable else Unused(found[0].binding.why_not or "")
        return Outline(tuple(self._sketch(resource, one) for one in usable), unused)

    def _unread(self, binding: Binding, resource: dict[str, Json], codes: tuple[Json, ...]) -> Outline:
        """Of a resource whose codes say nothing. A medicine that they do not tell is an event by itself where bound."""
        if binding.items is not None:
            return Outline()
        found = (Finding(str(binding.unrecognised), binding, resource, codes),) if binding.unrecognised else ()
        return Outline(tuple(self._sketch(resource, one) for one in found), self._unknown(codes))

    def _unknown(self, codes: tuple[Json, ...]) -> Unused:
        snomed = [code for node in codes for system, code in codings(node) if system == self._snomed]
        if snomed and not any(map(is_sound, snomed)):
            return Unused(code=shown(snomed[0]), damaged=True)
        coded = (f"{code} {next(texts(node), '')}" for node in codes for _, code in codings(node))
        words = (text for node in codes for text in texts(node))
        named = next(coded, None) or next(words, None) or "no code"
        return Unused(code=shown(named.strip()))

    def _sketch(self, resource: dict[str, Json], finding: Finding) -> Sketch:
        concept, binding, told_by = finding.concept, finding.binding, finding.told_by
        standing = standing_of(resource, binding, self._tables)
        if isinstance(standing, NotUsed) and not standing.doubt:
            return Sketch(concept, binding, told_by, None, standing)
        node = None if finding.node is resource else finding.node
        value, asks = self._value(resource, finding)
        side = self._side(resource, finding)
        sketch = Sketch(concept, binding, told_by, node, standing, value, asks, side)
        sketch = sketch._replace(qualifiers=self._qualifiers(resource, finding))
        return self._noted(sketch, resource, finding)

    def _noted(self, sketch: Sketch, resource: dict[str, Json], finding: Finding) -> Sketch:
        """With what is to be said of a value that is absent, and of a body site that is no side."""
        notes, gap = [], None
        reason = self._reason_absent(finding)
        if reason is not None:
            gap = self._tables.bindings.absences.get(reason)
            notes.append(f"{finding.concept} has no value ({shown(reason)})")
        if sketch.side is None and self._has_a_site_that_is_no_side(resource, finding):
            notes.append("its body site is not read as right, left or both, so it counts as without a side")
        return sketch._replace(notes=tuple(notes), gap=gap)

    # ---- value -------------------------------------------------------------------------------------------------------

    def _value(self, resource: dict[str, Json], finding: Finding) -> tuple[Value | Refused, bool]:
        """By the binding itself, else from value[x], else from the code, else from the interpretation.

        The second says whether value[x] comes first.
        """
        binding, values = finding.binding, self._tables.values
        if binding.value is not None:
            return values.own(finding.concept, binding.value), False
        if binding.value_from is not None:
            table = binding.value_from
            code = first_code(table.path.found(resource))
            return Value(str(table.codes.get(code or "", table.otherwise))), False
        if binding.values is None:
            return self._value_by_code(finding) or Value(), False
        reason = self._reason_absent(finding)
        if reason is not None:
            # It is none, and an older one still counts. What needs no value did not happen.
            why = f"has no value ({shown(reason)})"
            return (Refused(why, silent=True) if values.is_bare(finding.concept) else Value()), False
        return self._value_by_code(finding) or self._interpreted(finding) or NOTHING, True

    def _reason_absent(self, finding: Finding) -> str | None:
        """The reason why there is no value; None if none is given."""
        binding = finding.binding
        if binding.values is None or binding.value is not None or binding.value_from is not None:
            return None
        nodes = binding.absent.found(finding.node) if binding.absent else ()
        return (first_code(list(nodes)) or "no reason given") if nodes else None

    def _value_by_code(self, finding: Finding) -> Value | None:
        values = (self._tables.values.by_code(finding.concept, code) for code in finding.codes)
        return next((value for value in values if value is not None), None)

    def _interpreted(self, finding: Finding) -> Value | None:
        where = finding.binding.interpretation
        return self._tables.values.interpreted(finding.concept, where.found(finding.node)) if where else None

    # ---- side and qualifiers -----------------------------------------------------------------------------------------

    def _side(self, resource: dict[str, Json], finding: Finding) -> EventSide | Refused | None:
        """The side that the resource gives by its codes, its body site or a part; refused if they disagree."""
        sides, nodes = self._tables.sides, self._sites(resource, finding)
        given = one_side([sides[one] for node in nodes for one in codings(node) if one in sides])
        if given and finding.side and given is not finding.side:
            return Refused(f"has a code for {finding.side.value} and a body site for {given.value}")
        return given or finding.side

    def _has_a_site_that_is_no_side(self, resource: dict[str, Json], finding: Finding) -> bool:
        tables, nodes = self._tables, self._sites(resource, finding)
        return bool(nodes) and not any(tables.bindings.site in tables.concepts_named(node) for node in nodes)

    def _sites(self, resource: dict[str, Json], finding: Finding) -> list[Json]:
        parts = (value for concept, value in finding.parts if concept == self._tables.bindings.side)
        return [*gathered(finding.binding.side, resource), *parts]

    def _qualifiers(self, resource: dict[str, Json], finding: Finding) -> Mapping[str, str]:
        values, side = self._tables.values, self._tables.bindings.side
        given: dict[str, list[Coding]] = {}
        for name, node in _qualifying(resource, finding):
            given.setdefault(name, []).extend(codings(node))
        named = {name: values.qualifier(name, codes) for name, codes in given.items() if name != side}
        return {name: value for name, value in named.items() if value is not None}


def _qualifying(resource: dict[str, Json], finding: Finding) -> Iterator[tuple[str, Json]]:
    """The qualifiers that places of the resource, and its parts, can name."""
    for place in finding.binding.qualifiers:
        for node in place.path.found(resource):
            yield from ((name, node) for name in place.names)
    yield from finding.parts


def _keys_of_codes(tables: Tables, kind: str) -> frozenset[str]:
    """The keys of a type of resource on which its outlines depend: all that are read but dates, value[x] and people."""
    routes: list[Route | None] = []
    for binding in (tables.resources[kind], *tables.read[kind].values()):
        routes += [*binding.code, *binding.refusal, *binding.side, binding.parts, binding.items]
        routes += [binding.absent, binding.interpretation, binding.value_from.path if binding.value_from else None]
        routes += [table.path for table in binding.statuses] + [place.path for place in binding.qualifiers]
    return frozenset(route.top for route in routes if route is not None)
