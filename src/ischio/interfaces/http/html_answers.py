"""A page of ours as an answer: with the policy that stands in it, and kept by nobody."""

from starlette.responses import HTMLResponse

from ischio.interfaces.http.settings import Settings
from ischio.interfaces.page.page import policy


def html(settings: Settings, text: str, status: int = 200, *, forms: bool = False) -> HTMLResponse:
    """forms: whether the page may send one to where it came from. It is held in the frames of the settings alone."""
    frames = " ".join(settings.frames) or "'none'"
    headers = {
        "content-security-policy": f"{policy(forms=forms)}; frame-ancestors {frames}",
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
    }
    return HTMLResponse(text, status, headers)
