"""Getting at parts of decoded JSON that may have any shape. Nothing here raises: what is not there is not found."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from ischio.loading.shapes import Text

Json = Any
"""Decoded JSON: dict, list, str, int, Decimal, bool or None."""

Coding = tuple[str, str]
"""A code with the URI of its code system before it."""


class Route(Text):
    """A path into a resource: its keys joined by dots, `effectivePeriod.start`. Lists on the way are entered."""

    WORDS = "a path such as effectivePeriod.start"
    __slots__ = ("_below", "keys", "top")
    keys: tuple[str, ...]
    top: str
    _below: tuple[str, ...]

    def __new__(cls, written: str) -> "Route":
        route = super().__new__(cls, written)
        route.keys = tuple(written.split("."))
        if not all(key.isalnum() for key in route.keys):
            raise ValueError(written)
        route.top, route._below = route.keys[0], route.keys[1:]
        return route

    def found(self, node: Json) -> list[Json]:
        """Everything that the path leads to, in order; empty if it leads nowhere."""
        top = node.get(self.top) if type(node) is dict else None
        if top is None:
            return []
        nodes: list[Json] = top if type(top) is list else [top]
        return self._found_below(nodes) if self._below else nodes

    def _found_below(self, nodes: list[Json]) -> list[Json]:
        """What the rest of the path leads to from each of several nodes."""
        for key in self._below:
            children = [node.get(key) for node in nodes if type(node) is dict]
            nodes = [
                one for child in children for one in (child if type(child) is list else (child,)) if one is not None
            ]
            if not nodes:
                break
        return nodes

    def text(self, node: Json) -> str | None:
        """The first text that the path leads to."""
        return next((part for part in self.found(node) if type(part) is str and part), None)


def gathered(routes: tuple[Route, ...], resource: dict[str, Json]) -> list[Json]:
    """Everything that any of several paths leads to, in order, as a list of its own."""
    found: list[Json] = []
    for route in routes:
        if route.top in resource:  # a resource has few of the keys that it could have
            found += route.found(resource)
    return found


def text_at(node: Json, key: str) -> str | None:
    """The text under a key."""
    found = node.get(key) if type(node) is dict else None
    return found if type(found) is str and found else None


def codings(concept: Json) -> list[Coding]:
    """The codes of a CodeableConcept, or the code that a Coding is itself."""
    if type(concept) is not dict:
        return []
    listed = concept.get("coding")
    if type(listed) is not list:
        listed = [concept]
    found = []
    for one in listed:
        if type(one) is dict:
            system, code = one.get("system"), one.get("code")
            if type(system) is str and type(code) is str:
                found.append((system, code))
    return found


def texts(concept: Json) -> Iterator[str]:
    """The words of a CodeableConcept: its text and the displays of its codes."""
    if type(concept) is not dict:
        return
    listed = concept.get("coding")
    parts = [concept, *(listed if type(listed) is list else ())]
    for part in parts:
        for key in ("text", "display"):
            text = part.get(key) if type(part) is dict else None
            if type(text) is str and text:
                yield text


def first_code(nodes: list[Json]) -> str | None:
    """The first code among places that hold a code, a CodeableConcept or true or false, whatever the system."""
    for node in nodes:
        if type(node) is str:
            return node
        if type(node) is bool:
            return "true" if node else "false"
        for _, code in codings(node):
            return code
    return None


_DIGITS = 30
"""Before the point; no measurement has more, and with far more arithmetic ends in errors."""


def exact(written: str) -> Decimal | str:
    """A number as JSON writes it, to the last digit.

    One beyond all measuring stays a text, and so is no number: it must not make a whole record unreadable.
    """
    try:
        number = Decimal(written)
    except ArithmeticError:
        return written
    return number if number.adjusted() < _DIGITS else written


def shown(value: Json, limit: int = 60) -> str:
    """A part of the input as it may be shown: printable (no terminal can be steered by it) and not too long."""
    text = str(value)
    if not text.isprintable():
        text = "".join(letter if letter.isprintable() else "?" for letter in text)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
