"""The pages of the small record: plain HTML, no script. What they show of a person comes out of the charts alone."""

from functools import cache
from typing import Any

import msgspec
from jinja2 import Environment
from starlette.responses import HTMLResponse, Response

from ischio.interfaces.http.demo.markdown import shown
from ischio.interfaces.http.demo.people import Json, day_of, title_of, value_of
from ischio.interfaces.look.documents import style, templates

PACKAGE = "ischio.interfaces.http.demo"
ENTRIES = 2
"""So many entries of a Bundle are shown of a call; the whole of it is one click away."""


def look() -> Response:
    return Response(style(PACKAGE, "demo"), media_type="text/css")


def page(template: str, status: int = 200, **content: Any) -> Response:
    return HTMLResponse(_environment().get_template(template).render(**content), status)


@cache
def _environment() -> Environment:
    environment = templates(PACKAGE)
    environment.filters |= {"markdown": shown, "json": _json, "day": day_of, "title_of": title_of, "value_of": value_of}
    return environment


def _json(content: Any) -> str:
    """JSON to read: long Bundles are cut, and say so."""
    return msgspec.json.format(msgspec.json.encode(_short(content)), indent=2).decode()


def _short(content: Any) -> Any:
    if isinstance(content, dict):
        return {key: _shortened(content, key) for key in content}
    return [_short(one) for one in content] if isinstance(content, list) else content


def _shortened(holder: Json, key: str) -> Any:
    value = holder[key]
    if key == "access_token":
        return "(a token)"
    if key == "entry" and holder.get("type") == "searchset" and len(value) > ENTRIES:
        return [*map(_short, value[:ENTRIES]), f"and {len(value) - ENTRIES} more"]
    return _short(value)
