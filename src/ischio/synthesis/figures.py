"""The figures from which synthetic people are drawn, as figures.yaml holds them with their sources."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

BASES = ("measured", "derived", "convention")


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. value: a share for a percentage, else the number in its unit. written: the number as it stands.

    basis: measured, derived or convention. claim: of the evidence, on which it rests; None for a convention.
    """

    name: str
    value: float
    written: str
    unit: str
    basis: str
    claim: str | None
    note: str


class Figures:
    """All figures by name; `figures.leaves_care` is the number itself. choices: ways, each with its weight."""

    def __init__(self, entries: tuple[Figure, ...], choices: Mapping[str, Mapping[str, float]]) -> None:
        self.entries = entries
        self.choices = choices
        self.numbers: Mapping[str, float] = {entry.name: entry.value for entry in entries}

    def __getattr__(self, name: str) -> float:
        try:
            return float(self.__dict__["numbers"][name])
        except KeyError:
            raise AttributeError(f"figures.yaml has no {name}") from None


@cache
def load_figures() -> Figures:
    """The figures that are shipped. A name stands once, whatever its group."""
    groups = dict(data("figures"))
    choices = groups.pop("choices")
    entries = [_figure(name, entry) for group in groups.values() for name, entry in group.items()]
    assert len({entry.name for entry in entries}) == len(entries), "a name stands twice in figures.yaml"
    return Figures(tuple(entries), choices)


def _figure(name: str, entry: Mapping[str, Any]) -> Figure:
    value = float(entry["value"]) / (100 if entry["unit"] == "%" else 1)
    written = str(entry["value"])
    return Figure(name, value, written, entry["unit"], entry["basis"], entry.get("claim"), entry.get("note", ""))


def data(name: str) -> Any:
    """A data file of this package."""
    text = files("ischio.synthesis").joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
