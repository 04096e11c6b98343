"""Getting at parts of decoded JSON that may have any shape. Nothing here raises: what is not there is not found."""

from collections.abc import Iterator
from typing import Any

Json = Any
"""Decoded JSON: dict, list, str, int, Decimal, bool or None."""

Coding = tuple[str, str]
"""A code with the URI of its code system before it."""


class Route(str):
    """A path into a resource: its keys joined by dots, `effectivePeriod.start`. Lists on the way are entered."""

    __slots__ = ("keys",)
    keys: tuple[str, ...]

    def __new__(cls, written: str) -> "Route":
        route = super().__new__(cls, written)
        route.keys = tuple(written.split("."))
        return route

    def found(self, node: Json) -> list[Json]:
        """Everything that the path leads to, in order; empty if it leads nowhere."""
        reached = [node]
        for key in self.keys:
            here, reached = reached, []
            for part in here:
                child = part.get(key) if type(part) is dict else None
                if type(child) is list:
                    reached.extend(child)
                elif child is not None:
                    reached.append(child)
        return reached

    def text(self, node: Json) -> str | None:
        """The first text that the path leads to."""
        return next((part for part in self.found(node) if type(part) is str and part), None)


def codings(concept: Json) -> Iterator[Coding]:
    """The codes of a CodeableConcept, or the code that a Coding is itself."""
    if type(concept) is not dict:
        return
    listed = concept.get("coding", (concept,))
    for coding in listed if type(listed) in (list, tuple) else ():
        if type(coding) is dict:
            system, code = coding.get("system"), coding.get("code")
            if type(system) is str and type(code) is str:
                yield system, code


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


def bare_codes(node: Json) -> Iterator[str]:
    """The codes at a place that holds a code or a CodeableConcept, whatever their system."""
    if type(node) is str:
        yield node
    else:
        yield from (code for _, code in codings(node))


def shown(value: Json, limit: int = 60) -> str:
    """A part of the input as it may be shown: printable (no terminal can be steered by it) and not too long."""
    text = "".join(letter if letter.isprintable() else "?" for letter in str(value))
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
