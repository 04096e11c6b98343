"""What a record holds beside the hip: visits, vital signs, laboratory values, diseases, medicines, vaccinations."""

from datetime import date, timedelta
from functools import cache
from typing import Any

from ischio.synthesis.chance import Chance
from ischio.synthesis.figures import Figures, data
from ischio.synthesis.people import Person

Json = dict[str, Any]

HL7 = "http://terminology.hl7.org/CodeSystem/"
LOINC, ICD10 = "http://loinc.org", "http://hl7.org/fhir/sid/icd-10-cm"
RXNORM, CVX = "http://www.nlm.nih.gov/research/umls/rxnorm", "http://hl7.org/fhir/sid/cvx"
UCUM = "http://unitsofmeasure.org"
PRESSURES = (
    ("8480-6", "Systolic blood pressure", "systolic"),
    ("8462-4", "Diastolic blood pressure", "diastolic"),
)


@cache
def catalogue() -> Any:
    return data("unrelated")


def coded(system: str, code: str, text: str) -> Json:
    return {"coding": [{"system": system, "code": code, "display": text}], "text": text}


class Unrelated:
    """Draws resources that have nothing to do with the hip of one person."""

    def __init__(self, person: Person, chance: Chance, figures: Figures) -> None:
        self._person = person
        self._kinds = figures.choices["unrelated"]
        self._chance = chance
        self._subject = {"reference": f"Patient/{person.id}"}

    def resources(self, number: int) -> list[Json]:
        found = []
        for _ in range(number):
            resource: Json = getattr(self, f"_{self._chance.weighted(self._kinds)}")(self._day())
            found.append(resource)
        return found

    def _day(self) -> date:
        """Some day from three years before the first visit to the last day."""
        begins = self._person.first_visit - timedelta(days=1000)
        return self._chance.after(begins, 0, (self._person.last - begins).days)

    def _measured(self, on: date) -> Json:
        entry = self._chance.one_of(catalogue()["measured"])
        number = self._chance.normal(entry["mean"], entry["deviation"], 0, 1000)
        return self._observation(entry["category"], coded(LOINC, entry["code"], entry["text"]), on) | {
            "valueQuantity": quantity(round(number, entry["decimals"]), entry["unit"])
        }

    def _pressure(self, on: date) -> Json:
        components = []
        for code, text, entry in PRESSURES:
            mean, deviation = catalogue()["pressure"][entry]
            value = round(self._chance.normal(mean, deviation, 40, 230))
            components.append({"code": coded(LOINC, code, text), "valueQuantity": quantity(value, "mm[Hg]")})
        panel = coded(LOINC, "85354-9", "Blood pressure panel with all children optional")
        return self._observation("vital-signs", panel, on) | {"component": components}

    def _observation(self, category: str, code: Json, on: date) -> Json:
        return {
            "resourceType": "Observation",
            "status": "final",
            "category": [{"coding": [{"system": f"{HL7}observation-category", "code": category}]}],
            "code": code,
            "subject": self._subject,
            "effectiveDateTime": f"{on}T09:30:00Z",
        }

    def _visit(self, on: date) -> Json:
        return encounter(self._subject, on, self._chance.one_of(catalogue()["visits"]))

    def _condition(self, on: date) -> Json:
        entry = self._chance.one_of(catalogue()["conditions"])
        return {
            "resourceType": "Condition",
            "clinicalStatus": {"coding": [{"system": f"{HL7}condition-clinical", "code": "active"}]},
            "verificationStatus": {"coding": [{"system": f"{HL7}condition-ver-status", "code": "confirmed"}]},
            "code": coded(ICD10, entry["code"], entry["text"]),
            "subject": self._subject,
            "onsetDateTime": str(on),
            "recordedDate": str(on),
        }

    def _medicine(self, on: date) -> Json:
        entry = self._chance.one_of(catalogue()["medicines"])
        ended = (self._person.last - on).days > 90
        return medication_request(self._subject, on, "completed" if ended else "active") | {
            "medicationCodeableConcept": coded(RXNORM, entry["code"], entry["text"]),
            "dispenseRequest": {"expectedSupplyDuration": quantity(90, "d")},
        }

    def _vaccine(self, on: date) -> Json:
        entry = self._chance.one_of(catalogue()["vaccines"])
        return {
            "resourceType": "Immunization",
            "status": "completed",
            "vaccineCode": coded(CVX, entry["code"], entry["text"]),
            "patient": self._subject,
            "occurrenceDateTime": str(on),
        }

    def _allergy(self, on: date) -> Json:
        entry = self._chance.one_of(catalogue()["allergies"])
        return {
            "resourceType": "AllergyIntolerance",
            "clinicalStatus": {"coding": [{"system": f"{HL7}allergyintolerance-clinical", "code": "active"}]},
            "verificationStatus": {
                "coding": [{"system": f"{HL7}allergyintolerance-verification", "code": "confirmed"}]
            },
            "code": coded(RXNORM, entry["code"], entry["text"]),
            "patient": self._subject,
            "recordedDate": str(on),
        }


def quantity(value: float, unit: str) -> Json:
    return {"value": value, "unit": unit, "system": UCUM, "code": unit}


def encounter(subject: Json, on: date, what_for: str) -> Json:
    return {
        "resourceType": "Encounter",
        "status": "finished",
        "class": {"system": f"{HL7}v3-ActCode", "code": "AMB", "display": "ambulatory"},
        "type": [{"text": what_for}],
        "subject": subject,
        "period": {"start": f"{on}T09:00:00Z", "end": f"{on}T09:40:00Z"},
    }


def medication_request(subject: Json, on: date, status: str) -> Json:
    """Without the medicine."""
    return {
        "resourceType": "MedicationRequest",
        "status": status,
        "intent": "order",
        "subject": subject,
        "authoredOn": str(on),
    }
