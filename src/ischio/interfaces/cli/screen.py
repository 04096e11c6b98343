"""The assessment as one screen of text a hip, most important first.

Signs and words stand beside every colour: `!` alert, `->` due, `o` option, `?` check first or ask, `x` blocked.
"""

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Group, RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from ischio.interfaces.cli.terminal import clean
from ischio.interfaces.cli.words import Words, day, title_of
from ischio.model.assessment import ActionShown, AlertShown, Assessment, GateShown, Hip, Judgement, Question, Reason
from ischio.model.pathway import Pathway
from ischio.model.truth import FALSE, TRUE, UNKNOWN

Row = tuple[str, Text]

NOT_ON_PATHWAY = "not_on_pathway"
SHOWN_REASONS = 5
SHOWN_SETS = 2
SHOWN_HELD = 4
SHOWN_FACTS = 4
SHOWN_QUESTIONS = 4
SHOWN_IGNORED = 3
SHOWN_STATEMENTS = 3


def screen(assessment: Assessment, pathway: Pathway) -> RenderableType:
    """Alerts, each hip on the pathway, what belongs to the person, the other hips, and what this rests on."""
    person = assessment.person
    person_rows = [*action_rows(person.actions), *question_rows(person.questions, pathway)]
    on = [hip for hip in assessment.hips if hip.stage.id != NOT_ON_PATHWAY]
    off = [hip for hip in assessment.hips if hip.stage.id == NOT_ON_PATHWAY]
    return Group(
        heading(assessment, pathway),
        grid(alert_rows(assessment)),
        *(
            part
            for hip in on
            for part in (hip_rule(hip, "="), grid(hip_rows(hip, pathway, Words(pathway, assessment, hip))))
        ),
        *((rule(Text("Both hips", style="bold"), "-"), grid(person_rows)) if person_rows else ()),
        *(
            part
            for hip in off
            for part in (hip_rule(hip, "-"), grid(quiet_rows(hip, pathway, Words(pathway, assessment, hip))))
        ),
        footing(assessment, pathway),
    )


def heading(assessment: Assessment, pathway: Pathway) -> Text:
    patient = assessment.patient
    age = None if patient.age is None else f"{patient.age} years"
    who = ", ".join(part for part in (f"Patient {clean(patient.id)}", age, patient.sex) if part)
    return Text.assemble((pathway.title, "bold"), f"   {who}   on {day(assessment.index_date)}")


def hip_rule(hip: Hip, line: str) -> Rule:
    since = f" since {day(hip.stage.since)}" if hip.stage.since else ""
    return rule(Text.assemble((f"{hip.side.capitalize()} hip: {hip.stage.title}", "bold"), since), line)


def rule(title: Text, line: str) -> Rule:
    return Rule(title, align="left", characters=line, style="dim")


def hip_rows(hip: Hip, pathway: Pathway, words: Words) -> Iterator[Row]:
    """The rows of a hip on the pathway, in the order in which they are acted on."""
    if hip.diversion:
        yield (
            "x Diverted",
            Text.assemble((hip.diversion.title, "bold yellow"), reason_text(hip.diversion.because, words)),
        )
    if hip.stage.because:
        yield "Because", joined(words.reasons(hip.stage.because), SHOWN_REASONS)
    yield from action_rows(hip.actions)
    if hip.next_gate:
        yield "Gate ahead", gate_text(hip.next_gate, pathway, words)
    yield from question_rows(hip.questions, pathway)
    yield from date_rows(hip)


def quiet_rows(hip: Hip, pathway: Pathway, words: Words) -> Iterator[Row]:
    """A hip that is not on the pathway has little to say: why not, what is due, and the first question."""
    if any(judged.truth is FALSE for judged in hip.stage.because):
        yield "Because", joined(words.reasons(hip.stage.because), SHOWN_REASONS)
    if due := having(hip.actions, "due"):
        yield "-> Due", Text("; ".join(action.title for action in due))
    yield from question_rows(hip.questions[:1], pathway)


def reason_text(because: Sequence[Judgement], words: Words) -> str:
    reasons = words.reasons(because)
    return f" - {'; '.join(reasons[:SHOWN_REASONS])}" if reasons else ""


def alert_rows(assessment: Assessment) -> Iterator[Row]:
    """Every red flag that is present, above all else."""
    found: list[tuple[str, AlertShown]] = [("", alert) for alert in assessment.person.alerts]
    found += [(f", {hip.side} hip", alert) for hip in assessment.hips for alert in hip.alerts]
    for where, alert in found:
        said = f". {alert.because[0].text}" if alert.because else ""
        yield "! ALERT", Text.assemble((f"{alert.urgency.upper()}: {alert.title}{where}", "bold red"), said)


def action_rows(actions: Sequence[ActionShown]) -> Iterator[Row]:
    """Due actions with their sentence, then options, then what to check before which action, then what is held up."""
    for action in having(actions, "due"):
        when = f" by {day(action.due)}" if action.due else ""
        yield (
            "-> Due",
            Text.assemble((action.title, "bold green"), (when, "bold"), f". {action.sentence}", cautions(action)),
        )
    if options := having(actions, "optional"):
        yield "o Options", Text("; ".join(action.title + cautions(action) for action in options))
    for action in having(actions, "check_first"):
        yield "? Check first", Text.assemble((action.title, "yellow"), f": {named(action.check_first)}")
    yield from blocked_rows(having(actions, "blocked"))
    if under_way := having(actions, "in_progress"):
        yield "Under way", Text("; ".join(action.title for action in under_way))
    if untold := having(actions, "cannot_tell"):
        yield "? Cannot tell", Text("; ".join(action.title for action in untold), style="dim")


def blocked_rows(actions: Sequence[ActionShown]) -> Iterator[Row]:
    """What is held back, once for each reason, because one diversion often holds back nearly everything."""
    held: dict[tuple[str, str], list[str]] = {}
    for action in actions:
        until = f" until {day(action.until)}" if action.until else ""
        held.setdefault((named(action.blocked_by), until), []).append(action.title)
    for (reason, until), titles in held.items():
        yield "x Blocked", Text.assemble((f"{reason}{until}", "yellow"), " holds back: ", joined(titles, SHOWN_HELD))


def having(actions: Sequence[ActionShown], status: str) -> tuple[ActionShown, ...]:
    return tuple(action for action in actions if action.status == status)


def named(reasons: Sequence[Reason]) -> str:
    return "; ".join(reason.title for reason in reasons)


def cautions(action: ActionShown) -> str:
    return f" (caution: {named(action.cautions)})" if action.cautions else ""


def gate_text(gate: GateShown, pathway: Pathway, words: Words) -> Text:
    """The gate ahead: whether it can be told, what opens it, or what holds it closed."""
    told = "cannot be told yet" if gate.truth is UNKNOWN else "not open"
    text = Text.assemble((title_of(pathway, gate.to), "bold"), f" - {told}")
    if gate.opens_with:
        text.append(f". What could open it: {sets_text(gate, pathway)}")
    elif gate.truth is not TRUE:
        text.append(f". {joined(words.reasons(gate.because), SHOWN_REASONS).plain}")
    return text


def sets_text(gate: GateShown, pathway: Pathway) -> str:
    """The smallest sets of unknown facts that could open a gate; long ones by their first facts."""
    shown = [" + ".join(short([title_of(pathway, fact) for fact in each])) for each in gate.opens_with[:SHOWN_SETS]]
    others = ["others"] if gate.more or len(gate.opens_with) > SHOWN_SETS else []
    return "; or ".join([*dict.fromkeys(shown), *others])


def short(titles: list[str]) -> list[str]:
    left = len(titles) - SHOWN_FACTS
    return titles if left <= 1 else [*titles[:SHOWN_FACTS], f"{left} more facts"]


def question_rows(questions: Sequence[Question], pathway: Pathway) -> Iterator[Row]:
    """The first few questions, each with what it costs to answer and what it bears on most."""
    for number, question in enumerate(questions[:SHOWN_QUESTIONS], start=1):
        burden = "" if question.burden == "ask" else f" ({question.burden})"
        bears_on = title_of(pathway, question.why[0].split(":")[1]) if question.why else ""
        yield f"? Ask {number}", Text.assemble(question.ask, burden, (f"  for: {bears_on}" if bears_on else "", "dim"))
    if (more := len(questions) - SHOWN_QUESTIONS) > 0:
        yield "", Text(f"and {more} more of less weight", style="dim")


def date_rows(hip: Hip) -> Iterator[Row]:
    if hip.review:
        overdue = Text(" OVERDUE", style="bold red") if hip.review.overdue else Text()
        yield "Review", Text.assemble((day(hip.review.date), "bold"), overdue, f" ({hip.review.why})")
    until = f"until {day(hip.valid_until)}, if nothing new is recorded" if hip.valid_until else "for the next 24 months"
    yield "Answer holds", Text(until)


def joined(phrases: Sequence[str], most: int) -> Text:
    more = f"; and {len(phrases) - most} more" if len(phrases) > most else ""
    return Text(clean("; ".join(phrases[:most])) + more)


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
    overridden = [shown.id for shown in assessment.parameters if shown.overridden]
    if overridden:
        site = assessment.pathway.overlay or "this site"
        lines.append(Text(f"Values set by {site}, not by the pathway: {', '.join(overridden)}", style="bold yellow"))
    version = f"Pathway {assessment.pathway.id} {assessment.pathway.version}. "
    lines.append(Text(version + " ".join(pathway.statements[:SHOWN_STATEMENTS])))
    return Group(*lines)
