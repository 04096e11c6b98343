"""What a clinician released to somebody: the patient's side shows this of the pathway, and nothing else."""

from dataclasses import dataclass
from datetime import date

from ischio.model.about import Side
from ischio.model.pathway import Pathway
from ischio.model.rules import ActionKind


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


def is_exercise(pathway: Pathway, action: str) -> bool:
    """Whether an action is a part of physiotherapy of which it is recorded by itself if it was given."""
    concept = pathway.concepts.get(action)
    return pathway.actions[action].kind is ActionKind.THERAPY and concept is not None and bool(concept.values)
