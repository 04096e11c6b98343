"""The record of one person on a FHIR server: everything that the pathway needs, asked for at once."""

from dataclasses import dataclass

from ischio.fhir.prefetched import read_answers
from ischio.fhir.requirements import Requirement
from ischio.fhir.routes import Json
from ischio.interfaces.http.service import Service
from ischio.record.events import Record, State
from ischio.remote.records import Answer, FhirServer


class PatientUnread(Exception):
    """It cannot be told whose record this is. The text says why."""


@dataclass(frozen=True, slots=True)
class Asked:
    """answers: what each query gave, or why it did not."""

    record: Record
    answers: tuple[tuple[Requirement, Answer], ...]


def asked_of(server: FhirServer, service: Service, patient: str) -> Asked:
    """patient: the id. What could not be had is a gap. Raises PatientUnread, RecordError, AddressRefused."""
    needed = service.required
    with server:
        answers = server.ask([each.query(patient) for each in needed])
    told = [(each.concepts, answer.entries, answer.state) for each, answer in zip(needed, answers, strict=True)]
    record = read_answers(service.reader, _patient(answers[0], patient), told)
    return Asked(record, tuple(zip(needed, answers, strict=True)))


def _patient(answer: Answer, name: str) -> Json:
    """The Patient. One that may not be read is still known by the id; one that fails may be another person."""
    if answer.entries:
        return answer.entries[0]
    if answer.state is State.NOT_AUTHORISED:
        return {"resourceType": "Patient", "id": name}
    raise PatientUnread(str(answer.why))
