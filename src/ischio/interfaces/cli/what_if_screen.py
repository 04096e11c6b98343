"""The answer to "what if" as a screen: now beside what if, then how sure that is and what would decide more."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ischio.interfaces.cli.screen import SHOWN_STATEMENTS, grid, rule
from ischio.interfaces.printable import clean
from ischio.interfaces.supposing import (
    NOT_SAVED,
    allowed_words,
    gate_words,
    measured_words,
    name_words,
    sensitivity_words,
    site_words,
    status_words,
    value_words,
)
from ischio.interfaces.telling import NOT_ON_PATHWAY, at_most
from ischio.interfaces.words import TRUTH_WORDS, day, side_title, title_of
from ischio.model.comparison import Changes
from ischio.model.pathway import Pathway
from ischio.model.what_if import Ahead, Supposed, WhatIf

SHOWN_SETS = 3
SHOWN_FACTS = 4
SHOWN_QUESTIONS = 4
SHOWN_RULES = 12
Row = tuple[str, str, str]


def screen(answer: WhatIf, pathway: Pathway, side: str | None) -> RenderableType:
    """side: show this hip (and the person) only."""
    heading = Text.assemble(
        ("WHAT IF", "bold"),
        f"   Patient {clean(answer.patient.id)}   on {day(answer.index_date)}   ",
        (NOT_SAVED, "bold yellow"),
    )
    looked_at = [part for part in answer.comparison.parts if side in (None, part.part) or part.part == "person"]
    parts = [part for part in looked_at if any(_rows(part, pathway))]
    asked = any(not one.follows for one in answer.supposed)
    alike = (Text("Nothing of the answer differs.", style="bold"),) if asked and not parts else ()
    version = f"Pathway {answer.pathway.id} {answer.pathway.version}. "
    return Group(
        heading,
        grid(("Supposed", Text(clean(_supposed(one, pathway)))) for one in answer.supposed),
        *alike,
        *(
            piece
            for part in parts
            for piece in (rule(Text(_part_title(part.part, pathway), style="bold"), "="), _table(part, pathway))
        ),
        rule(Text("How sure, and what would decide more", style="bold"), "-"),
        grid(_sure_rows(answer, pathway, side)),
        rule(Text(), "-"),
        Text(site_words(pathway) + version + " ".join(pathway.statements[:SHOWN_STATEMENTS])),
    )


def _supposed(one: Supposed, pathway: Pathway) -> str:
    part = "" if one.part == "person" else f"{one.part}: "
    now, then = (value_words(pathway, one.fact, value, one.unit) for value in (one.before, one.after))
    told = f"{part}{title_of(pathway, one.fact)}: {now} -> {then}"
    if one.follows:
        return f"{told}  (always follows)"
    return told if one.differs else f"{part}{title_of(pathway, one.fact)}: {now}, as it is"


def _part_title(part: str, pathway: Pathway) -> str:
    return "Both sides" if part == "person" else side_title(pathway, part)


def _table(changes: Changes, pathway: Pathway) -> Table:
    """Two columns side by side, each row with its label."""
    table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False, expand=False)
    for title, width in (("", 14), ("Now", None), ("-> What if", None)):
        table.add_column(title, min_width=width, overflow="fold")
    before = ""
    for label, now, then in _rows(changes, pathway):
        table.add_row(Text("" if label == before else label, style="bold"), Text(clean(now)), Text(clean(then)))
        before = label
    return table


def _rows(changes: Changes, pathway: Pathway) -> Iterator[Row]:
    for label, change in (("Stage", changes.stage), ("Diversion", changes.diversion)):
        if change is not None:
            yield label, name_words(change.before), name_words(change.after)
    if changes.next_gate:
        gates = changes.next_gate
        yield "Next stage", gate_words(pathway, gates.before), gate_words(pathway, gates.after)
    yield from (("! Alert", "-", alert.title) for alert in changes.alerts_new)
    yield from (("! Alert", alert.title, "over") for alert in changes.alerts_gone)
    for action in changes.actions:
        now, then = status_words(action.before), status_words(action.after)
        yield "Actions", f"{action.title}: {now}", then
    if changes.review:
        now, then = (day(each) if each else "none" for each in (changes.review.before, changes.review.after))
        yield "Review", now, then
    yield from _rule_rows(changes)
    gone, new = ([question.title for question in asked] for asked in (changes.questions_gone, changes.questions_new))
    if gone or new:
        yield "Questions", at_most(gone, SHOWN_QUESTIONS) or "-", at_most(new, SHOWN_QUESTIONS) or "no longer asked"


def _rule_rows(changes: Changes) -> Iterator[Row]:
    for change in changes.rules[:SHOWN_RULES]:
        yield "Rules", f"{change.title}: {TRUTH_WORDS[change.before]}", f"{TRUTH_WORDS[change.after]}  [{change.rule}]"
    if (more := len(changes.rules) - SHOWN_RULES) > 0:
        yield "Rules", f"and {more} more (--json lists them)", ""


def _sure_rows(answer: WhatIf, pathway: Pathway, side: str | None) -> Iterator[tuple[str, Text]]:
    for found in answer.sensitivity:
        if side in (None, found.side):
            told, *more = sensitivity_words(pathway, found)
            label = pathway.parameters[found.parameter].about.label.value
            yield "Sensitivity", Text(f"{measured_words(pathway, found)} ({label}) {told}")
            yield from (("Sensitivity", Text(f"  {line}")) for line in more)
    off = {position.part for position in answer.then if position.stage and position.stage.id == NOT_ON_PATHWAY}
    on = [each for each in answer.ahead if each.side == side or (side is None and each.side not in off)]
    for each in on or (answer.ahead if side is None else ()):
        yield from _ahead_rows(each, pathway)


def _ahead_rows(ahead: Ahead, pathway: Pathway) -> Iterator[tuple[str, Text]]:
    label = side_title(pathway, ahead.side)
    yield label, Text(f"Next stage {gate_words(pathway, ahead.gate)}.", style="bold")
    for told, sets in (
        ("Finding out could open it", ahead.opens_with),
        ("Finding out could close it", ahead.closes_with),
    ):
        for facts in sets[:1]:
            yield label, Text(f"{told}: {at_most([title_of(pathway, fact) for fact in facts], SHOWN_FACTS)}.")
    if not ahead.changes:
        yield label, Text("No change that the record can still take would open it.")
    for number, change in enumerate(ahead.changes[:SHOWN_SETS], start=1):
        told = at_most([allowed_words(pathway, allowed) for allowed in change], SHOWN_FACTS)
        yield label, Text(f"{'Smallest change' if number == 1 else 'Or'}: {clean(told)}")
    if ahead.more or len(ahead.changes) > SHOWN_SETS:
        yield label, Text("There are others (--json lists some).", style="dim")
