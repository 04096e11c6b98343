"""A page of ours as an answer: with the policy that stands in it, and kept by nobody."""

from starlette.responses import HTMLResponse

from ischio.interfaces.http.settings import Settings
from ischio.interfaces.page.page import policy


def html(settings: Settings, text: str, status: int = 200, *, forms: bool = False, own: str = "") -> HTMLResponse:
    """forms: whether the page may send one to where it came from. It is held in the frames of the settings alone.

    own: the policy that stands in the page; empty for that of an assessment.
    """
    frames = " ".join(settings.frames) or "'none'"
    headers = {
        "content-security-policy": f"{own or policy(forms=forms)}; frame-ancestors {frames}",
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
    }
    return HTMLResponse(text, status, headers)
