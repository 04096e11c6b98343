"""The services that are offered, one for each hook, with the prefetch templates that the bindings ask for."""

from collections.abc import Iterator
from dataclasses import dataclass

from ischio.fhir.export.publication import Json
from ischio.fhir.requirements import PATIENT, Requirement
from ischio.interfaces.http.service import Service
from ischio.model.pathway import Pathway

PAGE = 200
"""Resources that one query asks for. Where there are more, the answer says so, and counts as incomplete."""


@dataclass(frozen=True, slots=True)
class HookService:
    """id: in its address. purpose: what it says, for a person who sets it up."""

    id: str
    hook: str
    title: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Key:
    """One prefetch key: what it is called, and what it is to tell."""

    name: str
    needed: Requirement

    @property
    def template(self) -> str:
        return self.query("{{context.patientId}}")

    def query(self, patient: str) -> str:
        query = self.needed.query(patient)
        return query if self.needed.type == PATIENT else f"{query}&_count={PAGE}"


def hook_services(pathway: Pathway) -> dict[str, HookService]:
    """The services by id."""
    return {one.id: one for one in _services(pathway)}


def _services(pathway: Pathway) -> Iterator[HookService]:
    title, part = pathway.title, pathway.body_part
    for hook, does in (
        ("patient-view", f"where each {part} is on the pathway and what comes next; silent where nothing is due"),
        ("order-select", "what stands against a selected order, or has to be known first"),
        ("order-sign", "what stands against an order that is about to be signed, or has to be known first"),
        ("problem-list-item-create", "the offer to start the pathway when a new problem opens it"),
        ("encounter-discharge", "what is still due, and when the next review is owed"),
    ):
        yield HookService(f"{pathway.id}-{hook}", hook, f"{title}: {hook}", f"{title}: {does}.")


def keys(service: Service) -> tuple[Key, ...]:
    """The prefetch keys, the same for every hook: what the reader reads, a key for each type."""
    return tuple(Key(needed.type[:1].lower() + needed.type[1:], needed) for needed in service.required)


def discovery(service: Service) -> Json:
    """What `GET /cds-services` answers."""
    prefetch = {key.name: key.template for key in keys(service)}
    usage = (
        "Works from what it is given: a key that is missing is fetched where fhirServer is allowed, and is unknown "
        "otherwise. Only `patient` is required. Options with reasons for a health professional, no prescription."
    )
    return {
        "services": [
            {
                "hook": one.hook,
                "id": one.id,
                "title": one.title,
                "description": one.purpose,
                "prefetch": prefetch,
                "usageRequirements": usage,
            }
            for one in hook_services(service.pathway).values()
        ]
    }
