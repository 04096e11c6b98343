"""What the service remembers for browsers: in the store, so that every process knows it, and sealed.

Each thing has a name that nobody can guess, and is one browser's. The key is made of the name and of what the cookie of
the browser says. Neither lies in the store: whoever reads it, or a copy of it, finds no token of a records system.
"""

import hmac
from collections.abc import Callable
from datetime import datetime
from typing import Generic, TypeVar

import msgspec
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from ischio.clinic.tokens import digest_of, new_token
from ischio.store.store import Store

T = TypeVar("T")

HEADER = {"alg": "dir", "enc": "A256GCM"}


class Kept(Generic[T]):
    """Things of one kind, each until it ends. form: the dataclass that they are. clock: the moment now."""

    def __init__(self, kind: str, form: type[T], store: Store, clock: Callable[[], datetime]) -> None:
        self._kind, self._form, self._rows, self._clock = kind, form, store.sealed, clock

    def put(self, thing: T, until: datetime, browser: str, name: str | None = None) -> str:
        """The name under which it is kept: one of 256 random bits, if none is given."""
        name = name or new_token()
        self._rows.put(self._digest(name), self._kind, self._sealed(thing, name, browser), until, self._clock())
        return name

    def get(self, name: str, browser: str) -> T | None:
        """Nothing for another browser."""
        found = self._rows.of(self._digest(name), self._clock())
        return None if found is None else self._opened(found, name, browser)

    def take(self, name: str, browser: str) -> T | None:
        """The thing, which is then kept no longer: whoever else asks for it at the same moment has nothing."""
        found = self._rows.of(self._digest(name), self._clock())
        return self._opened(found, name, browser) if found is not None and self.end(name) else None

    def end(self, name: str) -> bool:
        """Keeps it no longer. Whether it was kept until now, which one alone hears."""
        return self._rows.end(self._digest(name))

    def replace(self, name: str, browser: str, thing: T) -> None:
        """Another thing for the same time; nothing where it has been ended."""
        self._rows.replace(self._digest(name), self._sealed(thing, name, browser))

    def _digest(self, name: str) -> str:
        return digest_of(f"{self._kind} {name}")

    def _key(self, name: str, browser: str) -> OctKey:
        return OctKey.import_key(hmac.digest(name.encode(), f"{self._kind} {browser}".encode(), "sha256"))

    def _sealed(self, thing: T, name: str, browser: str) -> str:
        return jwe.encrypt_compact(HEADER, msgspec.json.encode(thing), self._key(name, browser))

    def _opened(self, sealed: str, name: str, browser: str) -> T | None:
        """Nothing, too, where an earlier release sealed something of another form."""
        try:
            opened = jwe.decrypt_compact(sealed, self._key(name, browser), algorithms=list(HEADER.values()))
            return msgspec.json.decode(opened.plaintext or b"", type=self._form)
        except (JoseError, msgspec.DecodeError):
            return None
