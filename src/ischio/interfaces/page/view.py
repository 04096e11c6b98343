"""What the page shows, as frozen plain texts in reading order, so that the template only places them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace

from ischio.engine.explain import explain
from ischio.engine.steps import due_steps, having
from ischio.interfaces.telling import (
    SHOWN_REASONS,
    alerts,
    asked_now,
    bears_on,
    burden,
    by_when,
    held_back,
    holds,
    key_facts,
    numbers,
    off_pathway,
    off_reasons,
    on_pathway,
    overridden,
    reasons_after,
    red_flagged,
    shown_beside,
    stage_ahead,
    step,
    unused,
    who,
)
from ischio.interfaces.words import Words, day, with_days
from ischio.model.assessment import ActionShown, Assessment, Hip, Person, Question
from ischio.model.pathway import Pathway
from ischio.model.sources import Source

SHOWN_CHECKS = 5
SHOWN_HELD = 4
SHOWN_QUESTIONS = 5
MEANING_OF_LABEL = {
    "supported": "measured in this disease",
    "extrapolated": "measured in something near, not in this disease",
    "convention": "ordinary practice or the text the pathway grew from; no primary source found",
}


@dataclass(frozen=True, slots=True)
class Alert:
    urgency: str
    titles: str
    says: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A statement of the literature, or that it is not shown because nobody could verify it."""

    statement: str
    certainty: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """An action with all that a reader may ask about it. id: of the action."""

    id: str
    title: str
    by: str
    sentence: str
    cautions: tuple[str, ...]
    label: str
    meaning: str
    certainty: str
    reasons: tuple[str, ...]
    texts: tuple[tuple[str, str], ...]
    claims: tuple[Claim, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, what it costs to answer, and what it bears on. fact: what it asks for.

    rank: how decisive it is among all questions of a hip, those about the person counted in; 1 is the most.
    """

    fact: str
    ask: str
    bears_on: str
    rank: int


@dataclass(frozen=True, slots=True)
class Listing:
    """Phrases under a name: the first few, and the rest to be opened."""

    name: str
    first: str
    rest: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Steps:
    """What is to be done: the next step first, then the rest that is due, and what cannot or need not be done now."""

    next: Step | None
    due: tuple[Step, ...]
    options: tuple[Step, ...]
    check_first: tuple[Listing, ...]
    held: tuple[Listing, ...]
    under_way: tuple[str, ...]
    untold: tuple[str, ...]
    questions: tuple[Asked, ...]
    more_questions: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """A fact with its date and where it was read."""

    title: str
    value: str
    date: str
    source: str


@dataclass(frozen=True, slots=True)
class Place:
    """One stage on the way, and whether the hip is there or was led past it."""

    title: str
    here: bool
    passed: bool = False


@dataclass(frozen=True, slots=True)
class HipView:
    side: str
    stage: str
    since: str
    way: tuple[Place, ...]
    diverted: str
    diverted_because: str
    reasons: tuple[str, ...]
    numbers: tuple[str, ...]
    ahead: tuple[str, str] | None
    steps: Steps
    review: str
    overdue: bool
    holds: str
    facts: tuple[Known, ...]


@dataclass(frozen=True, slots=True)
class QuietView:
    """A hip that is not on the pathway. diverted: to where, if so. ask: the first question; asks_for: its fact."""

    side: str
    stage: str
    diverted: str
    reasons: tuple[str, ...]
    due: tuple[str, ...]
    ask: str
    asks_for: str


@dataclass(frozen=True, slots=True)
class View:
    title: str
    body_part: str
    who: str
    date: str
    version: str
    reviewed: str
    alerts: tuple[Alert, ...]
    hips: tuple[HipView, ...]
    person: Steps | None
    quiet: tuple[QuietView, ...]
    overridden: str
    unused: str
    ignored: tuple[tuple[str, str], ...]
    statements: tuple[str, ...]


def view(assessment: Assessment, pathway: Pathway) -> View:
    """Everything that the page shows of an assessment."""
    return View(
        pathway.title,
        pathway.body_part,
        who(assessment),
        day(assessment.index_date),
        f"{assessment.pathway.id} {assessment.pathway.version}",
        day(pathway.reviewed),
        tuple(Alert(*told) for told in alerts(assessment, pathway)),
        tuple(_hip(hip, assessment, pathway) for hip in on_pathway(assessment)),
        _person(assessment, pathway),
        tuple(_quiet(hip, Words(pathway, assessment, hip)) for hip in off_pathway(assessment)),
        overridden(assessment),
        unused(assessment),
        tuple((one.source, one.why) for one in assessment.ignored),
        pathway.statements,
    )


def _hip(hip: Hip, assessment: Assessment, pathway: Pathway) -> HipView:
    words = Words(pathway, assessment, hip)
    return HipView(
        hip.side.capitalize(),
        hip.stage.title,
        day(hip.stage.since) if hip.stage.since else "",
        tuple(_way(hip, pathway)),
        hip.diversion.title if hip.diversion else "",
        _diverted_because(hip, assessment, words),
        words.reasons(hip.stage.because)[:SHOWN_REASONS],
        numbers(hip, assessment.person.facts, words),
        stage_ahead(hip, pathway, words),
        _steps(hip, pathway, words),
        f"{day(hip.review.date)} ({with_days(hip.review.why)})" if hip.review else "",
        bool(hip.review and hip.review.overdue),
        holds(hip),
        tuple(_facts(hip, assessment.person, words)),
    )


def _diverted_because(hip: Hip, assessment: Assessment, words: Words) -> str:
    """Why a hip is diverted, unless alerts at the top of the page say it."""
    if hip.diversion is None or hip.alerts or assessment.person.alerts:
        return ""
    return reasons_after(hip.diversion.because, words).removeprefix(" - ")


def _way(hip: Hip, pathway: Pathway) -> Iterator[Place]:
    """The ordered stages, after them the stage of a hip that left their order; none while a red flag bars the way."""
    if red_flagged(hip):
        return
    ordered = [(stage.id, stage.about.title) for stage in pathway.ordered_stages]
    own = (hip.stage.id, hip.stage.title)
    on = ordered if own in ordered else [*ordered, own]
    here = on.index(own)
    for number, (_, title) in enumerate(on):
        yield Place(title, number == here, number < here)


def _person(assessment: Assessment, pathway: Pathway) -> Steps | None:
    """What concerns the person, of which nothing stands out as next; None if nothing does."""
    steps = _steps(assessment.person, pathway, Words(pathway, assessment, assessment.person))
    if steps.next:
        steps = replace(steps, next=None, due=(steps.next, *steps.due))
    return steps if any(getattr(steps, field.name) for field in fields(steps)) else None


def _facts(hip: Hip, person: Person, words: Words) -> Iterator[Known]:
    for fact in dict.fromkeys((*key_facts(hip, person.facts, words), *shown_beside(hip, person, words))):
        yield Known(*words.told(fact), day(fact.date) if fact.date else "", fact.source or "not said")


def _quiet(hip: Hip, words: Words) -> QuietView:
    due = tuple(step(action) for action in due_steps(hip.actions))
    ask, asks_for = (hip.questions[0].ask, hip.questions[0].fact) if hip.questions else ("", "")
    diverted = hip.diversion.title if hip.diversion else ""
    return QuietView(hip.side.capitalize(), hip.stage.title, diverted, off_reasons(hip, words), due, ask, asks_for)


def _steps(about: Hip | Person, pathway: Pathway, words: Words) -> Steps:
    due = tuple(_step(action, pathway, words) for action in due_steps(about.actions))
    asked = tuple(
        _asked(question, pathway) for question in (asked_now(about) if isinstance(about, Hip) else about.questions)
    )
    return Steps(
        due[0] if due else None,
        due[1:],
        tuple(_step(action, pathway, words) for action in having(about.actions, "optional")),
        tuple(_checks(action) for action in having(about.actions, "check_first")),
        tuple(_listing(f"By {by}", titles, SHOWN_HELD) for by, titles in held_back(about.actions).items()),
        tuple(action.title for action in having(about.actions, "in_progress")),
        tuple(action.title for action in having(about.actions, "cannot_tell")),
        asked[:SHOWN_QUESTIONS],
        asked[SHOWN_QUESTIONS:],
    )


def _checks(action: ActionShown) -> Listing:
    return _listing(action.title, [reason.title for reason in action.check_first], SHOWN_CHECKS)


def _listing(name: str, phrases: Sequence[str], most: int) -> Listing:
    """One more than the most is shown as well, because to open a list for one phrase is more work than to read it."""
    shown = len(phrases) if len(phrases) <= most + 1 else most
    return Listing(name, "; ".join(phrases[:shown]), tuple(phrases[shown:]))


def _asked(question: Question, pathway: Pathway) -> Asked:
    return Asked(question.fact, f"{question.ask}{burden(question)}", bears_on(question, pathway), question.rank)


def _step(action: ActionShown, pathway: Pathway, words: Words) -> Step:
    return Step(
        action.id,
        action.title,
        by_when(action),
        action.sentence,
        tuple(caution.title for caution in action.cautions),
        action.label,
        MEANING_OF_LABEL[action.label],
        action.certainty.replace("-", " "),
        words.reasons(action.because),
        tuple(pathway.actions[action.id].texts.items()),
        tuple(_claims(action, pathway)),
    )


def _claims(action: ActionShown, pathway: Pathway) -> Iterator[Claim]:
    """An unverified claim has no statement, because it is not shown as fact."""
    rule = explain(pathway, action.id)
    for claim in rule.claims if rule else ():
        if claim.statement is not None:
            sources: Sequence[Source] = [pathway.sources[name] for name in claim.sources if name in pathway.sources]
            yield Claim(claim.statement, claim.certainty.replace("-", " "), tuple(_cited(source) for source in sources))


def _cited(source: Source) -> str:
    doi = f" doi:{source.doi}" if source.doi else ""
    return f"{source.citation}{doi} (read: {source.read})"
