"""What became of a request, told once when it is answered: the log and the metrics are written from it."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ischio.interfaces.http.guards.identity import request_id

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


@dataclass(frozen=True, slots=True)
class Answered:
    """One request. route: the pattern of its path, never the path itself, which may name a person; empty if none fits.

    cards: the indicators of the cards that it gave.
    """

    request: str
    method: str
    route: str
    status: int
    seconds: float
    cards: tuple[str, ...] = ()


class Watch:
    """Tells the listeners of each request. What an endpoint gave stands in `request.state.cards`."""

    def __init__(self, app: ASGIApp, tell: tuple[Callable[[Answered], None], ...]) -> None:
        self._app, self._tell = app, tell

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 0

        async def seen(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, seen)
        finally:
            answered = Answered(
                request_id(scope),
                scope["method"] if scope["method"] in METHODS else "other",
                pattern(scope),
                status,
                time.perf_counter() - began,
                tuple(scope.get("state", {}).get("cards", ())),
            )
            for tell in self._tell:
                tell(answered)


def pattern(scope: Scope) -> str:
    """The pattern that the path fitted: `/cds-services/{id}`."""
    route = scope.get("route")
    return route.path if isinstance(route, Route) else ""
