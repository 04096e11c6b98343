"""A condition for two readers: in words, part by part, and as it is written."""

from datetime import date
from decimal import Decimal
from typing import assert_never

from ischio.interfaces.book.content import Block, Item, Listing, Words, Written
from ischio.interfaces.book.links import WORD, Links
from ischio.interfaces.rule_parts import value_text
from ischio.interfaces.words import AGO_WORDS, OPERATORS, amount, day, number
from ischio.language.text import limit_text, operator_text, to_text
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
from ischio.model.parameters import Quantity

COUNT = {Operator.EQUAL: "exactly"} | {each: OPERATORS[each.value] for each in Operator if OPERATORS[each.value]}


def condition(links: Links, expression: Expression) -> tuple[Block, ...]:
    """The condition in words, as a list of its parts, and the line as written."""
    return Listing((in_words(links, expression),)), Written(links.linked(to_text(expression)))


def in_words(links: Links, expression: Expression) -> Item:
    """One part of a condition, with its parts below it."""
    match expression:
        case Constant(value):
            return Item(("always" if value else "never",))
        case FactHolds(name) | CriterionHolds(name):
            return Item((links.rule(name),))
        case Compare() | Between():
            return Item(_compared(links, expression))
        case Not(FactHolds(name) | CriterionHolds(name)):
            return Item(("not: ", links.rule(name)))
        case Not(part):
            return Item(("not:",), (in_words(links, part),))
        case AllOf(parts):
            return Item(("all of these:",), tuple(in_words(links, part) for part in parts))
        case AnyOf(parts):
            return Item(("at least one of these:",), tuple(in_words(links, part) for part in parts))
        case Implies(first, then):
            return Item(("if the first, then the second:",), (in_words(links, first), in_words(links, then)))
        case _:
            assert_never(expression)


def _compared(links: Links, leaf: Compare | Between) -> Words:
    fact = links.rule(leaf.fact)
    if isinstance(leaf, Between):
        return fact, ": from ", *_limit(links, leaf.fact, leaf.low), " to ", *_limit(links, leaf.fact, leaf.high)
    if isinstance(leaf.limit, IndexDate):
        return fact, ": ", *_moment(links, operator_text(leaf.operator, leaf.limit), leaf.limit)
    word = _operator(leaf.operator, leaf.limit)
    return fact, f": {word} " if word else ": ", *_limit(links, leaf.fact, leaf.limit)


def _operator(operator: Operator, limit: Limit) -> str:
    match limit:
        case Literal(str()):
            return "" if operator is Operator.EQUAL else COUNT[operator]
        case Literal(date()):
            return COUNT[operator] if operator is Operator.EQUAL else operator_text(operator, limit)
        case _:
            return COUNT[operator]


def _limit(links: Links, fact: str, limit: Limit) -> Words:
    match limit:
        case Literal(Decimal() as number):
            return (amount(f"{number:f}", links.pathway.facts[fact].type.unit),)
        case Literal(date() as when):
            return (day(when),)
        case Literal(code):
            return (links.pathway.facts[fact].type.codes.get(str(code), str(code)),)
        case ParameterValue(name):
            return parameter(links, name)
        case IndexDate():
            return (limit_text(limit).replace("Index", "the day of the answer"),)
        case _:
            assert_never(limit)


def _moment(links: Links, operator: str, limit: IndexDate) -> Words:
    """A date against the day of the answer: `at least 3 months ago`."""
    offset = limit.offset
    if offset is None:
        return (f"{operator} the day of the answer",)
    told = parameter(links, offset.parameter) if isinstance(offset, ParameterValue) else (str(offset),)
    if limit.sign > 0 or operator not in AGO_WORDS:
        return f"{operator} the day of the answer {'plus' if limit.sign > 0 else 'minus'} ", *told
    before, after = AGO_WORDS[operator].split("{}")
    return before, *told, after


def parameter(links: Links, name: str) -> Words:
    """The value of a parameter on the day of the pathway's review, linked to its page."""
    value = links.pathway.parameters[name].on(links.pathway.reviewed)
    told = amount(number(value.value), value.unit) if isinstance(value, Quantity) else value_text(value)
    return (links.rule(name, told),)


def prose(links: Links, text: str) -> Words:
    """A text with ids in it for a reader: parameters by their value, all others by their title."""
    parts = (_told(links, part) for part in WORD.split(text))
    return tuple(word for words in parts for word in words if word)


def _told(links: Links, part: str) -> Words:
    if part in links.pathway.parameters:
        return parameter(links, part)
    return (links.rule(part) if links.known(part) else part,)
