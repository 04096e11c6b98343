"""Kleene's three-valued logic: unknown is a value of its own and never becomes "no".

Source: HL7 CQL 1.5, "Logical Operators"; S. C. Kleene, Introduction to Metamathematics (1952), section 64.
"""

from collections.abc import Iterable
from enum import Enum


class Truth(Enum):
    """The truth of a condition about one hip on one date."""

    __hash__ = object.__hash__  # members are single, and Enum's own hash is slow

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"

    def __bool__(self) -> bool:
        raise TypeError(
            "A Truth may be unknown, so `if`, `and`, `or` and `not` cannot take it. "
            "Ask for the value you mean: `if truth is Truth.TRUE`."
        )


TRUE, FALSE, UNKNOWN = Truth.TRUE, Truth.FALSE, Truth.UNKNOWN


def truth_of(value: bool | None) -> Truth:
    """The truth of a Python boolean; None is unknown."""
    if value is None:
        return UNKNOWN
    return TRUE if value else FALSE


def negation(truth: Truth) -> Truth:
    """True and false change places; unknown stays unknown."""
    if truth is UNKNOWN:
        return UNKNOWN
    return FALSE if truth is TRUE else TRUE


def conjunction(truths: Iterable[Truth]) -> Truth:
    """False if one is false, else unknown if one is unknown, else true (so true of none)."""
    answer = TRUE
    for truth in truths:
        if truth is FALSE:
            return FALSE
        if truth is UNKNOWN:
            answer = UNKNOWN
    return answer


def disjunction(truths: Iterable[Truth]) -> Truth:
    """True if one is true, else unknown if one is unknown, else false (so false of none)."""
    answer = FALSE
    for truth in truths:
        if truth is TRUE:
            return TRUE
        if truth is UNKNOWN:
            answer = UNKNOWN
    return answer


def implication(condition: Truth, consequence: Truth) -> Truth:
    """`condition implies consequence`, which is `not condition or consequence`."""
    return disjunction((negation(condition), consequence))
