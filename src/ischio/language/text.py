"""An expression as text: one canonical line of the CQL subset, which parses back to the same expression."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import assert_never

from ischio.model.expression import (
    AllOf,
    AnyOf,
    Between,
    Compare,
    Constant,
    CriterionHolds,
    Expression,
    FactHolds,
    Implies,
    IndexDate,
    Limit,
    Literal,
    Not,
    Operator,
    ParameterValue,
)

_DATE_WORDS: Mapping[Operator, str] = {
    Operator.LESS: "before",
    Operator.AT_MOST: "on or before",
    Operator.GREATER: "after",
    Operator.AT_LEAST: "on or after",
}


def to_text(expression: Expression) -> str:
    """The condition as an author would write it, with brackets wherever two operators meet."""
    match expression:
        case Constant(value):
            return "true" if value else "false"
        case FactHolds(name) | CriterionHolds(name):
            return name
        case Compare(fact, operator, limit):
            return f"{fact} {operator_text(operator, limit)} {limit_text(limit)}"
        case Between(fact, low, high):
            return f"{fact} between {limit_text(low)} and {limit_text(high)}"
        case Not(part):
            return f"not {_bracketed(part)}"
        case AllOf(parts):
            return " and ".join(map(_bracketed_unless_compared, parts))
        case AnyOf(parts):
            return " or ".join(map(_bracketed_unless_compared, parts))
        case Implies(condition, consequence):
            return f"{_bracketed_unless_compared(condition)} implies {_bracketed_unless_compared(consequence)}"
        case _:
            assert_never(expression)


def operator_text(operator: Operator, limit: Limit) -> str:
    """The operator as written before this limit: `on or before` a date, `<=` a number."""
    is_date = isinstance(limit, IndexDate) or (isinstance(limit, Literal) and isinstance(limit.value, date))
    return _DATE_WORDS.get(operator, operator.value) if is_date else operator.value


def limit_text(limit: Limit) -> str:
    """The constant as written."""
    match limit:
        case Literal(Decimal() as number):
            return f"{number:f}"
        case Literal(date() as day):
            return f"@{day.isoformat()}"
        case Literal(code):
            return f"'{code}'"
        case ParameterValue(name):
            return name
        case IndexDate(None, _):
            return "Index"
        case IndexDate(offset, sign):
            moved = offset.parameter if isinstance(offset, ParameterValue) else str(offset)
            return f"Index {'+' if sign > 0 else '-'} {moved}"
        case _:
            assert_never(limit)


def _bracketed(part: Expression) -> str:
    plain = isinstance(part, Constant | FactHolds | CriterionHolds)
    return to_text(part) if plain else f"({to_text(part)})"


def _bracketed_unless_compared(part: Expression) -> str:
    plain = isinstance(part, Compare | Between | Not)
    return to_text(part) if plain else _bracketed(part)
