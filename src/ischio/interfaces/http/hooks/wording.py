"""Short texts of a card: within the limits of length, one breath each, and nothing in them that a client renders."""

import re
from collections.abc import Iterable, Iterator, Sequence

from ischio.interfaces.telling import at_most
from ischio.model.about import Side
from ischio.model.pathway import Pathway

SUMMARY = 139
"""Code points: CDS Hooks asks for fewer than 140."""
DETAIL = 600
SENTENCES = 5
LISTED = 3
"""Names in a list, before `; and 2 more`."""
CLOSING = "Options with reasons, not a prescription."

_MARKED = re.compile(r"[\\`*_{}\[\]<>#|~&!]")


def plain(text: str) -> str:
    """A text of which Markdown and HTML make nothing: each sign that could mean something is written as its number."""
    return _MARKED.sub(lambda found: f"&#{ord(found[0])};", text)


def first_that_fits(texts: Iterable[str], most: int = SUMMARY) -> str:
    """The first of several ways to say it that is short enough; they go from the fullest to the shortest."""
    return next(text for text in texts if len(text) <= most)


def sentences(wanted: Sequence[str], most: int = DETAIL) -> str:
    """As many whole sentences as there is room for, the closing one always; the more important ones stand first."""
    told: list[str] = []
    for sentence in wanted[: SENTENCES - 1]:
        if len(" ".join((*told, sentence, CLOSING))) <= most:
            told.append(sentence)
    return " ".join((*told, CLOSING))


def lists(names: Sequence[str]) -> Iterator[str]:
    """A; B; C; and 2 more, ever shorter."""
    return (at_most(names, most) for most in range(LISTED, 0, -1))


def sided(title: str, pathway: Pathway, side: Side | None) -> str:
    """MRI without contrast, right hip."""
    return f"{title}, {side.value} {pathway.body_part}" if side else title
