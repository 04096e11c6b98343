"""Lock-out: after some tries that failed each further one has to wait, and longer each time.

A login and an address are counted alike whether there is such an account or not, so that waiting tells nobody.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from ischio.store.failed import Failed, FailedSignIns

FIRST, LONGEST = timedelta(seconds=30), timedelta(minutes=15)
FORGOTTEN = timedelta(hours=1)
"""So long after the last failure nothing is left of it."""


@dataclass(frozen=True, slots=True)
class Free:
    """Tries that may fail without a wait: of one login, and of one address, behind which a whole clinic may be."""

    login: int = 5
    address: int = 50


class LockOut:
    def __init__(self, failed: FailedSignIns, free: Free) -> None:
        self._failed, self._free = failed, free

    def take(self, login: str, address: str, at: datetime) -> timedelta:
        """Takes one try, which counts as failed until `done`. Returns how long to wait if there is none."""
        free = {_key("login", login): self._free.login, _key("address", address): self._free.address}

        def wait(found: Mapping[str, Failed]) -> timedelta:
            return max(left(one, free[key], at) for key, one in found.items()) if found else timedelta()

        return self._failed.take(tuple(free), at, at - FORGOTTEN, wait)

    def done(self, login: str, address: str) -> None:
        """The try went well: the login's failures are forgotten, and the address has lost nothing."""
        self.forget(login)
        self._failed.give_back(_key("address", address))

    def forget(self, login: str) -> None:
        self._failed.forget(_key("login", login))


def left(failed: Failed, free: int, at: datetime) -> timedelta:
    """How long to wait yet: 30 s after the first failure too many, then twice as long each time, 15 min at most."""
    too_many = failed.count - free
    if too_many < 0:
        return timedelta()
    # Beyond ten doublings it is the longest in any case.
    doubled: int = 2 ** min(too_many, 10)
    return max(timedelta(), failed.at + min(FIRST * doubled, LONGEST) - at)


def _key(kind: str, value: str) -> str:
    """What was typed for a login may be anything, a password too: it is not kept as it is."""
    return f"{kind} {sha256(value.encode('utf-8', 'replace')).hexdigest()}"
