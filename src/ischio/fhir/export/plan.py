"""The pathway as a PlanDefinition: one group a side and one for the person, whose conditions are defines in CQL.

Each group holds first its red flags, then its actions; those of a side stand under the stage that they require. A
condition is true, false or unknown as the engine's own answer is, so a plain `$apply` offers what ischio offers.
"""

from collections.abc import Iterable, Iterator

from ischio.fhir.export.activities import activity_id, coded, priority
from ischio.fhir.export.citations import documentation, literature
from ischio.fhir.export.placing import stage_of
from ischio.fhir.export.publication import Json, Publication, kebab
from ischio.fhir.export.terminology import stage_code
from ischio.model.about import Scope, Side
from ischio.model.rules import Action, Flag, Stage

LIBRARIES = {Side.RIGHT: "IschioRight", Side.LEFT: "IschioLeft", None: "IschioActions"}
"""The CQL library in which the conditions of a side, or of the person, are defined."""
URGENCIES = {"emergency": "stat", "same day": "asap"}
OFFERED = "offered"


def plan(publication: Publication) -> Json:
    pathway = publication.pathway
    about = (
        f"{pathway.title}, for {pathway.one_body_part} on one date: the stages, and what is due or possible in each. "
        "Every condition is three-valued: unknown is not no."
    )
    system = "http://terminology.hl7.org/CodeSystem/plan-definition-type"
    return {
        **publication.head("PlanDefinition", publication.id(), pathway.title, about),
        "type": {"coding": [{"system": system, "code": "clinical-protocol", "display": "Clinical Protocol"}]},
        "subjectCodeableConcept": {
            "coding": [{"system": "http://hl7.org/fhir/resource-types", "code": "Patient", "display": "Patient"}]
        },
        "purpose": "Options with their reasons for a health professional, who can review what each rests on.",
        "usage": publication.intended_use,
        "relatedArtifact": literature(pathway),
        "library": [publication.canonical("Library", library) for library in LIBRARIES.values()],
        "action": [*(_side(publication, side) for side in Side), _person(publication)],
    }


def _side(publication: Publication, side: Side) -> Json:
    pathway = publication.pathway
    flags = [flag for flag in pathway.flags if pathway.facts[flag.fact].scope is Scope.HIP]
    actions = [action for action in pathway.actions.values() if action.scope is Scope.HIP]
    placed = [(action, stage_of(action, pathway)) for action in actions]
    stages = [*pathway.ordered_stages, *(stage for stage in pathway.stages if not stage.ordered)]
    groups = [
        _stage(publication, stage, side, under)
        for stage in stages
        if (under := [action for action, place in placed if place is stage])
    ]
    free = _actions(publication, (action for action, place in placed if place is None), side)
    anywhere = _group(f"{side.value}-any-stage", "Whatever the stage", free)
    title = f"{side.value.capitalize()} {pathway.body_part}"
    return _group(side.value, title, [*_alerts(publication, flags, side), anywhere, *groups])


def _person(publication: Publication) -> Json:
    pathway = publication.pathway
    flags = [flag for flag in pathway.flags if pathway.facts[flag.fact].scope is Scope.PERSON]
    actions = (action for action in pathway.actions.values() if action.scope is Scope.PERSON)
    inside = [*_alerts(publication, flags, None), *_actions(publication, actions, None)]
    return _group("person", "The person, judged on both sides", inside)


def _group(name: str, title: str, actions: list[Json], selection: str = "any") -> Json:
    return {
        "id": name,
        "title": title,
        "textEquivalent": title,
        "groupingBehavior": "logical-group",
        "selectionBehavior": selection,
        "action": actions,
    }


def _stage(publication: Publication, stage: Stage, side: Side, actions: list[Action]) -> Json:
    """A stage that was entered. Its actions may go on to apply in later stages, as its gate stays open."""
    about = stage.about
    group = _group(f"{side.value}-{kebab(stage.id)}", about.title, _actions(publication, actions, side))
    return {
        **group,
        "description": about.sentence,
        "textEquivalent": about.sentence,
        "code": [{"coding": [publication.coding(stage_code(stage.id), about.title)], "text": about.title}],
        "documentation": documentation(publication.pathway, about),
        "condition": [_condition(publication, stage.criterion, LIBRARIES[side])],
    }


def element_id(rule: str, side: Side | None) -> str:
    """The id within the plan of an action or red flag of a side, or of the person."""
    return f"{side.value if side else 'person'}-{kebab(rule)}"


def _alerts(publication: Publication, flags: Iterable[Flag], side: Side | None) -> list[Json]:
    """What to say first. The flags of the person are judged alike in the libraries of both sides."""
    found = [_alert(publication, flag, side) for flag in flags]
    where = side.value if side else "person"
    return [_group(f"{where}-red-flags", "Red flags", found)] if found else []


def _alert(publication: Publication, flag: Flag, side: Side | None) -> Json:
    about = flag.about
    return {
        "id": element_id(flag.fact, side),
        "title": about.title,
        "description": about.sentence,
        "textEquivalent": f"Red flag, {flag.urgency}: {about.sentence}",
        "priority": URGENCIES.get(flag.urgency, "urgent"),
        "documentation": documentation(publication.pathway, about),
        "condition": [_condition(publication, f"alert {flag.fact}", LIBRARIES[side or Side.RIGHT])],
    }


def _actions(publication: Publication, actions: Iterable[Action], side: Side | None) -> list[Json]:
    """Actions in the order of the pathway; those that exclude each other in a group of their own."""
    listed = list(actions)
    together: dict[str, list[Action]] = {}
    for action in listed:
        for name in action.exclusive:
            together.setdefault(name, []).append(action)
    choices = {name: members for name, members in together.items() if len(members) > 1}
    chosen = {action.id for members in choices.values() for action in members}
    alone = [_action(publication, action, side) for action in listed if action.id not in chosen]
    return [*alone, *_choices(publication, choices, side)]


def _choices(publication: Publication, choices: dict[str, list[Action]], side: Side | None) -> Iterator[Json]:
    where = side.value if side else "person"
    for name, members in choices.items():
        title = f"At most one: {', '.join(action.about.title for action in members)}"
        inside = [_action(publication, action, side) for action in members]
        yield _group(f"{where}-{kebab(name)}", title, inside, "at-most-one")


def _action(publication: Publication, action: Action, side: Side | None) -> Json:
    about, pathway = action.about, publication.pathway
    return {
        "id": element_id(action.id, side),
        "title": about.title,
        "description": about.sentence,
        "textEquivalent": _in_words(action),
        "priority": priority(action),
        "code": [coded(publication, action)],
        "documentation": documentation(pathway, about),
        "condition": [_condition(publication, f"{action.id}: {OFFERED}", LIBRARIES[side])],
        "requiredBehavior": "could",
        "precheckBehavior": "no",
        "cardinalityBehavior": "single",
        "definitionCanonical": publication.canonical("ActivityDefinition", activity_id(publication, action, side)),
    }


def _in_words(action: Action) -> str:
    """The sentence of an action, with what stands against it."""
    stops = [rule.about.title for rule in action.stops]
    return action.about.sentence + (f" Not where: {'; '.join(stops)}." if stops else "")


def _condition(publication: Publication, define: str, library: str) -> Json:
    expression = {
        "language": "text/cql-identifier",
        "expression": define,
        "reference": publication.canonical("Library", library),
    }
    return {"kind": "applicability", "expression": expression}
