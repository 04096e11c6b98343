"""The assessment as a note for a chart: at most 12 lines of plain text, to be pasted as they are.

One line for the person and date, one for alerts, four for each hip on the pathway, one for the whole person,
one for what it is.
"""

from collections.abc import Iterator

from ischio.engine.steps import due_steps, having
from ischio.interfaces.telling import (
    SHOWN_REASONS,
    alerts,
    at_most,
    held_back,
    hip_title,
    holds,
    key_facts,
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
    unused,
    who,
)
from ischio.interfaces.words import Words, day
from ischio.model.assessment import ActionShown, Assessment, Hip
from ischio.model.pathway import Pathway

MOST_LINES = 12
SHOWN = 6
SHOWN_INPUTS = 10


def note(assessment: Assessment, pathway: Pathway) -> str:
    """Date, pathway version, position, inputs, next steps, and what cannot be told, of each hip on the pathway."""
    hips = on_pathway(assessment)
    lines = [heading(assessment, pathway), *alert_line(assessment, pathway)]
    for hip in hips:
        lines += hip_lines(hip, assessment, pathway)
    for hip in () if hips else off_pathway(assessment):
        lines.append(quiet_line(hip, Words(pathway, assessment, hip)))
    if hips and (told := steps(assessment.person.actions)):
        lines.append(f"Whole person. {told}")
    lines.append(footing(assessment, pathway))
    return "\n".join(one_line(line) for line in lines)


def heading(assessment: Assessment, pathway: Pathway) -> str:
    version = f"pathway {assessment.pathway.id} {assessment.pathway.version}"
    return f"{pathway.title}, {version}. {who(assessment)}. On {day(assessment.index_date)}."


def alert_line(assessment: Assessment, pathway: Pathway) -> Iterator[str]:
    if told := [f"{urgency.upper()}: {titles}" for urgency, titles, _ in alerts(assessment, pathway)]:
        yield f"RED FLAG. {'; '.join(told)}."


def hip_lines(hip: Hip, assessment: Assessment, pathway: Pathway) -> Iterator[str]:
    words = Words(pathway, assessment, hip)
    diverted = (
        f" Diverted: {hip.diversion.title}{reasons_after(hip.diversion.because, words)}." if hip.diversion else ""
    )
    yield f"{hip_title(hip, pathway).upper()}{since(hip)}.{diverted} Because: {reasons(hip, words)}."
    yield f"  Inputs: {inputs(hip, assessment, words) or 'none with a date'}."
    yield f"  {steps(hip.actions) or 'Nothing is due.'}"
    yield f"  {untold(hip, pathway, words)}{dates(hip)}"


def quiet_line(hip: Hip, words: Words) -> str:
    due = due_steps(hip.actions)
    next_steps = f" Next: {at_most([step(action) for action in due], SHOWN)}." if due else ""
    return f"{hip_title(hip, words.pathway)}. Because: {at_most(off_reasons(hip, words), SHOWN_REASONS)}.{next_steps}"


def reasons(hip: Hip, words: Words) -> str:
    return at_most(words.reasons(hip.stage.because), SHOWN_REASONS) or "no condition of its own"


def inputs(hip: Hip, assessment: Assessment, words: Words) -> str:
    """The facts on which the position rests, and those told beside an action, each with its date."""
    beside = [words.dated(fact) for fact in shown_beside(hip, assessment.person, words)]
    facts = [words.dated(fact) for fact in key_facts(hip, assessment.person.facts, words)]
    return "; ".join(filter(None, (at_most(facts, SHOWN_INPUTS), *beside)))


def steps(actions: tuple[ActionShown, ...]) -> str:
    """What is due, what may be chosen, what to check first and what is held back."""
    checks = [f"{action.title} ({to_check(action)})" for action in having(actions, "check_first")]
    held = [f"{at_most(titles, SHOWN)} (by {reason})" for reason, titles in held_back(actions).items()]
    parts = {
        "Next": [step(action) for action in due_steps(actions)],
        "Options": [step(action) for action in having(actions, "optional")],
        "Check first": checks,
        "Held back": held,
    }
    return " ".join(f"{word}: {at_most(phrases, SHOWN)}." for word, phrases in parts.items() if phrases)


def untold(hip: Hip, pathway: Pathway, words: Words) -> str:
    """Whether the stage ahead can be told, and which actions cannot."""
    told = ""
    if ahead := stage_ahead(hip, pathway, words):
        told += f"Next stage: {', '.join(ahead)}. "
    if unsure := [action.title for action in having(hip.actions, "cannot_tell")]:
        told += f"Cannot tell whether to do: {at_most(unsure, SHOWN)}. "
    return told


def dates(hip: Hip) -> str:
    overdue = ", overdue" if hip.review and hip.review.overdue else ""
    review = f"Review {day(hip.review.date)}{overdue}. " if hip.review else ""
    return f"{review}Holds {holds(hip)}."


def footing(assessment: Assessment, pathway: Pathway) -> str:
    return ". ".join(filter(None, (overridden(assessment), unused(assessment), pathway.statements[0])))


def one_line(text: str) -> str:
    """Without the line breaks and control characters that a record may hold."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
