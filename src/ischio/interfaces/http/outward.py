"""What the settings let the service call, and as whom."""

from pathlib import Path

import msgspec

from ischio.interfaces.http.settings import LaunchServer, Settings, SignInProvider
from ischio.model.mistake import IschioError, Mistake
from ischio.remote.addresses import AddressGuard, host_of
from ischio.remote.authority import Registration
from ischio.remote.openid import Provider
from ischio.remote.signing import read_client_key
from ischio.remote.tokens import Issuer


def guard_of(settings: Settings) -> AddressGuard:
    """Servers of records, launches and sign-ins, and of the keys of clients; http only where this is not production."""
    called = [*settings.records, *(one.iss for one in settings.launches), *(one.jku for one in settings.clients)]
    called += [one.issuer for one in settings.sign_in]
    return AddressGuard(
        frozenset(host_of(url) for url in called if url),
        frozenset(map(host_of, settings.inside)),
        plain=not settings.production,
    )


def issuers_of(settings: Settings) -> tuple[Issuer, ...]:
    """Who may call the hooks. Raises IschioError for a file of keys that cannot be read."""
    return tuple(
        Issuer(one.issuer, _key_set(one.keys) if one.keys else None, one.jku, frozenset(one.services) or None)
        for one in settings.clients
    )


def registrations_of(settings: Settings) -> tuple[Registration, ...]:
    """How launching servers know us. Raises IschioError for a key that cannot be read."""
    return tuple(map(_registration, settings.launches))


def providers_of(settings: Settings) -> tuple[Provider, ...]:
    """Those at which staff sign in. Raises IschioError for a key that cannot be read."""
    guard = guard_of(settings)
    return tuple(Provider(_registered(one), guard) for one in settings.sign_in)


def _registered(one: SignInProvider) -> Registration:
    scope = " ".join(dict.fromkeys(("openid", *one.scopes)))
    return Registration(one.issuer, one.client_id, scope, one.secret, read_client_key(one.key) if one.key else None)


def _registration(one: LaunchServer) -> Registration:
    plain = Registration(one.iss, one.client_id)
    scope = " ".join(one.scopes) or plain.scope
    return Registration(one.iss, one.client_id, scope, one.secret, read_client_key(one.key) if one.key else None)


def _key_set(path: Path) -> dict[str, object]:
    mend = "Give the client's public keys as a JWK set: JSON with `keys`."
    try:
        found: dict[str, object] = msgspec.json.decode(path.read_bytes(), type=dict)
    except OSError as error:
        raise IschioError(Mistake(f"The keys cannot be read: {error.strerror}.", mend, str(path))) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise IschioError(Mistake("This is no JWK set.", mend, str(path))) from None
    return found
