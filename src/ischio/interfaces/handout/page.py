"""The handout as one HTML page, for the screen and for paper; it asks for nothing else and needs no script."""

from ischio.interfaces.handout.content import Handout
from ischio.interfaces.look import documents


def page(handout: Handout) -> str:
    """The whole page."""
    return documents.document(__package__, "handout", handout=handout)


def policy() -> str:
    """The policy that stands in the page, for a server that says it too."""
    return documents.policy(documents.style(__package__, "handout"))
