"""What is offered, as the draft resources that a records system can take: the source of them for cards and `$apply`.

The kind, codes, priority and side of a request are those of the ActivityDefinition that it instantiates.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from ischio.fhir.export.activities import REQUESTS, activity_id, coded, priority, site, title_of
from ischio.fhir.export.publication import Json, Publication
from ischio.fhir.export.terminology import stage_code
from ischio.model.about import Side
from ischio.model.assessment import ActionShown, Assessment

INSTANTIATES = "http://hl7.org/fhir/StructureDefinition/workflow-instantiatesCanonical"
"""The extension of R4 for requests that have no element of this name."""


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

    @property
    def subject(self) -> Json:
        return reference("Patient", self.patient)

    @property
    def requester(self) -> Json | None:
        """The practitioner if one is named, else the organization."""
        if self.practitioner:
            return reference("Practitioner", self.practitioner)
        return reference("Organization", self.organization) if self.organization else None


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
    every = tuple(actions_of(assessment))
    return tuple(one for status in ("due", "optional") for one in every if one[0].status == status)


def actions_of(assessment: Assessment) -> Iterator[tuple[ActionShown, Side | None]]:
    """Every action with its side, whatever its status."""
    yield from ((action, Side(hip.side)) for hip in assessment.hips for action in hip.actions)
    yield from ((action, None) for action in assessment.person.actions)


def proposal(
    publication: Publication, assessment: Assessment, action: ActionShown, side: Side | None, about: Context
) -> Proposal:
    """The request that an action asks for. It is a draft and a proposal: nothing in it prescribes, it names no dose."""
    pathway = publication.pathway
    defined = pathway.actions[action.id]
    kind = REQUESTS[defined.kind]
    shared = {
        "resourceType": kind,
        **_instantiates(publication.canonical("ActivityDefinition", activity_id(publication, defined, side)), kind),
        "status": "draft",
        **({} if kind == "CommunicationRequest" else {"intent": "proposal"}),
        "priority": priority(defined),
        **({"encounter": reference("Encounter", about.encounter)} if about.encounter else {}),
        "authoredOn": about.authored.isoformat(),
        **({"requester": about.requester} if about.requester else {}),
        **({"note": [{"text": text} for text in notes]} if (notes := tuple(_notes(action))) else {}),
    }
    what, why = coded(publication, defined), _why(publication, assessment, side)
    title = title_of(pathway, defined, side)
    own = _own(kind, what, why, about.subject, f"{title}: {action.sentence}")
    where = {"bodySite": [site(publication, side)]} if side and kind == "ServiceRequest" else {}
    return Proposal(action.id, side, title, action.sentence, {**shared, **own, **where})


def reference(kind: str, named: str) -> Json:
    """A reference to what is named by its id, or by a whole reference."""
    return {"reference": named if "/" in named or ":" in named else f"{kind}/{named}"}


def _own(kind: str, what: Json, why: Json, subject: Json, words: str) -> Json:
    """What each type of request calls by a name of its own: what is asked for, for whom, and why."""
    match kind:
        case "Task":
            return {"code": what, "description": words, "for": subject, "reasonCode": why}
        case "MedicationRequest":
            return {"medicationCodeableConcept": what, "subject": subject, "reasonCode": [why]}
        case "CommunicationRequest":
            told = [{"contentString": words}]
            return {"category": [what], "subject": subject, "payload": told, "reasonCode": [why]}
        case _:
            return {"code": what, "subject": subject, "reasonCode": [why]}


def _instantiates(canonical: str, kind: str) -> Json:
    match kind:
        case "Task":
            return {"instantiatesCanonical": canonical}
        case "CommunicationRequest":
            return {"extension": [{"url": INSTANTIATES, "valueCanonical": canonical}]}
        case _:
            return {"instantiatesCanonical": [canonical]}


def _why(publication: Publication, assessment: Assessment, side: Side | None) -> Json:
    """Where the side is on the pathway; of what belongs to the person, the pathway itself."""
    hip = next((hip for hip in assessment.hips if side and hip.side == side.value), None)
    if hip is None:
        return {"text": publication.pathway.title}
    stage = hip.stage
    text = f"{publication.pathway.title}, {hip.side} {publication.pathway.body_part}: {stage.title}"
    if hip.diversion is not None:
        return {"text": f"{text}; {hip.diversion.title}"}
    known = any(stage.id == each.id for each in publication.pathway.stages)
    code = {"coding": [publication.coding(stage_code(stage.id), stage.title)]} if known else {}
    return {**code, "text": text}


def _notes(action: ActionShown) -> Iterator[str]:
    """What whoever decides has to read first."""
    if action.status == "optional":
        yield "Optional: it fits, but it does not come first or it needs a reason."
    if action.due is not None:
        yield f"Due from {action.due.isoformat()}."
    for word, reasons in (
        ("Blocked", action.blocked_by),
        ("Check first", action.check_first),
        ("With care", action.cautions),
    ):
        if reasons:
            yield f"{word}: {'; '.join(reason.title for reason in reasons)}."
