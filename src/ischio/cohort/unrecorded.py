"""What is not recorded: which unknown facts keep the gate ahead from being told, and how often each fact is unknown."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from ischio.backends.sql.conditions import Conditions
from ischio.backends.sql.dialect import DUCKDB
from ischio.backends.sql.index import OneDate
from ischio.backends.sql.names import criterion_column, fact_column
from ischio.backends.sql.setting import Setting
from ischio.backends.sql.text import Column, any_of, case, layered, listed, quoted
from ischio.cohort.positions import ON_PATHWAY
from ischio.model.expression import Between, Compare, CriterionHolds, Expression, FactHolds, criteria_named, parts_of
from ischio.model.facts import Fact, ValueKind
from ischio.model.pathway import Pathway

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True, slots=True)
class Blocking:
    """At how many hips the gate to a stage cannot be told, and this fact is among those for want of which.

    A fact is among them if a path of unknown conditions leads to it from the gate: known otherwise, it might decide.
    """

    gate: str
    fact: str
    hips: int


@dataclass(frozen=True, slots=True)
class Recorded:
    """Of the hips on the pathway, at how many a fact is known, and at how many not."""

    fact: str
    known: int
    unknown: int


def blocking(connection: "DuckDBPyConnection", judged: str, pathway: Pathway, on: date) -> tuple[Blocking, ...]:
    """For each gate ahead that is unknown on the cohort's date, the facts in question by their ids."""
    setting = Setting(pathway, DUCKDB, OneDate(on))
    asked = tuple(asked_for(setting))
    facts = [column.name for column in asked if column.name.startswith("asked_fact_")]
    waiting = (
        f"(select * replace ({listed(encoded(setting))}) from {judged} where at_end and next_gate_truth = 'unknown')"
    )
    counts = ", ".join(f"count(*) filter (where {name}) as {name}" for name in facts)
    rows = connection.execute(
        f"select next_gate, {counts} from {layered(waiting, asked)} group by next_gate"
    ).fetchall()
    found = [
        Blocking(gate, name.removeprefix("asked_fact_"), hips)
        for gate, *numbers in rows
        for name, hips in zip(facts, numbers, strict=True)
        if hips
    ]
    order = {stage.id: place for place, stage in enumerate(pathway.stages)}
    return tuple(sorted(found, key=lambda each: (order[each.gate], each.fact)))


def recorded(connection: "DuckDBPyConnection", judged: str, pathway: Pathway) -> tuple[Recorded, ...]:
    """How often each fact that one can be asked for is known on the cohort's date, of the hips on the pathway."""
    names = [fact_column(name) for name in pathway.facts if name in pathway.enquiries]
    known = ", ".join(f"count({name})" for name in names)
    row = connection.execute(f"select count(*), {known} from {judged} where at_end and {ON_PATHWAY}").fetchone()
    assert row is not None, "an aggregate has a row"
    hips, *counts = row
    facts = (name.removeprefix("fact_") for name in names)
    return tuple(Recorded(fact, count, hips - count) for fact, count in zip(facts, counts, strict=True))


# ---- paths of unknown conditions --------------------------------------------------------------------------------


def encoded(setting: Setting) -> Iterator[Column]:
    """Facts as the printed conditions compare them: codes and dates as numbers."""
    for name, fact in setting.pathway.facts.items():
        column = fact_column(name)
        if fact.type.kind is ValueKind.CODE:
            yield Column(column, _code_numbers(setting, fact, column))
        elif fact.type.kind is ValueKind.DATE:
            yield Column(column, setting.dialect.day_number(column))


def _code_numbers(setting: Setting, fact: Fact, column: str) -> str:
    numbers = setting.numbers.codes_of(fact)
    return case(*((f"{column} = {quoted(code)}", str(number)) for code, number in numbers.items()))


def asked_for(setting: Setting) -> Iterator[Column]:
    """For each criterion and fact below a gate, whether a path of unknown conditions leads to it."""
    pathway, conditions = setting.pathway, Conditions(setting)
    ways: dict[str, list[str]] = {}
    for stage in pathway.ordered_stages:
        ways.setdefault(criterion_column(stage.criterion), []).append(f"next_gate = {quoted(stage.id)}")
    for name, criterion in reversed(tuple(_in_order(pathway))):
        column = criterion_column(name)
        if column not in ways:
            continue
        yield Column(f"asked_{column}", f"({column} is null and {any_of(ways[column])})")
        for target, way in _unknown_below(conditions, criterion):
            ways.setdefault(target, []).append(f"(asked_{column} and {way})" if way else f"asked_{column}")
    for column, found in ways.items():
        if column.startswith("fact_"):
            yield Column(f"asked_{column}", f"({column} is null and {any_of(found)})")


def _in_order(pathway: Pathway) -> Iterator[tuple[str, Expression]]:
    """Every criterion behind those that it names."""
    seen: set[str] = set()

    def visit(name: str) -> Iterator[tuple[str, Expression]]:
        if name not in seen:
            seen.add(name)
            for inner in criteria_named(pathway.criteria[name].when):
                yield from visit(inner)
            yield name, pathway.criteria[name].when

    for name in pathway.criteria:
        yield from visit(name)


def _unknown_below(conditions: Conditions, expression: Expression) -> Iterator[tuple[str, str]]:
    """The facts and criteria named in a condition, each with what must be unknown on the way to it."""
    match expression:
        case FactHolds(fact) | Compare(fact) | Between(fact):
            yield fact_column(fact), ""
        case CriterionHolds(name):
            yield criterion_column(name), ""
        case _:
            for part in parts_of(expression):
                for target, way in _unknown_below(conditions, part):
                    own = f"({conditions.truth(part)}) is null" if parts_of(part) else ""
                    yield target, " and ".join(filter(None, (own, way)))
