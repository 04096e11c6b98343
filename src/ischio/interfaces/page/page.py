"""The assessment as one page: a single HTML file that asks for nothing else and needs no script."""

from ischio.interfaces.look.documents import document
from ischio.interfaces.page.view import view
from ischio.model.assessment import Assessment
from ischio.model.pathway import Pathway


def page(assessment: Assessment, pathway: Pathway) -> str:
    """The whole page."""
    return document(__package__, "page", view=view(assessment, pathway))
