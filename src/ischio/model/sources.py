"""Sources, claims, and the lines of text that the pathway was made from."""

from dataclasses import dataclass

from ischio.model.about import Place


@dataclass(frozen=True, slots=True)
class Source:
    id: str
    citation: str
    doi: str | None
    url: str | None
    design: str
    read: str


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement of the literature, its certainty and how it was read. Unverified: never shown as fact."""

    id: str
    statement: str
    certainty: str
    verified: str
    secondhand: bool
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SeedLine:
    """A line of the text the pathway grew from, and the rules and texts it became, or the gap it leaves."""

    id: str
    text: str
    becomes: tuple[str, ...]
    gap: str | None
    place: Place
