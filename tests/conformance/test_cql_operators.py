"""What a condition means, operator by operator, in the HL7 reference engine and in cql-execution.

The lines are those of the tests of the language, as written and as exported, with values around their limits and with
unknown ones; and the tables of the manual, docs/reference/language.md and dates.md.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import product
from pathlib import Path
from typing import get_args

from cql_oracle import ENGINES, Asked, Json, ask
from operators import INDEXES, PATHWAY, lines, tried, truth
from pages import tables

from ischio.backends.cql.text import Library, decimal, define, listed, text, value
from ischio.model.expression import Compare, CriterionHolds, Expression, Operator, facts_named, walk
from ischio.model.facts import Fact, ValueKind
from ischio.record.events import FactData

TYPES = {ValueKind.BOOLEAN: "Boolean", ValueKind.NUMBER: "Decimal", ValueKind.CODE: "String", ValueKind.DATE: "Date"}
IN_MANUAL = {"true": True, "false": False, "unknown": None}


@dataclass(frozen=True)
class Row:
    """Some expressions in CQL, what each must come to, and the index date on which; None where it does not matter."""

    expressions: tuple[str, ...]
    wanted: tuple[Json, ...]
    index: date | None = None


# ---- the lines of the language ----------------------------------------------------------------------------------


def rows_of(function: str, meaning: Expression) -> Iterator[Row]:
    """The line with every combination of the values of its facts, on each index date."""
    for index in INDEXES:
        given = list(tried(meaning, index))
        calls = (
            f"{function}({', '.join(in_cql(PATHWAY.facts[name], one) for name, one in some.items())})" for some in given
        )
        yield Row(tuple(calls), tuple(truth(meaning, some, index) for some in given), index)


def in_cql(fact: Fact, given: FactData | None) -> str:
    match given:
        case None:
            return f"null as {TYPES[fact.type.kind]}"
        case bool():
            return str(given).lower()
        case int():
            return decimal(fact.type.amount(given))
        case date():
            return f"@{given}"
        case _:
            return text(given)


# ---- the tables of the manual -----------------------------------------------------------------------------------


def manual() -> Iterator[Row]:
    word = {"true": "true", "false": "false", "unknown": "(null as Boolean)"}
    language, dates = tables("language.md"), tables("dates.md")
    for a, b, *told in language["a", "b", "a and b", "a or b", "a implies b"]:
        joined = tuple(f"{word[a]} {operator} {word[b]}" for operator in ("and", "or", "implies"))
        yield Row(joined, tuple(IN_MANUAL[one] for one in told))
    for a, denied in language["a", "not a"]:
        yield Row((f"not {word[a]}",), (IN_MANUAL[denied],))
    for index, moved, gives in dates["Index", "moved by", "gives"]:
        yield Row((f"@{index} {moved}",), (gives,))
    for index, weeks, months in dates["Index", "6 weeks", "3 months"]:
        limits = tuple(f"@2025-11-30 on or before @{index} - {back}" for back in ("6 weeks", "3 months"))
        yield Row(limits, (IN_MANUAL[weeks], IN_MANUAL[months]))


# ---- both -------------------------------------------------------------------------------------------------------


def library(rows: list[Row], functions: list[str]) -> Library:
    parameters = [define(name, value(each.on(INDEXES[0]))) for name, each in PATHWAY.parameters.items()]
    head = "library Operators version '1'\nusing FHIR version '4.0.1'\nparameter Index Date\ncontext Patient"
    asked = [define(f"row {number}", listed(row.expressions)) for number, row in enumerate(rows)]
    return Library("Operators", "\n\n".join((head, *parameters, *functions, *asked)) + "\n")


def function(name: str, line: str, meaning: Expression) -> str:
    operands = ", ".join(f"{fact} {TYPES[PATHWAY.facts[fact].type.kind]}" for fact in sorted(facts_named(meaning)))
    return f"define function {name}({operands}):\n  {line}"


def test_every_operator_means_in_cql_what_it_means_here(tmp_path: Path, record_property) -> None:
    written = [(f"Line{number}", line, meaning) for number, (line, meaning) in enumerate(lines())]
    rows = [*(row for name, _, meaning in written for row in rows_of(name, meaning)), *manual()]
    asked = [
        Asked(str(index), index, {"entry": [{"resource": {"resourceType": "Patient", "id": "p"}}]}) for index in INDEXES
    ]
    operators = library(rows, [function(*each) for each in written])
    answers = ask(tmp_path, [operators], dict.fromkeys(ENGINES, asked), ("Operators",))
    different = [
        f"{engine}, {index}: {expression} is {heard}, not {wanted}"
        for engine in ENGINES
        for index in INDEXES
        for number, row in enumerate(rows)
        if row.index in (index, None)
        for expression, wanted, heard in zip(
            row.expressions, row.wanted, answers[engine][str(index)]["Operators"][f"row {number}"], strict=True
        )
        if heard != wanted or type(heard) is not type(wanted)
    ]
    count = sum(len(row.wanted) for row in rows)
    record_property(
        "counted",
        f"operators in CQL: {count} values of {len(written)} lines and the manual, {len(different)} different",
    )
    assert not different, "\n".join(different[:40])


def test_every_operator_and_kind_of_expression_has_a_line() -> None:
    leaves = [leaf for _, meaning in lines() for leaf in walk(meaning)]
    assert {type(leaf) for leaf in leaves} == {*get_args(Expression)} - {CriterionHolds}
    compared = [leaf for leaf in leaves if isinstance(leaf, Compare)]
    assert {(leaf.operator, PATHWAY.facts[leaf.fact].type.kind) for leaf in compared} == {
        *product(Operator, (ValueKind.NUMBER, ValueKind.DATE)),
        (Operator.EQUAL, ValueKind.CODE),
        (Operator.NOT_EQUAL, ValueKind.CODE),
    }
