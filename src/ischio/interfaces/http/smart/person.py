"""The assessment of the one patient for whom a token is, from what the records system gives for it."""

from dataclasses import dataclass

from ischio.engine.assess import assess
from ischio.interfaces.http.asked import Asked, PatientUnread, asked_of
from ischio.interfaces.http.fhir.subjects import together
from ischio.interfaces.http.service import Service
from ischio.interfaces.http.whose import kept_of, person_launched
from ischio.model.assessment import Assessment
from ischio.remote.addresses import AddressGuard
from ischio.remote.authority import SmartError
from ischio.remote.records import FhirServer
from ischio.remote.scopes import Reach
from ischio.remote.smart import Grant
from ischio.remote.wire import Limits
from ischio.store.entries import Access

LIMITS = Limits(seconds=6.0, bytes=30_000_000, pages=20)


@dataclass(frozen=True, slots=True)
class Seen:
    """unseen: kinds of records that could not be had, or not whole, each with the reason."""

    assessment: Assessment
    unseen: tuple[tuple[str, str], ...]


def seen(service: Service, server: str, grant: Grant, guard: AddressGuard, by: Access) -> Seen:
    """With what is kept of the patient, as the cards have it too, where the token may read answers of forms.

    Raises what `read` does."""
    asked = read(service, server, grant, guard)
    unseen = tuple(
        (each.type, f"{answer.state.value}: {answer.why}") for each, answer in asked.answers if answer.state is not None
    )
    kept = (
        kept_of(service, person_launched(service.settings, server, grant.patient), by) if _reads_forms(grant) else None
    )
    record = asked.record if kept is None else together([asked.record, kept])
    return Seen(assess(service.pathway, record, service.today), unseen)


def read(service: Service, server: str, grant: Grant, guard: AddressGuard) -> Asked:
    """What the records system gives for the token at this moment.

    Raises SmartError where it cannot be told whose record this is, RecordError where it cannot be read at all."""
    try:
        return asked_of(FhirServer(server, grant.token, LIMITS, guard, grant.scopes), service, grant.patient)
    except PatientUnread as unread:
        raise SmartError(f"the patient could not be read: {unread}") from None


def _reads_forms(grant: Grant) -> bool:
    """What is kept came as answers of forms: whom the records system shows none of those is shown none here."""
    return grant.scopes.reach("QuestionnaireResponse", "s") is Reach.ALL
