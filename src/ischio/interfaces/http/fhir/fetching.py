"""The record of a person on a FHIR server that the caller names and the settings list, read with the caller's token."""

from typing import Any

from ischio.interfaces.http.asked import PatientUnread, asked_of
from ischio.interfaces.http.outward import guard_of
from ischio.interfaces.http.problems import Problem
from ischio.interfaces.http.service import Service
from ischio.model.mistake import RecordError
from ischio.record.events import Record
from ischio.remote.addresses import AddressRefused
from ischio.remote.records import FhirServer
from ischio.remote.wire import Limits

Json = dict[str, Any]
_BEARER = "authorization: bearer "


def fetched(service: Service, endpoint: Json, patient: str) -> Record:
    """endpoint: an Endpoint resource, with the header that opens the server. patient: the id.

    What could not be had is a gap. Raises Problem where the server may not be asked, or whose record it is cannot be
    told.
    """
    address = str(endpoint.get("address")).rstrip("/")
    if address not in (one.rstrip("/") for one in service.settings.records):
        mend = "Have it listed in the settings (records)."
        raise Problem(422, "forbidden", "This server may not be asked.", mend, "dataEndpoint.address")
    try:
        server = FhirServer(address, _token(endpoint), Limits(), guard_of(service.settings))
        return asked_of(server, service, patient).record
    except PatientUnread as unread:
        what = f"The Patient could not be read: {unread}."
        raise Problem(422, "not-found", what, "Ask for one that the server has.", "subject") from None
    except AddressRefused as error:
        raise Problem(
            422, "forbidden", f"This server is not asked: {error}.", "Ask its operator.", "dataEndpoint"
        ) from None
    except RecordError as error:
        mistake = error.mistakes[0]
        raise Problem(422, "invalid", mistake.what, mistake.mend, "dataEndpoint") from None


def _token(endpoint: Json) -> str | None:
    headers = endpoint.get("header")
    for header in headers if type(headers) is list else ():
        if type(header) is str and header.lower().startswith(_BEARER):
            return header[len(_BEARER) :].strip()
    return None
