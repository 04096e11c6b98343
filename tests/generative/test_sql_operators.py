"""What a condition means, operator by operator, in the printed SQL: the lines that the CQL engines are asked too."""

from collections.abc import Iterator
from datetime import date

import duckdb
import pytest
from operators import INDEXES, PATHWAY, lines, tried, truth

from ischio.backends.sql.conditions import Conditions
from ischio.backends.sql.dialect import DUCKDB
from ischio.backends.sql.index import DateColumn, Index, OneDate
from ischio.backends.sql.names import fact_column
from ischio.backends.sql.setting import Setting
from ischio.backends.sql.text import quoted
from ischio.model.expression import Expression
from ischio.record.events import FactData


def in_sql(setting: Setting, fact: str, given: FactData | None) -> str:
    """A value as our tables hold it: days and codes as numbers."""
    match given:
        case None:
            return "null"
        case str():
            return str(setting.numbers.codes_of(PATHWAY.facts[fact])[given])
        case date():
            return str(given.toordinal())
        case _:
            return str(given)


def asked(line: str, meaning: Expression, index: Index, on: date) -> Iterator[tuple[str, str, bool | None]]:
    """What is told apart, the select that asks it, and what the engine says."""
    setting = Setting(PATHWAY, DUCKDB, index)
    condition = Conditions(setting).truth(meaning)
    for given in tried(meaning, on):
        facts = [f"{in_sql(setting, name, one)} as {fact_column(name)}" for name, one in given.items()]
        row = ", ".join((*facts, f"{on.toordinal()} as index_day"))
        what = f"{line}, {type(index).__name__}, {on}, {given}"
        yield (
            what,
            f"select {quoted(what)} as what, ({condition}) as truth from (select {row})",
            truth(meaning, given, on),
        )


@pytest.mark.parametrize("columns", [False, True], ids=("one index date", "a column of index dates"))
def test_every_operator_means_in_sql_what_it_means_here(columns: bool, capsys: pytest.CaptureFixture[str]) -> None:
    questions = [
        question
        for line, meaning in lines()
        for on in INDEXES
        for question in asked(line, meaning, DateColumn() if columns else OneDate(on), on)
    ]
    answers = dict(duckdb.sql("\nunion all ".join(select for _, select, _ in questions)).fetchall())
    different = [
        f"{what}: {answers[what]}, not {wanted}" for what, _, wanted in questions if answers[what] is not wanted
    ]
    with capsys.disabled():
        print(f"\noperators in SQL: {len(questions)} values compared, {len(different)} different")
    assert not different, "\n".join(different[:40])
