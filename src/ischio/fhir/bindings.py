"""How FHIR R4 resources are read: bindings.yaml as frozen data. No path into a resource is written anywhere else."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Literal as Choice

from ischio.fhir.routes import Route
from ischio.loading.shapes import Entry, Id, Loose, Name, Schema, Text, json_schema
from ischio.loading.shapes import read as read_declared
from ischio.loading.yaml_lines import Reading, read_yaml
from ischio.model.mistake import PathwayError
from ischio.record.events import Kind, State

if TYPE_CHECKING:
    Key = str  # of a mapping: looked up by any text
else:
    Key = Id  # checked when the file is read


class Wording(Text):
    """A regular expression for words; capitals do not matter, and a full stop stands for the end of a line as well."""

    WORDS = "a regular expression"
    __slots__ = ("_pattern",)
    _pattern: re.Pattern[str]

    def __new__(cls, written: str) -> "Wording":
        wording = super().__new__(cls, written)
        try:
            wording._pattern = re.compile(written, re.IGNORECASE | re.DOTALL)
        except re.error as error:
            raise ValueError(str(error)) from None
        return wording

    def fits(self, text: str) -> bool:
        return self._pattern.fullmatch(text.strip()) is not None

    def occurs_in(self, text: str) -> bool:
        return self._pattern.search(text) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusTable(Entry):
    """What the codes at one path mean for the use of a resource.

    kind: code -> the kind of the event. going_on: codes under which it has begun and its end is open. ended: codes
    under which it is over, even where no end is given. not_used: codes that keep it out, each with the reason.
    required: it is used only with a code that gives a kind; otherwise it may say something all the same, which cannot
    be told.
    """

    path: Route
    kind: Mapping[Key, Kind] = field(default_factory=dict)
    going_on: tuple[str, ...] = ()
    ended: tuple[str, ...] = ()
    not_used: Mapping[Key, str] = field(default_factory=dict)
    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueTable(Entry):
    """A value given by the code at a path: code -> value of ours; otherwise: the value for any other or no code."""

    path: Route
    codes: Mapping[Key, str]
    otherwise: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QualifierPlace(Entry):
    """A path at which codes can be values of the qualifiers named."""

    path: Route
    names: tuple[Name, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding(Entry):
    """How a concept is read from one resource type.

    Of several routes to a date or to who says so the first that leads somewhere counts; of others all count.
    code: what the resource is about. names: a pattern; a text that matches it whole counts as the code.
    medicine: its codes and words are those of a medicine. also: concepts whose codes mean it too.
    unrecognised: the concept of a medicine that is none of ours.
    about: whose it is. focus: what else it may be about, which then keeps it out. statuses: asked in turn; the first
    that gives a kind counts. refusal: routes to the reason of something not done, which counts as declined only if
    the reason says so. values: where value[x] stands, with the key as prefix (`value` for valueQuantity and so on).
    value: the value that such a resource has by itself. value_from: the value that a code in it gives.
    absent: the reason why there is no value. interpretation: codes that can stand for a value.
    moment: a date that is both start and end. start, end: of a period. recorded: when it was written down.
    supply, repeats: how long an order lasts, and how often it is repeated. lasts: days that it lasts if nothing says.
    asserter: who says so. side: where codes of a side stand. qualifiers: where they stand.
    parts: parts with a code and a value of their own. items: questions whose linkId is a code of ours.
    why_not: why such a resource is never used.
    """

    code: tuple[Route, ...] = ()
    names: Wording | None = None
    medicine: bool = False
    also: tuple[Name, ...] = ()
    unrecognised: Name | None = None
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
    qualifiers: tuple[QualifierPlace, ...] = ()
    parts: Route | None = None
    items: Route | None = None
    why_not: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeNamed(Entry):
    """A code by the name of its system in terminology.yaml."""

    system: Id
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Order(Entry):
    """How an order asks for an action. concepts: what the order is coded as; values: with one of these, where any."""

    concepts: tuple[Name, ...]
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionMark(Entry):
    """What only another version of FHIR has: a resource type, or something of a JSON kind at a path of a type."""

    version: str
    types: tuple[Id, ...]
    path: Route | None = None
    json: Choice["text", "object"] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonBinding(Entry):
    """Where a Patient says who they are. dead: a bare true, without a date."""

    birth_date: Route
    sex: Route
    death_date: Route
    dead: Route


@dataclass(frozen=True, slots=True, kw_only=True)
class Truths(Entry):
    """Values of ours that a bare true and a bare false stand for, where a concept has one of them."""

    true: tuple[str, ...]
    false: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MedicineWords(Entry):
    """How medicines are told. systems: code systems of medicines, the surest first. local: a wording that, anywhere in
    the words, says that it works only where it is applied, so that a name in them does not count.
    """

    systems: tuple[Id, ...]
    local: Wording


@dataclass(frozen=True, slots=True, kw_only=True)
class Vouching(Entry):
    """A resource type that says of others who made them. target: what it is about; who: who made it."""

    type: Id
    target: Route
    who: Route


@dataclass(frozen=True, slots=True, kw_only=True)
class Bindings(Entry):
    """All of bindings.yaml.

    person: where the Patient says who they are. systems: name of a code system -> its URI.
    side: the concept whose values are right, left and both. site: the concept of a body site without a side.
    asserters: who says so -> the resource types that stand for them (any other: a clinician). refusals, refusal_words:
    codes and words that mean that a person declined. absences: reason why a value is absent -> the state that follows.
    medicines: how medicines are told. vouching: the type that says who made other resources.
    interpretations: code -> values of ours. truths: values of ours that a bare true and a bare false stand for.
    qualifiers: concepts that qualify others. other_versions: marks of other versions of FHIR.
    defaults: types from which a concept is read unless it says otherwise. resources: type -> its binding.
    concepts: concept -> the types it is read from, with what differs there.
    orders: action -> how an order asks for it, where it is no concept of its own.
    """

    version: Loose
    person: PersonBinding
    systems: Mapping[Key, str]
    side: Name
    site: Name
    asserters: Mapping[Key, tuple[Id, ...]]
    refusals: tuple[CodeNamed, ...]
    refusal_words: Wording
    denial_words: Wording
    absences: Mapping[Key, State]
    interpretations: Mapping[Key, tuple[str, ...]]
    truths: Truths
    qualifiers: tuple[Name, ...]
    medicines: MedicineWords
    vouching: Vouching
    other_versions: tuple[VersionMark, ...]
    defaults: tuple[Id, ...]
    resources: Mapping[Key, Binding]
    concepts: Mapping[Key, tuple[Id, ...] | Mapping[Key, Binding]]
    orders: Mapping[Key, Order] = field(default_factory=dict)

    def of(self, concept: str, resource_type: str) -> Binding | None:
        """How the concept is read from resources of this type; None if it is not."""
        own = self.concepts.get(concept, self.defaults)
        if resource_type not in own:
            return None
        default = self.resources[resource_type]
        if not isinstance(own, Mapping):
            return default
        differing = own[resource_type]
        return replace(default, **{key: getattr(differing, key) for key in differing.key_lines})


def load_bindings(path: Path) -> Bindings:
    """Reads bindings.yaml. Raises PathwayError, with file, line and mend, for every mistake in it."""
    reading = Reading(path.name)
    node = read_yaml(path, reading)
    bindings = None if node is None else read_declared(Bindings, node, reading)
    if bindings is not None and not reading.mistakes:
        _check_types(bindings, reading)
    if bindings is None or reading.mistakes:
        raise PathwayError(*reading.mistakes)
    return bindings


def _check_types(bindings: Bindings, reading: Reading) -> None:
    """Every resource type that a concept names is one that is read."""
    named = [("defaults", bindings.defaults), *bindings.concepts.items()]
    for where, kinds in named:
        for kind in kinds:
            if kind not in bindings.resources:
                mend = f"Write one of {', '.join(bindings.resources)}, or add it under `resources`."
                reading.mistake(getattr(kind, "line", None), f"{where} names {kind}, which is not read.", mend)


def bindings_schema() -> Schema:
    """The JSON Schema of bindings.yaml, for editors."""
    return json_schema(Bindings, "ischio bindings.yaml")
