"""What a file may hold, declared once as dataclasses: the same declaration reads YAML and gives the JSON Schema.

A mapping with fixed keys is a subclass of `Entry`; its annotations are its keys (`from_` is the key `from`), and a key
without a default is required. `Annotated[..., "words"]` tells editors what a key means.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import cache
from inspect import cleandoc
from types import NoneType, UnionType
from typing import Annotated, Any, ClassVar, Final, NewType, TypeVar, Union, cast, get_args, get_origin, get_type_hints
from typing import Literal as Choice

from ischio.language.literals import day
from ischio.language.names import SHAPE, refusal, suggestion
from ischio.loading.yaml_lines import Entries, Items, Node, Reading, Written

Name = NewType("Name", Written)
"""An id of ours: lower snake case, no CQL keyword."""
Id = NewType("Id", Written)
"""A code or other id that no condition names: letters, digits, `_`, `-`, `.`."""
Loose = NewType("Loose", Written)
"""Text that YAML may take for a number or for true or false, such as `4`, `15 mm` or a condition that is `false`."""

Schema = dict[str, Any]
E = TypeVar("E")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A mapping with fixed keys. line: where it starts; key_lines: where each key stands."""

    KIND: ClassVar[str] = ""
    line: int
    key_lines: Mapping[str, int] = field(default_factory=dict)

    def at(self, key: str) -> int:
        """The line of a key, or of the entry where the key is not written."""
        return self.key_lines.get(key, self.line)


class Text(str):
    """Text with a meaning of its own, made from what is written; ValueError says that it is none of its kind."""

    WORDS: ClassVar[str] = "text"
    __slots__ = ()


class Fault:
    """Stands for a value that could not be read; the mistake is already told."""


FAULT: Final = Fault()


class Shape(ABC):
    """One kind of value: how it is read, and its JSON Schema."""

    words: str
    """What is asked for, in a sentence."""

    @abstractmethod
    def read(self, node: Node, line: int, reading: Reading) -> Any:
        """The value of a node, or FAULT after telling the mistake. line: of the key that holds the node."""

    @abstractmethod
    def schema(self, seen: dict[str, Schema]) -> Schema:
        """The JSON Schema; those of entries are gathered in `seen` by name."""

    def refuse(self, node: Node, line: int, reading: Reading) -> Fault:
        at = line if node is None else node.line
        what = "The value is missing." if node is None else f"{shown(node)} is not {self.words}."
        reading.mistake(at, what, self.mend(node))
        return FAULT

    def mend(self, node: Node) -> str:  # noqa: ARG002  # others of its kind need it
        return f"Write {self.words}."


def shown(node: Node) -> str:
    """A node that is written, in a sentence."""
    match node:
        case Items():
            return "A list"
        case Entries():
            return "A mapping"
        case _:
            return f"`{node}`"


@dataclass(frozen=True)
class Scalar(Shape):
    """A single value. convert raises ValueError (or gives None) for text that is none."""

    words: str
    json: Mapping[str, Any]
    convert: Callable[[Written], Any]
    choices: tuple[str, ...] = ()

    def read(self, node: Node, line: int, reading: Reading) -> Any:
        if not isinstance(node, Written):
            return self.refuse(node, line, reading)
        try:
            value = self.convert(node)
        except (ValueError, InvalidOperation):
            value = None
        return self.refuse(node, line, reading) if value is None else value

    def mend(self, node: Node) -> str:
        if not self.choices:
            return super().mend(node)
        near = suggestion(node, self.choices) if isinstance(node, Written) else ""
        return near or f"Write one of {' | '.join(self.choices)}."

    def schema(self, seen: dict[str, Schema]) -> Schema:  # noqa: ARG002  # others of its kind need it
        return dict(self.json)


def _yes_or_no(text: Written) -> bool | None:
    return {"yes": True, "true": True, "no": False, "false": False}.get(text)


_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")

SCALARS: Mapping[object, Scalar] = {
    Written: Scalar("text", {"type": "string", "minLength": 1}, lambda text: text if text.strip() else None),
    str: Scalar("text", {"type": "string", "minLength": 1}, lambda text: str(text) if text.strip() else None),
    Loose: Scalar("text", {"type": ["string", "number", "boolean"]}, lambda text: text if text.strip() else None),
    Name: Scalar("a name", {"type": "string", "pattern": f"^{SHAPE.pattern}$"}, lambda text: text),
    Id: Scalar("an id", {"type": "string", "pattern": f"^{_ID.pattern}$"}, lambda text: text),
    bool: Scalar("yes or no", {"enum": ["yes", "no", True, False]}, _yes_or_no),
    int: Scalar("a whole number", {"type": "integer"}, int),
    Decimal: Scalar("a number", {"type": "number"}, Decimal),
    date: Scalar("a date such as 2026-01-31", {"type": "string", "format": "date"}, day),
}


def _choice(values: Mapping[str, object]) -> Scalar:
    return Scalar("one of the words allowed here", {"enum": list(values)}, values.get, tuple(values))


@dataclass(frozen=True)
class ListShape(Shape):
    """A list; one item may be written without brackets."""

    item: Shape

    def read(self, node: Node, line: int, reading: Reading) -> Any:
        nodes = node.items if isinstance(node, Items) else (node,)
        values = [self.item.read(each, line, reading) for each in nodes]
        return FAULT if FAULT in values else tuple(values)

    def schema(self, seen: dict[str, Schema]) -> Schema:
        item = self.item.schema(seen)
        return {"anyOf": [item, {"type": "array", "items": item}]}


@dataclass(frozen=True)
class MapShape(Shape):
    """A mapping whose keys are free. A value at fault costs only itself."""

    keys: object
    value: Shape
    words = "a mapping of keys to values"

    def read(self, node: Node, line: int, reading: Reading) -> Any:
        if not isinstance(node, Entries):
            return self.refuse(node, line, reading)
        values = {key: self._value(key, each, reading) for key, each in node.entries.items()}
        return {key: value for key, value in values.items() if value is not FAULT}

    def _value(self, key: Written, node: Node, reading: Reading) -> Any:
        kind = self.value.entry.KIND if isinstance(self.value, EntryShape) else ""
        inner = reading.within(f"{kind} {key}") if kind else reading
        if found := refusal(key) if self.keys is Name else _no_id(key):
            inner.mistake(key.line, *found)
        value = self.value.read(node, key.line, inner)
        if value is FAULT and kind:
            reading.broken.add(key)
        return value

    def schema(self, seen: dict[str, Schema]) -> Schema:
        value, names = self.value.schema(seen), SCALARS[self.keys].schema(seen)
        return {"type": "object", "propertyNames": names, "additionalProperties": value}


def _no_id(key: Written) -> tuple[str, str] | None:
    if _ID.fullmatch(key):
        return None
    return f"`{key}` is not an id.", "Use letters, digits, `_`, `-` and `.`, beginning with a letter or digit."


@dataclass(frozen=True)
class EitherShape(Shape):
    """One shape for a scalar, one for a list, one for a mapping."""

    shapes: Mapping[type, Shape]

    def read(self, node: Node, line: int, reading: Reading) -> Any:
        shape = self.shapes.get(type(node), next(iter(self.shapes.values())))
        return shape.read(node, line, reading)

    def schema(self, seen: dict[str, Schema]) -> Schema:
        return {"anyOf": [shape.schema(seen) for shape in self.shapes.values()]}


@dataclass(frozen=True)
class VariantShape(Shape):
    """A mapping whose keys depend on the value of one of them."""

    key: str
    variants: Mapping[str, "EntryShape"]
    words = "a mapping of keys to values"

    def read(self, node: Node, line: int, reading: Reading) -> Any:
        if not isinstance(node, Entries):
            return self.refuse(node, line, reading)
        tag = next((value for key, value in node.entries.items() if key == self.key), None)
        if tag not in self.variants:
            mend = f"Write `{self.key}: ` and one of {' | '.join(self.variants)}."
            what = f"`{self.key}` is missing." if tag is None else f"{shown(tag)} is no {self.key}."
            reading.mistake(node.line, what, mend)
            return FAULT
        return self.variants[str(tag)].read(node, line, reading)

    def schema(self, seen: dict[str, Schema]) -> Schema:
        return {"oneOf": [variant.schema(seen) for variant in self.variants.values()]}


@dataclass(frozen=True)
class Key:
    """One key of an entry."""

    name: str
    shape: Shape
    required: bool
    doc: str


@dataclass(frozen=True)
class EntryShape(Shape):
    """A mapping with the fixed keys of an Entry."""

    entry: type[Entry]
    keys: Mapping[str, Key]
    words = "a mapping of keys to values"

    def read(self, node: Node, line: int, reading: Reading) -> Any:
        if not isinstance(node, Entries):
            return self.refuse(node, line, reading)
        written = {key: value for key, value in node.entries.items() if self._known(key, reading)}
        values = {key: self._value(key, value, reading) for key, value in written.items() if self._counts(key, value)}
        missing = [key.name for key in self.keys.values() if key.required and key.name not in values]
        if missing:
            are = "is" if len(missing) == 1 else "are"
            named = ", ".join(f"`{key}`" for key in missing)
            reading.mistake(line, f"{named} {are} missing.", f"Add `{missing[0]}: ` and its value.")
        if missing or any(value is FAULT for value in values.values()):
            return FAULT
        key_lines = {str(key): key.line for key in written}
        return self.entry(line=line, key_lines=key_lines, **{_python_name(key): value for key, value in values.items()})

    def _known(self, key: Written, reading: Reading) -> bool:
        if key not in self.keys:
            mend = suggestion(key, self.keys) or f"Its keys are {', '.join(self.keys)}."
            reading.mistake(key.line, f"`{key}` is not a key here.", mend)
        return key in self.keys

    def _counts(self, key: str, value: Node) -> bool:
        """A key without a value is a key that is not written, unless it is required: then its shape speaks up."""
        return value is not None or self.keys[key].required

    def _value(self, key: Written, value: Node, reading: Reading) -> Any:
        where = f"{reading.where}, {key}" if reading.where else str(key)
        return self.keys[key].shape.read(value, key.line, reading.within(where))

    def schema(self, seen: dict[str, Schema]) -> Schema:
        name = self.entry.__name__
        if name not in seen:
            seen[name] = {}  # so that an entry that holds itself ends here
            seen[name] = self._schema(seen)
        return {"$ref": f"#/$defs/{name}"}

    def _schema(self, seen: dict[str, Schema]) -> Schema:
        return {
            "type": "object",
            "description": cleandoc(self.entry.__doc__ or "").split("\n\n")[0].replace("\n", " "),
            "properties": {key.name: _key_schema(key, seen) for key in self.keys.values()},
            "required": [key.name for key in self.keys.values() if key.required],
            "additionalProperties": False,
        }


def _key_schema(key: Key, seen: dict[str, Schema]) -> Schema:
    schema = key.shape.schema(seen)
    if not key.required:
        schema = {"anyOf": [schema, {"type": "null"}]}
    return {"description": key.doc} | schema if key.doc else schema


def _python_name(key: str) -> str:
    return f"{key}_" if key in ("from", "except") else key


@cache
def shape_of(hint: Any) -> Shape:
    """The shape that a type annotation declares."""
    if hint in SCALARS:
        return SCALARS[hint]
    if isinstance(hint, type) and issubclass(hint, Entry):
        return _entry_shape(hint)
    if isinstance(hint, type) and issubclass(hint, Text):
        return Scalar(hint.WORDS, {"type": "string", "minLength": 1}, hint)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _choice({member.value: member for member in hint})
    return _generic_shape(get_origin(hint), get_args(hint))


def _generic_shape(origin: Any, arguments: tuple[Any, ...]) -> Shape:
    if origin is Choice:
        return _choice({value: value for value in arguments})
    if origin is tuple:
        return ListShape(shape_of(arguments[0]))
    if origin is Mapping or getattr(origin, "__name__", "") == "Mapping":
        return MapShape(arguments[0], shape_of(arguments[1]))
    assert origin in (Union, UnionType), f"{origin} declares no shape"
    return _union_shape([shape_of(argument) for argument in arguments if argument is not NoneType])


def _union_shape(shapes: list[Shape]) -> Shape:
    if len(shapes) == 1:
        return shapes[0]
    if all(isinstance(shape, EntryShape) for shape in shapes):
        return _variant_shape(cast(list[EntryShape], shapes))
    by_node = {Scalar: Written, ListShape: Items, EntryShape: Entries, MapShape: Entries}
    return EitherShape({by_node[type(shape)]: shape for shape in shapes})


def _variant_shape(shapes: Iterable[EntryShape]) -> VariantShape:
    """Entries told apart by the key that has only one allowed value in each."""
    tags = [(key.name, only, shape) for shape in shapes for key in shape.keys.values() for only in _only_value(key)]
    return VariantShape(tags[0][0], {only: shape for _, only, shape in tags})


def _only_value(key: Key) -> tuple[str, ...]:
    allowed = key.shape.json.get("enum", ()) if isinstance(key.shape, Scalar) else ()
    return tuple(allowed) if len(allowed) == 1 else ()


def _entry_shape(entry: type[Entry]) -> EntryShape:
    hints = get_type_hints(entry, include_extras=True)
    own = [each for each in fields(entry) if each.name not in ("line", "key_lines")]
    keys = (_key(each, hints[each.name]) for each in own)
    return EntryShape(entry, {key.name: key for key in keys})


def _key(declared: "Field[Any]", hint: Any) -> Key:
    doc = ""
    if get_origin(hint) is Annotated:
        hint, doc = get_args(hint)
    required = declared.default is MISSING and declared.default_factory is MISSING
    return Key(re.sub("_$", "", declared.name), shape_of(hint), required, doc)


def read(hint: type[E], node: Node, reading: Reading, line: int = 1) -> E | None:
    """A node read as the declared type; None after telling its mistakes to `reading`."""
    value = shape_of(cast(Any, hint)).read(node, line, reading)
    return None if value is FAULT else cast(E, value)


def json_schema(hint: Any, title: str) -> Schema:
    """The JSON Schema of a file whose content is declared by the type."""
    seen: dict[str, Schema] = {}
    schema = shape_of(hint).schema(seen)
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title}
    return head | schema | {"$defs": dict(sorted(seen.items()))}
