"""A handout as it lies on paper: a page that a browser prints, or a PDF, where what makes one is installed."""

from importlib.util import find_spec

from starlette.responses import Response

from ischio.interfaces.handout import page
from ischio.interfaces.handout.content import Handout
from ischio.interfaces.handout.pdf import pdf
from ischio.interfaces.http.entrance import Coming, Refused
from ischio.interfaces.http.html_answers import html
from ischio.interfaces.http.settings import Settings
from ischio.model.mistake import IschioError

NAME = "plan.pdf"
"""Of the file. It names nobody: it lies among the downloads of a device."""


def makes_pdf() -> bool:
    """Whether Typst is installed (the extra `pdf`)."""
    return find_spec("typst") is not None


def on_paper(visit: Coming, settings: Settings, found: Handout) -> Response:
    """The page; with `?as=pdf` the PDF. Raises Refused where it does not fit on two sheets."""
    if visit.request.query_params.get("as") != "pdf" or not makes_pdf():
        return html(settings, page.page(found), own=page.policy())
    try:
        made = pdf(found)
    except IschioError:
        what = visit.gettext("The plan is too long for two sheets of paper.")
        raise Refused(422, what, visit.gettext("Print the page instead, or release less at a time.")) from None
    return Response(made, 200, {"content-disposition": f'inline; filename="{NAME}"'}, "application/pdf")
