"""Makes the book of a pathway: every page, and the map."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ischio.engine.cases import CaseRun
from ischio.interfaces.book.cases import case_pages
from ischio.interfaces.book.content import KINDS, Book
from ischio.interfaces.book.links import Links
from ischio.interfaces.book.literature import literature_pages
from ischio.interfaces.book.rules import rule_pages
from ischio.interfaces.book.shelf import Shelf
from ischio.interfaces.drawing.map import picture
from ischio.model.pathway import Pathway

if TYPE_CHECKING:
    from ischio.backends.smt import Finding


def book(pathway: Pathway, runs: Sequence[CaseRun] = (), findings: "Mapping[str, Finding] | None" = None) -> Book:
    """The book. runs: the cases as they were run; findings: by property what came of its proof, none if not tried."""
    shelf = Shelf(pathway, Links(pathway), runs, findings or {})
    found = {page.key: page for page in (*rule_pages(shelf), *literature_pages(shelf), *case_pages(shelf))}
    folders = {page.kind for page in found.values()}
    kinds = tuple(kind for kind in KINDS if kind.folder in folders)
    order = {kind.folder: place for place, kind in enumerate(kinds)}
    return Book(
        id=pathway.id,
        title=pathway.title,
        version=pathway.version,
        reviewed=pathway.reviewed,
        statements=pathway.statements,
        overlay=_overlay(pathway),
        picture=picture(pathway),
        kinds=kinds,
        pages=dict(sorted(found.items(), key=lambda item: order[item[1].kind])),
    )


def _overlay(pathway: Pathway) -> str:
    """Which values a site has set; empty if none."""
    names = [parameter.about.title for parameter in pathway.parameters.values() if parameter.overridden]
    return f"Values set by {pathway.overlay}, not by the pathway: {', '.join(names)}." if names else ""
