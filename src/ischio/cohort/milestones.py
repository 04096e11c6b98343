"""The days on which hips pass a milestone: in a stage, on the day of a date fact, while a condition holds."""

from datetime import date
from typing import TYPE_CHECKING

from ischio.backends.sql.conditions import Conditions
from ischio.backends.sql.dialect import DUCKDB
from ischio.backends.sql.index import DateColumn
from ischio.backends.sql.names import fact_column
from ischio.backends.sql.outcome import STAGE
from ischio.backends.sql.setting import Setting
from ischio.backends.sql.text import all_of, quoted
from ischio.cohort.called import Called
from ischio.model.dates import Duration
from ischio.model.measures import Milestone
from ischio.model.pathway import Pathway

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def cannot_show(pathway: Pathway) -> str:
    """What no figure of a cohort can show; it stands beside each of them."""
    return (
        f"It tells what is on record and no cause: {Called.by(pathway).hips} that came to a treatment differ from "
        "those that did not, other treatments may have come in between, and those without a reading may have fared "
        "otherwise."
    )


def days_of(pathway: Pathway, milestone: Milestone, judged: str) -> str:
    """A select of the index days on which each hip is at the milestone: person, hip, day."""
    conditions = []
    if milestone.stage is not None:
        conditions.append(f"{STAGE} = {quoted(milestone.stage)}")
    if milestone.day_of is not None:
        conditions.append(f"{fact_column(milestone.day_of)} = index_date")
    if milestone.when is not None:
        conditions.append(Conditions(Setting(pathway, DUCKDB, DateColumn())).truth(milestone.when))
    return f"select person, hip, index_date as day from {judged} where {all_of(conditions)}"


def first_day_of(pathway: Pathway, milestone: Milestone, judged: str) -> str:
    """A select of the first such day of each hip."""
    return f"select person, hip, min(day) as day from ({days_of(pathway, milestone, judged)}) group by person, hip"


def last_date(connection: "DuckDBPyConnection", judged: str) -> date | None:
    """The date of the cohort; None of an empty table."""
    (found,) = connection.execute(f"select max(index_date) from {judged} where at_end").fetchall()
    day = found[0]
    assert day is None or isinstance(day, date)
    return day


def moved(day: str, by: Duration, sign: int = 1) -> str:
    """A date moved as `model.dates.shift` does it: months first, then days."""
    after = DUCKDB.add_months(day, sign * by.months) if by.months else day
    return f"({after} {'+' if sign > 0 else '-'} {by.days})" if by.days else after
