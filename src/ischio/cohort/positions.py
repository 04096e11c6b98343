"""Where everyone stands on an index date: counts of hips by stage, gate ahead, diversion and review."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from ischio.model.about import Scope
from ischio.model.pathway import Pathway

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True, slots=True)
class PositionCount:
    """How many hips stand alike on a date. gate: truth of the gate ahead, `false` or `unknown`; `none` past the last.

    review: `ahead`, `overdue`, or `none` where none is owed. diversion: `none` for a hip that is not diverted.
    """

    date: date
    stage: str
    gate: str
    diversion: str
    review: str
    hips: int


@dataclass(frozen=True, slots=True)
class StatusCount:
    """How many hips (of a person-scope action: persons) have an action in a status, of those on the pathway."""

    action: str
    status: str
    count: int


def position_counts(
    connection: "DuckDBPyConnection", judged: str, dates: tuple[date, ...]
) -> tuple[PositionCount, ...]:
    """Every combination that occurs on one of the dates, with its count of hips."""
    on = ", ".join(f"date '{day}'" for day in dates)
    found = connection.execute(
        f"""select index_date, stage, coalesce(next_gate_truth, 'none'), coalesce(diversion, 'none'),
          case when review < index_date then 'overdue' when review is not null then 'ahead' else 'none' end, count(*)
        from {judged} where index_date in ({on}) group by all order by all"""
    ).fetchall()
    return tuple(PositionCount(*row) for row in found)


def persons(connection: "DuckDBPyConnection", judged: str) -> tuple[int, int]:
    """How many persons there are on the cohort's date, and how many of them have a hip on the pathway."""
    row = connection.execute(
        f"""select count(distinct person), count(distinct person) filter (where {ON_PATHWAY})
        from {judged} where at_end"""
    ).fetchone()
    assert row is not None, "an aggregate has a row"
    return int(row[0]), int(row[1])


ON_PATHWAY = "stage <> 'not_on_pathway'"


def statuses(connection: "DuckDBPyConnection", judged: str, pathway: Pathway) -> tuple[StatusCount, ...]:
    """The status of every action on the cohort's date, of the hips on the pathway."""
    names = ", ".join(f"action_{name}" for name in pathway.actions)
    found = connection.execute(
        f"""select name, status, count(*), count(distinct person)
        from (unpivot (select person, {names} from {judged} where at_end and {ON_PATHWAY})
          on {names} into name name value status)
        group by name, status order by name, status"""
    ).fetchall()
    return tuple(
        StatusCount(action, status, people if pathway.actions[action].scope is Scope.PERSON else hips)
        for name, status, hips, people in found
        for action in (name.removeprefix("action_"),)
    )
