"""An address that only looks like one of ours is none.

What answers an address passes over a line end after it; a guard that compares the address would not know it.
"""

from starlette.types import ASGIApp, Receive, Scope, Send

from ischio.interfaces.http.problems import Problem, refused

LONGEST = 2_000
"""Letters of a path. A number of thousands of digits in one is an error where it is read."""


class Paths:
    """Refuses an address with anything in it that cannot be printed, and one that is longer than any of ours."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or (scope["path"].isprintable() and len(scope["path"]) <= LONGEST):
            await self._app(scope, receive, send)
            return
        problem = Problem(404, "not-found", "There is nothing at this address.", "See what the service offers.")
        await refused(problem)(scope, receive, send)
