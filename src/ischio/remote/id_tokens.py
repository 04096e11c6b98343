"""Who somebody is, in a token that an authorisation server signed for us: signature, issuer, audience and times."""

import hmac
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec
from joserfc import jws
from joserfc.errors import JoseError

from ischio.remote.authority import Authority, SmartError
from ischio.remote.errands import Errand
from ischio.remote.keys import Key, keys_of

SIGNED_WITH = ("RS256", "RS384", "ES256", "ES384")
"""How such a token may be signed."""
SKEW = 60.0
"""Seconds by which two clocks may differ."""
LONGEST = 20_000
"""Characters of a token."""

Claims = Mapping[str, Any]
KeyOf = Callable[[str], Key | None]
"""The server's key by its id; None if it has none of that id."""


def fetched_key(authority: Authority, fetch: Callable[[str], bytes]) -> KeyOf:
    """By what the server publishes at this moment. Raises, when asked, what `fetch` does, and msgspec.DecodeError."""

    def key(kid: str) -> Key | None:
        return keys_of(msgspec.json.decode(fetch(authority.keys or ""), type=dict)).get(kid)

    return key


def signed(text: object, key_of: KeyOf, what: str = "id_token") -> Claims:
    """The claims of a token that the server signed. Raises SmartError, which names it as `what`."""
    try:
        if type(text) is not str or len(text) > LONGEST:
            raise ValueError
        header = jws.extract_compact(text.encode("ascii")).headers()
        key = key_of(str(header.get("kid")))
        if key is None:
            raise KeyError
        claims = jws.deserialize_compact(text, key, algorithms=list(SIGNED_WITH)).payload
        found: dict[str, Any] = msgspec.json.decode(claims, type=dict)
    except (JoseError, ValueError, TypeError, KeyError, RecursionError):
        raise SmartError(f"the {what} cannot be checked, or its signature is not that of the server") from None
    return found


def is_for_us(claims: Claims, issuer: str | None, client_id: str) -> bool:
    """By its issuer and its audience. One for several must say that we asked for it."""
    aud = claims.get("aud")
    return (
        issuer is not None
        and claims.get("iss") == issuer
        and client_id in (aud if type(aud) is list else [aud])
        and claims.get("azp", client_id) == client_id
    )


def lasts(claims: Claims, now: datetime) -> bool:
    """Whether it has not ended yet."""
    expires = claims.get("exp")
    return isinstance(expires, int | float) and expires > now.timestamp() - SKEW


def check_id_token(claims: Claims, errand: Errand, client_id: str, now: datetime) -> None:
    """That it is the answer to this errand of a browser. Raises SmartError."""
    own = hmac.compare_digest(str(claims.get("nonce")).encode("utf-8", "replace"), errand.nonce.encode())
    if not (is_for_us(claims, errand.authority.issuer, client_id) and lasts(claims, now) and own):
        raise SmartError("the id_token is not for this launch")
