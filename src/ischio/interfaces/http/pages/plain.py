"""Renders a page that stands outside the frame of the application."""

from functools import cache
from typing import TYPE_CHECKING

from jinja2 import Environment
from starlette.responses import HTMLResponse, Response

from ischio.interfaces.http.pages.language import translations
from ischio.interfaces.look.documents import templates

if TYPE_CHECKING:
    from ischio.interfaces.http.pages.gate import Visit


def page(visit: "Visit", name: str, status: int = 200, **values: object) -> Response:
    """NAME.html in the language of the visit."""
    template = _environment(visit.language).get_template(f"{name}.html")
    return HTMLResponse(template.render(language=visit.language, **values), status)


@cache
def _environment(language: str) -> Environment:
    found = templates(__package__, "templates").overlay(extensions=["jinja2.ext.i18n"])
    found.globals = {**found.globals}  # else all languages would share the words of the last
    spoken = translations(language)
    found.install_gettext_callables(spoken.gettext, spoken.ngettext, newstyle=True)  # type: ignore[attr-defined]  # by the extension
    found.policies["ext.i18n.trimmed"] = True
    return found
