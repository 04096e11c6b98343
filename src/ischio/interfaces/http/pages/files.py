"""The style sheets and the script of the pages, under names that change with what they hold."""

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


ME = "ischio.interfaces.http.me"


@cache
def _held() -> dict[str, tuple[bytes, str]]:
    """Name -> content and type."""
    look = sheet("tokens", "map", "chart", "score") + _sheets(__package__, _FIRST)
    # A patient's telephone need not fetch what only the clinicians' screens show.
    own = sheet("tokens", "score") + _read(__package__, "parts.css") + _sheets(ME, ("frame.css",))
    return {
        _named("clinic", "css", look): (look.encode(), "text/css; charset=utf-8"),
        _named("me", "css", own): (own.encode(), "text/css; charset=utf-8"),
        _named("me", "js", _read(ME, "me.js")): (_read(ME, "me.js").encode(), "text/javascript; charset=utf-8"),
        _named("clinic", "js", _read(__package__, "clinic.js")): (
            _read(__package__, "clinic.js").encode(),
            "text/javascript; charset=utf-8",
        ),
    }


def _sheets(package: str, first: tuple[str, ...]) -> str:
    """All sheets of a package in the order of their names, but some first."""
    every = sorted(file.name for file in files(package).joinpath("static").iterdir() if file.name.endswith(".css"))
    return "".join(_read(package, name) for name in (*first, *(name for name in every if name not in first)))


def address(kind: str, of: str = "clinic") -> str:
    """Where a page finds its style sheet (css) or its script (js). of: `clinic` or `me`."""
    return next(f"/static/{name}" for name in _held() if name.startswith(f"{of}-") and name.endswith(f".{kind}"))


def route() -> Route:
    return Route("/static/{name}", _served)


def _served(request: Request) -> Response:
    found = _held().get(request.path_params["name"])
    if found is None:
        return Response("There is no such file.\n", 404, media_type="text/plain")
    return Response(found[0], 200, {"cache-control": _YEAR, "content-type": found[1]})


def _read(package: str, name: str) -> str:
    return files(package).joinpath("static", name).read_text(encoding="utf-8")


def _named(name: str, kind: str, content: str) -> str:
    return f"{name}-{sha256(content.encode()).hexdigest()[:12]}.{kind}"
