"""What the engine says and what the printed SQL says of the same people, in one form, so that they can be compared."""

import csv
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import duckdb

from ischio.backends.sql.columns import PEOPLE, event_columns
from ischio.backends.sql.duck import run
from ischio.backends.sql.rows import event_rows
from ischio.engine.lanes import Board, lanes_of_day
from ischio.engine.review import next_review
from ischio.engine.status import NOT_ON_PATHWAY, named, outcome
from ischio.model.about import Side
from ischio.model.pathway import Pathway
from ischio.model.truth import FALSE, TRUE, Truth
from ischio.record.derivation import derive
from ischio.record.events import Patient, Record

Cell = bool | int | str | date | None
Said = dict[str, Cell]
"""Every fact, criterion and action status, the stage, diversion, next gate and review date of one hip, by column."""

NULL = "\\N"


@dataclass(frozen=True)
class Asked:
    """One person on one index date."""

    record: Record
    index: date


def numbered(asked: Sequence[Asked]) -> list[Asked]:
    """The same people, each with an id of its own."""
    return [
        replace(each, record=replace(each.record, patient=replace(each.record.patient, id=f"p{n}")))
        for n, each in enumerate(asked)
    ]


# ---- the engine -------------------------------------------------------------------------------------------------


def by_engine(pathway: Pathway, asked: Asked) -> dict[Side, Said]:
    """What the engine says of both hips."""
    facts = derive(pathway, asked.record, asked.index)
    board = Board(pathway, lanes_of_day(asked.index, facts[Side.RIGHT], facts[Side.LEFT]))
    found = outcome(pathway, board)
    stages = {stage.id: stage for stage in pathway.stages}
    answer: dict[Side, Said] = {}
    for lane, side in enumerate(Side):
        said: Said = {f"fact_{name}": fact.value for name, fact in facts[side].items()}
        said |= {f"criterion_{name}": _truth(board.criterion(name).on(lane)) for name in pathway.criteria}
        said["stage"] = stage = named(found.stages, lane) or NOT_ON_PATHWAY
        said["diversion"] = named(found.diversions, lane)
        ahead = next((key for key, lanes in found.next_gates.items() if lanes >> lane & 1), (None, None))
        said["next_gate"], said["next_gate_truth"] = ahead
        review = next_review(pathway, stages[stage], facts[side], asked.index) if stage in stages else None
        said["review"] = None if review is None else review.date
        said |= {f"action_{name}": status.value for name, status in found.statuses_on(lane).items()}
        answer[side] = said
    return answer


def _truth(truth: Truth) -> bool | None:
    return True if truth is TRUE else False if truth is FALSE else None


# ---- SQL --------------------------------------------------------------------------------------------------------


def connection() -> duckdb.DuckDBPyConnection:
    """A database in memory, on one core: tests run beside each other."""
    return duckdb.connect(config={"threads": 1})


def load(database: duckdb.DuckDBPyConnection, pathway: Pathway, asked: Sequence[Asked]) -> None:
    """Fills `people` and `events`."""
    people = [(each.record.patient.id, each.index) for each in asked]
    rows = [row for each in asked for row in event_rows(pathway, each.record)]
    for table, columns, filled in (("people", PEOPLE, people), ("events", event_columns(pathway), rows)):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "rows.csv"
            with path.open("w", newline="", encoding="utf-8") as file:
                csv.writer(file).writerows([NULL if cell is None else cell for cell in row] for row in filled)
            typed = ", ".join(f"'{column.name}': '{column.sql}'" for column in columns)
            source = f"read_csv('{path}', columns={{{typed}}}, header=false, nullstr='{NULL}')"
            database.execute(f"create or replace temp table {table} as select * from {source}")


def by_sql(pathway: Pathway, asked: Sequence[Asked], index: date | None = None) -> dict[tuple[str, Side], Said]:
    """What the printed SQL says. index: as a constant; None for the column of index dates."""
    database = connection()
    load(database, pathway, asked)
    run(database, pathway, index)
    found: dict[tuple[str, Side], Said] = {}
    for table in ("ischio_facts", "ischio_answer"):
        cursor = database.execute(f"select * from {table}")
        names = [column[0] for column in cursor.description]
        for row in cursor.fetchall():
            said = dict(zip(names, row, strict=True))
            key = said.pop("person"), Side(said.pop("hip"))
            said.pop("index_date", None)
            found.setdefault(key, {}).update(said)
    return found


# ---- both -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Difference:
    """One value on which they differ."""

    person: str
    side: Side
    what: str
    engine: Cell
    sql: Cell


def differences(pathway: Pathway, asked: Sequence[Asked], sql: Mapping[tuple[str, Side], Said]) -> Iterator[Difference]:
    """Wherever the SQL says something else than the engine."""
    for each in asked:
        person = each.record.patient.id
        for side, said in by_engine(pathway, each).items():
            other = sql[person, side]
            assert said.keys() == other.keys(), "both speak of the same things"
            for what, value in said.items():
                if value != other[what] or type(value) is not type(other[what]):
                    yield Difference(person, side, what, value, other[what])


def cells(pathway: Pathway, asked: Sequence[Asked]) -> int:
    """How many values are compared."""
    each = len(pathway.facts) + len(pathway.criteria) + len(pathway.actions) + 5
    return 2 * each * len(asked)


def patient(record: Record, name: str) -> Record:
    return replace(record, patient=Patient(name))
