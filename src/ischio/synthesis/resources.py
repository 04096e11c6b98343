"""From recorded events to the FHIR R4 resources of a bulk export, in the codes that different places write."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from ischio.fhir.bindings import Bindings
from ischio.fhir.writer import Writer
from ischio.model.pathway import Pathway
from ischio.model.terminology import Code
from ischio.record.events import Asserter, Event, Kind
from ischio.synthesis.chance import Chance
from ischio.synthesis.figures import Figures
from ischio.synthesis.flaws import Flaw, flaw_of
from ischio.synthesis.people import Person
from ischio.synthesis.unrelated import HL7, coded, encounter, medication_request

Json = dict[str, Any]

IMAGED = {"mri_hip_pelvis": ("MR", "MRI of the pelvis"), "radiograph_hip_pelvis": ("DX", "Radiograph of the pelvis")}
ORDERED = ("mri_hip_pelvis", "radiograph_hip_pelvis", "physiotherapy", "surgical_referral", "specialist_referral")
MEDICINES = ("nsaid", "muscle_relaxant", "paracetamol")
CATEGORIES = {
    "pain_score": "survey",
    "ihot12": "survey",
    "mhhs": "survey",
    "acceptable_state": "survey",
} | dict.fromkeys(
    (
        "ischiofemoral_space",
        "quadratus_femoris_space",
        "quadratus_femoris_oedema",
        "quadratus_femoris_fatty_change",
        "space_reported_narrow",
        "femoral_version",
        "neck_shaft_angle",
    ),
    "imaging",
)
BROAD = {"right": ("M25.851", "right hip"), "left": ("M25.852", "left hip"), "": ("M25.859", "unspecified hip")}
SYNTHETIC: Json = {"system": f"{HL7}v3-ActReason", "code": "HTEST", "display": "test health data"}


class Pen:
    """What all people's resources are written with: the pathway's concepts and the codes that are known for them."""

    def __init__(self, pathway: Pathway, bindings: Bindings) -> None:
        self.writer = Writer(pathway.concepts, bindings)
        self.systems: Mapping[str, str] = {str(name): uri for name, uri in bindings.systems.items()}
        self.titles = {concept.id: concept.title for concept in pathway.concepts.values()}
        self.codes = {
            concept.id: [code for code in concept.codes if code.system != "ischio" and code.free]
            for concept in pathway.concepts.values()
        }

    def other_codes(self, concept: str, side: str) -> list[Code]:
        """Codes of other systems for a concept, with a side of their own only if it is this one."""
        return [code for code in self.codes[concept] if code.side in (None, side)]

    def shared(self) -> Iterator[Json]:
        """Resources that those of many people refer to."""
        yield {
            "resourceType": "Practitioner",
            "id": "d",
            "meta": {"tag": [SYNTHETIC]},
            "name": [{"text": "Synthetic clinician"}],
        }
        for code in self.codes["nsaid"]:
            yield {"resourceType": "Medication", "id": medication_id(code), "code": self.coded(code)}

    def coded(self, code: Code) -> Json:
        return coded(self.systems[code.system], code.code, code.display)


def medication_id(code: Code) -> str:
    return f"syn-{code.system}-{code.code}"


class Scribe:
    """Writes the resources of one person."""

    def __init__(self, person: Person, pen: Pen, chance: Chance, figures: Figures) -> None:
        self._person = person
        self._pen = pen
        self._writer = pen.writer.about(person.id)
        self._chance = chance
        self._figures = figures
        self._subject: Json = {"reference": f"Patient/{person.id}"}
        self._visits: dict[date, Json] = {}
        self.flaws: list[Flaw] = []

    def patient(self) -> Json:
        person = self._person
        found: Json = {
            "resourceType": "Patient",
            "id": person.id,
            "meta": {"tag": [SYNTHETIC]},
            "name": [{"use": "usual", "text": f"Synthetic person {person.number}", "family": "Synthetic"}],
            "gender": person.sex,
            "birthDate": str(person.birth),
        }
        return found | ({"deceasedDateTime": str(person.died)} if person.died else {})

    def resources(self, events: list[Event]) -> Iterator[Json]:
        """All resources that tell of the hips, each with an id of its own but for forms that hold several answers."""
        for day, what_for in self._person.chart.visits.items():
            visit = encounter(self._subject, day, what_for)
            self._visits[day] = {"reference": f"Encounter/{self._person.id}-v{len(self._visits) + 1}"}
            yield visit | {"id": self._visits[day]["reference"].partition("/")[2]}
        forms: dict[date, list[Event]] = {}
        for event in events:
            if (
                event.kind is Kind.STATED
                and event.start is not None
                and self._chance.happens(self._figures.answers_in_forms)
            ):
                forms.setdefault(event.start.latest, []).append(event)
            else:
                yield from self._of_event(event)
        for answers in forms.values():
            yield self._form(answers)

    def _form(self, events: list[Event]) -> Json:
        """One form with the answers of a day."""
        written = [self._writer.resource(event, self._id(event)) for event in events]
        return written[0] | {"item": [item for each in written for item in each["item"]]}

    def _id(self, event: Event) -> str:
        return f"{self._person.id}-{event.source}"

    def _of_event(self, event: Event) -> Iterator[Json]:
        if event.kind is Kind.STATED:
            event = _as_observation(event)
        yield from self._damaged(event, self._dressed(event, self._main(event)))
        if event.concept in IMAGED and event.kind is Kind.DONE:
            yield self._report(event)

    def _main(self, event: Event) -> Json:
        referral = event.concept.endswith("_referral")
        if event.concept in ORDERED and (event.kind is Kind.PLANNED or referral):
            return self._order(event)
        if event.concept in IMAGED:
            return self._study(event)
        if event.concept in MEDICINES:
            return self._medicine(event)
        return self._writer.resource(event, self._id(event))

    def _base(self, kind: str, event: Event) -> Json:
        return {"resourceType": kind, "id": self._id(event), "subject": self._subject}

    def _order(self, event: Event) -> Json:
        own = self._writer.resource(event, self._id(event))
        kept: Json = {"code": own["code"]}
        if "bodySite" in own:
            kept["bodySite"] = own["bodySite"] if isinstance(own["bodySite"], list) else [own["bodySite"]]
        status = "completed" if event.kind is Kind.PLANNED else "active"
        return self._base("ServiceRequest", event) | {
            "status": status,
            "intent": "order",
            **kept,
            "authoredOn": str(event.start),
        }

    def _study(self, event: Event) -> Json:
        modality, words = IMAGED[event.concept]
        own = self._writer.resource(event, self._id(event))
        return self._base("ImagingStudy", event) | {
            "status": "available",
            "modality": [{"system": "http://dicom.nema.org/resources/ontology/DCM", "code": modality}],
            "started": f"{event.start}T10:00:00Z" if event.start and event.start.exact else str(event.start),
            "numberOfSeries": 4 if modality == "MR" else 1,
            "procedureCode": [own["code"]],
            "description": words,
        }

    def _report(self, event: Event) -> Json:
        own = self._writer.resource(event, self._id(event))
        return self._base("DiagnosticReport", event) | {
            "status": "final",
            "code": own["code"],
            "effectiveDateTime": str(event.start),
            "imagingStudy": [{"reference": f"ImagingStudy/{self._id(event)}"}],
            "conclusion": f"{IMAGED[event.concept][1]}: see the measurements.",
        }

    def _medicine(self, event: Event) -> Json:
        assert event.start is not None
        code = self._chance.one_of(self._pen.codes[event.concept])
        status = "completed" if event.end is not None else "active"
        found = medication_request(self._subject, event.start.earliest, status) | {"id": self._id(event)}
        if self._chance.happens(self._figures.medicine_by_reference):
            found["medicationReference"] = {"reference": f"Medication/{medication_id(code)}"}
        else:
            found["medicationCodeableConcept"] = self._pen.coded(code)
        if event.end is not None:
            bounds = {"start": str(event.start), "end": str(event.end)}
            found["dosageInstruction"] = [{"timing": {"repeat": {"boundsPeriod": bounds}}}]
        return found

    # ---- codes ----

    def _dressed(self, event: Event, resource: Json) -> Json:
        """With words, codes, a category or a status, and the visit at which it was written."""
        kind = resource["resourceType"]
        if "code" in resource:
            self._code(event, resource)
        if kind == "Observation":
            category = CATEGORIES.get(event.concept, "exam")
            resource["category"] = [{"coding": [{"system": f"{HL7}observation-category", "code": category}]}]
        elif kind == "Condition":
            status = "resolved" if "abatementDateTime" in resource else "active"
            resource["clinicalStatus"] = {"coding": [{"system": f"{HL7}condition-clinical", "code": status}]}
        visit = self._visits.get(event.start.latest) if event.start is not None else None
        if visit is not None and kind != "ImagingStudy":
            resource["encounter"] = visit
        return resource

    def _code(self, event: Event, resource: Json) -> None:
        """The words of the concept, and now and then a code of another system."""
        resource["code"]["text"] = self._pen.titles[event.concept]
        side = event.side.value if event.side else ""
        others = self._pen.other_codes(event.concept, side)
        if not self._chance.happens(self._figures.other_code):
            return
        if event.concept == "ifi_diagnosis" and resource["resourceType"] == "Condition":
            resource["code"] = self._diagnosis_in_words(side)
        elif others:
            self._recode(resource, self._chance.one_of(others))

    def _diagnosis_in_words(self, side: str) -> Json:
        """No standard code means the disease: places write its name, alone or beside a code that is too broad."""
        words = {"text": f"{side} ischiofemoral impingement".strip().capitalize()}
        return self._too_broad(side) | words if self._chance.happens(self._figures.broad_code_beside_words) else words

    def _too_broad(self, side: str) -> Json:
        code, where = BROAD[side]
        return coded(self._pen.systems["icd10cm"], code, f"Other specified joint disorders, {where}")

    def _recode(self, resource: Json, code: Code) -> None:
        resource["code"] = self._pen.coded(code)
        if code.side is not None and self._chance.happens(self._figures.side_in_code_alone):
            resource.pop("bodySite", None)

    # ---- flaws of a resource ----

    def _damaged(self, event: Event, resource: Json) -> Iterator[Json]:
        """The resource, or what became of it."""
        chance, figures = self._chance, self._figures
        if (
            event.concept == "ifi_diagnosis"
            and resource["resourceType"] == "Condition"
            and chance.happens(figures.code_too_broad)
        ):
            resource["code"] = self._too_broad(event.side.value if event.side else "")
            self._note("code_too_broad", event, resource)
        elif "code" in resource and resource["resourceType"] == "Observation" and chance.happens(figures.text_only):
            resource["code"] = {"text": self._pen.titles[event.concept]}
            self._note("text_only", event, resource)
        elif resource["resourceType"] in ("Observation", "Procedure") and chance.happens(figures.entered_in_error):
            resource["status"] = "entered-in-error"
            self._note("entered_in_error", event, resource)
        elif chance.happens(figures.duplicate):
            twin = resource | {"id": f"{resource['id']}-again"}
            self._note("duplicate", event, twin)
            yield twin
        yield resource

    def _note(self, kind: str, event: Event, resource: Json) -> None:
        self.flaws.append(flaw_of(kind, event, f"{resource['resourceType']}/{resource['id']}"))


def _as_observation(event: Event) -> Event:
    """What the person said, written down as an observation of theirs."""
    return Event(
        event.concept,
        event.source,
        event.value,
        event.unit,
        event.start,
        event.end,
        None,
        Kind.DONE,
        Asserter.PATIENT,
        event.side,
    )
