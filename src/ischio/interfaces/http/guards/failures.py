"""An error of ours becomes one plain answer: no traceback, and none of the words that may repeat what was sent."""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ischio.interfaces.http.guards.identity import request_id
from ischio.interfaces.http.guards.log import error_of, logger
from ischio.interfaces.http.problems import Problem, refused
from ischio.store.faults import StoreUnusable


class Failures:
    """Answers 500 where something failed, 503 where it took too long or the store cannot be used now. seconds: how long
    an answer may take once the request is there; reading the request has its own limit.
    """

    def __init__(self, app: ASGIApp, seconds: float) -> None:
        self._app, self._seconds = app, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            # Twice: once for the request to arrive, once for the answer.
            async with asyncio.timeout(2 * self._seconds):
                await self._app(scope, receive, noted)
        except Exception as error:
            log_failed(scope, error)
            if not begun:
                await refused(_problem(scope, error))(scope, receive, send)


def log_failed(scope: Scope, error: Exception) -> None:
    told = {"request": request_id(scope)} | error_of(type(error), error.__traceback__)
    logger.error("failed", extra={"told": told})


def _problem(scope: Scope, error: Exception) -> Problem:
    match error:
        case TimeoutError():
            return Problem(503, "timeout", "The answer took too long.", "Ask again; ask for less if it stays so.")
        case StoreUnusable():
            what = "The store does not answer. Nothing was kept of this request."
            return Problem(503, "transient", what, "Ask again in a minute; if it stays so, tell the operator.")
        case _:
            mend = f"Tell its operator: request {request_id(scope)}."
            return Problem(500, "exception", "The service failed on this request.", mend)
