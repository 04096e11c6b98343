"""How we say who we are to an authorisation server: a token signed with our own key (SMART, private_key_jwt)."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from ischio.model.mistake import IschioError, Mistake
from ischio.remote.keys import LEAST_BITS, Key

GOOD_FOR = 240
"""Seconds for which what we sign is good; servers take five minutes at most, by their own clock."""
MEND = "Give the private key for which the server knows the public one: a JWK, RSA of 2048 bits or more, or EC P-384."


@dataclass(frozen=True, slots=True)
class ClientKey:
    """Our private key. kid: the id under which the server knows its public half."""

    key: Key = field(repr=False)
    kid: str
    algorithm: str


def read_client_key(path: Path) -> ClientKey:
    """A private key in a JWK file. Raises IschioError, which shows nothing of the key."""
    try:
        written = msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
    except OSError as error:
        raise IschioError(Mistake(f"The key cannot be read: {error.strerror}.", MEND, str(path))) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise IschioError(Mistake("The key is no JWK (JSON with `kty`).", MEND, str(path))) from None
    try:
        return client_key(written)
    except ValueError as error:
        raise IschioError(Mistake(f"The key cannot be used: {error}.", MEND, str(path))) from None


def client_key(written: dict[str, Any]) -> ClientKey:
    """The private key of a JWK. Raises ValueError with a reason that shows nothing of it."""
    kinds: dict[str, tuple[type[Key], str]] = {"RSA": (RSAKey, "RS384"), "EC": (ECKey, "ES384")}
    if str(written.get("kty")) not in kinds or "d" not in written:
        raise ValueError("it is no private key of RSA or EC")
    kind, algorithm = kinds[written["kty"]]
    try:
        key = kind.import_key(written)
    except (JoseError, ValueError, TypeError):
        raise ValueError("its parts do not make a key") from None
    if isinstance(key, ECKey) and key.curve_name != "P-384":
        raise ValueError("its curve is not P-384")
    if isinstance(key, RSAKey) and key.raw_value.key_size < LEAST_BITS:
        raise ValueError(f"it has fewer than {LEAST_BITS} bits")
    return ClientKey(key, str(written.get("kid") or key.thumbprint()), algorithm)


def assertion(client_id: str, token_url: str, key: ClientKey, now: datetime) -> str:
    """The signed token by which an authorisation server knows us; good once, and for minutes."""
    at = int(now.timestamp())
    claims = {"iss": client_id, "sub": client_id, "aud": token_url, "iat": at, "exp": at + GOOD_FOR}
    header = {"alg": key.algorithm, "kid": key.kid, "typ": "JWT"}
    return jwt.encode(header, claims | {"jti": secrets.token_urlsafe(24)}, key.key, algorithms=[key.algorithm])
