"""The assessment of the one patient for whom a token is, from what the records system gives for it."""

from dataclasses import dataclass

from ischio.engine.assess import assess
from ischio.fhir.prefetched import read_answers
from ischio.fhir.requirements import requirements
from ischio.interfaces.http.service import Service
from ischio.model.assessment import Assessment
from ischio.record.events import State
from ischio.remote.addresses import AddressGuard
from ischio.remote.authority import SmartError
from ischio.remote.records import Answer, FhirServer
from ischio.remote.smart import Grant
from ischio.remote.wire import Limits

LIMITS = Limits(seconds=6.0, bytes=30_000_000, pages=20)


@dataclass(frozen=True, slots=True)
class Seen:
    """unseen: kinds of records that could not be had, or not whole, each with the reason."""

    assessment: Assessment
    unseen: tuple[tuple[str, str], ...]


def seen(service: Service, server: str, grant: Grant, guard: AddressGuard) -> Seen:
    """Raises SmartError where it cannot be told whose record this is, RecordError where it cannot be read at all."""
    needed = requirements(service.pathway.concepts, service.bindings)
    with FhirServer(server, grant.token, LIMITS, guard, grant.scopes) as asked:
        answers = asked.ask([each.query(grant.patient) for each in needed])
    patient = _patient(answers[0], grant.patient)
    given = [(each.concepts, answer.entries, answer.state) for each, answer in zip(needed, answers, strict=True)]
    record = read_answers(service.reader, patient, given)
    unseen = tuple(
        (each.type, f"{answer.state.value}: {answer.why}")
        for each, answer in zip(needed, answers, strict=True)
        if answer.state is not None
    )
    return Seen(assess(service.pathway, record, service.today), unseen)


def _patient(answer: Answer, name: str) -> dict[str, object]:
    """The Patient. One that may not be read is still known by the id; one that fails may be another person."""
    if answer.entries:
        return answer.entries[0]
    if answer.state is State.NOT_AUTHORISED:
        return {"resourceType": "Patient", "id": name}
    raise SmartError(f"the patient could not be read: {answer.why}")
