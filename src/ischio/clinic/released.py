"""What a clinician released to somebody: the patient's side shows this of the pathway, and nothing else."""

from dataclasses import dataclass
from datetime import date

from ischio.model.about import Side
from ischio.model.assessment import ActionShown
from ischio.model.pathway import Pathway
from ischio.model.patient import ENGLISH, DiaryOf

IN_FORCE = ("due", "optional", "in_progress")
"""The statuses of an action that a patient can be told of."""


@dataclass(frozen=True, slots=True)
class Exercise:
    """component: id of a component of physiotherapy. dose: how much and how often, in the clinician's own words."""

    component: str
    dose: str


@dataclass(frozen=True, slots=True)
class Released:
    """What was released of one hip, on a day.

    stage: id of the stage, or empty if it is not to be shown. actions: ids, in the order in which they are told.
    forms: ids of the questionnaires to be answered. message: the clinician's own words, may be empty. numbers: whether
    the patient's own pain and scores are shown. pathway_version: by which it was worked out.
    """

    side: Side
    stage: str
    actions: tuple[str, ...]
    exercises: tuple[Exercise, ...]
    forms: tuple[str, ...]
    next_visit: date | None
    message: str
    numbers: bool
    pathway_version: str
    on: date


def can_be_told(pathway: Pathway, action: ActionShown) -> bool:
    """Whether it is in force, and has words for patients. What was taught already is done at home all the same."""
    words = pathway.patient.get(ENGLISH)
    in_force = action.status in IN_FORCE or (action.status == "done" and is_exercise(pathway, action.id))
    return in_force and words is not None and action.id in words.actions and action.id not in words.not_released


def is_exercise(pathway: Pathway, action: str) -> bool:
    """Whether it can be done at home, and be ticked off in a diary."""
    diary = diary_of(pathway)
    return diary is not None and action in diary.exercises


def diary_of(pathway: Pathway) -> DiaryOf | None:
    """What patients on the pathway keep a diary of; None where it has no words for them, or no diary."""
    words = pathway.patient.get(ENGLISH)
    return words.diary if words else None
