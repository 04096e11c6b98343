"""The expression tree of a condition: one closed union, which every reading of the pathway walks.

Add a kind here and the type checker names every back end that lacks it (each ends in `assert_never`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import assert_never

from ischio.model.dates import Duration


class Operator(Enum):
    """How a fact is compared. On dates `<` is written `before`, `<=` `on or before`, and so on."""

    __hash__ = object.__hash__  # members are single, and Enum's own hash is slow

    EQUAL = "="
    NOT_EQUAL = "!="
    LESS = "<"
    AT_MOST = "<="
    GREATER = ">"
    AT_LEAST = ">="


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant written in the condition: a number in the fact's unit, one of its codes, or a date."""

    value: Decimal | str | date


@dataclass(frozen=True, slots=True)
class ParameterValue:
    """The value that a parameter has on the index date."""

    parameter: str


@dataclass(frozen=True, slots=True)
class IndexDate:
    """The index date, moved by a duration or by a duration parameter. sign is 1 (later) or -1 (earlier)."""

    offset: Duration | ParameterValue | None = None
    sign: int = -1


Limit = Literal | ParameterValue | IndexDate


@dataclass(frozen=True, slots=True)
class Constant:
    """`true` or `false`."""

    value: bool


@dataclass(frozen=True, slots=True)
class FactHolds:
    """A yes-or-no fact; unknown while the fact is unknown."""

    fact: str


@dataclass(frozen=True, slots=True)
class CriterionHolds:
    """A criterion or gate, by name."""

    criterion: str


@dataclass(frozen=True, slots=True)
class Compare:
    """One fact against one constant; unknown while the fact is unknown."""

    fact: str
    operator: Operator
    limit: Limit


@dataclass(frozen=True, slots=True)
class Between:
    """`fact between low and high`, both included; unknown while the fact is unknown."""

    fact: str
    low: Limit
    high: Limit


@dataclass(frozen=True, slots=True)
class Not:
    part: "Expression"


@dataclass(frozen=True, slots=True)
class AllOf:
    """`and`: two or more parts, none of them an AllOf."""

    parts: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """`or`: two or more parts, none of them an AnyOf."""

    parts: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Implies:
    """`condition implies consequence`."""

    condition: "Expression"
    consequence: "Expression"


Leaf = FactHolds | Compare | Between
Expression = Constant | FactHolds | CriterionHolds | Compare | Between | Not | AllOf | AnyOf | Implies


def parts_of(expression: Expression) -> tuple[Expression, ...]:
    """The expressions directly inside this one."""
    match expression:
        case Constant() | FactHolds() | CriterionHolds() | Compare() | Between():
            return ()
        case Not(part):
            return (part,)
        case AllOf(parts) | AnyOf(parts):
            return parts
        case Implies(condition, consequence):
            return (condition, consequence)
        case _:
            assert_never(expression)


def walk(expression: Expression) -> Iterator[Expression]:
    """The expression and all expressions inside it, in reading order. Names are not followed."""
    yield expression
    for part in parts_of(expression):
        yield from walk(part)


def facts_named(expression: Expression) -> tuple[str, ...]:
    """The facts named in the expression itself, each once, in reading order."""
    found = (node.fact for node in walk(expression) if isinstance(node, FactHolds | Compare | Between))
    return tuple(dict.fromkeys(found))


def criteria_named(expression: Expression) -> tuple[str, ...]:
    """The criteria and gates named in the expression itself, each once, in reading order."""
    found = (node.criterion for node in walk(expression) if isinstance(node, CriterionHolds))
    return tuple(dict.fromkeys(found))


def parameters_named(expression: Expression) -> tuple[str, ...]:
    """The parameters named in the expression itself, each once, in reading order."""
    limits: list[Limit] = []
    for node in walk(expression):
        if isinstance(node, Compare):
            limits.append(node.limit)
        elif isinstance(node, Between):
            limits += [node.low, node.high]
    found: list[str] = []
    for limit in limits:
        source = limit.offset if isinstance(limit, IndexDate) else limit
        if isinstance(source, ParameterValue):
            found.append(source.parameter)
    return tuple(dict.fromkeys(found))
