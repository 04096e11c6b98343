"""What is offered, as the draft resources that a records system can take: the source of them for cards and `$apply`."""

from dataclasses import dataclass
from datetime import date

from ischio.fhir.export.publication import Json, Publication
from ischio.model.assessment import ActionShown, Assessment
from ischio.model.pathway import Side


@dataclass(frozen=True, slots=True)
class Context:
    """Whom a request is for, and who asks. Each an id of its plain type (`17`) or a reference (`PractitionerRole/4`).

    authored: the day on which it is proposed.
    """

    patient: str
    authored: date
    encounter: str | None = None
    practitioner: str | None = None
    organization: str | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """One action as a request that nobody has made yet.

    title: the action with its side. description: one plain sentence. resource: a whole draft resource without id.
    """

    action: str
    side: Side | None
    title: str
    description: str
    resource: Json


def due(assessment: Assessment) -> tuple[tuple[ActionShown, Side | None], ...]:
    """What is offered, each with its side (None: the person's): what is due first, then what is optional.

    Within each the order of the pathway: right, left, person.
    """
    sided = [(action, Side(hip.side)) for hip in assessment.hips for action in hip.actions]
    every = [*sided, *((action, None) for action in assessment.person.actions)]
    return tuple(one for status in ("due", "optional") for one in every if one[0].status == status)


def proposal(
    publication: Publication, assessment: Assessment, action: ActionShown, side: Side | None, about: Context
) -> Proposal:
    """The request that an action asks for. It is a draft and a proposal: nothing in it prescribes, it names no dose."""
    raise NotImplementedError
