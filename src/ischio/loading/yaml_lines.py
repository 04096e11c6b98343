"""YAML as text with line numbers.

Every scalar stays the text that was written (YAML alone would turn `absent: no` into False), and every mistake of form
is told with its line. An alias (`*name`) stands for the value with that anchor (`&name`) earlier in the file, and keeps
its lines; tags are refused.

The nodes are built from libyaml's events, not by `yaml.compose`, because composing crashes the interpreter on a file
nested some ten thousand levels deep.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import yaml

from ischio.model.mistake import Mistake

DEEPEST = 40
"""Levels of nesting that are read; no knowledge or case file comes near."""


class Written(str):
    """A scalar as written, with the line (from 1) it stands on. Equal to the plain string."""

    __slots__ = ("line",)
    line: int

    def __new__(cls, text: str, line: int) -> "Written":
        written = super().__new__(cls, text)
        written.line = line
        return written


@dataclass(frozen=True, slots=True)
class Items:
    """A list, with the line it starts on."""

    items: tuple["Node", ...]
    line: int


@dataclass(frozen=True, slots=True)
class Entries:
    """A mapping, with the line it starts on; each key knows its own line."""

    entries: Mapping[Written, "Node"]
    line: int


Node = Written | Items | Entries | None
"""What a file holds. None is nothing written: `key:`, `key: ~` or `key: null`."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One file being read. Mistakes go to one list with the file's name, so that reading never stops at the first.

    file: as the person named it. where: the entry being read, such as "fact pain_now". broken: ids of the entries that
    are written but cannot be read, so that nobody who names them is blamed.
    """

    file: str
    mistakes: list[Mistake] = field(default_factory=list)
    where: str = ""
    broken: set[str] = field(default_factory=set)

    def within(self, where: str) -> "Reading":
        """The same reading inside an entry."""
        return replace(self, where=where)

    def mistake(self, line: int | None, what: str, mend: str) -> None:
        self.mistakes.append(Mistake(what, mend, self.file, line, self.where))


def read_yaml(path: Path, reading: Reading) -> Node:
    """The content of a YAML file, or None after reporting to `reading` why there is none."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        reading.mistake(None, "The file is missing.", "Create it, or mend the name or folder given.")
        return None
    except OSError as error:
        reading.mistake(None, f"The file cannot be read: {error.strerror}.", "Give a file that you may read.")
        return None
    return parse_yaml(raw, reading)


def parse_yaml(raw: bytes, reading: Reading) -> Node:
    """The content of YAML bytes, or None after reporting to `reading` why there is none."""
    text = _decoded(raw, reading)
    if text is None or _has_tabs(text, reading):
        return None
    node = _Builder(reading).document(text)
    if node is None and not reading.mistakes:
        reading.mistake(None, "The file is empty.", "Write its entries, or `{}` where there are none.")
    return node


def _decoded(raw: bytes, reading: Reading) -> str | None:
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        reading.mistake(1, "The file is encoded in UTF-16.", "Save it as UTF-8.")
        return None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        reading.mistake(line, f"The byte {raw[error.start]:#04x} is not UTF-8.", "Save the file as UTF-8.")
        return None


def _has_tabs(text: str, reading: Reading) -> bool:
    tabs = [text.count("\n", 0, found.start()) + 1 for found in re.finditer(r"^ *\t", text, re.MULTILINE)]
    if tabs:
        more = f", and {len(tabs) - 1} more" if len(tabs) > 1 else ""
        reading.mistake(tabs[0], f"The line is indented with a tab{more}.", "Indent with spaces.")
    return bool(tabs)


class _Stop(Exception):
    """The rest of the document cannot be read; the mistake is already reported."""


class _Builder:
    """Builds nodes from the events of one document."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.anchors: dict[str, Node] = {}
        self.aliases = 0

    def document(self, text: str) -> Node:
        try:
            return self._document(yaml.parse(text, yaml.CSafeLoader))
        except _Stop:
            return None
        except yaml.MarkedYAMLError as error:
            self.reading.mistake(*_syntax(error))
        except yaml.reader.ReaderError as error:
            line = text.encode()[: error.position].count(b"\n") + 1
            self.reading.mistake(line, "The file holds a control character.", "Remove it.")
        return None

    def _document(self, events: Iterator[yaml.Event]) -> Node:
        node: Node = None
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise self._stop(event, "A second document starts here (`---`).", "Keep one document in a file.")
            elif isinstance(event, yaml.NodeEvent):
                node = self._node(event, events, 1)
        return node

    def _node(self, event: yaml.Event, events: Iterator[yaml.Event], depth: int) -> Node:
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        if tag := getattr(event, "tag", None):
            raise self._stop(event, f"The value has a tag ({tag}).", "For negation write `not`; else quote it.")
        if depth > DEEPEST:
            raise self._stop(event, f"The file is nested more than {DEEPEST} levels deep.", "Close the brackets.")
        aliases = self.aliases
        node = self._collection_or_scalar(event, events, depth)
        if isinstance(event, yaml.NodeEvent) and event.anchor:
            # An anchored value without aliases in it can be repeated, but not multiplied without bound.
            if self.aliases > aliases:
                raise self._stop(event, f"The value of &{event.anchor} holds an alias.", "Write that part out.")
            self.anchors[event.anchor] = node
        return node

    def _alias(self, event: yaml.AliasEvent) -> Node:
        if event.anchor not in self.anchors:
            what = f"The alias *{event.anchor} stands for nothing earlier in the file."
            raise self._stop(event, what, f"Mark a value with &{event.anchor} before it, or quote the value.")
        self.aliases += 1
        return self.anchors[event.anchor]

    def _collection_or_scalar(self, event: yaml.Event, events: Iterator[yaml.Event], depth: int) -> Node:
        match event:
            case yaml.SequenceStartEvent():
                return Items(tuple(self._nodes(events, yaml.SequenceEndEvent, depth)), _line(event))
            case yaml.MappingStartEvent():
                return self._entries(events, _line(event), depth)
            case _:
                assert isinstance(event, yaml.ScalarEvent)
                return _scalar(event)

    def _nodes(self, events: Iterator[yaml.Event], end: type[yaml.Event], depth: int) -> Iterator[Node]:
        for event in events:
            if isinstance(event, end):
                return
            yield self._node(event, events, depth + 1)

    def _entries(self, events: Iterator[yaml.Event], line: int, depth: int) -> Entries:
        entries: dict[Written, Node] = {}
        children = self._nodes(events, yaml.MappingEndEvent, depth)
        for key in children:
            value = next(children)
            if not isinstance(key, Written):
                at = line if key is None else key.line
                self.reading.mistake(at, "A key is missing or is not a word.", "Write `key: value`.")
            elif key in entries:
                self.reading.mistake(key.line, f"`{key}` is written twice.", "Keep one of the two.")
            else:
                entries[key] = value
        return Entries(entries, line)

    def _stop(self, event: yaml.Event, what: str, mend: str) -> _Stop:
        self.reading.mistake(_line(event), what, mend)
        return _Stop()


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _scalar(event: yaml.ScalarEvent) -> Written | None:
    return None if not event.style and event.value in ("", "~", "null") else Written(event.value, _line(event))


_ADVICE = (
    ("mapping values are not allowed", "Put the whole value in quotes if it holds a colon, and check the indentation."),
    ("cannot start any token", "Put the value in quotes: it starts with a character that YAML keeps for itself."),
    ("unexpected end of stream", "Close the quote."),
    ("',' or", "Close the bracket, and separate its items with commas."),
    ("could not find expected ':'", "Write `key: value`, and indent the lines that continue a value."),
)


def _syntax(error: yaml.MarkedYAMLError) -> tuple[int, str, str]:
    """Line, what and mend of a syntax error, in an author's words where they are known."""
    problem = str(error.problem)
    advice = "Check the indentation here, and put a value that begins with a quote wholly in quotes."
    mend = next((mend for part, mend in _ADVICE if part in problem), advice)
    line = error.problem_mark.line + 1 if error.problem_mark else 1
    return line, f"The YAML cannot be read: {problem}.", mend
