"""The answer for one person as `$apply` gives it: a CarePlan with everything contained, or a Bundle (CPG).

The same call gives the same resources, ids included: they are made from what was asked.
"""

from collections.abc import Iterator, Sequence
from uuid import NAMESPACE_URL, uuid5

from ischio.fhir.apply.applied import Address, Applied, applied
from ischio.fhir.apply.needed import needed
from ischio.fhir.apply.requests import Context, reference
from ischio.fhir.export.publication import Json, Publication
from ischio.fhir.outcomes import issue, outcome
from ischio.model.assessment import Assessment, Hip

GROUP, GUIDANCE, OUTCOME = "request-group", "guidance", "outcome"


def care_plan(
    publication: Publication, plan: Json, assessment: Assessment, about: Context, told: Sequence[Json] = ()
) -> Json:
    """plan: the PlanDefinition that is applied. The one activity is the contained RequestGroup. told: more issues."""
    inside = dict(_resources(publication, plan, assessment, about, told, lambda name: f"#{name}"))
    return {
        "resourceType": "CarePlan",
        "id": _uuid(plan, assessment, about, "care-plan"),
        "contained": [_with_id(resource, name) for name, resource in inside.items()],
        "instantiatesCanonical": [_canonical(plan)],
        "status": "draft",
        "intent": "proposal",
        "title": publication.pathway.title,
        "description": _where_on_the_pathway(publication, assessment),
        **_whose(about),
        "created": about.authored.isoformat(),
        **_author(about),
        "supportingInfo": [{"reference": f"#{GUIDANCE}"}],
        "activity": [{"reference": {"reference": f"#{GROUP}"}}],
        "note": [{"text": text} for text in _notes(publication, assessment)],
    }


def bundle(
    publication: Publication, plan: Json, assessment: Assessment, about: Context, told: Sequence[Json] = ()
) -> Json:
    """The RequestGroup first, then the requests, the GuidanceResponse and what was left to tell."""

    def address(name: str) -> str:
        return f"urn:uuid:{_uuid(plan, assessment, about, name)}"

    inside = _resources(publication, plan, assessment, about, told, address)
    entries = [
        {"fullUrl": url, "resource": _with_id(resource, url.rpartition(":")[2])}
        for url, resource in ((address(name), resource) for name, resource in inside)
    ]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def _resources(
    publication: Publication,
    plan: Json,
    assessment: Assessment,
    about: Context,
    told: Sequence[Json],
    address: Address,
) -> Iterator[tuple[str, Json]]:
    """Every resource of the answer with its local id."""
    found = applied(publication, plan, assessment, about, address)
    issues = [*told, *found.issues, *_not_used(assessment)]
    yield GROUP, _group(plan, found, about)
    yield from found.requests.items()
    yield GUIDANCE, _guidance(publication, plan, found, about, address, told=bool(issues))
    if issues:
        yield OUTCOME, outcome(issues)


def _group(plan: Json, found: Applied, about: Context) -> Json:
    return {
        "resourceType": "RequestGroup",
        "instantiatesCanonical": [_canonical(plan)],
        "status": "draft",
        "intent": "proposal",
        **_whose(about),
        "authoredOn": about.authored.isoformat(),
        **_author(about),
        **({"action": found.actions} if found.actions else {}),
    }


def _guidance(
    publication: Publication, plan: Json, found: Applied, about: Context, address: Address, *, told: bool
) -> Json:
    """How the plan was evaluated: whether more data would tell more, and which."""
    wanted = needed(publication, found.wanted)
    return {
        "resourceType": "GuidanceResponse",
        "moduleCanonical": _canonical(plan),
        "status": "data-required" if found.wanted else "success",
        **_whose(about),
        "occurrenceDateTime": about.authored.isoformat(),
        **({"evaluationMessage": [{"reference": address(OUTCOME)}]} if told else {}),
        "result": {"reference": address(GROUP)},
        **({"dataRequirement": wanted} if wanted else {}),
    }


def _not_used(assessment: Assessment) -> Iterator[Json]:
    for ignored in assessment.ignored:
        yield issue("information", "informational", f"Not used: {ignored.source}: {ignored.why}.")


def _whose(about: Context) -> Json:
    encounter = {"encounter": reference("Encounter", about.encounter)} if about.encounter else {}
    return {"subject": about.subject, **encounter}


def _author(about: Context) -> Json:
    """Of a RequestGroup and a CarePlan: the practitioner who asked, if one is named."""
    return {"author": reference("Practitioner", about.practitioner)} if about.practitioner else {}


def _where_on_the_pathway(publication: Publication, assessment: Assessment) -> str:
    return " ".join(_position(hip, publication.pathway.body_part) for hip in assessment.hips)


def _position(hip: Hip, body_part: str) -> str:
    diverted = f"; {hip.diversion.title}" if hip.diversion else ""
    return f"{hip.side.capitalize()} {body_part}: {hip.stage.title}{diverted}."


def _notes(publication: Publication, assessment: Assessment) -> Iterator[str]:
    if assessment.pathway.overlay is not None:
        yield f"Judged with a site's own values ({assessment.pathway.overlay})."
    yield publication.intended_use


def _with_id(resource: Json, name: str) -> Json:
    return {"resourceType": resource["resourceType"], "id": name, **resource}


def _canonical(plan: Json) -> str:
    return f"{plan['url']}|{plan['version']}"


def _uuid(plan: Json, assessment: Assessment, about: Context, name: str) -> str:
    """One for each resource of what is said of one person on one day."""
    asked = (_canonical(plan), about.subject["reference"], assessment.index_date.isoformat(), name)
    return str(uuid5(NAMESPACE_URL, " ".join(asked)))
