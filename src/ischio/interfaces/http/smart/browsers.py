"""By which cookie a browser is known again that was sent off to a records system or a provider."""

import re
import secrets

from starlette.requests import Request
from starlette.responses import RedirectResponse

COOKIE = "__Host-ischio"
_NAME = re.compile(r"[A-Za-z0-9_-]{43}")
_FRAMES = ("iframe", "frame", "embed", "object")


def browser_of(request: Request) -> str:
    """What the cookie says, if it is one of ours by its looks; else nothing."""
    found = request.cookies.get(COOKIE, "")
    return found if _NAME.fullmatch(found) else ""


def new_browser() -> str:
    return secrets.token_urlsafe(32)


def sent_off(url: str, browser: str) -> RedirectResponse:
    """Sends the browser away, with the cookie by which it is known when it comes back."""
    answer = RedirectResponse(url, 302, {"cache-control": "no-store", "referrer-policy": "no-referrer"})
    cookie = f"{COOKIE}={browser}; Path=/; Secure; HttpOnly; SameSite=None; Partitioned"
    answer.headers.append("set-cookie", cookie)
    return answer


def is_framed(request: Request) -> bool:
    """Whether a page of another site holds ours, by what browsers tell."""
    return request.headers.get("sec-fetch-dest") in _FRAMES


def only(request: Request, name: str) -> str:
    """A parameter that is given once; one that is given twice could be read differently by two."""
    values = request.query_params.getlist(name)
    return values[0] if len(values) == 1 else ""
