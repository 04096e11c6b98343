"""The assessment as one page: a single HTML file that asks for nothing else and needs no script."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ischio.interfaces.look import documents
from ischio.interfaces.page.view import view
from ischio.model.assessment import Assessment
from ischio.model.pathway import Pathway


@dataclass(frozen=True, slots=True)
class Served:
    """What a page that a server gives says beside the answer.

    unseen: kinds of records that could not be had, each with the reason. leave: where the form to close it is sent.
    into: the same person in the application, in a tab of its own; empty: nobody is signed in there by a launch.
    """

    unseen: tuple[tuple[str, str], ...]
    leave: str
    into: str = ""


def page(assessment: Assessment, pathway: Pathway, served: Served | None = None) -> str:
    """The whole page."""
    return documents.document(__package__, "page", forms=bool(served), view=view(assessment, pathway), served=served)


def message(title: str, what: str, mend: str, choices: Sequence[tuple[str, str]] = ()) -> str:
    """A page that says why there is no assessment. choices: names of places to go on to, with their addresses."""
    return documents.document(__package__, "message", look="page", title=title, what=what, mend=mend, choices=choices)


def why(title: str, lines: Sequence[str], rules: Sequence[Mapping[str, str]], closing: Sequence[str]) -> str:
    """A page that says on which rules a card rests, or why there was none. rules: each with id, title and sentence."""
    return documents.document(__package__, "why", look="page", title=title, lines=lines, rules=rules, closing=closing)


def policy(*, forms: bool = False) -> str:
    """The policy that stands in these pages, for a server that says it too."""
    return documents.policy(documents.style(__package__, "page"), forms=forms)
