"""The parts of the SQL printer by themselves: what it refuses, units, and the tables of ranges of persons."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from generative.agreement import Asked, by_sql, connection, differences, load, numbered
from generative.cohorts import INDEX, cohort_of
from hypothesis import given
from hypothesis import strategies as st

from ischio.backends.sql.dialect import DUCKDB, SPARK
from ischio.backends.sql.duck import run, run_by_range
from ischio.backends.sql.printer import statements
from ischio.backends.sql.refusals import NotInSql
from ischio.backends.sql.text import Column, layered
from ischio.backends.sql.units import rounded, steps_of
from ischio.language.units import UnitError, canonical, convert
from ischio.loading.pathway import load_pathway
from ischio.model.dates import Duration, shift
from ischio.model.facts import Absent, FactType, Latest, StaleAfter, ValueKind

PATHWAY = load_pathway()
ANKLE = load_pathway(Path(__file__).parents[1] / "knowledge" / "ankle")
"""A small pathway, planned quickly."""


def test_what_cannot_be_printed_is_refused_with_its_place_and_the_mend() -> None:
    fact = next(each for each in PATHWAY.facts.values() if isinstance(each.derivation, Latest) and each.derivation.yes)
    stale = replace(fact.derivation, stale_after=StaleAfter(Duration(days=7)))
    vouched = replace(fact, derivation=stale, absent=Absent(no_when=fact.id))
    with pytest.raises(NotInSql) as refused:
        statements(replace(PATHWAY, facts={**PATHWAY.facts, fact.id: vouched}), DUCKDB)
    mistake = refused.value.mistakes[0]
    assert (mistake.file, mistake.line, mistake.where) == (
        fact.about.place.file,
        fact.about.place.line,
        f"fact {fact.id}",
    )
    assert f"no when {fact.id}" in mistake.what
    assert "exists" in mistake.mend


@given(
    st.decimals(-999, 999, places=3),
    st.sampled_from(["mm", "cm", "m", "%", "mmol/mol", "1"]),
    st.sampled_from(
        [("mm", "0.1", "space"), ("1", "1", "pain_score"), ("mmol/mol", "1", "hba1c"), ("%", "0.1", "hba1c")]
    ),
)
def test_numbers_become_the_steps_that_the_engine_reads(value: Decimal, unit: str, scale: tuple[str, str, str]) -> None:
    wanted, step, concept = scale
    type_ = FactType(ValueKind.NUMBER, wanted, Decimal(step))
    try:
        expected = type_.nearest_steps(convert(value, unit, wanted, concept))
    except UnitError:
        assert steps_of(type_, canonical(unit), concept) is None
        return
    steps = steps_of(type_, canonical(unit), concept)
    assert steps is not None
    line = f"{steps.times} as times, {steps.plus} as plus, {steps.per} as per"
    row = f"{int(value * 1_000_000)}::bigint as millionths, {line}"
    assert duckdb.execute(f"select {rounded(DUCKDB)} from (select {row})").fetchone() == (expected,)


@given(
    st.dates(date(1, 1, 1), date(9999, 12, 31)) | st.dates(date(2024, 1, 28), date(2024, 3, 2)),
    st.integers(-30, 30),
    st.booleans(),
)
def test_days_are_moved_as_the_engine_moves_them(day: date, count: int, months: bool) -> None:
    duration = Duration(months=abs(count)) if months else Duration(days=abs(count))
    sign = 1 if count >= 0 else -1
    printed = DUCKDB.moved("day", sign * duration.months, sign * duration.days)
    found = duckdb.execute(f"select {printed} from (select {day.toordinal()} as day)").fetchone()
    assert found == (shift(day, duration, sign).toordinal(),)


def test_a_column_stands_in_a_layer_above_those_it_names() -> None:
    source = layered(
        "(select 1 as one)", [Column("three", "two + one"), Column("two", "one + 1"), Column("word", "'two'")]
    )
    assert duckdb.execute(f"select three, two, word from {source}").fetchone() == (3, 2, "two")


def test_printing_twice_gives_the_same_text_and_the_dialects_the_same_tables() -> None:
    first, again = (statements(PATHWAY, DUCKDB, INDEX) for _ in range(2))
    assert first == again
    assert [each.name for each in statements(PATHWAY, SPARK, INDEX)] == [each.name for each in first]


def test_ranges_of_persons_give_what_all_persons_give() -> None:
    asked = cohort_of(ANKLE, 1, 30)
    database = connection()
    load(database, ANKLE, asked)
    whole = set(run(database, ANKLE, INDEX, with_facts=False).fetchall())
    parts = [answers.fetchall() for answers in run_by_range(database, ANKLE, INDEX, persons=12)]
    assert [len(part) for part in parts] == [24, 24, 12]
    assert {row for part in parts for row in part} == whole


def test_a_person_with_several_index_dates_gets_an_answer_for_each() -> None:
    record = cohort_of(ANKLE, 2, 1)[0].record
    for days in (0, 30):
        index = INDEX + timedelta(days=days)
        asked = numbered([Asked(record, index)])
        assert not list(differences(ANKLE, asked, by_sql(ANKLE, asked, index)))
    database = connection()
    load(database, ANKLE, [Asked(record, INDEX), Asked(record, INDEX + timedelta(days=30))])
    database.execute("create or replace temp table events as select distinct * from events")
    rows = run(database, ANKLE, with_facts=False).fetchall()
    single = {
        (index, row[1:])
        for index in (INDEX, INDEX + timedelta(days=30))
        for row in run(database, ANKLE, index, with_facts=False).filter("true").distinct().fetchall()
    }
    assert {(row[1], row[2:]) for row in rows} == single
    assert len(rows) == 4
