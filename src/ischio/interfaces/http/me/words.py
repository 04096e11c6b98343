"""What a patient is told of the pathway, in patient words: one place, so that every page says the same."""

from dataclasses import dataclass

from ischio.model.pathway import Pathway


@dataclass(frozen=True, slots=True)
class Told:
    """A title and what is said under it."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Box:
    """When to call: for an emergency, and the clinic."""

    emergency: tuple[str, ...]
    today: tuple[str, ...]


def box_of(pathway: Pathway, language: str) -> Box:
    """The red flags."""
    emergency = tuple(one.about.title for one in pathway.flags if one.urgency == "emergency")
    return Box(emergency, tuple(one.about.title for one in pathway.flags if one.urgency != "emergency"))


def action_told(pathway: Pathway, id: str, language: str) -> Told | None:
    """None where there are no words for a patient, so that it cannot be released."""
    action = pathway.actions.get(id)
    return Told(action.about.title, action.about.sentence) if action else None


def stage_told(pathway: Pathway, id: str, language: str) -> Told | None:
    stage = next((one for one in pathway.stages if one.id == id), None)
    return Told(stage.about.title, stage.about.sentence) if stage else None
