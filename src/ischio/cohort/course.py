"""How hips moved: the stays in each stage, what followed them, and how long they took.

A stay is a hip's unbroken time in one stage, as its index dates show it: what changes by the mere passing of time is
seen on the next day on which something is recorded. A stay that still goes on at the cohort's date, or that death
ended, is censored: it lasted at least that long.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from ischio.backends.sql.names import fact_column
from ischio.model.pathway import Pathway

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

QUARTERS = (0.25, 0.5, 0.75)
ROUNDING = 1e-12
"""A share that should be just one half may come out a trifle larger."""


@dataclass(frozen=True, slots=True)
class Moves:
    """How many stays in a stage were followed by one in another."""

    start: str
    to: str
    count: int


@dataclass(frozen=True, slots=True)
class Dwelling:
    """The stays in one stage: those that ended by a move to another stage or by death, and those that go on.

    quartiles: of the days until the move, by Kaplan and Meier; none where fewer than that share moved.
    """

    stage: str
    moved: int
    died: int
    going: int
    quartiles: tuple[int | None, ...]

    @property
    def all(self) -> int:
        return self.moved + self.died + self.going


@dataclass(frozen=True, slots=True)
class Course:
    moves: tuple[Moves, ...]
    dwellings: tuple[Dwelling, ...]


def course(connection: "DuckDBPyConnection", judged: str, pathway: Pathway) -> Course:
    """Moves and stays of every hip up to the cohort's date, from a table judged along each person's events."""
    connection.execute(f"create or replace temp table stays as {stays(judged, pathway)}")
    moved = connection.execute(
        "select stage, followed_by, count(*) from stays where followed_by is not null group by all order by all"
    ).fetchall()
    lasted = connection.execute("select stage, days, ending, count(*) from stays group by all order by all").fetchall()
    rows = [Lasted(*row) for row in lasted]
    dwellings = (dwelling(stage, list(alike)) for stage, alike in groupby(rows, lambda row: row.stage))
    return Course(tuple(Moves(*row) for row in moved), tuple(dwellings))


def stays(judged: str, pathway: Pathway) -> str:
    """A select of every stay: person, hip, stage, began, days, ending (moved, died, going), followed_by."""
    dead = f"coalesce({fact_column(pathway.deceased_fact)}, false)"
    return f"""with seen as (
      select person, hip, index_date, stage, {dead} as dead,
        lag(stage) over hips is distinct from stage or {dead} as changes,
        max(index_date) over (partition by person, hip) as last_day
      from {judged} window hips as (partition by person, hip order by index_date)
    ), marks as (
      select *, lead(index_date) over hips as next_day, lead(stage) over hips as next_stage,
        lead(dead) over hips as dies
      from seen where changes window hips as (partition by person, hip order by index_date)
    )
    select person, hip, stage, index_date as began,
      date_diff('day', index_date, coalesce(next_day, last_day)) as days,
      case when dies then 'died' when next_stage is null then 'going' else 'moved' end as ending,
      case when not dies then next_stage end as followed_by
    from marks where not dead"""


# ---- how long ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Lasted:
    """So many stays of so many days. ending: moved, died, going."""

    stage: str
    days: int
    ending: str
    count: int


def dwelling(stage: str, rows: list[Lasted]) -> Dwelling:
    """rows: of one stage, in order of days."""
    endings = Counter[str]()
    for row in rows:
        endings[row.ending] += row.count
    left = tuple(still_there(rows))
    quartiles = (next((day for day, share in left if share <= 1 - quarter + ROUNDING), None) for quarter in QUARTERS)
    return Dwelling(stage, endings["moved"], endings["died"], endings["going"], tuple(quartiles))


def still_there(rows: list[Lasted]) -> Iterator[tuple[int, float]]:
    """After how many days which share of the stays still goes on, by the product of Kaplan and Meier."""
    at_risk, share = sum(row.count for row in rows), 1.0
    for days, alike in groupby(rows, lambda row: row.days):
        these = list(alike)
        if moved := sum(row.count for row in these if row.ending == "moved"):
            share *= 1 - moved / at_risk
            yield days, share
        at_risk -= sum(row.count for row in these)
