"""Each action as ActivityDefinitions: what a request for it looks like, for each side where it has one."""

from collections.abc import Iterator

from ischio.engine.status import RED_FLAG
from ischio.fhir.export.citations import documentation
from ischio.fhir.export.publication import Json, Publication, kebab, own_code
from ischio.model.about import Scope, Side
from ischio.model.expression import FactHolds
from ischio.model.facts import Compared
from ischio.model.pathway import Pathway
from ischio.model.rules import Action, ActionKind
from ischio.model.terminology import Concept

REQUESTS = {
    ActionKind.ADVICE: "CommunicationRequest",
    ActionKind.ASSESSMENT: "Task",
    ActionKind.IMAGING: "ServiceRequest",
    ActionKind.THERAPY: "ServiceRequest",
    ActionKind.MEDICINE: "MedicationRequest",
    ActionKind.INJECTION: "ServiceRequest",
    ActionKind.OPERATION: "ServiceRequest",
    ActionKind.REFERRAL: "ServiceRequest",
    ActionKind.REVIEW: "Task",
    ActionKind.RECORD: "Task",
}


def activities(publication: Publication) -> Iterator[Json]:
    for action in publication.pathway.actions.values():
        for side in sides_of(action):
            yield activity(publication, action, side)


def sides_of(action: Action) -> tuple[Side | None, ...]:
    """Right and left, or once without a side for what belongs to the person."""
    return (None,) if action.scope is Scope.PERSON else tuple(Side)


def activity_id(publication: Publication, action: Action, side: Side | None) -> str:
    return publication.id(action.id, *((side.value,) if side else ()))


def activity(publication: Publication, action: Action, side: Side | None) -> Json:
    """The request that an action asks for. It is a proposal: nothing in it prescribes, and it names no dose."""
    pathway, about = publication.pathway, action.about
    title = title_of(pathway, action, side)
    head = publication.head("ActivityDefinition", activity_id(publication, action, side), title, about.sentence)
    kind = REQUESTS[action.kind]
    return {
        **head,
        "usage": _usage(publication, action),
        "relatedArtifact": documentation(pathway, about),
        "kind": kind,
        **({} if kind == "CommunicationRequest" else {"intent": "proposal"}),
        "priority": priority(action),
        **_asked(publication, action, kind),
        **({"bodySite": [site(publication, side)]} if side and kind == "ServiceRequest" else {}),
    }


def title_of(pathway: Pathway, action: Action, side: Side | None) -> str:
    """Such as `Radiograph, left hip`."""
    return f"{action.about.title}, {side.value} {pathway.body_part}" if side else action.about.title


def priority(action: Action) -> str:
    """Urgent for what stays open under a red flag, else routine."""
    return "urgent" if RED_FLAG in action.passes else "routine"


def code_of(action: Action, pathway: Pathway) -> tuple[str, str]:
    """The code of an action and its display: of the concept that it is, by which a request is read back, or its own."""
    concept = concept_of(action, pathway)
    own = own_code(concept) if concept else None
    return (own.code, own.display) if own else (f"action-{kebab(action.id)}", action.about.title)


def coded(publication: Publication, action: Action) -> Json:
    return {"coding": [publication.coding(*code_of(action, publication.pathway))], "text": action.about.title}


def concept_of(action: Action, pathway: Pathway) -> Concept | None:
    """The concept of the same name; of a medicine, what is taken while it is in progress."""
    if action.id in pathway.concepts:
        return pathway.concepts[action.id]
    return _medicine(action, pathway) if action.kind is ActionKind.MEDICINE else None


def _medicine(action: Action, pathway: Pathway) -> Concept | None:
    """What is taken while the action is in progress."""
    if not isinstance(action.in_progress, FactHolds):
        return None
    derivation = pathway.facts[action.in_progress.fact].derivation
    if isinstance(derivation, Compared) or len(derivation.selection.concepts) > 1:
        return None
    return pathway.concepts[derivation.selection.concepts[0]]


def _asked(publication: Publication, action: Action, kind: str) -> Json:
    """What is asked for: a medicine by its class, anything else by its code."""
    return {"productCodeableConcept" if kind == "MedicationRequest" else "code": coded(publication, action)}


def site(publication: Publication, side: Side) -> Json:
    """The side, in the codes by which it is read back."""
    pathway, systems = publication.pathway, publication.bindings.systems
    codes = pathway.concepts[publication.bindings.side].values[side.value]
    codings = [{"system": str(systems[one.system]), "code": one.code, "display": one.display} for one in codes]
    return {"coding": codings, "text": f"{side.value.capitalize()} {pathway.body_part}"}


def _usage(publication: Publication, action: Action) -> str:
    """The texts that go with an action, its cautions, and what it is for."""
    lines = [f"{name.replace('_', ' ').capitalize()}: {text}" for name, text in action.texts.items()]
    for word, rules in (
        ("Not where", action.stops),
        ("Only with a reason where", action.strong_cautions),
        ("With care where", action.cautions),
    ):
        lines += [f"{word}: {'; '.join(rule.about.title for rule in rules)}."] if rules else []
    return "\n".join([*lines, publication.intended_use])
