"""Which pages of other sites may call from a browser (CORS): those listed, and nobody else hears of it."""

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send


class Origins(CORSMiddleware):
    """Starlette's, but that an origin that is not listed is given no CORS header at all, on a preflight either."""

    def __init__(self, app: ASGIApp, listed: tuple[str, ...]) -> None:
        super().__init__(
            app, allow_origins=listed, allow_methods=("GET", "POST"), allow_headers=("Authorization", "Content-Type")
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        origin = Headers(scope=scope).get("origin") if scope["type"] == "http" else None
        if origin is not None and self.is_allowed_origin(origin):
            await super().__call__(scope, receive, send)
        else:
            await self.app(scope, receive, send)
