"""A whole person out as a FHIR Bundle, and in again somewhere else with every event as it was.

Each resource is what a health record would hold, for any system to read, and carries the event itself beside it: FHIR
has no place for some of what an event says. What comes from another system has no such part and is read as usual.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import msgspec

from ischio.clinic.knowledge import Knowledge
from ischio.clinic.people import LONGEST, SEXES, People, server_of
from ischio.fhir.apply.answered import by_source, response_again
from ischio.fhir.export.publication import Publication
from ischio.fhir.input import read_bundle
from ischio.fhir.reader import FhirReader
from ischio.fhir.writer import OF_THE_PATIENT, NotWritable, Writer
from ischio.model.mistake import Mistake, RecordError
from ischio.record.events import Event, Record
from ischio.store.entries import Access, Action, Known, Outcome, Person
from ischio.store.event_form import event_of, text_of
from ischio.store.events import record_of, standing
from ischio.store.store import Store

Json = dict[str, Any]


class Transfer:
    def __init__(self, store: Store, knowledge: Knowledge, people: People) -> None:
        self._store, self._knowledge, self._people = store, knowledge, people
        self._publication = Publication(knowledge.pathway, knowledge.bindings)
        self._extension = f"{self._publication.base}/StructureDefinition/event"
        self._writer = Writer(knowledge.pathway.concepts, knowledge.bindings)
        self._reader = FhirReader(knowledge.pathway.concepts, knowledge.bindings)

    def out(self, known: Known, by: Access) -> bytes:
        """The person as a Bundle: who they are, and every event that stands, in the order in which they came."""
        logged = self._store.events.history(known.whom, by)
        # What could not be read goes along: unknown must not become no on the way.
        record = replace(
            record_of(known.whom, logged), events=tuple(one.event for one in standing(logged) if one.event)
        )
        self._store.audit.write(by, Action.EXECUTE, "export", known.whom, Outcome.SUCCESS)
        resources = [self._patient(known, record), *self._resources(record)]
        bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in resources]}
        return msgspec.json.format(msgspec.json.encode(bundle, enc_hook=str), indent=1)

    def take_in(self, source: bytes, organisation: str, by: Access) -> Known:
        """Takes in the person of a Bundle, whoever wrote it. Raises RecordError, PersonRefused."""
        bundle, name = read_bundle(source)
        resources = [entry["resource"] for entry in _objects(bundle.get("entry")) if _is_resource(entry)]
        patients = [one for one in resources if one.get("resourceType") == "Patient"]
        if len(patients) != 1:
            what = f"{name} holds {len(patients)} patients."
            raise RecordError(Mistake(what, "Give a Bundle about one person, with their Patient resource."))
        events = self._events(resources) or self._reader.read_resources(resources, name).events
        known = self._known(patients[0], organisation, by)
        self._store.events.append(known.whom, events, by)
        self._store.audit.write(by, Action.EXECUTE, "import", known.whom, Outcome.SUCCESS)
        self._people.settle(known, by)
        return known

    # ---- out ----

    def _patient(self, known: Known, record: Record) -> Json:
        own = [event for event in record.events if event.concept in OF_THE_PATIENT]
        patient: Json = {
            "resourceType": "Patient",
            "id": "p",
            "identifier": [
                {"system": known.whom.server, "value": known.whom.id},
                *([{"use": "usual", "value": known.identifier}] if known.identifier else []),
            ],
            "name": [{"text": known.name}],
        }
        for event in own:
            patient |= _said_of_the_patient(event)
        return patient | ({"extension": [self._exact(event) for event in own]} if own else {})

    def _resources(self, record: Record) -> Iterator[Json]:
        others = [event for event in record.events if event.concept not in OF_THE_PATIENT]
        numbers = {id(event): number for number, event in enumerate(others, 1)}
        for source, events in by_source(others):
            whole = response_again(self._publication, source, events, {"reference": "Patient/p"})
            if whole is not None:
                yield whole | {"extension": [self._exact(event) for event in events]}
                continue
            for event in events:
                yield self._resource(event, f"e{numbers[id(event)]}") | {"extension": [self._exact(event)]}

    def _resource(self, event: Event, id: str) -> Json:
        """As a health record would hold it. What it could only say wrongly, or not at all, is told by its title."""
        try:
            if event.unread is None:
                return self._writer.resource(event, id)
        except (NotWritable, KeyError):  # a concept or code that this version of the pathway no longer has
            pass
        code = {"text": self._title(event)}
        return {"resourceType": "Basic", "id": id, "code": code, "subject": {"reference": "Patient/p"}}

    def _title(self, event: Event) -> str:
        concept = self._knowledge.pathway.concepts.get(event.concept)
        return concept.title if concept else event.concept

    def _exact(self, event: Event) -> Json:
        return {"url": self._extension, "valueString": text_of(event)}

    # ---- in ----

    def _events(self, resources: Iterable[Json]) -> tuple[Event, ...]:
        """The events that the resources carry; none in a Bundle that we did not write."""
        texts = [text for resource in resources for text in self._carried(resource)]
        try:
            return tuple(map(event_of, texts))
        except (KeyError, TypeError, ValueError, msgspec.DecodeError):
            what = "An event that the Bundle carries cannot be read."
            raise RecordError(Mistake(what, "Ask for the export once more; it was changed on its way.")) from None

    def _carried(self, resource: Json) -> Iterator[str]:
        extensions = resource.get("extension")
        for one in extensions if isinstance(extensions, list) else ():
            if isinstance(one, Mapping) and one.get("url") == self._extension:
                yield str(one.get("valueString"))

    def _known(self, patient: Json, organisation: str, by: Access) -> Known:
        name, number = name_in(patient) or "Without a name", ""
        elsewhere: Person | None = None
        for one in _objects(patient.get("identifier")):
            system, value = str(one.get("system") or ""), str(one.get("value") or "")
            if one.get("use") == "usual":
                number = value
            elif system and not system.startswith(server_of("")):
                elsewhere = Person(system, value)
        if elsewhere is not None:
            return self._people.take_over(elsewhere, name, number, organisation, by)
        return self._people.register(name[:LONGEST], number[:LONGEST], organisation, by)


def _is_resource(entry: Json) -> bool:
    return isinstance(entry.get("resource"), dict)


def _objects(listed: object) -> Iterator[Json]:
    """Those of a list; none of what is no list."""
    return (one for one in listed if isinstance(one, dict)) if isinstance(listed, list) else iter(())


def _said_of_the_patient(event: Event) -> Json:
    match event.concept:
        case "birth_date" if event.start is not None:
            return {"birthDate": str(event.start)}
        case "sex" if event.value in SEXES:
            return {"gender": event.value}
        case "death":
            return {"deceasedDateTime": str(event.start)} if event.start else {"deceasedBoolean": True}
        case _:
            return {}


def name_in(patient: Json) -> str:
    """The first name that is given, as one text."""
    for one in _objects(patient.get("name")):
        given = one.get("given")
        parts = (*(given if isinstance(given, list) else ()), one.get("family"))
        text = one.get("text") or " ".join(part for part in parts if isinstance(part, str))
        if isinstance(text, str) and text.strip():
            return text.strip()
    return ""
