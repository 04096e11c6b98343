"""Orders that can be drafted in the small record: what the service publishes as ActivityDefinitions."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from ischio.fhir.export.activities import activities
from ischio.fhir.export.publication import Publication
from ischio.interfaces.http.demo.authority import USER
from ischio.interfaces.http.demo.people import Json

ORDERED = ("ServiceRequest", "MedicationRequest")


@dataclass(frozen=True, slots=True)
class Order:
    """Something that can be ordered. id: of its ActivityDefinition."""

    id: str
    title: str
    activity: Json

    def draft(self, person: str, on: date) -> Json:
        """The order before it is signed."""
        asked = self.activity
        drafted = {
            "resourceType": asked["kind"],
            "id": f"draft-{self.id}"[:64],
            "status": "draft",
            "intent": "order",
            "subject": {"reference": f"Patient/{person}"},
            "requester": {"reference": USER},
            "authoredOn": on.isoformat(),
        }
        if asked["kind"] == "MedicationRequest":
            return drafted | {"medicationCodeableConcept": asked["productCodeableConcept"]}
        return drafted | {"code": asked["code"]} | {key: asked[key] for key in ("bodySite",) if key in asked}


def orders(publication: Publication) -> dict[str, Order]:
    """All that can be ordered, by id."""
    return {one.id: one for one in _orders(publication)}


def _orders(publication: Publication) -> Iterator[Order]:
    for activity in activities(publication):
        if activity["kind"] in ORDERED:
            yield Order(activity["id"], activity["title"], activity)
