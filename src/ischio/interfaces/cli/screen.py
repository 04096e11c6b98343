"""The assessment as one screen of text a hip, most important first.

Signs and words stand beside every colour: `!` alert, `->` next, `o` option, `?` check first or ask, `x` held back.
"""

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Group, RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from ischio.engine.steps import due_steps, having
from ischio.interfaces.printable import clean
from ischio.interfaces.telling import (
    SHOWN_REASONS,
    alerts,
    asked_now,
    at_most,
    bears_on,
    burden,
    by_when,
    cautions,
    held_back,
    hip_title,
    holds,
    numbers,
    off_pathway,
    off_reasons,
    on_pathway,
    overridden,
    reasons_after,
    shown_beside,
    since,
    stage_ahead,
    step,
    to_check,
    who,
)
from ischio.interfaces.words import Words, day, with_days
from ischio.model.assessment import ActionShown, Assessment, Hip, Person, Question
from ischio.model.pathway import Pathway

Row = tuple[str, Text]

SHOWN_HELD = 4
SHOWN_NUMBERS = 4
SHOWN_QUESTIONS = 4
SHOWN_IGNORED = 3
SHOWN_STATEMENTS = 3


def screen(assessment: Assessment, pathway: Pathway) -> RenderableType:
    """Alerts, each hip on the pathway, what belongs to the person, the other hips, and what was not used."""
    hips: list[RenderableType] = [
        part
        for hip in on_pathway(assessment)
        for part in (hip_rule(hip, pathway, "="), grid(hip_rows(hip, assessment, pathway)))
    ]
    others: list[RenderableType] = [
        part
        for hip in off_pathway(assessment)
        for part in (hip_rule(hip, pathway, "-"), grid(quiet_rows(hip, pathway, Words(pathway, assessment, hip))))
    ]
    rows = [*person_rows(assessment.person, pathway)]
    person: list[RenderableType] = [rule(Text("Whole person", style="bold"), "-"), grid(rows)] if rows else []
    return Group(
        heading(assessment, pathway),
        grid(alert_rows(assessment, pathway)),
        # A hip about which nothing is known comes before medicines that it may never need.
        *(hips + person + others if hips else others + person),
        footing(assessment, pathway),
    )


def heading(assessment: Assessment, pathway: Pathway) -> Text:
    return Text.assemble((pathway.title, "bold"), f"   {clean(who(assessment))}   on {day(assessment.index_date)}")


def hip_rule(hip: Hip, pathway: Pathway, line: str) -> Rule:
    return rule(Text.assemble((hip_title(hip, pathway), "bold"), since(hip)), line)


def rule(title: Text, line: str) -> Rule:
    return Rule(title, align="left", characters=line, style="dim")


def hip_rows(hip: Hip, assessment: Assessment, pathway: Pathway) -> Iterator[Row]:
    """The rows of a hip on the pathway: under its position the next step and the reason, then the rest."""
    words = Words(pathway, assessment, hip)
    if hip.diversion:
        reasons = clean(reasons_after(hip.diversion.because, words))
        yield "x Diverted", Text.assemble((hip.diversion.title, "bold yellow"), reasons)
    yield from next_rows(hip.actions)
    if hip.stage.because:
        yield "Because", joined(words.reasons(hip.stage.because), SHOWN_REASONS)
    if figures := numbers(hip, assessment.person.facts, words):
        yield "Numbers", joined(figures, SHOWN_NUMBERS)
    if beside := shown_beside(hip, assessment.person, words):
        yield "Also known", joined([words.dated(fact) for fact in beside], len(beside))
    yield from other_rows(hip.actions)
    if ahead := stage_ahead(hip, pathway, words):
        yield "Next stage", gate_text(*ahead)
    yield from question_rows(asked_now(hip), pathway)
    yield from date_rows(hip)


def quiet_rows(hip: Hip, pathway: Pathway, words: Words) -> Iterator[Row]:
    """A hip that is not on the pathway has little to say: why not, what is due, and the first question."""
    yield "Because", joined(off_reasons(hip, words), SHOWN_REASONS)
    if due := due_steps(hip.actions):
        yield "-> Next", Text("; ".join(action.title for action in due))
    yield from question_rows(hip.questions[:1], pathway)


def alert_rows(assessment: Assessment, pathway: Pathway) -> Iterator[Row]:
    """Every red flag that is present, above all else."""
    for urgency, titles, says in alerts(assessment, pathway):
        yield "! ALERT", Text.assemble((f"{urgency.upper()}: {titles}", "bold red"), f". {says}" if says else "")


def person_rows(person: Person, pathway: Pathway) -> Iterator[Row]:
    """What belongs to the person. None of it is called next, because the next step is that of a hip."""
    if due := due_steps(person.actions):
        yield "-> Due", Text("; ".join(step(action) for action in due), style="green")
    yield from undue_rows(person.actions)
    yield from question_rows(person.questions, pathway)


def next_rows(actions: Sequence[ActionShown]) -> Iterator[Row]:
    """The most decisive of the steps that are due, with its sentence."""
    for first in due_steps(actions)[:1]:
        title, when = (first.title, "bold green"), (by_when(first), "bold")
        yield "-> Next", Text.assemble(title, when, f". {first.sentence}", cautions(first))


def other_rows(actions: Sequence[ActionShown]) -> Iterator[Row]:
    if others := due_steps(actions)[1:]:
        yield "-> Also due", Text("; ".join(step(action) for action in others), style="green")
    yield from undue_rows(actions)


def undue_rows(actions: Sequence[ActionShown]) -> Iterator[Row]:
    """Options, what to check before which action, what is held back, under way, not to be told."""
    if options := having(actions, "optional"):
        yield "o Options", Text("; ".join(step(action) for action in options))
    for action in having(actions, "check_first"):
        yield "? Check first", Text.assemble((action.title, "yellow"), f": {to_check(action)}")
    for reason, titles in held_back(actions).items():
        yield "x Held back", Text.assemble(joined(titles, SHOWN_HELD), " - by: ", (reason, "yellow"))
    if under_way := having(actions, "in_progress"):
        yield "Under way", Text("; ".join(action.title for action in under_way))
    if untold := having(actions, "cannot_tell"):
        named = at_most([action.title for action in untold], SHOWN_HELD)
        yield "? Cannot tell", Text(f"whether to do: {named}", style="dim")


def gate_text(title: str, told: str) -> Text:
    return Text.assemble((title, "bold"), f" - {clean(told)}")


def question_rows(questions: Sequence[Question], pathway: Pathway) -> Iterator[Row]:
    """The first few questions, each with what it costs to answer and what it bears on most."""
    for number, question in enumerate(questions[:SHOWN_QUESTIONS], start=1):
        target = bears_on(question, pathway)
        asked = f"{question.ask}{burden(question)}"
        yield f"? Ask {number}", Text.assemble(asked, (f"  for: {target}" if target else "", "dim"))
    if (more := len(questions) - SHOWN_QUESTIONS) > 0:
        yield "", Text(f"and {more} more of less weight", style="dim")


def date_rows(hip: Hip) -> Iterator[Row]:
    if hip.review:
        overdue = Text(" OVERDUE", style="bold red") if hip.review.overdue else Text()
        yield "Review", Text.assemble((day(hip.review.date), "bold"), overdue, f" ({with_days(hip.review.why)})")
    yield "Answer holds", Text(holds(hip))


def joined(phrases: Sequence[str], most: int) -> Text:
    return Text(clean(at_most(phrases, most)))


def grid(rows: Iterable[Row]) -> Table:
    """Labels in a first column, said once for rows that follow each other, text with a hanging indent in a second."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(width=13, no_wrap=True)
    table.add_column()
    before = ""
    for label, text in rows:
        table.add_row(Text("" if label == before else label, style="bold"), text)
        before = label
    return table


def footing(assessment: Assessment, pathway: Pathway) -> Group:
    """What of the record was not used, which pathway this is, and what it is not."""
    lines: list[RenderableType] = [rule(Text(), "-")]
    for ignored in assessment.ignored[:SHOWN_IGNORED]:
        lines.append(Text(clean(f"Not used: {ignored.source}: {ignored.why}"), style="dim"))
    if (more := len(assessment.ignored) - SHOWN_IGNORED) > 0:
        lines.append(Text(f"and {more} more entries not used (--json lists them)", style="dim"))
    if site := overridden(assessment):
        lines.append(Text(site, style="bold yellow"))
    version = f"Pathway {assessment.pathway.id} {assessment.pathway.version}. "
    lines.append(Text(version + " ".join(pathway.statements[:SHOWN_STATEMENTS])))
    return Group(*lines)
