"""The style sheet and the script of the pages, under names that change with what they hold."""

from functools import cache
from hashlib import sha256
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ischio.interfaces.look.sheets import sheet

_YEAR = "public, max-age=31536000, immutable"
_FIRST = ("frame.css", "parts.css")
"""Before the sheets of single screens."""


@cache
def _held() -> dict[str, tuple[bytes, str]]:
    """Name -> content and type."""
    own = sorted(file.name for file in files(__package__).joinpath("static").iterdir() if file.name.endswith(".css"))
    look = sheet("tokens", "map", "chart") + "".join(
        map(_read, (*_FIRST, *(name for name in own if name not in _FIRST)))
    )
    return {
        _named("clinic", "css", look): (look.encode(), "text/css; charset=utf-8"),
        _named("clinic", "js", _read("clinic.js")): (_read("clinic.js").encode(), "text/javascript; charset=utf-8"),
    }


def address(kind: str) -> str:
    """Where a page finds its style sheet (css) or its script (js)."""
    return next(f"/static/{name}" for name in _held() if name.endswith(f".{kind}"))


def route() -> Route:
    return Route("/static/{name}", _served)


def _served(request: Request) -> Response:
    found = _held().get(request.path_params["name"])
    if found is None:
        return Response("There is no such file.\n", 404, media_type="text/plain")
    return Response(found[0], 200, {"cache-control": _YEAR, "content-type": found[1]})


def _read(name: str) -> str:
    return files(__package__).joinpath("static", name).read_text(encoding="utf-8")


def _named(name: str, kind: str, content: str) -> str:
    return f"{name}-{sha256(content.encode()).hexdigest()[:12]}.{kind}"
