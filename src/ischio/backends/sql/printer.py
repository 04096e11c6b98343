"""The whole pathway as SQL: from the tables `people` and `events` to facts, stages and the statuses of actions."""

from collections.abc import Iterator
from datetime import date

from ischio.backends.sql.choice import choices
from ischio.backends.sql.dialect import Dialect
from ischio.backends.sql.events import ASKED, CALENDAR, EVENT, asked, calendar, events
from ischio.backends.sql.hearing import hearing
from ischio.backends.sql.index import DateColumn, Index, OneDate
from ischio.backends.sql.knowing import HIP, PACKED, hips, knowing, packed, unpacked
from ischio.backends.sql.matching import lift_table, lifts
from ischio.backends.sql.names import criterion_column, fact_column, table
from ischio.backends.sql.numbering import HIPS
from ischio.backends.sql.outcome import (
    DIVERSION,
    ME,
    NEXT_GATE,
    NEXT_GATE_TRUTH,
    REVIEW,
    STAGE,
    TWIN,
    criteria,
    position,
    statuses,
)
from ischio.backends.sql.refusals import refuse
from ischio.backends.sql.setting import Setting
from ischio.backends.sql.text import Column, Statement, case, layered, listed, names_in, quoted
from ischio.model.facts import ValueKind
from ischio.model.pathway import Pathway

ANSWER, FACTS, JUDGED = table("answer"), table("facts"), table("judged")


def statements(
    pathway: Pathway, dialect: Dialect, index: date | None = None, persons: tuple[str, str] | None = None
) -> tuple[Statement, ...]:
    """The statements that give `ischio_facts` and `ischio_answer`, one row for each hip of each person.

    They read the tables `people` and `events` (columns.py). index: one index date for all; None for the column
    `index_date` of `people`. persons: the first and the last of those spoken of; None for all.
    Raises NotInSql where something cannot be printed, naming the rule and its place.
    """
    refuse(pathway)
    of: Index = DateColumn() if index is None else OneDate(index)
    return tuple(_statements(Setting(pathway, dialect, of, persons)))


def _statements(setting: Setting) -> Iterator[Statement]:
    yield from hearing(setting)
    yield Statement(ASKED, asked(setting))
    yield Statement(CALENDAR, calendar(setting))
    yield Statement(EVENT, events(setting))
    levels = range(1 + max(reader.level for reader in setting.readers))
    for level in levels:
        readers = [reader for reader in setting.readers if reader.level == level]
        if level:
            yield from knowing(setting, level)
        lifted = [reader for reader in readers if reader.selection.lifted_by]
        if lifted:
            yield Statement(lift_table(level), lifts(setting, lifted))
        yield from choices(setting, readers)
    yield Statement(PACKED, packed(levels))
    yield Statement(HIP, hips(setting, PACKED, setting.readers, HIPS.values()))
    yield Statement(FACTS, _facts(setting))
    yield Statement(JUDGED, _judged(setting))
    yield Statement(ANSWER, _answer(setting))


def _keys(setting: Setting) -> list[Column]:
    """Person, index date and hip as a reader knows them."""
    keys = [Column("person", "a.person")]
    if isinstance(setting.index, DateColumn):
        keys.append(Column("index_date", setting.dialect.date_of("a.index_day")))
    sides = ((f"{ME}.hip = {number}", quoted(side.value)) for side, number in HIPS.items())
    return [*keys, Column("hip", case(*sides))]


def _facts(setting: Setting) -> str:
    """Every fact and criterion as a reader knows it: numbers in steps, codes by their words, dates as dates."""
    columns = [Column(fact_column(name), _in_words(setting, name)) for name in setting.pathway.facts]
    truths = [criterion_column(name) for name in setting.pathway.criteria]
    source = layered(HIP, [*unpacked(setting, setting.pathway.facts), *criteria(setting)])
    told = f"(select * from {source}) as {ME}\njoin {ASKED} as a using (ask)"
    return f"select {listed([*_keys(setting), *columns, *truths])}\nfrom {told}"


def _in_words(setting: Setting, name: str) -> str:
    fact, column = setting.pathway.facts[name], f"{ME}.{fact_column(name)}"
    if fact.type.kind is ValueKind.CODE:
        numbers = setting.numbers.codes_of(fact)
        return case(*((f"{column} = {number}", quoted(code)) for code, number in numbers.items()))
    return setting.dialect.date_of(column) if fact.type.kind is ValueKind.DATE else column


def _judged(setting: Setting) -> str:
    """Where each hip is, and all that the statuses of actions look at."""
    columns = [*unpacked(setting, setting.pathway.facts), *criteria(setting), *position(setting)]
    looked_at = names_in(statuses(setting)) | {STAGE, DIVERSION, NEXT_GATE, NEXT_GATE_TRUTH, REVIEW}
    kept = [column.name for column in columns if column.name in looked_at]
    return f"select {listed(['ask', 'hip', *kept])}\nfrom {layered(HIP, columns)}"


def _answer(setting: Setting) -> str:
    """Stage, diversion, gate ahead, review date and the status of every action."""
    columns = [
        *_keys(setting),
        *(Column(name, f"{ME}.{name}") for name in (STAGE, DIVERSION, NEXT_GATE, NEXT_GATE_TRUTH)),
        Column(REVIEW, setting.dialect.date_of(f"{ME}.{REVIEW}")),
        *statuses(setting),
    ]
    both = f"{JUDGED} as {ME}\njoin {JUDGED} as {TWIN} on {ME}.ask = {TWIN}.ask\njoin {ASKED} as a on a.ask = {ME}.ask"
    return f"select {listed(columns)}\nfrom {both}\nwhere {ME}.hip <> {TWIN}.hip"
