"""The assessment of the one patient for whom a token is, from what the records system gives for it."""

from dataclasses import dataclass

from ischio.engine.assess import assess
from ischio.interfaces.http.asked import PatientUnread, asked_of
from ischio.interfaces.http.service import Service
from ischio.model.assessment import Assessment
from ischio.remote.addresses import AddressGuard
from ischio.remote.authority import SmartError
from ischio.remote.records import FhirServer
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
    try:
        asked = asked_of(FhirServer(server, grant.token, LIMITS, guard, grant.scopes), service, grant.patient)
    except PatientUnread as unread:
        raise SmartError(f"the patient could not be read: {unread}") from None
    unseen = tuple(
        (each.type, f"{answer.state.value}: {answer.why}") for each, answer in asked.answers if answer.state is not None
    )
    return Seen(assess(service.pathway, asked.record, service.today), unseen)
