"""What an assessment says, as plain phrases in the order in which a reader acts: shared by screen, note and page."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ischio.engine.status import RED_FLAG
from ischio.engine.steps import having
from ischio.interfaces.words import Words, day, title_of
from ischio.model.about import Side
from ischio.model.assessment import (
    ActionShown,
    Assessment,
    FactShown,
    GateShown,
    Hip,
    Judgement,
    Person,
    Question,
    Reason,
    Shown,
)
from ischio.model.pathway import Pathway
from ischio.model.truth import FALSE, TRUE, UNKNOWN

NOT_ON_PATHWAY = "not_on_pathway"
VALUES = (float, int, str, bool)
GOING = ("due", "optional", "in_progress")
SHOWN_REASONS = 5
SHOWN_SETS = 2
SHOWN_FACTS = 4


def who(assessment: Assessment, whom: str = "") -> str:
    """The person, with age and sex as far as they are known. whom: how the reader knows them; else by id."""
    patient = assessment.patient
    age = None if patient.age is None else f"{patient.age} years"
    return ", ".join(part for part in (whom or f"Patient {patient.id}", age, patient.sex) if part)


def on_pathway(assessment: Assessment) -> tuple[Hip, ...]:
    return tuple(hip for hip in assessment.hips if hip.stage.id != NOT_ON_PATHWAY)


def off_pathway(assessment: Assessment) -> tuple[Hip, ...]:
    return tuple(hip for hip in assessment.hips if hip.stage.id == NOT_ON_PATHWAY)


def hip_title(hip: Hip, pathway: Pathway) -> str:
    return f"{side_title(hip, pathway)}: {hip.stage.title}"


def side_title(hip: Hip, pathway: Pathway) -> str:
    """Such as `Right hip`: which of the paired part that the pathway is about."""
    return f"{hip.side} {pathway.body_part}".capitalize()


def since(hip: Hip) -> str:
    return f" since {day(hip.stage.since)}" if hip.stage.since else ""


def alerts(assessment: Assessment, pathway: Pathway) -> Iterator[tuple[str, str, str]]:
    """Urgency, titles and words of the red flags that are present; those that ask for the same stand together."""
    together: dict[tuple[str, str], list[str]] = {}
    for where, found in (
        ("", assessment.person.alerts),
        *((f", {side_title(hip, pathway).lower()}", hip.alerts) for hip in assessment.hips),
    ):
        for alert in found:
            says = alert.because[0].text if alert.because else ""
            together.setdefault((alert.urgency, says), []).append(f"{alert.title}{where}")
    for (urgency, says), titles in together.items():
        yield urgency, "; ".join(titles), says


def named(reasons: Iterable[Reason]) -> str:
    return "; ".join(reason.title for reason in reasons)


def to_check(action: ActionShown) -> str:
    """The first things to check before an action; a safety form of many items settles most of them at once."""
    return at_most([reason.title for reason in action.check_first], SHOWN_REASONS)


def by_when(action: ActionShown) -> str:
    return f" by {day(action.due)}" if action.due else ""


def cautions(action: ActionShown) -> str:
    return f" (caution: {named(action.cautions)})" if action.cautions else ""


def step(action: ActionShown) -> str:
    """An action in a list of several: its title, its date and its cautions."""
    return f"{action.title}{by_when(action)}{cautions(action)}"


def held_back(actions: Sequence[ActionShown]) -> Mapping[str, tuple[str, ...]]:
    """Reason -> the actions it holds back, because one diversion often holds back nearly everything."""
    held: dict[str, tuple[str, ...]] = {}
    for action in having(actions, "blocked"):
        until = f" until {day(action.until)}" if action.until else ""
        reason = f"{named(action.blocked_by)}{until}"
        held[reason] = (*held.get(reason, ()), action.title)
    return held


def red_flagged(hip: Hip) -> bool:
    return hip.diversion is not None and hip.diversion.id == RED_FLAG


def stage_ahead(hip: Hip, pathway: Pathway, words: Words) -> tuple[str, str] | None:
    """The title of the stage ahead, and whether it can be told, what opens it or holds it closed.

    None if there is none, or if nobody will look at the hip again because the person is dead.
    """
    gate = hip.next_gate
    if gate is None or hip.review is None:
        return None
    title = title_of(pathway, gate.to)
    if red_flagged(hip):
        return title, "waits until the red flag is explained"
    told = "cannot be told yet" if gate.truth is UNKNOWN else "not open"
    if gate.opens_with:
        told += f". What could open it: {sets_text(gate, pathway)}"
    elif gate.truth is not TRUE:
        told += f". {at_most(words.reasons(gate.because), SHOWN_REASONS)}"
    return title, told


def asked_now(hip: Hip) -> tuple[Question, ...]:
    """The questions of a hip; under a red flag what bears on nothing but the stage ahead waits with it."""
    if not red_flagged(hip):
        return hip.questions
    return tuple(each for each in hip.questions if any(not why.startswith("gate:") for why in each.why))


def sets_text(gate: GateShown, pathway: Pathway) -> str:
    """The smallest sets of unknown facts that could open a gate; long ones by their first facts."""
    shown = [" + ".join(short([title_of(pathway, fact) for fact in each])) for each in gate.opens_with[:SHOWN_SETS]]
    others = ["others"] if gate.more or len(gate.opens_with) > SHOWN_SETS else []
    return "; or ".join([*dict.fromkeys(shown), *others])


def short(titles: list[str]) -> list[str]:
    left = len(titles) - SHOWN_FACTS
    return titles if left <= 1 else [*titles[:SHOWN_FACTS], f"{left} more facts"]


def burden(question: Question) -> str:
    return "" if question.burden == "ask" else f" ({question.burden})"


def bears_on(question: Question, pathway: Pathway) -> str:
    """What a question bears on most, by its title; empty if on nothing in particular."""
    return title_of(pathway, question.why[0].split(":")[1]) if question.why else ""


def holds(hip: Hip) -> str:
    span = f"until {day(hip.valid_until)}" if hip.valid_until else "for the next 24 months"
    return f"{span}, if nothing new is recorded"


def side_of(asked: str | None, assessment: Assessment) -> Side:
    """The side that was asked for, else the first one that is on the pathway."""
    if asked in {side.value for side in Side}:
        return Side(asked)
    on = (hip.side for hip in assessment.hips if hip.stage.id != NOT_ON_PATHWAY)
    return Side(next(on, Side.RIGHT.value))


def is_dead(assessment: Assessment, pathway: Pathway) -> bool:
    """Whether the person is known to have died."""
    return any(fact.id == pathway.deceased_fact and fact.value is True for fact in assessment.person.facts)


def known_off(hip: Hip) -> bool:
    """Whether a hip off the pathway is known to be without complaint, rather than nothing being known of it."""
    return any(judged.truth is FALSE for judged in hip.stage.because)


def off_reasons(hip: Hip, words: Words) -> tuple[str, ...]:
    """Why a hip is not on the pathway: what was found on which date, without what was merely not recorded beside it."""
    if not known_off(hip):
        return (f"nothing is recorded about this {words.pathway.body_part}",)
    facts = (node for top in hip.stage.because for node in words.facts_under(top))
    found = dict.fromkeys(words.phrase(node) for node in facts if node.values[0].date)
    return tuple(found) or words.reasons(hip.stage.because)


def numbers(hip: Hip, person: Sequence[FactShown], words: Words) -> tuple[str, ...]:
    """The key facts that are numbers, each with its date: what one wants to see beside the stage."""
    facts = (fact for fact in key_facts(hip, person, words) if type(fact.value) in (int, float))
    return tuple(words.dated(fact) for fact in facts)


def key_facts(hip: Hip, person: Sequence[FactShown], words: Words) -> tuple[FactShown, ...]:
    """The facts on which a hip's position and the gate ahead rest and what is known of them: numbers first.

    What reads the same events stands once, and that something is recorded does not stand beside its value.
    """
    tops = [*hip.stage.because]
    tops += hip.diversion.because if hip.diversion else ()
    tops += hip.next_gate.because if hip.next_gate else ()
    used = dict.fromkeys(value.fact for top in tops for node in words.facts_under(top) for value in node.values)
    shown = {fact.id: fact for fact in (*hip.facts, *person) if fact.value is not None and fact.date}
    found = sorted((shown[name] for name in used if name in shown), key=lambda fact: VALUES.index(type(fact.value)))
    kept: list[FactShown] = []
    read: dict[tuple[str, ...], list[Shown]] = {}
    for fact in found:
        values = read.setdefault(words.concepts_of(fact.id), [])
        if fact.value not in values and not (fact.value is True and values):
            kept.append(fact)
        values.append(fact.value)
    return tuple(kept)


def shown_beside(hip: Hip, person: Person, words: Words) -> tuple[FactShown, ...]:
    """The known facts that the actions offered or under way want told beside them, though nothing rests on them."""
    known = {fact.id: fact for fact in (*hip.facts, *person.facts) if fact.value is not None}
    going = (action for action in (*hip.actions, *person.actions) if action.status in GOING)
    names = dict.fromkeys(name for action in going for name in words.pathway.actions[action.id].shows)
    return tuple(known[name] for name in names if name in known)


def reasons_after(because: Sequence[Judgement], words: Words) -> str:
    reasons = words.reasons(because)
    return f" - {at_most(reasons, SHOWN_REASONS)}" if reasons else ""


def at_most(phrases: Sequence[str], most: int) -> str:
    """Phrases in one line, and how many were left out."""
    more = f"; and {len(phrases) - most} more" if len(phrases) > most else ""
    return "; ".join(phrases[:most]) + more


def overridden(assessment: Assessment) -> str:
    """The values that a site has set, with who set them; empty if none."""
    names = [shown.id for shown in assessment.parameters if shown.overridden]
    site = assessment.pathway.overlay or "this site"
    return f"Values set by {site}, not by the pathway: {', '.join(names)}" if names else ""


def unused(assessment: Assessment) -> str:
    """How much of the record was not used; empty if all of it was."""
    match len(assessment.ignored):
        case 0:
            return ""
        case 1:
            return "1 entry of the record was not used"
        case count:
            return f"{count} entries of the record were not used"
