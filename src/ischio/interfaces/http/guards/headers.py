"""What every answer tells a browser: run nothing from elsewhere, keep nothing, be held in no foreign frame."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ischio.interfaces.http.settings import Settings

A_YEAR = 31_536_000


def policy(frames: tuple[str, ...]) -> str:
    """The content security policy of our pages. frames: origins of pages that may hold them."""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "connect-src 'self'",
            "font-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            f"frame-ancestors {' '.join(frames) or chr(39) + 'none' + chr(39)}",
        )
    )


class SecurityHeaders:
    """Adds what an endpoint has not said itself."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._headers = {
            "Content-Security-Policy": policy(settings.frames),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        }
        if settings.base.startswith("https://"):
            self._headers["Strict-Transport-Security"] = f"max-age={A_YEAR}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, guarded)
