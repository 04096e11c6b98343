"""How large a request may be, and how long it may take to arrive."""

import asyncio

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ischio.interfaces.http.problems import Problem, refused


class Bodies:
    """Counts a body while it arrives, and stops reading where it is too large or too slow.

    size: bytes, as sent; a compressed body is not read at all. seconds: until the last of it is there.
    """

    def __init__(self, app: ASGIApp, size: int, seconds: float) -> None:
        self._app, self._size, self._seconds = app, size, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            self._see_head(Headers(scope=scope))
        except Problem as problem:
            await refused(problem)(scope, receive, closing(send))
            return
        await self._app(scope, self._counted(receive), closing(send))

    def _see_head(self, headers: Headers) -> None:
        if headers.get("content-encoding", "identity") != "identity":
            raise Problem(415, "not-supported", "The body is compressed.", "Send it as it is.")
        told = headers.get("content-length", "0")
        if told.isdecimal() and int(told) > self._size:
            raise self._too_large()

    def _counted(self, receive: Receive) -> Receive:
        arrived, whole = 0, False
        until = asyncio.get_running_loop().time() + self._seconds

        async def counted() -> Message:
            nonlocal arrived, whole
            if whole:  # what follows the body is that the caller left, which may take any time
                return await receive()
            try:
                async with asyncio.timeout_at(until):
                    message = await receive()
            except TimeoutError:
                mend = "Send it at once."
                raise Problem(408, "timeout", f"The body did not arrive in {self._seconds} s.", mend) from None
            arrived += len(message.get("body", b""))
            whole = not message.get("more_body", False)
            if arrived > self._size:
                raise self._too_large()
            return message

        return counted

    def _too_large(self) -> Problem:
        return Problem(413, "too-costly", f"The body has more than {self._size} bytes.", "Send less at once.")


def closing(send: Send) -> Send:
    """After a refusal the rest of the body may still be on its way: the connection ends rather than read it."""

    async def closed(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] in (408, 413):
            message["headers"] = [*message.get("headers", ()), (b"connection", b"close")]
        await send(message)

    return closed
