"""How often one address may call: a bucket that holds the requests of one minute and fills again steadily."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import ip_network

from starlette.types import ASGIApp, Receive, Scope, Send

from ischio.interfaces.http.problems import Problem, refused

REMEMBERED = 10_000
"""Addresses of which a bucket is kept; the one that called longest ago is forgotten first."""
UNCOUNTED = ("/health/live", "/health/ready")


class Buckets:
    """Requests left to each caller. a_minute: how many a bucket holds and gains in a minute. clock: seconds."""

    def __init__(self, a_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._clock = float(a_minute), clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, caller: str) -> float:
        """Takes one request out of the caller's bucket: 0.0 if there was one, else the seconds until there is."""
        now = self._clock()
        left, since = self._left.pop(caller, (self._most, now))
        left = min(self._most, left + (now - since) * self._most / 60)
        wait = 0.0 if left >= 1 else (1 - left) * 60 / self._most
        self._left[caller] = (left if wait else left - 1, now)
        if len(self._left) > REMEMBERED:
            self._left.popitem(last=False)
        return wait

    def __len__(self) -> int:
        return len(self._left)


class Rates:
    """Refuses with 429, and says when to come again. Questions after the health of the service are not counted."""

    def __init__(self, app: ASGIApp, buckets: Buckets) -> None:
        self._app, self._buckets = app, buckets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in UNCOUNTED:
            await self._app(scope, receive, send)
            return
        wait = self._buckets.take(caller(scope))
        if not wait:
            await self._app(scope, receive, send)
            return
        answer = refused(Problem(429, "throttled", "Too many requests.", f"Ask again in {math.ceil(wait)} s."))
        answer.headers["Retry-After"] = str(math.ceil(wait))
        await answer(scope, receive, send)


def caller(scope: Scope) -> str:
    """The address that calls: behind a proxy that is trusted, the one that it tells. Of IPv6 the network, which one
    household has whole.
    """
    client = scope.get("client")
    host = str(client[0]) if client else ""
    try:
        return str(ip_network((host, 64), strict=False)) if ":" in host else host
    except ValueError:  # with a zone, or no address at all
        return host
