"""Faults planted in the printed SQL, each of which the agreement of engine and SQL must catch.

A fault is a wrong way of printing, made by a change of the text. It is caught if some value of some person of the
generated cohorts differs from what the sound statements give, and those are held to the engine first.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pytest
from generative.agreement import Asked, by_sql, connection, differences, load, numbered
from generative.cohorts import INDEX, cohort, cohort_pathways
from hypothesis import Phase, given, settings

from ischio.backends.sql.dialect import DUCKDB
from ischio.backends.sql.printer import ANSWER, FACTS, Statement, statements
from ischio.interfaces.inputs import read_cases
from ischio.loading.pathway import load_pathway
from ischio.model.pathway import Pathway

COHORTS = 10
PEOPLE = 150


@dataclass(frozen=True)
class Fault:
    """What is wrong, in words; the printed text that is replaced (a pattern), and by what."""

    fault: str
    text: str
    by: str


FAULTS = (
    Fault("a window is a day too short", r"\bends < since", "ends <= since"),
    Fault("what ended on the first day of a window is not certain", r"\bends_lo >= surely", "ends_lo > surely"),
    Fault("what happened on the index date has not begun", r"planned or hi <= ", "planned or hi < "),
    Fault("what is dated after Index counts", r"not planned and lo > \d+", "false"),
    Fault("the wrong side", r"then 3 - hip else hip", "then hip else 3 - hip"),
    Fault("what is bilateral counts for neither hip", r"\(side & (case .*? end)\) <> 0", r"side = \1"),
    Fault("an unsided match leaves absence known", r"else 2 end as mark", "else null end as mark"),
    Fault("a missing qualifier leaves absence known", r"then 1 when role = 2", "then null when role = 2"),
    Fault(
        "whatever stands in the way of absence is passed over",
        r"else 1 end( \* weight as packed| as main)",
        r"else 0 end\1",
    ),
    Fault("what could not be read is passed over", r"coalesce\(obstacle, 0\) <> 4", "true"),
    Fault("authority does not decide on one day", r"cast\(case when patient_first .*? else rank end", "cast(0"),
    Fault("the patient never goes first", r"rank = 0 then 3", "rank = 0 then 0"),
    Fault(
        "a partial date that ends on the newest day is no rival",
        r"to_day >= edge",
        "(to_day > edge or from_day = to_day)",
    ),
    Fault("a value goes stale a day early", r"edge >= fresh_since", "edge > fresh_since"),
    Fault("an attestation older than the value vouches", r"coalesce\(fact_screened__on >= .*?, true\)", "true"),
    Fault("the later record does not decide", r"\* 4194304 \+ recorded", "* 4194304 + 0"),
    Fault("values of two regions are one", r"when not told_apart then larger", "when true then larger"),
    Fault("months are thirty days", r"to_months\((-?\d+)\)", r"to_days(30 * (\1))"),
    Fault("overlapping courses count twice", r"(fewest|most)_reached, 0\) \+ 1", r"\1_reached, 0) * 0"),
    Fault("a half is always rounded up", r"(= per) and .*? % 2 <> 0\)", r"\1)"),
    Fault("centimetres are read as millimetres", r"coalesce\(unit, '1'\)", "replace(coalesce(unit, '1'), 'cm', 'mm')"),
    Fault("what may still be in force is over", r"in_force = \d+ and single", "false and single"),
    Fault("a word on the same day takes back", r"hi < own_surely", "hi <= own_surely"),
    Fault("an anchor not known to the day is its first day", r"(fact_(?:began|person_began))__last\)", r"\1__first)"),
    Fault("an anchor that is not recorded is unclear", r"not fact_(began|person_began)__asked", "false"),
    Fault("anyone takes back a yes", r"rank >= authority and value <> yes", "value <> yes"),
    Fault("at most for less than", r"fact_length < ", "fact_length <= "),
    Fault(
        "a diversion of ordered stages alone is tried in all", r"\((criterion_diversion_quiet) and on_ordered\)", r"\1"
    ),
    Fault("an unknown stage of its own holds", r"(not coalesce\(\(criterion_stage.*?\)), false\)", r"\1, true)"),
    Fault("a person's action looks at one hip", r"\btwin\.(criterion|fact|tried)", r"me.\1"),
    Fault(
        "a diversion that is unknown blocks",
        r"not coalesce\((\(.{0,80}?tried_[^)]*\)), false\)",
        r"not coalesce(\1, true)",
    ),
    Fault("a must-know is never asked for", r"not \(me\.\w+ is not null\)", "false"),
    Fault("the dead are reviewed", r"when fact_\w+ then null when stage", "when false then null when stage"),
    Fault("a review before the stage began counts", r"and fact_last_review >= fact_\w+\)", "and true)"),
)

SURVIVE: dict[str, str] = {}
"""Faults that change nothing that can be seen, with the reason."""


class Cohort:
    """People whose sound tables are kept, so that a fault is printed and run from the first statement it changes."""

    def __init__(self, pathway: Pathway, asked: list[Asked], index: date | None = INDEX) -> None:
        assert not list(differences(pathway, asked, by_sql(pathway, asked, index))), "the sound statements are right"
        self.sound = statements(pathway, DUCKDB, index)
        self.database = connection()
        load(self.database, pathway, asked)
        for statement in self.sound:
            self._create(statement)
        for table in (FACTS, ANSWER):
            self.database.execute(f"create temp table sound_{table} as select * from {table}")

    def catches(self, fault: Fault) -> bool:
        """Whether anyone's facts, stage, statuses or review differ."""
        changed = [Statement(each.name, re.sub(fault.text, fault.by, each.sql)) for each in self.sound]
        places = [place for place, pair in enumerate(zip(changed, self.sound, strict=True)) if pair[0] != pair[1]]
        if not places:
            return False
        self.database.begin()
        try:
            return any(self._shown_by(statement) for statement in changed[places[0] :])
        finally:
            self.database.rollback()  # to the sound tables, without making them anew

    def _shown_by(self, statement: Statement) -> bool:
        """Makes a table, and tells whether it is one that is compared and differs."""
        self._create(statement)
        return statement.name in (FACTS, ANSWER) and self._differs(statement.name)

    def _create(self, statement: Statement) -> None:
        self.database.execute(f"create or replace temp table {statement.name} as {statement.sql}")

    def _differs(self, table: str) -> bool:
        query = f"select 1 from (select * from {table} except select * from sound_{table}) limit 1"
        return self.database.execute(query).fetchone() is not None


def drawn() -> list[Pathway]:
    """The first pathways that the generator draws."""
    found: list[Pathway] = []

    @settings(max_examples=COHORTS, phases=[Phase.generate], derandomize=True, database=None)
    @given(cohort_pathways())
    def draw(pathway: Pathway) -> None:
        found.append(pathway)

    draw()
    return found


def cohorts() -> Iterator[Cohort]:
    """Generated ones, and for what they do not show the cases of the real pathway."""
    for seed, pathway in enumerate(drawn()):
        yield Cohort(pathway, cohort(seed, PEOPLE))
    real = load_pathway()
    cases = (case for case in read_cases(real, None)[0] if not case.record.given)
    yield Cohort(real, numbered([Asked(case.record, case.index_date) for case in cases]), None)


def test_each_fault_planted_in_the_printer_is_caught(capsys: pytest.CaptureFixture[str]) -> None:
    waiting = list(FAULTS)
    for each in cohorts():
        waiting = [fault for fault in waiting if not each.catches(fault)]
        if not waiting:
            break
    with capsys.disabled():
        print(f"\nfaults planted in the SQL: {len(FAULTS)}, caught: {len(FAULTS) - len(waiting)}")
    assert {fault.fault for fault in waiting} == SURVIVE.keys()
