"""Who calls the hooks: discovery, call and feedback ask for the signed token of a records system that is listed."""

import re
from collections.abc import Callable
from datetime import datetime

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from ischio.interfaces.http.problems import Problem, refused
from ischio.remote.tokens import Clients, Unauthorised

GUARDED = "/cds-services"
_WHY = re.compile(rf"{GUARDED}/[^/]+/why/[^/]+/?")
_CODES = {401: "login", 403: "forbidden", 429: "throttled"}


class Callers:
    """Lets in who is listed; the caller stands in `request.state.client` then. base: of the service.

    A preflight carries no token and is not asked for one. Nor is who asks why a card was given: that is for the person
    who reads the card, in a browser that has no token. What such a one is told, and for how long, the endpoint decides.
    """

    def __init__(self, app: ASGIApp, clients: Clients, base: str, clock: Callable[[], datetime]) -> None:
        self._app, self._clients, self._base, self._clock = app, clients, base, clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not is_guarded(scope["path"]) or scope["method"] == "OPTIONS":
            await self._app(scope, receive, send)
            return
        token = Headers(scope=scope).get("authorization")
        if token is None and _WHY.fullmatch(scope["path"]):
            await self._app(scope, receive, send)
            return
        endpoint = self._base + scope["path"].rstrip("/")
        try:
            # In a thread: a key set may have to be fetched.
            client = await run_in_threadpool(self._clients.verify, token, endpoint, self._clock())
        except Unauthorised as error:
            answer = refused(problem(error))
            if error.status == 401:
                answer.headers["WWW-Authenticate"] = "Bearer"
            await answer(scope, receive, send)
            return
        scope.setdefault("state", {})["client"] = client
        await self._app(scope, receive, send)


def is_guarded(path: str) -> bool:
    return path == GUARDED or path.startswith(f"{GUARDED}/")


def problem(error: Unauthorised) -> Problem:
    mend = "Send the header `Authorization: Bearer` with a JWT signed for this address by a listed client."
    return Problem(error.status, _CODES.get(error.status, "security"), error.why, mend)
