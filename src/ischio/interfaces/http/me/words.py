"""What a patient is told of the pathway, in patient words: one place, so that every page says the same."""

from dataclasses import dataclass

from ischio.clinic.released import Released
from ischio.interfaces.words import day, side_title
from ischio.model.pathway import Pathway
from ischio.model.patient import EMERGENCY, ENGLISH, Headed, Lines, PatientWords, Phrase


@dataclass(frozen=True, slots=True)
class Box:
    """When to call: for an emergency, and the clinic."""

    emergency: tuple[Phrase, ...]
    today: tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What was released of one hip, in words. side: which, as a heading. stage: None where it is not to be shown.

    exercises: each with its dose, in the clinician's own words. next_visit: the day in words, or empty.
    """

    side: str
    stage: Headed | None
    actions: tuple[Headed, ...]
    exercises: tuple[tuple[Headed, str], ...]
    positions: Lines | None
    unknowns: Lines | None
    next_visit: str
    message: str


def words_of(pathway: Pathway, language: str) -> PatientWords | None:
    """The words in a language or else in English; None where the pathway has none for patients."""
    return pathway.patient.get(language.partition("-")[0]) or pathway.patient.get(ENGLISH)


def box_of(pathway: Pathway, language: str) -> Box:
    """The red flags that a patient can notice; of a pathway without words for patients, all by their titles."""
    words = words_of(pathway, language)
    if words is not None:
        flags = words.red_flags
        return Box(tuple(flags.emergency.lines.values()), tuple(flags.today.lines.values()))
    told = [(one.urgency == EMERGENCY, Phrase(one.about.title)) for one in pathway.flags]
    return Box(tuple(text for now, text in told if now), tuple(text for now, text in told if not now))


def action_told(pathway: Pathway, id: str, language: str) -> Headed | None:
    """None where there are no words for a patient, so that it cannot be released."""
    words = words_of(pathway, language)
    return words.actions.get(id) if words and id not in words.not_released else None


def plan_of(pathway: Pathway, released: Released, language: str) -> Plan:
    words = words_of(pathway, language)
    named = [*released.actions, *(one.component for one in released.exercises)]
    with_positions = words is not None and any(one in words.positions_with for one in named)
    actions = [action_told(pathway, id, language) for id in released.actions]
    exercises = [(action_told(pathway, one.component, language), one.dose) for one in released.exercises]
    return Plan(
        side=side_title(pathway, released.side.value),
        stage=words.stages.get(released.stage) if words else None,
        actions=tuple(told for told in actions if told),
        exercises=tuple((told, dose) for told, dose in exercises if told),
        positions=words.positions if words and with_positions else None,
        unknowns=words.unknowns if words else None,
        next_visit=day(released.next_visit) if released.next_visit else "",
        message=released.message,
    )
