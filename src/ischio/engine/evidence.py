"""On what a rule rests: which of its claims may be shown, and how certain they are."""

from functools import lru_cache

from ischio.model.about import Label
from ischio.model.pathway import Pathway

CERTAINTIES = ("high", "moderate", "low", "very-low")
UNVERIFIED = "unverified"


@lru_cache(maxsize=1024)
def shown_evidence(pathway: Pathway, evidence: tuple[str, ...]) -> tuple[str, ...]:
    """The claims that may be shown as fact: those that are not marked unverified."""
    return tuple(claim for claim in evidence if pathway.claims[claim].verified != UNVERIFIED)


@lru_cache(maxsize=1024)
def certainty(pathway: Pathway, label: Label, evidence: tuple[str, ...]) -> str:
    """The lowest certainty of a rule's claims; `none` for a convention or where no verified claim is named."""
    if label is Label.CONVENTION:
        return "none"
    levels = [pathway.claims[claim].certainty for claim in shown_evidence(pathway, evidence)]
    return max(levels, key=CERTAINTIES.index, default="none")
