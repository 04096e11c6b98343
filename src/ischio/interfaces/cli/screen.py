"""The assessment as one screen of text a hip, most important first.

Signs and words stand beside every colour: `!` alert, `->` next, `o` option, `?` check first or ask, `x` held back.
"""

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Group, RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from ischio.interfaces.cli.terminal import clean
from ischio.interfaces.telling import (
    SHOWN_REASONS,
    alerts,
    at_most,
    bears_on,
    burden,
    by_when,
    cautions,
    due_steps,
    having,
    held_back,
    hip_title,
    holds,
    known_off,
    off_pathway,
    on_pathway,
    overridden,
    reasons_after,
    since,
    stage_ahead,
    step,
    to_check,
    who,
)
from ischio.interfaces.words import Words, day, with_days
from ischio.model.assessment import ActionShown, Assessment, GateShown, Hip, Question
from ischio.model.pathway import Pathway

Row = tuple[str, Text]

SHOWN_HELD = 4
SHOWN_QUESTIONS = 4
SHOWN_IGNORED = 3
SHOWN_STATEMENTS = 3


def screen(assessment: Assessment, pathway: Pathway) -> RenderableType:
    """Alerts, each hip on the pathway, what belongs to the person, the other hips, and what this rests on."""
    person = assessment.person
    person_rows = [*action_rows(person.actions), *question_rows(person.questions, pathway)]
    return Group(
        heading(assessment, pathway),
        grid(alert_rows(assessment)),
        *(
            part
            for hip in on_pathway(assessment)
            for part in (hip_rule(hip, "="), grid(hip_rows(hip, pathway, Words(pathway, assessment, hip))))
        ),
        *((rule(Text("Both hips", style="bold"), "-"), grid(person_rows)) if person_rows else ()),
        *(
            part
            for hip in off_pathway(assessment)
            for part in (hip_rule(hip, "-"), grid(quiet_rows(hip, pathway, Words(pathway, assessment, hip))))
        ),
        footing(assessment, pathway),
    )


def heading(assessment: Assessment, pathway: Pathway) -> Text:
    return Text.assemble((pathway.title, "bold"), f"   {clean(who(assessment))}   on {day(assessment.index_date)}")


def hip_rule(hip: Hip, line: str) -> Rule:
    return rule(Text.assemble((hip_title(hip), "bold"), since(hip)), line)


def rule(title: Text, line: str) -> Rule:
    return Rule(title, align="left", characters=line, style="dim")


def hip_rows(hip: Hip, pathway: Pathway, words: Words) -> Iterator[Row]:
    """The rows of a hip on the pathway: under its position the next step and the reason, then the rest."""
    if hip.diversion:
        reasons = clean(reasons_after(hip.diversion.because, words))
        yield "x Diverted", Text.assemble((hip.diversion.title, "bold yellow"), reasons)
    yield from next_rows(hip.actions)
    if hip.stage.because:
        yield "Because", joined(words.reasons(hip.stage.because), SHOWN_REASONS)
    yield from other_rows(hip.actions)
    if hip.next_gate:
        yield "Next stage", gate_text(hip.next_gate, pathway, words)
    yield from question_rows(hip.questions, pathway)
    yield from date_rows(hip)


def quiet_rows(hip: Hip, pathway: Pathway, words: Words) -> Iterator[Row]:
    """A hip that is not on the pathway has little to say: why not, what is due, and the first question."""
    if known_off(hip):
        yield "Because", joined(words.reasons(hip.stage.because), SHOWN_REASONS)
    if due := due_steps(hip.actions):
        yield "-> Next", Text("; ".join(action.title for action in due))
    yield from question_rows(hip.questions[:1], pathway)


def alert_rows(assessment: Assessment) -> Iterator[Row]:
    """Every red flag that is present, above all else."""
    for urgency, titles, says in alerts(assessment):
        yield "! ALERT", Text.assemble((f"{urgency.upper()}: {titles}", "bold red"), f". {says}" if says else "")


def action_rows(actions: Sequence[ActionShown]) -> Iterator[Row]:
    yield from next_rows(actions)
    yield from other_rows(actions)


def next_rows(actions: Sequence[ActionShown]) -> Iterator[Row]:
    """The most decisive of the steps that are due, with its sentence."""
    for first in due_steps(actions)[:1]:
        title, when = (first.title, "bold green"), (by_when(first), "bold")
        yield "-> Next", Text.assemble(title, when, f". {first.sentence}", cautions(first))


def other_rows(actions: Sequence[ActionShown]) -> Iterator[Row]:
    """What else is due, options, what to check before which action, what is held back, under way, not to be told."""
    if others := due_steps(actions)[1:]:
        yield "-> Also due", Text("; ".join(step(action) for action in others), style="green")
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


def gate_text(gate: GateShown, pathway: Pathway, words: Words) -> Text:
    title, told = stage_ahead(gate, pathway, words)
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
