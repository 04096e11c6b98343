"""A name for each request: in the answer, in the log and in what an error says, so that they can be put together."""

from uuid import uuid4

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = "X-Request-ID"


class Identity:
    """Names requests. The caller's own name is not taken: it could hold anything, a person's name as well."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        name = str(uuid4())
        scope.setdefault("state", {})["request_id"] = name

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[HEADER] = name
            await send(message)

        await self._app(scope, receive, named)


def request_id(scope: Scope) -> str:
    """The name of the request; empty outside of one."""
    return str(scope.get("state", {}).get("request_id", ""))
