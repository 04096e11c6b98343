"""From the matches of a reader to its value (record/patterns.py, record/choice.py), for all readers at once.

Matches are first summed up. Where all that was said is the same there is nothing to choose; else those that can be the
newest, the rivals, are weighed. Values are numbers: yes is 1, a code has its number, a date its day.
"""

from collections.abc import Iterator, Sequence

from ischio.backends.sql.events import ASKED, CALENDAR
from ischio.backends.sql.hearing import READER
from ischio.backends.sql.matching import CERTAIN, INCOMPLETE, KEYS, POSSIBLE, UNAVAILABLE, matches
from ischio.backends.sql.names import table
from ischio.backends.sql.numbering import PATIENT_FIRST
from ischio.backends.sql.packing import FIRST_VALUE, NOTHING, UNKNOWN
from ischio.backends.sql.readers import DAY_BITS, MIRROR, MOST_STEPS, Pattern, Reader, Way, going_stale
from ischio.backends.sql.regions import cuts_of
from ischio.backends.sql.setting import Setting
from ischio.backends.sql.text import FALSE, NULL, TRUE, Column, Statement, all_of, any_of, case, layered, listed, one_of
from ischio.model.facts import Conflict

VALUE_BITS = 38
"""How many bits a value takes that is chosen: -2**37 to 2**37."""

READ = (*KEYS, "mark", "from_day", "to_day", "rank", "value", "recorded")
"""The columns of a match."""

IS_CERTAIN = f"mark = {CERTAIN}"
FITS = f"mark in ({POSSIBLE}, {CERTAIN})"


def match_table(level: int) -> str:
    return table(f"match_{level}")


def narrowed_table(level: int) -> str:
    return table(f"narrowed_{level}")


def sum_table(level: int) -> str:
    return table(f"sum_{level}")


def rival_table(level: int) -> str:
    return table(f"rival_{level}")


def course_table(level: int) -> str:
    return table(f"course_{level}")


def told_table(level: int) -> str:
    """What the readers of a level say: ask, hip, reader, and the value in its place within a pack of a part."""
    return table(f"told_{level}")


def choices(setting: Setting, readers: Sequence[Reader]) -> Iterator[Statement]:
    """From the events to what the readers of one level say."""
    level, ways = readers[0].level, {reader.way for reader in readers}
    courses = [reader for reader in readers if reader.pattern is Pattern.COURSE]
    yield Statement(match_table(level), matches(setting, readers, *READ, "way"))
    if Way.NARROWED in ways:
        yield Statement(narrowed_table(level), _narrowed(level))
    if ways != {Way.SEEN}:
        yield Statement(sum_table(level), _sums(_readings(level, ways)))
        yield Statement(rival_table(level), _rivals(setting, readers, _readings(level, ways)))
    if courses:
        yield Statement(course_table(level), _courses(setting, courses))
    told = ([_seen(level)] if Way.SEEN in ways else []) + ([_decided(setting, readers)] if ways != {Way.SEEN} else [])
    yield Statement(told_table(level), "\nunion all\n".join(told))


def _readings(level: int, ways: set[Way]) -> str:
    """The matches that are weighed against each other."""
    columns = ", ".join(READ)
    plain = f"select {columns} from {match_table(level)} where way = {Way.SUMMED.value} and mark is not null"
    narrowed = f" union all select {columns} from {narrowed_table(level)}" if Way.NARROWED in ways else ""
    return f"({plain}{narrowed}) as readings"


def _seen(level: int) -> str:
    """What is seen from one match alone."""
    said = case((IS_CERTAIN, str(FIRST_VALUE + 1)), otherwise=str(UNKNOWN))
    columns = (*KEYS, "part", "place", f"{said} * weight as packed")
    source = f"{match_table(level)} as m\njoin {READER} as r using (reader)"
    return f"select {listed(columns)}\nfrom {source}\nwhere m.way = {Way.SEEN.value} and mark is not null"


# ---- what is passed over ----------------------------------------------------------------------------------------


def _narrowed(level: int) -> str:
    """The matches of readers that pass over some: beside the largest number, or beside a yes that stands."""
    own = case(("rank >= authority", "1"), otherwise="0")
    most = {
        "top": case((IS_CERTAIN, "value * extreme")),
        "any_certain": case((IS_CERTAIN, "1")),
        "yes_said": case((f"{IS_CERTAIN} and value = yes", f"to_day * 2 + {own}")),
        "corrected": case((f"{IS_CERTAIN} and rank >= authority and value <> yes", "from_day")),
    }
    said_later = "yes_said >> 1 > corrected or (yes_said >> 1 = corrected and yes_said & 1 = 1)"
    stands = f"yes_said is not null and (one_yes or corrected is null or {said_later})"
    beyond = "value * extreme > top"
    gives_way = "not (value = yes or (not one_yes and rank >= authority))"
    columns = [
        *(Column(name, f"max({what}) over (partition by {', '.join(KEYS)})") for name, what in most.items()),
        Column("stands", f"(coalesce({stands}, false) and (one_yes or authority is not null))"),
        # What is larger, but open, leaves the largest number unknown.
        Column(
            "weighed", case((f"mark = {POSSIBLE} and extreme <> 0 and {beyond}", str(UNAVAILABLE)), otherwise="mark")
        ),
    ]
    passed = case(
        (f"not ({FITS})", FALSE),
        ("stands", f"coalesce({gives_way}, true)"),
        (f"extreme = 0 or any_certain is null or weighed = {UNAVAILABLE}", FALSE),
        otherwise=f"mark = {POSSIBLE} or value * extreme <> top",
    )
    kept = ["weighed as mark" if name == "mark" else name for name in READ]
    asking = f"(select reader, extreme, one_yes, yes, authority from {READER}) as r"
    source = f"(select * from {match_table(level)} as m\njoin {asking} using (reader)"
    source += f"\nwhere way = {Way.NARROWED.value} and mark is not null) as matching"
    return f"select {listed(kept)}\nfrom {layered(source, columns)}\nwhere not coalesce({passed}, false)"


# ---- summed up --------------------------------------------------------------------------------------------------


def _sums(readings: str) -> str:
    """What is to be known of all matches. newest: first and last day of the newest; obstacle: the largest mark that is
    no certain match."""
    aggregates = {
        "obstacle": f"max({case((f'mark < {CERTAIN}', 'mark'))})",
        "newest": f"max({case((IS_CERTAIN, f'cast(from_day as bigint) * {MIRROR + 1} + to_day'))})",
        "reach": f"max({case((FITS, 'to_day'))})",
        "certain": f"count({case((IS_CERTAIN, '1'))})",
        "low": f"min({case((FITS, 'value'))})",
        "high": f"max({case((FITS, 'value'))})",
        "refused": f"max({case((f'{FITS} and value is null', '1'))})",
    }
    columns = [*KEYS, *(Column(name, sql) for name, sql in aggregates.items())]
    return f"select {listed(columns)}\nfrom {readings}\ngroup by {', '.join(KEYS)}"


def _rivals(setting: Setting, readers: Sequence[Reader], readings: str) -> str:
    """The choice among different values: of those that can be the newest."""
    level = readers[0].level
    keys = ", ".join(KEYS)
    apart = f"newest is not null and coalesce(obstacle, 0) <> {UNAVAILABLE} and (refused = 1 or low <> high)"
    unsettled = f"(select {keys}, newest >> {DAY_BITS} as edge from {sum_table(level)} where {apart}) as unsettled"
    source = f"{readings}\njoin {unsettled} using ({keys})\njoin {READER} as r using (reader)"
    voice = case(("patient_first and rank = 0", str(PATIENT_FIRST)), otherwise="rank")
    usable = case(("value is null", "0"), otherwise="1")
    high, low = f"(coalesce(value, 0) + {MOST_STEPS})", f"({MOST_STEPS} - coalesce(value, 0))"
    first = ((f"cast({voice} as bigint)", 2), (usable, 1))
    late = (*first, ("recorded", DAY_BITS))
    aggregates = {
        # Whether all are certain, and so of the one day of the newest.
        "one_day": f"min({case((f'{IS_CERTAIN} and from_day = to_day', '1'), otherwise='0')})",
        "top": f"max({_pack(*first, (high, VALUE_BITS))})",
        "bottom": f"max({_pack(*first, (low, VALUE_BITS))})",
        "late_top": f"max({_pack(*late, (high, VALUE_BITS))})",
        "late_bottom": f"max({_pack(*late, (low, VALUE_BITS))})",
        "least_said": "min(value)",
        "most_said": "max(value)",
        "some_refused": f"max({case(('value is null', '1'))})",
    }
    columns = [*KEYS, *(Column(name, sql) for name, sql in aggregates.items())]
    wanted = f"pattern = {Pattern.VALUE.value} and {FITS} and to_day >= edge"
    weighed = f"(\nselect {listed(columns)}\nfrom {source}\nwhere {wanted}\ngroup by {keys}) as rivals"
    weighed += f"\njoin {READER} as r using (reader){_dated(setting)}"
    chosen = layered(f"(select * from {weighed}) as weighed", list(_chosen(setting, readers)))
    return f"select {keys}, choice, true as weighed\nfrom {chosen}"


def _pack(*parts: tuple[str, int]) -> str:
    """Several whole numbers as one. parts: the number and the bits that it takes, most telling first."""
    text = parts[0][0]
    for number, bits in parts[1:]:
        text = f"({text}) * {1 << bits} + {number}"
    return text


def _dated(setting: Setting) -> str:
    """A join that adds the index date, where it is a column."""
    return f"\njoin {ASKED} as a using (ask)" if setting.index.columns else ""


def _chosen(setting: Setting, readers: Sequence[Reader]) -> Iterator[Column]:
    """Of one day the highest authority, then the rule for conflicts; else all must say the same."""
    mask = (1 << VALUE_BITS) - 1
    yield Column("larger", f"((top & {mask}) - {MOST_STEPS})")
    yield Column("smaller", f"({MOST_STEPS} - (bottom & {mask}))")
    yield Column("last_larger", f"((late_top & {mask}) - {MOST_STEPS})")
    yield Column("last_smaller", f"({MOST_STEPS} - (late_bottom & {mask}))")
    yield Column("told_apart", _told_apart(setting, readers))
    any_yes, latest = (f"conflict = '{rule.value}'" for rule in (Conflict.ANY_YES, Conflict.LATEST))
    of_one_day = case(
        (f"(top & {1 << VALUE_BITS}) = 0", NULL),
        (f"{any_yes} and larger = yes", "larger"),
        ("not told_apart", "larger"),
        (f"{latest} and last_larger = last_smaller", "last_larger"),
    )
    of_several = case(
        (f"{any_yes} and most_said = yes", "yes"),
        ("some_refused = 1", NULL),
        ("least_said = most_said", "most_said"),
    )
    yield Column("choice", case(("one_day = 1", of_one_day), otherwise=of_several))


def _told_apart(setting: Setting, readers: Sequence[Reader]) -> str:
    """Whether some rule tells the smaller from the larger value."""
    branches = [("smaller = larger", FALSE)]
    for reader in readers:
        if reader.valued:
            cuts = any_of(f"(smaller <= {cut} and {cut} < larger)" for cut in cuts_of(setting, reader.fact))
            branches.append((f"reader = {reader.number}", cuts))
    return case(*branches, otherwise=FALSE)


def _courses(setting: Setting, readers: Sequence[Reader]) -> str:
    """Days in at least one of the periods: the fewest and the most that the dates allow."""
    keys = ", ".join(KEYS)
    last = f"least({setting.index.day}, until)"
    fewest = (IS_CERTAIN, "greatest(hi, surely)", f"least(ends_lo, {last})")
    most = (FITS, "greatest(lo, since)", f"least(ends, {last})")
    columns = []
    for name, (counts, first, end) in (("fewest", fewest), ("most", most)):
        columns += [Column(f"{name}_from", case((counts, first))), Column(f"{name}_to", case((counts, end)))]
        before = f"partition by {keys} order by {name}_from, {name}_to rows between unbounded preceding and 1 preceding"
        columns.append(Column(f"{name}_reached", f"max({name}_to) over ({before})"))
        begin = f"greatest({name}_from, coalesce({name}_reached, 0) + 1)"
        columns.append(
            Column(f"{name}_days", case((f"{name}_to >= {begin}", f"{name}_to - {begin} + 1"), otherwise="0"))
        )
    kept = (*KEYS, *setting.index.columns, "mark", "lo", "hi", "ends_lo", "ends", "since", "surely", "until")
    source = layered(f"(\n{matches(setting, readers, *kept)}) as periods", columns)
    days = [Column(name, f"cast(sum({name}_days) as bigint)") for name in ("fewest", "most")]
    return f"select {keys}, {listed(days)}\nfrom {source}\ngroup by {keys}"


# ---- decided ----------------------------------------------------------------------------------------------------


def _decided(setting: Setting, readers: Sequence[Reader]) -> str:
    """What the readers say whose matches were summed up."""
    level, keys = readers[0].level, ", ".join(KEYS)
    source = f"{sum_table(level)} as s\njoin {READER} as r using (reader){_dated(setting)}"
    source += f"\njoin {CALENDAR} as c using ({', '.join((*setting.index.columns, 'reader'))})"
    source += f"\nleft join {rival_table(level)} as v using ({keys})"
    courses = any(reader.pattern is Pattern.COURSE for reader in readers)
    if courses:
        source += f"\nleft join {course_table(level)} as p using ({keys})"
    days = case(("fewest = most", "fewest")) if courses else NULL
    columns = [
        Column("edge", f"(newest >> {DAY_BITS})"),
        Column("first_day", case(("oldest", f"{MIRROR} - reach"), otherwise="edge")),
        Column("last_day", case(("oldest", f"{MIRROR} - edge"), otherwise="reach")),
        Column("readable", f"(coalesce(obstacle, 0) <> {UNAVAILABLE} and newest is not null)"),
        Column("chosen", case(("weighed", "choice"), otherwise="low")),
        Column("fresh", f"(edge >= fresh_since or not {_goes_stale(setting, readers)})"),
        Column("value", _value(days)),
        Column("main", _main()),
        Column("day_beside", _beside()),
    ]
    packed = "main * weight + day_beside * weight_beside as packed"
    told = layered(f"(select * from {source}) as summed", columns)
    return f"select {listed((*KEYS, 'part', 'place', packed))}\nfrom {told}"


def _goes_stale(setting: Setting, readers: Sequence[Reader]) -> str:
    """Whether the value is one that goes stale."""
    branches = [("chosen is null", TRUE)]
    for reader in readers:
        going = going_stale(reader, setting.numbers)
        if going is not None:
            branches.append((f"reader = {reader.number}", one_of("chosen", going)))
    return case(*branches, otherwise=TRUE)


def _value(days: str) -> str:
    """The value by the pattern, null where it cannot be told. days: of a course."""
    return case(
        ("not readable", NULL),
        (f"pattern = {Pattern.VALUE.value}", case(("fresh", "chosen"))),
        (f"pattern = {Pattern.DATE.value}", case(("first_day = last_day or in_full", "first_day"))),
        (f"pattern = {Pattern.COUNT.value}", case((f"coalesce(obstacle, 0) <> {POSSIBLE}", "certain"))),
        (f"pattern = {Pattern.COURSE.value}", days),
    )


def _main() -> str:
    """The bits of the value (packing.py). That something exists is seen even where the rest could not be read."""
    nothing = f"newest is null and obstacle = {INCOMPLETE} and dated"
    return case(
        (f"pattern = {Pattern.EXISTS.value} and newest is not null", str(FIRST_VALUE + 1)),
        ("value is not null", f"value - low_limit + {FIRST_VALUE}"),
        (nothing, str(NOTHING)),
        otherwise=str(UNKNOWN),
    )


def _beside() -> str:
    """The day beside the value: of an attestation, the last of an open date, or of what is stale for certain."""
    stale = all_of(
        ("readable", "vouched", "chosen is not null", "not fresh", "reach < fresh_since", "obstacle is null")
    )
    return case(
        (f"attests and newest >> {DAY_BITS} = (newest & {MIRROR})", f"(newest & {MIRROR})"),
        (f"readable and pattern = {Pattern.DATE.value} and in_full and first_day <> last_day", "last_day"),
        (stale, "reach"),
        otherwise="0",
    )
