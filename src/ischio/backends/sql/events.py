"""Events made ready: when each began and ended (record/occurrence.py), and words as numbers.

Columns of the result beside the keys: concept, kind, rank, side, word and yes as numbers (numbering.py); lo, hi: first
and last day on which it can have begun; ends_lo, ends_hi: ended; single: it has one date; begun: for certain by Index;
undated; recorded: the day, 1 if not given; valued: it has a value; day: a date as value; steps_N: a number on scale N.
"""

from collections.abc import Iterator, Mapping

from ischio.backends.sql.columns import qualifier, qualifiers
from ischio.backends.sql.dialect import FIRST_DAY, LAST_DAY
from ischio.backends.sql.numbering import HIPS, KINDS, RANKS, SIDES, selection_of
from ischio.backends.sql.setting import Setting, table
from ischio.backends.sql.text import Column, all_of, any_of, case, layered, listed, one_of, quoted, values
from ischio.backends.sql.units import steps
from ischio.model.pathway import Scope, SideRule

EVENT, HIP_EVENT = table("event"), table("hip_event")

START_GIVEN, END_GIVEN = "start_first is not null", "end_first is not null"
NO_DATE = "start_first is null and end_first is null"


def events(setting: Setting) -> str:
    """The events that some fact looks at, but for those that end before they start or lie after Index unplanned."""
    qualified = [qualifier(name) for name in qualifiers(setting.pathway)]
    kept = [
        *setting.index.keys,
        *("concept", "kind", "rank", "side", "lo", "hi", "ends_lo", "ends_hi", "single", "begun", "undated"),
        *("recorded", "unread", "unavailable", "valued", "word", "yes", "day"),
        *qualified,
        *(f"steps_{number}" for number, _ in setting.numbers.scales.values()),
    ]
    source = layered(f"(\n{_numbered(setting)}) as numbered", [*_times(setting), *_steps(setting)])
    inverted = f"{START_GIVEN} and {END_GIVEN} and e2 < s1"
    ahead = f"not planned and lo > {setting.index.day}"
    used = any_of(("unavailable", f"not ({inverted} or {ahead})"))
    # So the rows of one person meet in the cache when they are pivoted.
    clustered = setting.dialect.clustered(", ".join(setting.index.keys))
    return f"select {listed(kept)}\nfrom {source}\nwhere {used}\n{clustered}"


def _numbered(setting: Setting) -> str:
    """Every event of a concept that is looked at, with words as numbers and days as numbers."""
    day, numbers = setting.dialect.day_number, setting.numbers
    text_day = case(("code like '____-__-__%'", "try_cast(substr(code, 1, 10) as date)"))
    columns = [
        *(
            Column(key.name, f"p.{key.sql}" if key.name == key.sql else key.sql)
            for key in setting.index.of_people(setting.dialect)
        ),
        Column("concept", "c.number"),
        Column("kind", _coded("kind", KINDS)),
        Column("rank", _coded("asserter", RANKS)),
        Column("side", _coded("side", SIDES)),
        Column("planned", "kind = 'planned'"),
        *(Column(name, name) for name in ("start_first", "end_first")),
        *(
            Column(short, day(name))
            for short, name in (
                ("s1", "start_first"),
                ("s2", "start_last"),
                ("e1", "end_first"),
                ("e2", "end_last"),
                ("r1", "recorded_first"),
                ("r2", "recorded_last"),
            )
        ),
        Column("unread", "coalesce(unread, false)"),
        Column("unavailable", "coalesce(unavailable, false)"),
        Column("valued", _readable("e.number is not null or code is not null or yes is not null or day is not null")),
        Column(
            "word",
            _readable_value(
                case(
                    ("yes", str(numbers.words["yes"])),
                    ("not yes", str(numbers.words["no"])),
                    ("code is not null", "coalesce(w.number, 0)"),
                )
            ),
        ),
        Column("yes", _readable_value("yes")),
        Column("day", _readable_value(f"coalesce({day('day')}, {day(text_day)})")),
        Column("millionths", _readable_value("cast(e.number * 1000000 as bigint)")),
        Column("unit", "coalesce(unit, '1')"),
        *(Column(name, name) for name in map(qualifier, qualifiers(setting.pathway))),
    ]
    concepts = ((quoted(concept), str(number)) for concept, number in numbers.concepts.items())
    words = ((quoted(word), str(number)) for word, number in numbers.words.items())
    return (
        f"select {listed(columns)}\nfrom events as e\njoin people as p on e.person = p.person\n"
        f"join {values('c', ('name', 'number'), concepts)} on e.concept = c.name\n"
        f"left join {values('w', ('name', 'number'), words)} on e.code = w.name{setting.among('e.person')}"
    )


def _coded(column: str, numbers: Mapping[str, int]) -> str:
    return case(*((f"{column} = {quoted(word)}", str(number)) for word, number in numbers.items()))


def _readable(condition: str) -> str:
    return f"(not coalesce(unread, false) and ({condition}))"


def _readable_value(value: str) -> str:
    """The value, null where it cannot be told what the event says."""
    return case(("not coalesce(unread, false)", value))


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


def _steps(setting: Setting) -> Iterator[Column]:
    """The number of an event on each scale on which a fact reads its concept."""
    for scale, (number, concepts) in setting.numbers.scales.items():
        printed: dict[str, list[int]] = {}
        for concept in concepts:
            text = steps(setting.dialect, scale, concept)
            printed.setdefault(text, []).append(setting.numbers.concepts[concept])
        yield Column(f"steps_{number}", case(*((one_of("concept", alike), text) for text, alike in printed.items())))


def hip_events(setting: Setting) -> str:
    """The events as each hip sees them: those of its side, of no side, and of any side where a fact asks for them."""
    found = [(fact, selection_of(fact)) for fact in setting.pathway.facts.values() if fact.scope is Scope.HIP]
    selections = [selection for _, selection in found if selection is not None]
    concepts = {c for selection in selections for c in selection.concepts}
    of_this = (SideRule.THIS, SideRule.THIS_OR_UNSIDED)
    anyway = {c for selection in selections if selection.side not in of_this for c in selection.concepts}
    seen = ["side is null", "(side & hip) <> 0"]
    if anyway:
        seen.append(one_of("concept", _numbers(setting, anyway)))
    wanted = [one_of("concept", _numbers(setting, concepts))] if concepts else ["false"]
    return f"select *\nfrom {EVENT}\ncross join {hips()}\nwhere {all_of((*wanted, any_of(seen)))}"


def hips() -> str:
    """A table of both hips."""
    return values("hips", ("hip",), ((str(number),) for number in HIPS.values()))


def _numbers(setting: Setting, concepts: set[str]) -> list[int]:
    return sorted(setting.numbers.concepts[concept] for concept in concepts)
