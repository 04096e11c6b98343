"""A card in JSON, as CDS Hooks 2.0 has it, from what is said."""

from collections.abc import Iterator
from hashlib import sha256

from ischio.clinic.declines import REASON_SYSTEM, REASONS
from ischio.fhir.export.publication import Json
from ischio.interfaces.http.hooks.charts import Chart, Step
from ischio.interfaces.http.hooks.opinions import Said
from ischio.interfaces.http.hooks.services import HookService

OVERRIDE_REASONS = [{"code": code, "system": REASON_SYSTEM, "display": display} for code, display in REASONS.items()]


def why_url(chart: Chart, hook: HookService, uuid: str) -> str:
    """Where it is told what a call gave and why; no id of a person stands in it."""
    return f"{chart.service.settings.base}/cds-services/{hook.id}/why/{uuid}"


def card(chart: Chart, hook: HookService, said: Said, uuid: str) -> Json:
    publication, base = chart.service.publication, chart.service.settings.base
    suggestions = [*_suggestions(chart, said), *_leave_out(chart, said)]
    return {
        "uuid": uuid,
        "summary": said.summary,
        "indicator": said.indicator,
        "detail": said.detail,
        "source": {
            "label": f"{publication.pathway.title}, pathway version {publication.pathway.version}",
            "url": f"{base}/fhir/PlanDefinition/{publication.id()}",
        },
        **({"suggestions": suggestions, "selectionBehavior": "any"} if suggestions else {}),
        "overrideReasons": OVERRIDE_REASONS,
        "links": [
            {"label": "Why this card", "url": why_url(chart, hook, uuid), "type": "absolute"},
            {"label": "Open the pathway", "url": f"{base}/smart/launch", "type": "smart", "appContext": uuid},
        ],
        "extension": {publication.name: {"trace": uuid, **chart.extension()}},
    }


def _suggestions(chart: Chart, said: Said) -> Iterator[Json]:
    for step in said.steps:
        yield _suggestion(chart, step)


def _suggestion(chart: Chart, step: Step) -> Json:
    proposal = chart.proposal(step)
    return {
        "label": proposal.title,
        "uuid": chart.service.new_uuid(),
        "actions": [{"type": "create", "description": proposal.description, "resource": proposal.resource}],
    }


def _leave_out(chart: Chart, said: Said) -> Iterator[Json]:
    for reference, title in said.unsigned:
        label = f"Leave out the order: {title}"
        action = {"type": "delete", "description": f"{label}.", "resourceId": reference}
        yield {"label": label, "uuid": chart.service.new_uuid(), "actions": [action]}


def digest(chart: Chart, said: Said) -> str:
    """Of what a card says: as long as it is the same, nothing has changed."""
    steps = [f"{action.id} {side and side.value}" for action, side in said.steps]
    told = (said.about, said.indicator, said.summary, said.detail, *said.rules, *steps)
    return sha256("\n".join((chart.service.pathway.version, *told)).encode()).hexdigest()
