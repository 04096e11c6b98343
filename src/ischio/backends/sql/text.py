"""Pieces of SQL text, and selects in layers."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

NULL = "null"
TRUE, FALSE = "true", "false"


class Column(NamedTuple):
    """A column of a select and the expression that it stands for."""

    name: str
    sql: str

    def __str__(self) -> str:
        return self.name if self.name == self.sql else f"{self.sql} as {self.name}"


@dataclass(frozen=True)
class Statement:
    """A table and the select that fills it. once: it is the same for all persons."""

    name: str
    sql: str
    once: bool = False


def all_of(parts: Iterable[str]) -> str:
    """The conjunction, true of none."""
    kept = [part for part in parts if part != TRUE]
    return f"({' and '.join(kept)})" if kept else TRUE


def any_of(parts: Iterable[str]) -> str:
    """The disjunction, false of none."""
    kept = [part for part in parts if part != FALSE]
    return f"({' or '.join(kept)})" if kept else FALSE


def case(*branches: tuple[str, str], otherwise: str = NULL) -> str:
    """The result of the first condition that is true."""
    kept = [(condition, result) for condition, result in branches if condition != FALSE]
    if not kept:
        return otherwise
    whens = " ".join(f"when {condition} then {result}" for condition, result in kept)
    return f"case {whens} end" if otherwise == NULL else f"case {whens} else {otherwise} end"


def one_of(value: str, choices: Iterable[int | str]) -> str:
    """Whether the value is one of the numbers (or printed expressions)."""
    listed = [str(choice) for choice in choices]
    return f"{value} = {listed[0]}" if len(listed) == 1 else f"{value} in ({', '.join(listed)})"


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def values(name: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A small table written out."""
    listed = ", ".join(f"({', '.join(row)})" for row in rows)
    return f"(values {listed}) as {name}({', '.join(columns)})"


def listed(columns: Iterable[object]) -> str:
    """Columns, or their names, one a line."""
    return ",\n  ".join(map(str, columns))


_QUOTED = re.compile(r"'[^']*'")
_NAME = re.compile(r"[a-z_][a-z0-9_]*")


def layered(source: str, columns: Sequence[Column]) -> str:
    """A select of `source` with the columns added, each in a layer above those that its expression names.

    In one select a column cannot name another; writing the other's expression in its place, as engines would, makes
    the text of a gate as long as all that it rests on.
    """
    depths = _depths(columns)
    for depth in range(max(depths.values(), default=-1) + 1):
        layer = [column for column in columns if depths[column.name] == depth]
        source = f"(\nselect *,\n  {listed(layer)}\nfrom {source}) as layer_{depth}"
    return source


def names_in(columns: Iterable[Column]) -> set[str]:
    """The words that the expressions name, what is quoted left out."""
    return {name for column in columns for name in _NAME.findall(_QUOTED.sub("", column.sql))}


def _depths(columns: Sequence[Column]) -> Mapping[str, int]:
    named = {column.name: column for column in columns}
    depths: dict[str, int] = {}

    def depth_of(name: str) -> int:
        if name not in depths:
            inner = names_in([named[name]]) & named.keys()
            depths[name] = 1 + max(map(depth_of, inner), default=-1)
        return depths[name]

    for column in columns:
        depth_of(column.name)
    return depths
