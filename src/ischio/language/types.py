"""Which constants a fact may be compared with, and how."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import assert_never

from ischio.language.names import suggestion
from ischio.model.expression import IndexDate, Limit, Literal, Operator, ParameterValue
from ischio.model.facts import FactType, ValueKind
from ischio.model.parameters import Parameter, Quantity

OPERATORS: Mapping[str, Operator] = {operator.value: operator for operator in Operator} | {
    "before": Operator.LESS,
    "on or before": Operator.AT_MOST,
    "after": Operator.GREATER,
    "on or after": Operator.AT_LEAST,
}

FLIPPED: Mapping[Operator, Operator] = {
    Operator.EQUAL: Operator.EQUAL,
    Operator.NOT_EQUAL: Operator.NOT_EQUAL,
    Operator.LESS: Operator.GREATER,
    Operator.AT_MOST: Operator.AT_LEAST,
    Operator.GREATER: Operator.LESS,
    Operator.AT_LEAST: Operator.AT_MOST,
}
"""The operator that says the same with the sides exchanged."""

_BARE = re.compile(r"1|\{[^}]*\}")

DATE_WORDS = frozenset({"before", "on or before", "after", "on or after"})

Fault = tuple[str, str]
"""What is wrong, and the mend."""


def described(type_: FactType) -> str:
    """The type in words: "a number in mm"."""
    match type_.kind:
        case ValueKind.BOOLEAN:
            return "a yes-or-no fact"
        case ValueKind.NUMBER:
            return "a number" if type_.unit == "1" else f"a number in {type_.unit}"
        case ValueKind.CODE:
            return "a fact of codes"
        case ValueKind.DATE:
            return "a date"
        case _:
            assert_never(type_.kind)


def clash(fact: str, type_: FactType, word: str, limit: Limit, parameters: Mapping[str, Parameter]) -> Fault | None:
    """Why the fact cannot be compared with the limit by this word; None if it can."""
    if word in DATE_WORDS and type_.kind is not ValueKind.DATE:
        return f"`{word}` is for dates, and `{fact}` is {described(type_)}.", "Write = != < <= > or >=."
    match type_.kind:
        case ValueKind.BOOLEAN:
            return f"`{fact}` is a yes-or-no fact and is not compared.", f"Write {fact}, or not {fact}."
        case ValueKind.NUMBER:
            return _number_clash(fact, type_, limit, parameters)
        case ValueKind.CODE:
            return _code_clash(fact, type_, word, limit)
        case ValueKind.DATE:
            return _date_clash(fact, limit)
        case _:
            assert_never(type_.kind)


def same_unit(first: str, second: str) -> bool:
    """Whether two UCUM units are one. A remark in braces is a bare number, as `{score}` is."""
    return first == second or ("1" in (first, second) and all(_BARE.fullmatch(unit) for unit in (first, second)))


def _number_clash(fact: str, type_: FactType, limit: Limit, parameters: Mapping[str, Parameter]) -> Fault | None:
    if isinstance(limit, Literal) and isinstance(limit.value, Decimal):
        return _step_clash(fact, type_, [limit.value], f"{limit.value:f}")
    if not isinstance(limit, ParameterValue):
        return f"`{fact}` is {described(type_)}, so it is compared with a number.", "Write a number or a parameter."
    values = [dated.value for dated in parameters[limit.parameter].values]
    quantities = [value for value in values if isinstance(value, Quantity)]
    if len(quantities) < len(values):
        return f"`{limit.parameter}` is a duration, and `{fact}` is {described(type_)}.", "Name a number parameter."
    return _unit_clash(fact, type_, limit.parameter, quantities) or _step_clash(
        fact, type_, [quantity.value for quantity in quantities], limit.parameter
    )


def _unit_clash(fact: str, type_: FactType, parameter: str, quantities: Iterable[Quantity]) -> Fault | None:
    unit = next((quantity.unit for quantity in quantities if not same_unit(quantity.unit, type_.unit)), None)
    if unit is None:
        return None
    return f"`{parameter}` is in {unit}, and `{fact}` is in {type_.unit}.", f"Give the parameter in {type_.unit}."


def _step_clash(fact: str, type_: FactType, values: Iterable[Decimal], named: str) -> Fault | None:
    if all(type_.steps(value) is not None for value in values):
        return None
    what = f"`{named}` falls between the steps of `{fact}`, which is held in steps of {type_.step}."
    return what, "Round it to a step, or give the fact a finer step."


def _code_clash(fact: str, type_: FactType, word: str, limit: Limit) -> Fault | None:
    if word not in ("=", "!="):
        return f"`{fact}` is a fact of codes, which have no order.", f"Write {fact} = 'code'."
    if not isinstance(limit, Literal) or not isinstance(limit.value, str):
        return f"`{fact}` is a fact of codes, so it is compared with one.", f"Write {fact} = 'code'."
    if limit.value not in type_.codes:
        what = f"`{limit.value}` is not a code of `{fact}`."
        return what, suggestion(limit.value, type_.codes) or f"Its codes are {', '.join(type_.codes)}."
    return None


def _date_clash(fact: str, limit: Limit) -> Fault | None:
    if isinstance(limit, IndexDate) or (isinstance(limit, Literal) and isinstance(limit.value, date)):
        return None
    return f"`{fact}` is a date, so it is compared with one.", "Write Index, Index - 3 months, or @2026-01-31."
