"""What the service remembers for browsers, under names that nobody can guess: in the memory of one process."""

import secrets
from collections.abc import Callable
from datetime import datetime
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """Each thing until it ends; where there are too many, the oldest goes. clock: the moment now."""

    def __init__(self, most: int, clock: Callable[[], datetime]) -> None:
        self._most, self._clock = most, clock
        self._things: dict[str, tuple[datetime, T]] = {}
        self._lock = Lock()

    def put(self, thing: T, until: datetime, name: str | None = None) -> str:
        """The name under which it is kept: one of 256 random bits, if none is given."""
        name = name or secrets.token_urlsafe(32)
        with self._lock:
            self._drop_ended()
            while len(self._things) >= self._most:
                del self._things[next(iter(self._things))]
            self._things[name] = until, thing
        return name

    def get(self, name: str) -> T | None:
        with self._lock:
            self._drop_ended()
            return self._things[name][1] if name in self._things else None

    def take(self, name: str) -> T | None:
        """The thing, which is then kept no longer."""
        with self._lock:
            self._drop_ended()
            return self._things.pop(name, (None, None))[1]

    def replace(self, name: str, thing: T) -> None:
        """Another thing for the same time; nothing where it has ended."""
        with self._lock:
            if name in self._things:
                self._things[name] = self._things[name][0], thing

    def _drop_ended(self) -> None:
        now = self._clock()
        for name in [name for name, (until, _) in self._things.items() if until <= now]:
            del self._things[name]
