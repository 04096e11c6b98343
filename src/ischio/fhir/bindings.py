"""How FHIR R4 resources are read: bindings.yaml as frozen data. No path into a resource is written anywhere else."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import msgspec

from ischio.fhir.routes import Route
from ischio.loading.yaml_lines import Entries, Items, Node, Reading, read_yaml
from ischio.model.mistake import PathwayError
from ischio.record.events import Kind


@dataclass(frozen=True, slots=True)
class StatusTable:
    """What the codes at one path mean for the use of a resource.

    kind: code -> the kind of the event. going_on: codes under which it has begun and its end is open. ended: codes
    under which it is over, even where no end is given. not_used: codes that keep it out, each with the reason.
    required: it is used only with a code that gives a kind. doubt: otherwise it may have happened all the same, so
    that its concept is unknown.
    """

    path: Route
    kind: Mapping[str, Kind] = field(default_factory=dict)
    going_on: tuple[str, ...] = ()
    ended: tuple[str, ...] = ()
    not_used: Mapping[str, str] = field(default_factory=dict)
    required: bool = False
    doubt: bool = False


@dataclass(frozen=True, slots=True)
class ValueTable:
    """A value given by the code at a path: code -> value of ours; otherwise: the value for any other or no code."""

    path: Route
    codes: Mapping[str, str]
    otherwise: str


@dataclass(frozen=True, slots=True)
class Binding:
    """How a concept is read from one resource type.

    Of several routes to a date or to who says so the first that leads somewhere counts; of others all count.
    code: what the resource is about. names: a pattern; a text that matches it whole counts as the code.
    about: whose it is. focus: what else it may be about, which then keeps it out. statuses: asked in turn; the first
    that gives a kind counts. refusal: routes to the reason of something not done, which counts as declined only if
    the reason says so. values: where value[x] stands, with the key as prefix (`value` for valueQuantity and so on).
    value: the value that such a resource has by itself. value_from: the value that a code in it gives.
    moment: a date that is both start and end. start, end: of a period.
    recorded: when it was written down. supply, repeats: how long an order lasts, and how often it is repeated.
    lasts: days that an order lasts if nothing says how long. asserter: who says so. side: where codes of a side stand.
    qualifiers: name of a qualifier -> where it stands. parts: parts with a code and a value of their own.
    items: questions whose linkId is a code of ours. why_not: why such a resource is never used.
    """

    code: tuple[Route, ...] = ()
    names: re.Pattern[str] | None = None
    about: tuple[Route, ...] = ()
    focus: tuple[Route, ...] = ()
    statuses: tuple[StatusTable, ...] = ()
    refusal: tuple[Route, ...] = ()
    values: str | None = None
    value: str | None = None
    value_from: ValueTable | None = None
    absent: Route | None = None
    interpretation: Route | None = None
    moment: tuple[Route, ...] = ()
    start: tuple[Route, ...] = ()
    end: tuple[Route, ...] = ()
    recorded: tuple[Route, ...] = ()
    supply: Route | None = None
    repeats: Route | None = None
    lasts: int | None = None
    asserter: tuple[Route, ...] = ()
    side: tuple[Route, ...] = ()
    qualifiers: Mapping[str, tuple[Route, ...]] = field(default_factory=dict)
    parts: Route | None = None
    items: Route | None = None
    why_not: str | None = None


@dataclass(frozen=True, slots=True)
class CodeNamed:
    """A code by the name of its system in terminology.yaml."""

    system: str
    code: str


@dataclass(frozen=True, slots=True)
class VersionMark:
    """What only another version of FHIR has: a resource type, or something of a JSON kind at a path of a type."""

    version: str
    types: tuple[str, ...]
    path: Route | None = None
    json: str | None = None


@dataclass(frozen=True, slots=True)
class PersonBinding:
    """Where a Patient says who they are. dead: a bare true, without a date."""

    birth_date: Route
    sex: Route
    death_date: Route
    dead: Route


@dataclass(frozen=True, slots=True)
class Truths:
    """Values of ours that a bare true and a bare false stand for, where a concept has one of them."""

    true: tuple[str, ...]
    false: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bindings:
    """All of bindings.yaml.

    person: where the Patient says who they are. systems: name of a code system -> its URI.
    side: the concept whose values are right, left and both. site: the concept of a body site without a side.
    asserters: who says so -> the resource types that stand for them (any other: a clinician). refusals, refusal_words:
    codes and words that mean that a person declined. absences: reason why a value is absent -> the state that follows.
    interpretations: code -> value of ours. truths: values of ours that a bare true and a bare false stand for.
    qualifiers: concepts that qualify others. other_versions: marks of other versions of FHIR.
    defaults: types from which a concept is read unless it says otherwise. resources: type -> its binding.
    concepts: concept -> type -> its binding, defaults of the type filled in.
    """

    version: str
    person: PersonBinding
    systems: Mapping[str, str]
    side: str
    site: str
    asserters: Mapping[str, tuple[str, ...]]
    refusals: tuple[CodeNamed, ...]
    refusal_words: re.Pattern[str]
    absences: Mapping[str, str]
    interpretations: Mapping[str, str]
    truths: Truths
    qualifiers: tuple[str, ...]
    other_versions: tuple[VersionMark, ...]
    defaults: tuple[str, ...]
    resources: Mapping[str, Binding]
    concepts: Mapping[str, Mapping[str, Binding]]

    def of(self, concept: str, resource_type: str) -> Binding | None:
        """How the concept is read from resources of this type; None if it is not."""
        own = self.concepts.get(concept)
        if own is not None:
            return own.get(resource_type)
        return self.resources[resource_type] if resource_type in self.defaults else None


def load_bindings(path: Path) -> Bindings:
    """Reads bindings.yaml. Raises PathwayError, naming the entry, for what does not fit."""
    reading = Reading(path.name)
    written = plain(read_yaml(path, reading))
    if reading.mistakes:
        raise PathwayError(*reading.mistakes)
    try:
        return msgspec.convert(_filled_in(written), Bindings, strict=False, dec_hook=_from_text)
    except (msgspec.ValidationError, _Unknown) as error:
        mend = "Compare the entry with those beside it; docs/reference/fhir-intake.md lists what can be bound."
        reading.mistake(None, f"{error}.", mend)
        raise PathwayError(*reading.mistakes) from None


class _Unknown(Exception):
    pass


def plain(node: Node) -> Any:
    """The content of a YAML file as dicts, lists and text."""
    match node:
        case Entries(entries):
            return {str(key): plain(value) for key, value in entries.items()}
        case Items(items):
            return [plain(item) for item in items]
        case _:
            return None if node is None else str(node)


_KEYS = {one.name for one in fields(Binding)}
_LISTS = {one.name for one in fields(Binding) if str(one.type).startswith("tuple")}


def _filled_in(written: dict[str, Any]) -> dict[str, Any]:
    """Concepts with the binding of the resource type where they say nothing of their own."""
    resources = {kind: _listed(entry) for kind, entry in written.get("resources", {}).items()}
    concepts: dict[str, Any] = {}
    for concept, own in written.get("concepts", {}).items():
        kinds = own if isinstance(own, dict) else dict.fromkeys([own] if isinstance(own, str) else own)
        concepts[concept] = {kind: _merged(resources, concept, kind, extra) for kind, extra in kinds.items()}
    return {**written, "resources": resources, "concepts": concepts}


def _merged(resources: dict[str, Any], concept: str, kind: str, extra: dict[str, Any] | None) -> dict[str, Any]:
    if kind not in resources:
        raise _Unknown(f"concepts.{concept} names the resource type {kind}, which `resources` does not have")
    return {**resources[kind], **_listed(extra or {})}


def _listed(entry: dict[str, Any]) -> dict[str, Any]:
    unknown = next((key for key in entry if key not in _KEYS), None)
    if unknown is not None:
        raise _Unknown(f"`{unknown}` is not a key of a binding")
    listed = {key: _list(value) if key in _LISTS else value for key, value in entry.items()}
    if "qualifiers" in listed:
        listed["qualifiers"] = {name: _list(routes) for name, routes in listed["qualifiers"].items()}
    return listed


def _list(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


def _from_text(wanted: type, text: Any) -> Any:
    """Routes and patterns, from how they are written."""
    if wanted is Route:
        return Route(text)
    return re.compile(text, re.IGNORECASE)
