"""A hook call as it arrives: decoded once, numbers as exact decimals, and refused where it is not one."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from ischio.fhir.routes import Json, exact, shown
from ischio.interfaces.http.problems import Problem

ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
REFERENCE = re.compile(r"[A-Z][A-Za-z]{1,60}/[A-Za-z0-9\-.]{1,64}")
NOT_A_CALL = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ArithmeticError)


class Authorization(msgspec.Struct, frozen=True):
    """Access to the FHIR server, lent for this call. Never stored, logged or shown."""

    access_token: str
    token_type: str
    expires_in: int
    scope: str
    subject: str
    patient: str | None = None

    def __repr__(self) -> str:
        return "Authorization(...)"


class Call(msgspec.Struct, frozen=True, rename="camel"):
    """One call of a service, as CDS Hooks 2.0 has it; members that it does not name are passed over.

    prefetch: each value as it was written, so that no more of it is decoded than is needed.
    """

    hook: str
    hook_instance: str
    context: dict[str, Json]
    fhir_server: str | None = None
    fhir_authorization: Authorization | None = None
    prefetch: dict[str, msgspec.Raw] | None = None

    @property
    def patient(self) -> str:
        return str(self.context["patientId"])

    @property
    def encounter(self) -> str | None:
        found = self.context.get("encounterId")
        return found if isinstance(found, str) and ID.fullmatch(found) else None

    @property
    def practitioner(self) -> str | None:
        """The user, where a clinician; patients ask for nothing."""
        user = str(self.context["userId"])
        return user if user.startswith("Practitioner") else None


_DECODER = msgspec.json.Decoder(Call, float_hook=exact)

REQUIRED: Mapping[str, tuple[str, ...]] = {
    "patient-view": ("userId", "patientId"),
    "order-select": ("userId", "patientId", "selections", "draftOrders"),
    "order-sign": ("userId", "patientId", "draftOrders"),
    "problem-list-item-create": ("userId", "patientId", "conditions"),
    "encounter-discharge": ("userId", "patientId", "encounterId"),
}
"""What the context of each hook has to hold."""


def call_of(body: bytes, hook: str) -> Call:
    """The call in a body. Raises Problem 400 for what is no call of this hook, with the member named."""
    try:
        body.decode()  # JSON that is passed over has its form checked, but not that it is UTF-8
        call = _DECODER.decode(body)
    except NOT_A_CALL as error:
        raise not_a_call(error) from None
    if call.hook != hook:
        what = f"This service has the hook {hook}, and the call is of {shown(call.hook)}."
        raise Problem(400, "business-rule", what, "Call a service of that hook.", "hook")
    _check_instance(call)
    _check_access(call)
    _check_context(call, REQUIRED[hook])
    return call


def not_a_call(error: Exception) -> Problem:
    """What is told where the JSON of a call is at fault, as one of NOT_A_CALL says."""
    return Problem(400, "structure", f"The body is no hook call: {_told(error)}.", "Send one as JSON.")


def _told(error: Exception) -> str:
    """What is wrong, without a word of the body: msgspec names places and types."""
    return str(error).split("\n")[0][:200] if isinstance(error, msgspec.MsgspecError) else "it is not JSON in UTF-8"


def _check_instance(call: Call) -> None:
    try:
        UUID(call.hook_instance)
    except ValueError:
        raise _wrong("hookInstance", "is not a UUID") from None


def _check_access(call: Call) -> None:
    access = call.fhir_authorization
    if access is not None and call.fhir_server is None:
        raise _wrong("fhirServer", "is missing beside fhirAuthorization")
    if access is not None and access.token_type.lower() != "bearer":
        raise _wrong("fhirAuthorization.token_type", "is not Bearer")
    if access is not None and access.patient not in (None, call.context.get("patientId")):
        what = "fhirAuthorization.patient is not the patient of the context."
        raise Problem(
            403, "security", what, "Give access to the data of the patient in the context.", "fhirAuthorization"
        )
    if call.fhir_server is not None and not _is_address(call.fhir_server):
        raise _wrong("fhirServer", "is not an address")


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _check_context(call: Call, required: tuple[str, ...]) -> None:
    for name in required:
        if not _FORMS[name](call.context.get(name)):
            raise _wrong(f"context.{name}", _MENDS[name])


def _is_id(value: Json) -> bool:
    return isinstance(value, str) and ID.fullmatch(value) is not None


def _is_reference(value: Json) -> bool:
    return isinstance(value, str) and REFERENCE.fullmatch(value) is not None


def _is_bundle(value: Json) -> bool:
    return isinstance(value, dict) and value.get("resourceType") == "Bundle"


def _are_texts(value: Json) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


_FORMS = {
    "userId": _is_reference,
    "patientId": _is_id,
    "encounterId": _is_id,
    "selections": _are_texts,
    "draftOrders": _is_bundle,
    "conditions": _is_bundle,
}
_MENDS = {
    "userId": "is not of the form Practitioner/id",
    "patientId": "is not the id of a Patient",
    "encounterId": "is not the id of an Encounter",
    "selections": "is not a list of references",
    "draftOrders": "is not a Bundle",
    "conditions": "is not a Bundle",
}


def _wrong(where: str, what: str) -> Problem:
    return Problem(400, "required", f"{where} {what}.", "Mend it as CDS Hooks 2.0 asks.", where)
