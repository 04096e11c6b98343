"""Who is asked about, and the events made ready: when each began and ended (record/occurrence.py), and its topic.

Columns of `ischio_event` beside the key: topic, side; kind, voice: bits; rank; lo, hi: first and last day on which it
can have begun; ends_lo, ends_hi: ended; single: it has one date; begun: for certain by Index; undated; recorded: the
day, 1 if not given; millionths: a number; value_day: a date as value; qualifiers.
"""

from collections.abc import Iterator, Mapping

from ischio.backends.sql.columns import qualifier, qualifiers
from ischio.backends.sql.dialect import FIRST_DAY, LAST_DAY
from ischio.backends.sql.hearing import CONCEPT, TOPIC
from ischio.backends.sql.names import table
from ischio.backends.sql.numbering import KINDS, RANKS, SIDES
from ischio.backends.sql.setting import Setting, freshness_of, window_of
from ischio.backends.sql.text import Column, all_of, any_of, case, layered, listed, quoted
from ischio.backends.sql.topics import ALL_KINDS, Form

ASKED, CALENDAR, EVENT = map(table, ("asked", "calendar", "event"))

ALL_VOICES = 7
START_GIVEN, END_GIVEN = "start_first is not null", "end_first is not null"
NO_DATE = "start_first is null and end_first is null"


def asked(setting: Setting) -> str:
    """One row for each person on each index date, with a number of its own."""
    people = f"select distinct {listed(setting.index.of_people(setting.dialect))}\nfrom people{setting.among('person')}"
    return f"select {setting.dialect.numbered('person')} as ask, *\nfrom (\n{people}) as people"


def calendar(setting: Setting) -> str:
    """By reader (and index date), since when it looks, and since when a value is fresh; 0 for ever."""
    rows = ((r.number, setting.intervals[window_of(r)], setting.intervals[freshness_of(r)]) for r in setting.readers)
    types = [Column(name, "smallint") for name in ("reader", "back_to", "fresh_for")]
    source = setting.dialect.written("readers", types, rows)
    if setting.index.columns:
        source += f"\ncross join (select distinct {listed(setting.index.columns)} from {ASKED}) as days"
    back = [
        (number, setting.calendar.from_index(interval)) for interval, number in setting.intervals.items() if interval
    ]
    columns = [
        *setting.index.columns,
        "reader",
        *(
            Column(name, case(*((f"{of} = {number}", day) for number, day in back), otherwise="0"))
            for name, of in (("window_since", "back_to"), ("fresh_since", "fresh_for"))
        ),
    ]
    return f"select {listed(columns)}\nfrom {source}"


def events(setting: Setting) -> str:
    """The events that some reader looks at, but for those that end before they start or lie after Index unplanned."""
    kept = [
        *("ask", *setting.index.columns, "topic", "side", "kind", "voice", "rank", "lo", "hi", "ends_lo", "ends_hi"),
        *("single", "begun", "undated", "recorded", "millionths", "value_day"),
        *(qualifier(name) for name in qualifiers(setting.pathway)),
    ]
    source = layered(f"(\n{_numbered(setting)}) as numbered", list(_times(setting)))
    inverted = f"{START_GIVEN} and {END_GIVEN} and e2 < s1"
    ahead = f"not planned and lo > {setting.index.day}"
    used = any_of(("unavailable", f"not ({inverted} or {ahead})"))
    return f"select {listed(kept)}\nfrom {source}\nwhere {used}"


def _numbered(setting: Setting) -> str:
    """Every event of a concept that is looked at, with its topic, and days as numbers."""
    day = setting.dialect.day_number
    text_day = case(("e.form = 1 and code like '____-__-__%'", "try_cast(substr(code, 1, 10) as date)"))
    dates = ("start_first", "start_last", "end_first", "end_last", "recorded_first", "recorded_last")
    columns = [
        "ask",
        *setting.index.columns,
        Column("topic", "coalesce(t.topic, c.first_topic + e.form)"),
        Column("side", f"coalesce({_coded('side', SIDES)}, 0)"),
        Column("kind", case(("unavailable", str(ALL_KINDS)), otherwise=_coded("kind", KINDS))),
        Column(
            "voice",
            case(("unavailable", str(ALL_VOICES)), otherwise=_coded("asserter", {k: 1 << v for k, v in RANKS.items()})),
        ),
        Column("rank", _coded("asserter", RANKS)),
        Column("planned", "kind = 'planned'"),
        *(Column(name, name) for name in ("start_first", "end_first", "unavailable")),
        *(Column(short, day(name)) for short, name in zip(("s1", "s2", "e1", "e2", "r1", "r2"), dates, strict=True)),
        Column("millionths", case((f"e.form = {Form.NUMBER.value}", "cast(number * 1000000 as bigint)"))),
        Column(
            "value_day",
            case(("c.dated", f"coalesce({case((f'e.form = {Form.DAY.value}', day('day')))}, {day(text_day)})")),
        ),
        *(Column(name, name) for name in map(qualifier, qualifiers(setting.pathway))),
    ]
    said = case((f"e.form = {Form.CODE.value}", "code"), (f"e.form = {Form.NUMBER.value}", "coalesce(unit, '1')"))
    return (
        f"select {listed(columns)}\nfrom (select *, {_form()} as form from events{setting.among('person')}) as e\n"
        f"join {ASKED} as a using (person)\njoin {CONCEPT} as c using (concept)\n"
        f"left join {TOPIC} as t on t.first_topic = c.first_topic and t.form = e.form and t.said = {said}"
    )


def _form() -> str:
    """The form of what an event says."""
    forms = (
        ("unavailable", Form.UNAVAILABLE),
        ("unread", Form.UNREAD),
        ("number is not null", Form.NUMBER),
        ("code is not null", Form.CODE),
        ("yes", Form.YES),
        ("not yes", Form.NO),
        ("day is not null", Form.DAY),
    )
    return case(*((when, str(form.value)) for when, form in forms), otherwise=str(Form.NOTHING.value))


def _coded(column: str, numbers: Mapping[str, int]) -> str:
    return case(*((f"{column} = {quoted(word)}", str(number)) for word, number in numbers.items()))


def _times(setting: Setting) -> Iterator[Column]:
    """When an event began and ended, as far as its dates tell."""
    for column, bound, fallback in (("s1", "r1", FIRST_DAY), ("s2", "r2", LAST_DAY)):
        name = "lo" if column == "s1" else "starts_hi"
        yield Column(
            name, case((NO_DATE, f"coalesce({bound}, {fallback})"), otherwise=f"coalesce({column}, {fallback})")
        )
    # What is done or stated had begun when it was written down.
    written = all_of((f"not ({NO_DATE})", "not planned", "r2 is not null", "lo <= r2", "r2 < starts_hi"))
    yield Column("begun_hi", case((written, "r2"), otherwise="starts_hi"))
    yield Column("single", f"(({NO_DATE}) or coalesce(s1 = e1 and s2 = e2, false))")
    ended = f"coalesce(e2, {LAST_DAY})"
    yield Column("hi", case((f"not single and lo <= {ended} and {ended} < begun_hi", ended), otherwise="begun_hi"))
    first = f"coalesce(e1, {LAST_DAY})"
    yield Column("ends_lo", case(("single", "lo"), (f"{first} < lo and lo <= {ended}", "lo"), otherwise=first))
    yield Column("ends_hi", case(("single", "begun_hi"), otherwise=ended))
    yield Column("undated", f"({NO_DATE} and r1 is null)")
    yield Column("begun", f"(planned or hi <= {setting.index.day})")
    yield Column("recorded", f"coalesce(r1, {FIRST_DAY})")
