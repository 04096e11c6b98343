"""Whether an event matches, and as what (record/dossier.py, record/selected.py): one number, the mark."""

from collections.abc import Iterable, Iterator, Sequence

from ischio.backends.sql.bounds import BOUNDED, NEVER, OPEN, UNCLEAR
from ischio.backends.sql.columns import qualifier
from ischio.backends.sql.events import CALENDAR, EVENT
from ischio.backends.sql.hearing import HEARD
from ischio.backends.sql.names import table
from ischio.backends.sql.readers import MIRROR, Reader
from ischio.backends.sql.setting import Setting, unsided_of
from ischio.backends.sql.text import FALSE, NULL, TRUE, Column, all_of, any_of, case, layered, listed, one_of, quoted
from ischio.backends.sql.topics import Role
from ischio.backends.sql.units import rounded

INCOMPLETE, UNSIDED, POSSIBLE, UNAVAILABLE, CERTAIN = 1, 2, 3, 4, 5
"""In the order in which they settle what a fact is that has nothing else: a larger mark hides a smaller one."""

KEYS = ("ask", "hip", "reader")


def known_table(level: int) -> str:
    """What is known before the events of a level are looked at (knowing.py)."""
    return table(f"known_{level}")


def lift_table(level: int) -> str:
    return table(f"lift_{level}")


def matches(setting: Setting, readers: Sequence[Reader], *kept: str) -> str:
    """The events that these readers of one level hear, with their marks. kept: the columns of the result.

    Those without a mark are left in: to filter by what takes long to tell would be to tell it twice.
    """
    columns = [
        *_bounds(setting, readers),
        Column("own_here", _own(setting, readers)),
        Column("ends", _ends(setting, readers)),
        Column("value", _value(setting)),
        Column("mark", _mark(setting, readers)),
        # The oldest is the newest of mirrored time.
        Column("from_day", case(("oldest", f"{MIRROR} - hi"), otherwise="lo")),
        Column("to_day", case(("oldest", f"{MIRROR} - lo"), otherwise="hi")),
    ]
    return f"select {listed(kept)}\nfrom {layered(_heard(setting, readers), columns)}"


def lifts(setting: Setting, readers: Sequence[Reader]) -> str:
    """The words that take back what was said on a concept: the last day on which one surely, or possibly, was.

    own: of those that count for this hip; any: of those without a side as well.
    """
    index = setting.index.day
    days = {
        "own_surely": case((all_of(("own_here", f"hi <= {index}")), "lo")),
        "own_maybe": case(("own_here", "hi")),
        "any_surely": case((f"hi <= {index}", "lo")),
    }
    keys = (*KEYS, "about")
    columns = [*keys, *(Column(name, f"max({day})") for name, day in days.items())]
    own = any_of(("sided", _counts_unsided(setting, readers)))
    lifting = layered(_heard(setting, readers, lifted=False), [Column("own_here", own)])
    return f"select {listed(columns)}\nfrom {lifting}\nwhere lifts and lo <= {index}\ngroup by {', '.join(keys)}"


def _heard(setting: Setting, readers: Sequence[Reader], lifted: bool = True) -> str:
    """Events beside the readers that hear them, where kind, asserter and recorded qualifiers are those asked for."""
    level = readers[0].level
    numbers = one_of("h.reader", (reader.number for reader in readers))
    every = len(readers) == sum(reader.level == level for reader in setting.readers)
    heard = f"(select * from {HEARD} as h where {f'level = {level}' if every else numbers}) as h"
    source = f"{EVENT} as e\njoin {heard} using (topic, side)"
    source += f"\njoin {CALENDAR} as c using ({', '.join((*setting.index.columns, 'reader'))})"
    if level:
        source += f"\njoin {known_table(level)} as k using (ask, hip)"
    if lifted and any(reader.selection.lifted_by for reader in readers):
        source += f"\nleft join {lift_table(level)} as l using ({', '.join((*KEYS, 'about'))})"
    asked_for = all_of(("(kind & kinds) <> 0", "(voice & voices) <> 0", _accepted(setting)))
    return f"(\nselect *\nfrom {source}\nwhere {asked_for}) as heard"


def _accepted(setting: Setting) -> str:
    """Whether the recorded qualifiers are among those asked for."""
    branches = []
    for demand, number in setting.demands.items():
        parts = []
        for name, choices in demand or ():
            if choices != ("*",):
                column = qualifier(name)
                parts.append(any_of((f"{column} is null", one_of(column, map(quoted, choices)))))
        branches.append((f"demand = {number}" if parts else FALSE, all_of(parts)))
    return case(*branches, otherwise=TRUE)


def _lacking(setting: Setting) -> str:
    """Whether something is not recorded that the reader asks for."""
    missing = (
        (f"demand = {number}", any_of(f"{qualifier(name)} is null" for name, _ in demand))
        for demand, number in setting.demands.items()
        if demand
    )
    return any_of((f"role = {Role.LACKS.value}", case(*missing, otherwise=FALSE)))


def _bounds(setting: Setting, readers: Iterable[Reader]) -> Iterator[Column]:
    """Since when and until when the reader looks: back from Index, or as the facts known before say."""
    numbers = sorted({setting.bounds[setting.bounds_of(reader.selection)] for reader in readers} - {0})
    back = case(("window_since = 0", str(OPEN)), otherwise=str(BOUNDED))
    for part, otherwise in (
        ("since", "window_since"),
        ("surely", "window_since"),
        ("until", str(NEVER)),
        ("state", back),
    ):
        yield Column(part, case(*((f"bounds = {n}", f"bounds_{n}_{part}") for n in numbers), otherwise=otherwise))


def _own(setting: Setting, readers: Iterable[Reader]) -> str:
    """Whether it counts for this hip: it names its side, or none and that will do."""
    return any_of(("sided", "counts", _counts_unsided(setting, readers)))


def _counts_unsided(setting: Setting, readers: Iterable[Reader]) -> str:
    """Whether what names no side counts, because of what is known of the hip."""
    numbers = sorted({setting.unsided[unsided_of(reader.selection)] for reader in readers} - {0})
    return case(*((f"unsided = {n}", f"coalesce(unsided_{n}, false)") for n in numbers), otherwise=FALSE)


def _ends(setting: Setting, readers: Iterable[Reader]) -> str:
    """The last day on which it can have ended: what was written with one date may last."""
    longest = {reader.selection.in_force for reader in readers} - {None}
    lasting = (
        (f"in_force = {number} and single and not undated", setting.dialect.moved("hi", length.months, length.days))
        for length, number in setting.in_force.items()
        if length is not None and length in longest
    )
    return case(*lasting, otherwise="ends_hi")


def _value(setting: Setting) -> str:
    """The value as a number, larger ones to win; null where it is refused."""
    number = case(("per is not null", rounded(setting.dialect)), ("dated", "value_day"), otherwise="said")
    return f"(case when {number} between low_limit and high_limit then {number} end)"


def _mark(setting: Setting, readers: Sequence[Reader]) -> str:
    """The mark of an event, null where it does not match at all."""
    lifted = any(reader.selection.lifted_by for reader in readers)
    return case(
        (f"role = {Role.UNAVAILABLE.value}", str(UNAVAILABLE)),
        (f"role = {Role.SILENT.value} or ends < since or lo > until", NULL),
        (_lacking(setting), str(INCOMPLETE)),
        (f"role = {Role.DENIES.value} or (role = {Role.ECHOES.value} and own_here)", NULL),
        (all_of(("own_here", _over(setting, readers))), NULL),
        (all_of(("own_here", _certain(setting, readers))), str(CERTAIN)),
        ("own_here", str(POSSIBLE)),
        ("hi < any_surely" if lifted else FALSE, NULL),
        otherwise=str(UNSIDED),
    )


def _over(setting: Setting, readers: Sequence[Reader]) -> str:
    """Whether it was taken back, or is over and the reader asks for what lasts."""
    lifted = any(reader.selection.lifted_by for reader in readers)
    ended = f"(while_it_lasts and not single and ends < {setting.index.day})"
    return any_of(("hi < own_surely" if lifted else FALSE, ended))


def _certain(setting: Setting, readers: Sequence[Reader]) -> str:
    """Whether it lies within the bounds for certain, if it can at all, and is known to be a match."""
    dated = f"((begun or begins) and hi <= until and ends_lo >= surely and state <> {UNCLEAR})"
    known = ["sure", case(("undated", f"state = {OPEN}"), otherwise=dated)]
    if any(reader.selection.lifted_by for reader in readers):
        known.append("coalesce(lo >= own_maybe, true)")
    known.append(f"(not while_it_lasts or single or ends_lo >= {setting.index.day})")
    return all_of(known)
