"""Writes events as the FHIR R4 resources that a health record would hold them in: the second encoding of a case."""

from collections.abc import Mapping
from copy import copy
from datetime import date
from decimal import Decimal
from typing import Any

from ischio.fhir.bindings import Bindings
from ischio.model.pathway import Pathway
from ischio.model.terminology import Concept
from ischio.record.events import Asserter, Event, Kind, Record

Json = dict[str, Any]

ELSE: Mapping[Asserter, Json] = {
    Asserter.CLINICIAN: {"reference": "Practitioner/d"},
    Asserter.DEVICE: {"reference": "Device/w"},
}
NAMES_WHO = {"Observation": "performer", "Procedure": "asserter", "Condition": "asserter"}
PROVISIONAL = "provisional"
OF_THE_PATIENT = ("sex", "birth_date", "death")


class NotWritable(Exception):
    """Why a case has no FHIR form."""


def as_bundle(record: Record, pathway: Pathway, bindings: Bindings) -> Json:
    """The record as a Bundle. Raises NotWritable with the reason."""
    if any(record.given.values()):
        raise NotWritable("it sets facts directly, which no resource does")
    if record.gaps:
        raise NotWritable("it names what could not be read concept by concept, and a Bundle only by type")
    writer = Writer(pathway.concepts, bindings)
    numbered = enumerate((event for event in record.events if event.concept not in OF_THE_PATIENT), 1)
    resources = [_person(record), *(writer.resource(event, f"e{number}") for number, event in numbered)]
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in resources]}


def _person(record: Record) -> Json:
    person: Json = {"resourceType": "Patient", "id": "p"}
    for event in record.events:
        if event.concept == "birth_date" and event.start:
            person["birthDate"] = str(event.start)
        elif event.concept == "sex":
            person["gender"] = event.value
        elif event.concept == "death":
            person |= {"deceasedDateTime": str(event.start)} if event.start else {"deceasedBoolean": True}
    return person


class Writer:
    """Chooses for each event the resource that a health record would hold it in. person: the id of the Patient."""

    def __init__(self, concepts: Mapping[str, Concept], bindings: Bindings, person: str = "p") -> None:
        self._concepts = concepts
        self._bindings = bindings
        self._kinds: dict[str, set[str]] = {}
        procedure = bindings.resources.get("Procedure")
        places = procedure.qualifiers if procedure is not None else ()
        # Of several places at which a qualifier may stand the first is taken.
        self._places = {str(name): str(place.path) for place in reversed(places) for name in place.names}
        self._person: Json = {"reference": f"Patient/{person}"}

    def about(self, person: str) -> "Writer":
        """The same writer for another person."""
        other = copy(self)
        other._person = {"reference": f"Patient/{person}"}
        return other

    def resource(self, event: Event, name: str) -> Json:
        kinds = self._read_from(event.concept)
        base = {"id": name, "subject": self._person}
        bare = event.value is None and not event.qualifiers
        if event.kind is Kind.STATED:
            return base | self._answers(event)
        if event.kind in (Kind.DECLINED, Kind.PLANNED):
            if "Procedure" not in kinds:
                raise NotWritable(f"a {event.concept} that is {event.kind.value} has no resource")
            return base | self._procedure(event)
        if "MedicationStatement" in kinds and bare:
            return base | self._medicine(event)
        verified = self._verified(event) if event.recorded is None and event.start == event.end else None
        if verified is not None:
            return base | self._diagnosis(event, verified)
        happened = event.value not in (False, "no")  # a no is no procedure; an Observation says it
        if (
            "Procedure" in kinds
            and happened
            and event.recorded is None
            and event.qualifiers.keys() <= self._places.keys()
        ):
            return base | self._procedure(event)
        if "Condition" in kinds and bare and event.start is not None and "value" not in self._differs(event.concept):
            return base | self._condition(event)
        if "Observation" not in kinds:
            raise NotWritable(f"{event.concept} is read from no Observation")
        return base | self._observation(event)

    # ---- resources ----

    def _observation(self, event: Event) -> Json:
        found: Json = {"resourceType": "Observation", "status": "final", "code": self._code(event)}
        found |= self._about(event, "Observation") | _when(event, "effective")
        if event.recorded is not None:
            if not event.recorded.exact:
                raise NotWritable("it was recorded on a day that is not known, and `issued` is an instant")
            found["issued"] = f"{event.recorded}T12:00:00Z"
        parts = [
            {"code": self._coded(self._own(name)), "valueCodeableConcept": self._coded(self._value(name, value))}
            for name, value in event.qualifiers.items()
        ]
        return found | self._given(event, "value") | ({"component": parts} if parts else {})

    def _procedure(self, event: Event) -> Json:
        status = {Kind.DECLINED: "not-done", Kind.PLANNED: "preparation"}.get(event.kind, "completed")
        going_on = event.kind is Kind.DONE and event.start is not None and event.end is None
        found: Json = {"resourceType": "Procedure", "status": "in-progress" if going_on else status}
        codes = [self._own(event.concept)]
        if isinstance(event.value, str):
            codes.append(self._value(event.concept, event.value))
        for name, value in event.qualifiers.items():
            place = self._places.get(name)
            if place is None:
                raise NotWritable(f"a procedure has no place for {name}")
            if place == "code":
                codes.append(self._value(name, value))
            else:
                found.setdefault(place, []).append(self._coded(self._value(name, value)))
        found |= {"code": self._coded(*codes)} | self._about(event, "Procedure") | _when(event, "performed")
        return found | ({"statusReason": self._coded("declined")} if event.kind is Kind.DECLINED else {})

    def _medicine(self, event: Event) -> Json:
        going_on = event.end is None and event.start is not None
        return {
            "resourceType": "MedicationStatement",
            "status": "active" if going_on else "completed",
            "medicationCodeableConcept": self._code(event),
            "informationSource": self._who(event),
            **_when(event, "effective"),
            **({"dateAsserted": str(event.recorded)} if event.recorded else {}),
        }

    def _diagnosis(self, event: Event, verified: str) -> Json:
        found: Json = {"resourceType": "Condition", "code": self._code(event), **self._about(event, "Condition")}
        system = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
        found["verificationStatus"] = {"coding": [{"system": system, "code": verified}]}
        return found | ({"recordedDate": str(event.start)} if event.start else {})

    def _verified(self, event: Event) -> str | None:
        """The verification status that tells the value, where the concept is read so from a Condition."""
        own = self._bindings.of(event.concept, "Condition")
        if own is None or own.value_from is None:
            return None
        told = {value: code for code, value in own.value_from.codes.items()} | {own.value_from.otherwise: PROVISIONAL}
        return told.get(str(event.value))

    def _condition(self, event: Event) -> Json:
        found: Json = {"resourceType": "Condition", "code": self._code(event), **self._about(event, "Condition")}
        found["onsetDateTime"] = str(event.start)
        if event.end is not None:
            found["abatementDateTime"] = str(event.end)
        return found | ({"recordedDate": str(event.recorded)} if event.recorded else {})

    def _answers(self, event: Event) -> Json:
        if event.start != event.end:
            raise NotWritable("what was stated lasts, and an answer is of one day")
        if event.recorded is not None:
            raise NotWritable("an answer has one date, and not another on which it was recorded")
        side = f".{event.side.value}" if event.side else ""
        given = self._given(event, "value") or {"valueBoolean": True}
        below = [
            {"linkId": self._own(name), "answer": [{"valueCoding": self._coding(self._value(name, value))}]}
            for name, value in event.qualifiers.items()
        ]
        coded = given.get("valueCodeableConcept")
        answer: Json = given if coded is None else {"valueCoding": coded["coding"][0]}
        item = {"linkId": self._own(event.concept) + side, "answer": [answer | ({"item": below} if below else {})]}
        found: Json = {"resourceType": "QuestionnaireResponse", "status": "completed", "item": [item]}
        return found | {"source": self._who(event)} | ({"authored": str(event.start)} if event.start else {})

    # ---- parts ----

    def _who(self, event: Event) -> Json:
        return ELSE.get(event.asserter, self._person)

    def _about(self, event: Event, kind: str) -> Json:
        who = self._who(event)
        site = self._coded(event.side.value) if event.side else None
        side: Json = {} if site is None else {"bodySite": site if kind == "Observation" else [site]}
        return {NAMES_WHO[kind]: [who] if kind == "Observation" else who, **side}

    def _read_from(self, concept: str) -> set[str]:
        """The resource types that the concept is read from."""
        if concept not in self._kinds:
            of = self._bindings.of
            self._kinds[concept] = {str(kind) for kind in self._bindings.resources if of(concept, kind) is not None}
        return self._kinds[concept]

    def _differs(self, name: str) -> frozenset[str]:
        """What is said of reading a concept from a Condition, beside what is said of every Condition."""
        own = self._bindings.concepts.get(name)
        return frozenset(own["Condition"].key_lines) if isinstance(own, Mapping) else frozenset()

    def _coded(self, *codes: str) -> Json:
        """A CodeableConcept of our codes."""
        return {"coding": [self._coding(code) for code in codes]}

    def _coding(self, code: str) -> Json:
        return {"system": str(self._bindings.systems["ischio"]), "code": code}

    def _code(self, event: Event) -> Json:
        return self._coded(self._own(event.concept))

    def _own(self, name: str) -> str:
        """Our own code of a concept."""
        found = [code.code for code in self._concepts[name].codes if code.system == "ischio"]
        if not found:
            raise NotWritable(f"{name} has no code of ours")
        return found[0]

    def _value(self, name: str, value: str) -> str:
        found = [code.code for code in self._concepts[name].values[value] if code.system == "ischio"]
        if not found:
            raise NotWritable(f"{name} {value} has no code of ours")
        return found[0]

    def _given(self, event: Event, prefix: str) -> Json:
        match event.value:
            case None:
                return {}
            case bool():
                return {f"{prefix}Boolean": event.value}
            case Decimal():
                number = int(event.value) if event.value == int(event.value) else float(event.value)
                return {f"{prefix}Quantity": {"value": number, **({"unit": event.unit} if event.unit else {})}}
            case str():
                return {f"{prefix}CodeableConcept": self._coded(self._value(event.concept, event.value))}
            case date():
                raise NotWritable(f"{event.concept} has a date as its value")


def _when(event: Event, prefix: str) -> Json:
    """A moment, a period, or nothing."""
    if event.start is None and event.end is None:
        return {}
    if event.start == event.end:
        return {f"{prefix}DateTime": str(event.start)}
    ends = {"start": event.start, "end": event.end}
    return {f"{prefix}Period": {key: str(when) for key, when in ends.items() if when is not None}}
