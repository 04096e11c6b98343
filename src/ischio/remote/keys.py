"""Public keys of those who sign: given beforehand, or fetched from an address that settings name."""

import time
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any

import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from ischio.remote.addresses import AddressGuard, AddressRefused
from ischio.remote.wire import Limits, Wire, WireError

Key = ECKey | RSAKey
Fetch = Callable[[str], bytes]
"""Gets a key set from its address. Raises WireError or AddressRefused."""

LIMITS = Limits(seconds=3.0, bytes=200_000)
KEPT = 3600.0
"""Seconds for which a fetched set is taken as it is; one that was withdrawn counts for no longer."""
PAUSE = 60.0
"""Seconds between two fetches from one address, whatever key ids callers make up."""
MOST = 50
LEAST_BITS = 2048
_KINDS: Mapping[str, type[Key]] = {"EC": ECKey, "RSA": RSAKey}

PUBLISHED = frozenset({"s9fOe-KDYD1myZ8YCzleUqJQgrYZL49kVijBxhnZvZc"})
"""Thumbprints (RFC 7638) of keys whose private half is published: that of the public CDS Hooks sandbox."""


def fetching(guard: AddressGuard) -> Fetch:
    def fetch(url: str) -> bytes:
        with Wire(guard, LIMITS) as wire:
            reply = wire.send("GET", url, {"accept": "application/json"})
        if reply.status != 200:
            raise WireError(f"the server answered with status {reply.status}")
        return reply.body

    return fetch


def keys_of(key_set: Mapping[str, Any]) -> dict[str, Key]:
    """The keys of a JWK set that can check a signature, by their ids. Others are passed over."""
    listed = key_set.get("keys")
    found: dict[str, Key] = {}
    for one in (listed if type(listed) is list else [])[:MOST]:
        key = _key(one) if type(one) is dict and type(one.get("kid")) is str else None
        if key is not None:
            found[one["kid"]] = key
    return found


def _key(written: dict[str, Any]) -> Key | None:
    """Its public half, so that no set makes us hold a secret; None for a kind that is not used."""
    kind = _KINDS.get(str(written.get("kty")))
    if kind is None or written.get("use", "sig") != "sig":
        return None
    public = {name: value for name, value in written.items() if name in ("kty", "crv", "x", "y", "n", "e")}
    try:
        key = kind.import_key(public)
        short = isinstance(key, RSAKey) and key.raw_value.key_size < LEAST_BITS
    except (JoseError, ValueError, TypeError):
        return None
    return None if short else key


class KeySets:
    """Key sets by their addresses. An id that is not in a set makes one fetch, and no more than one in a while.

    Who asks for a key that is there never waits for the network. clock: seconds, monotonic.
    """

    def __init__(self, fetch: Fetch, clock: Callable[[], float] = time.monotonic) -> None:
        self._fetch, self._clock = fetch, clock
        self._sets: dict[str, tuple[float, dict[str, Key]]] = {}
        self._tried: dict[str, float] = {}
        self._lock = Lock()

    def key(self, url: str, kid: str) -> Key | None:
        """The key of this id; None if the set has none, or cannot be had."""
        known = self._known(url)
        if kid not in known and self._may_fetch(url):
            known = self._fetched(url) or known
        return known.get(kid)

    def _known(self, url: str) -> dict[str, Key]:
        at, keys = self._sets.get(url, (0.0, {}))
        return keys if keys and self._clock() - at < KEPT else {}

    def _may_fetch(self, url: str) -> bool:
        with self._lock:
            now = self._clock()
            if now - self._tried.get(url, -PAUSE) < PAUSE:
                return False
            self._tried[url] = now
            return True

    def _fetched(self, url: str) -> dict[str, Key]:
        try:
            keys = keys_of(msgspec.json.decode(self._fetch(url), type=dict))
        except (WireError, AddressRefused, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return {}
        self._sets[url] = (self._clock(), keys)
        return keys
