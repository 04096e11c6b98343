"""What the software is, for whom, by whom and how to read it: the one page that is shown to everybody."""

from collections import Counter
from dataclasses import dataclass

from starlette.responses import Response

from ischio.engine.explain import explanations
from ischio.interfaces.http.pages.frame import page
from ischio.interfaces.http.pages.visit import Visit
from ischio.model.about import NONE_YET
from ischio.model.pathway import Pathway


@dataclass(frozen=True, slots=True)
class People:
    """Who answers for the rules: each name with how many of them. without: rules that nobody has reviewed."""

    rules: int
    authors: tuple[tuple[str, int], ...]
    reviewers: tuple[tuple[str, int], ...]
    without: int


@dataclass(frozen=True, slots=True)
class Open:
    """What is known to be wanting in a version. unproved: title, and what its proof waits for. gaps: line and gap."""

    unproved: tuple[tuple[str, str], ...]
    gaps: tuple[tuple[str, str], ...]


def about(visit: Visit) -> Response:
    """GET /about. Nobody has to sign in."""
    pathway = visit.service.pathway
    return page(
        visit,
        "about",
        people=people(pathway),
        open=still_open(pathway),
        unstated=NONE_YET,
        set_here=set_here(pathway),
        retention=visit.service.settings.retention,
    )


def people(pathway: Pathway) -> People:
    rules = explanations(pathway)
    authors = Counter(rule.about.author for rule in rules)
    reviewers = Counter(rule.about.reviewer for rule in rules)
    without = reviewers.pop(NONE_YET, 0)
    return People(len(rules), tuple(authors.most_common()), tuple(reviewers.most_common()), without)


def still_open(pathway: Pathway) -> Open:
    return Open(
        tuple((each.about.title, each.waits_for) for each in pathway.properties if each.waits_for),
        tuple((line.text, line.gap) for line in pathway.seed.values() if line.gap),
    )


def set_here(pathway: Pathway) -> tuple[str, ...]:
    """The values that a site has set, by their titles."""
    return tuple(each.about.title for each in pathway.parameters.values() if each.overridden)
