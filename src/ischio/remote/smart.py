"""SMART App Launch 2.2, our side of it: from the address to which a browser is sent to the token for one patient."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from ischio.remote.addresses import AddressGuard, AddressRefused
from ischio.remote.authority import Authority, Json, Registration, SmartError, ask_token
from ischio.remote.errands import Errand, check_offer, exchange
from ischio.remote.id_tokens import check_id_token, fetched_key, signed
from ischio.remote.keys import fetching
from ischio.remote.records import REFERENCE
from ischio.remote.scopes import Scopes
from ischio.remote.wire import WireError

GOOD_FOR = 300
"""Seconds for which a token is taken to be good whose server does not say for how long."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What was granted. patient: the id of the one patient. scopes: as granted, whatever was asked for.

    user: who works with the records system (`Practitioner/p1`, relative to its server), by a checked id_token.
    until: the token ends then.
    """

    token: str = field(repr=False)
    until: datetime
    scopes: Scopes
    patient: str
    encounter: str | None = None
    user: str | None = None
    refresh: str | None = field(repr=False, default=None)


def begin(
    registration: Registration, authority: Authority, redirect: str, launch: str | None, guard: AddressGuard
) -> tuple[Errand, str]:
    """A launch under way, and where the browser is sent. launch: its handle, from the records system; None: begun by
    itself. Raises SmartError.
    """
    check_offer(authority, guard)
    errand = Errand(registration.server, authority, redirect)
    handle = {"launch": launch} if launch is not None else {}
    scope = _scope(registration.scope, launch)
    return errand, errand.address(registration.client_id, scope, aud=registration.server, **handle)


def finish(errand: Errand, registration: Registration, code: str, guard: AddressGuard, now: datetime) -> Grant:
    """The token for the code with which the browser came back. Raises SmartError."""
    answer = exchange(errand, registration, code, guard, now)
    user = _user(answer, errand, registration, guard, now)
    return _granted(answer, registration.scope, now, user)


def renewed(
    grant: Grant, authority: Authority, registration: Registration, guard: AddressGuard, now: datetime
) -> Grant:
    """Another token for the same patient, asked for with no more than was granted before. Raises SmartError."""
    if grant.refresh is None:
        raise SmartError("the server gave no token to renew it with")
    scope = " ".join(sorted(grant.scopes.granted))
    form = {"grant_type": "refresh_token", "refresh_token": grant.refresh, "scope": scope}
    answer = ask_token(authority, registration, form, guard, now)
    found = _granted({"patient": grant.patient, **answer}, scope, now, grant.user)
    if found.patient != grant.patient:
        raise SmartError("the records system has another patient open now")
    return replace(found, encounter=grant.encounter, refresh=found.refresh or grant.refresh)


def _scope(asked: str, launch: str | None) -> str:
    """A launch by itself asks for a patient to be chosen."""
    words = [word for word in asked.split() if word not in ("launch", "launch/patient")]
    return " ".join(["launch" if launch is not None else "launch/patient", *words])


def _granted(answer: Json, asked: str, now: datetime, user: str | None) -> Grant:
    seconds, scope = answer.get("expires_in"), answer.get("scope")
    patient, encounter, refresh = (answer.get(name) for name in ("patient", "encounter", "refresh_token"))
    if type(patient) is not str or not REFERENCE.fullmatch(f"Patient/{patient}"):
        raise SmartError("the server did not say for which patient the token is")
    good_for = seconds if type(seconds) is int and 0 < seconds < 10**7 else GOOD_FOR
    return Grant(
        answer["access_token"],
        now + timedelta(seconds=good_for),
        Scopes.of(scope if type(scope) is str else asked),
        patient,
        encounter if type(encounter) is str and REFERENCE.fullmatch(f"Encounter/{encounter}") else None,
        user,
        refresh if type(refresh) is str else None,
    )


# ---- who works with it -----------------------------------------------------------------------------------------------


def _user(answer: Json, errand: Errand, registration: Registration, guard: AddressGuard, now: datetime) -> str | None:
    """The `fhirUser` of the id_token, if there is one; one that does not hold ends the launch."""
    text = answer.get("id_token")
    if type(text) is not str:
        return None
    if errand.authority.keys is None:
        raise SmartError("the server names no keys by which its id_token can be checked")
    try:
        claims = signed(text, fetched_key(errand.authority, fetching(guard)))
    except (WireError, AddressRefused):
        raise SmartError("the id_token cannot be checked, because the server's keys cannot be had") from None
    check_id_token(claims, errand, registration.client_id, now)
    user = claims.get("fhirUser")
    # Servers write it with their own address before it, or without; it is the same person.
    server = registration.server.rstrip("/")
    return user.removeprefix(f"{server}/") if type(user) is str and user else None
