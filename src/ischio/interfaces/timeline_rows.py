"""A timeline as the rows of one hip's table: the same for the terminal and for the drawing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from ischio.engine.steps import DECISIVE_FIRST
from ischio.interfaces.supposing import gate_words, name_words
from ischio.interfaces.telling import NOT_ON_PATHWAY, at_most
from ischio.interfaces.words import day
from ischio.model.comparison import Changes, Position
from ischio.model.pathway import Pathway
from ischio.model.timeline import Happening, Timeline

BY_TIME = "nothing recorded; time went by"
OTHER_SIDE = "entries of the other side"
OFFERED = ("due", "optional")
SHOWN_HAPPENED = 3
SHOWN_ACTIONS = 3


@dataclass(frozen=True, slots=True)
class Row:
    """One moment of one hip. by_time: the answer changed though nothing was recorded. staged: the stage is another.

    quiet: entries since the row before that changed nothing for this hip.
    """

    date: date
    by_time: bool
    happened: tuple[str, ...]
    stage: str
    staged: bool
    held: tuple[str, ...]
    step: str
    changed: tuple[str, ...]
    quiet: int


def rows(timeline: Timeline, pathway: Pathway, side: str) -> Iterator[Row]:
    """The moments at which stage, diversion, alerts, next stage or what is offered changes for this hip or the person.

    Other changes of status (what cannot be told, what is done) are left to the JSON.
    """
    before: tuple[str, tuple[str, ...]] = ("", ())
    quiet = 0
    for number, moment in enumerate(timeline.moments):
        hip, person = (next(one for one in moment.positions if one.part == part) for part in (side, "person"))
        parts = [each for each in moment.changes if each.part in (side, "person")]
        happened = tuple(_words(each) for each in moment.happened if each.side in (side, "both", None))
        quiet += moment.quiet
        title, held, changed = name_words(hip.stage), tuple(_held(hip, person)), tuple(_changed(pathway, parts))
        if number and not changed and (title, held) == before:
            quiet += len(happened)
            continue
        yield Row(
            moment.date,
            not moment.happened and number > 0,
            happened,
            title,
            title != before[0],
            held,
            next_step(pathway, hip, person),
            changed,
            quiet,
        )
        before, quiet = (title, held), 0


def ever_on_pathway(timeline: Timeline, side: str) -> bool:
    """Whether a hip was on the pathway, or diverted for something of its own, on any of the days."""
    of_hip = (one for moment in timeline.moments for one in moment.positions if one.part == side)
    return any(one.stage is not None and one.stage.id != NOT_ON_PATHWAY for one in of_hip)


def next_step(pathway: Pathway, hip: Position, person: Position) -> str:
    """The most decisive of what is due, of the hip before the person's."""
    due = [pathway.actions[one.id] for one in (*hip.actions, *person.actions) if one.status == "due"]
    due.sort(key=lambda action: DECISIVE_FIRST.index(action.kind.value))
    return due[0].about.title if due else ""


def _words(happening: Happening) -> str:
    return f"{happening.text}, ended" if happening.ends else happening.text


def _held(hip: Position, person: Position) -> Iterator[str]:
    yield from (f"! {alert.title}" for alert in (*hip.alerts, *person.alerts))
    if hip.diversion is not None:
        yield f"x {hip.diversion.title}"


def _changed(pathway: Pathway, parts: list[Changes]) -> Iterator[str]:
    """The next stage, if it can be told otherwise, and what is offered or held back now, or offered no longer."""
    gates = [part.next_gate for part in parts if part.next_gate and not part.stage]
    yield from (f"next stage {gate_words(pathway, gate.after)}" for gate in gates)
    statuses = [change for part in parts for change in part.actions]
    for words, status in (("due", "due"), ("option", "optional"), ("held back", "blocked")):
        if found := [change.title for change in statuses if change.after == status]:
            yield f"{words}: {at_most(found, SHOWN_ACTIONS)}"
    if gone := [one.title for one in statuses if one.before in OFFERED and one.after not in (*OFFERED, "blocked")]:
        yield f"no longer offered: {at_most(gone, SHOWN_ACTIONS)}"


def happened_words(row: Row) -> str:
    """What is recorded of a row's day, and what before it changed nothing."""
    told = at_most(row.happened, SHOWN_HAPPENED) if row.happened else BY_TIME if row.by_time else OTHER_SIDE
    return f"{told} (before: {row.quiet} without effect)" if row.quiet else told


def changed_words(row: Row) -> str:
    return "; ".join(row.changed)


def span_words(timeline: Timeline) -> str:
    """The days looked at."""
    begun = f"{day(timeline.since)} to" if timeline.since is not None else "up to"
    return f"{begun} {day(timeline.until)}"


def footing(timeline: Timeline) -> Iterator[str]:
    """Until when the last row holds, and what is not in the table."""
    if timeline.valid_until is not None:
        yield f"The last row holds until {day(timeline.valid_until)}, if nothing new is recorded."
    else:
        yield "The last row holds for the next 24 months, if nothing new is recorded."
    if timeline.quiet:
        yield f"Since then {timeline.quiet} entries without effect."
    if timeline.undated:
        yield f"Without a date, and so in no row: {timeline.undated} entries."
    yield "Every entry counts from the date on which it was, also if it was written down later."
