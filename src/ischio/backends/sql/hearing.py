"""Which reader hears which event, and as what: small tables, the same for all persons.

An event goes only to the readers of its topic, by one join with `ischio_heard`, and its row there says what the reader
makes of it.
"""

from collections.abc import Iterable, Iterator, Sequence

from ischio.backends.sql.dialect import Cell
from ischio.backends.sql.names import table
from ischio.backends.sql.numbering import HIPS, PERSON, SIDES
from ischio.backends.sql.readers import Reader
from ischio.backends.sql.setting import Setting, demand_of, unsided_of
from ischio.backends.sql.text import Column, Statement, case, listed, values
from ischio.backends.sql.topics import Meaning
from ischio.model.facts import SideRule, ValueKind

CONCEPT, TOPIC, MEANING, READER, HEARD = map(table, ("concept", "topic", "meaning", "reader", "heard"))


def hearing(setting: Setting) -> Iterator[Statement]:
    """The tables of topics and readers."""
    yield Statement(CONCEPT, _concepts(setting), once=True)
    yield Statement(TOPIC, _topics(setting), once=True)
    yield Statement(READER, _readers(setting), once=True)
    yield Statement(MEANING, _meanings(setting), once=True)
    yield Statement(HEARD, _heard(), once=True)


def _concepts(setting: Setting) -> str:
    """Every concept that is looked at, with the first of its topics, and whether a date may be its value."""
    dated = setting.topics.with_dates
    types = (Column("concept", "string"), Column("first_topic", "int"), Column("dated", "boolean"))
    topics = setting.topics.of_concept.items()
    return _table(setting, types, ((concept, own[0].number, concept in dated) for concept, own in topics))


def _topics(setting: Setting) -> str:
    """The codes and units that have a topic of their own."""
    types = (Column("first_topic", "int"), Column("form", "int"), Column("said", "string"), Column("topic", "int"))
    topics = (topic for own in setting.topics.of_concept.values() for topic in own if topic.text is not None)
    return _table(setting, types, ((topic.first, topic.form.value, topic.text, topic.number) for topic in topics))


def _readers(setting: Setting) -> str:
    """One row for each reader. low_limit, high_limit, dated: of its values. bounds, unsided, demand, in_force, back_to,
    fresh_for: numbers of Setting. weight, weight_beside: what a value and a day beside it are multiplied with to lie in
    their pack.
    """
    return _table(setting, READER_COLUMNS, (_row_of_reader(setting, reader) for reader in setting.readers))


READER_COLUMNS = (
    *(Column(name, "smallint") for name in ("reader", "level")),
    *(Column(name, "boolean") for name in ("of_hip", "any_side", "other_side", "both_unsided")),
    Column("voices", "tinyint"),
    *(Column(name, "smallint") for name in ("bounds", "unsided", "demand", "in_force")),
    Column("while_it_lasts", "boolean"),
    *(Column(name, "tinyint") for name in ("way", "pattern")),
    *(Column(name, "boolean") for name in ("oldest", "dated")),
    *(Column(name, "bigint") for name in ("low_limit", "high_limit")),
    Column("yes", "smallint"),
    Column("authority", "tinyint"),
    Column("extreme", "tinyint"),
    *(Column(name, "boolean") for name in ("one_yes", "patient_first")),
    Column("conflict", "string"),
    *(Column(name, "boolean") for name in ("vouched", "attests", "in_full")),
    *(Column(name, "tinyint") for name in ("part", "place")),
    *(Column(name, "bigint") for name in ("weight", "weight_beside")),
)


def _row_of_reader(setting: Setting, reader: Reader) -> tuple[Cell, ...]:
    selection, slot = reader.selection, setting.slots[reader.number]
    return (
        *(reader.number, reader.level, reader.of_hip),
        *(reader.any_side, selection.side is SideRule.OTHER, reader.both_unsided),
        reader.voices,
        setting.bounds[setting.bounds_of(selection)],
        setting.unsided[unsided_of(selection)],
        setting.demands[demand_of(selection)],
        setting.in_force[selection.in_force],
        selection.while_it_lasts,
        *(
            reader.way.value,
            reader.pattern.value,
            reader.oldest,
            reader.fact.type.kind is ValueKind.DATE,
            *reader.limits,
        ),
        *(reader.yes, reader.authority, reader.extreme, reader.one_yes, selection.patient_first),
        *(reader.fact.conflict.value, reader.vouched, reader.attests, reader.told_in_full),
        *(slot.part, slot.place, slot.weight, slot.weight_beside if slot.beside else 0),
    )


def _meanings(setting: Setting) -> str:
    """What each topic means to each reader that hears it."""
    types = (
        *(Column(name, "smallint") for name in ("topic", "about", "reader")),
        *(Column(name, "tinyint") for name in ("role", "kinds")),
        *(Column(name, "boolean") for name in ("sure", "counts", "begins", "lifts")),
        *(Column(name, "bigint") for name in ("said", "times", "plus", "per")),
    )
    return _table(setting, types, map(_row_of_meaning, setting.topics.meanings()))


def _row_of_meaning(meaning: Meaning) -> tuple[Cell, ...]:
    topic, steps = meaning.topic, meaning.steps
    return (
        *(topic.number, topic.first, meaning.reader.number, meaning.role.value, meaning.kinds),
        *(meaning.sure, meaning.unsided, meaning.begins, meaning.lifts, meaning.value),
        *((None, None, None) if steps is None else (steps.times, steps.plus, steps.per)),
    )


def _table(setting: Setting, types: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> str:
    return f"select *\nfrom {setting.dialect.written('written', types, rows)}"


def _heard() -> str:
    """By topic and side, the readers and the hip for which they read. A side is never invented: none is for both."""
    sides = values("sides", ("side",), ((str(number),) for number in (0, *SIDES.values())))
    hips = values("hips", ("hip",), ((str(number),) for number in (PERSON, *HIPS.values())))
    wanted = case(("other_side", "3 - hip"), otherwise="hip")
    of_hip = f"hip <> {PERSON} and (any_side or side = 0 or (side & {wanted}) <> 0)"
    seen = case(("of_hip", of_hip), otherwise=f"hip = {PERSON}")
    source = f"{MEANING} as m\njoin {READER} as r using (reader)\ncross join {sides}\ncross join {hips}"
    columns = [
        "topic",
        "side",
        "cast(hip as tinyint) as hip",
        "(any_side or both_unsided or side <> 0) as sided",
        *("role", "kinds", "sure", "counts", "begins", "lifts", "said", "times", "plus", "per", "about", "r.*"),
    ]
    return f"select {listed(columns)}\nfrom {source}\nwhere {seen}"
