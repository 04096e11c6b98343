"""What a book holds, whatever it is written as: pages of headed sections, in plain text with links between pages."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from ischio.interfaces.drawing.map import Picture


@dataclass(frozen=True, slots=True)
class Link:
    """A link. to: the key of a page of the book, such as `fact/pain_now`, or an address beginning with https."""

    to: str
    text: str


Words = tuple[str | Link, ...]
"""A line of text with links in it."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    words: Words


@dataclass(frozen=True, slots=True)
class Written:
    """A condition as its file has it."""

    words: Words


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a list, with a list below it."""

    words: Words
    inner: tuple["Item", ...] = ()


@dataclass(frozen=True, slots=True)
class Listing:
    items: tuple[Item, ...]

    @property
    def short(self) -> bool:
        """Whether every item is a single link, so that several fit side by side."""
        return all(len(item.words) == 1 and not item.inner for item in self.items)


@dataclass(frozen=True, slots=True)
class Rows:
    """Names with what they stand for."""

    rows: tuple[tuple[str, Words], ...]


@dataclass(frozen=True, slots=True)
class Table:
    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Words, ...], ...]


Block = Paragraph | Written | Listing | Rows | Table


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """One page. key: the folder of its kind and its id. marks: a few words that stand out under the title."""

    key: str
    title: str
    sentence: str
    marks: tuple[str, ...]
    sections: tuple[Section, ...]

    @property
    def kind(self) -> str:
        return self.key.split("/")[0]

    @property
    def id(self) -> str:
        return self.key.split("/")[1]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of page. folder: the first part of its keys; meaning: one sentence."""

    folder: str
    one: str
    many: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Book:
    """The whole book. overlay: who set values of their own, and which; empty if nobody did."""

    id: str
    title: str
    version: str
    reviewed: date
    statements: tuple[str, ...]
    overlay: str
    picture: Picture
    kinds: tuple[Kind, ...]
    pages: Mapping[str, Page]

    def of_kind(self, kind: Kind) -> tuple[Page, ...]:
        return tuple(page for page in self.pages.values() if page.kind == kind.folder)


KINDS = (
    Kind("stage", "Stage", "Stages", "Where someone is on the pathway, computed from the facts of the day alone."),
    Kind("gate", "Gate", "Gates", "The criterion that opens an ordered stage; it includes all gates before it."),
    Kind("diversion", "Diversion", "Diversions", "A reason to leave the stepwise path, checked in this order."),
    Kind("red-flag", "Red flag", "Red flags", "A sign of something urgent."),
    Kind("action", "Action", "Actions", "Something that can be done or recorded."),
    Kind("stop", "Stop", "Stops", "A safety rule that blocks an action while it is true."),
    Kind("strong-caution", "Strong caution", "Strong cautions", "A risk that keeps an action from being due."),
    Kind("caution", "Caution", "Cautions", "A risk shown beside an action."),
    Kind("criterion", "Criterion", "Criteria", "A named condition: true, false or unknown."),
    Kind("fact", "Fact", "Facts", "One value, or unknown, derived from the record."),
    Kind("enquiry", "Enquiry", "Enquiries", "How to ask for a fact."),
    Kind("parameter", "Parameter", "Parameters", "A number or duration that rules name."),
    Kind("property", "Property", "Properties", "What is to be proved for all patients."),
    Kind("measure", "Measure", "Measures", "A question about the care of a hip, counted over many."),
    Kind("outcome", "Outcome", "Outcomes", "A score whose change is told over many."),
    Kind("time", "Waiting time", "Waiting times", "The time from one milestone to another, over many."),
    Kind("milestone", "Milestone", "Milestones", "A day from which, or to which, is counted over many."),
    Kind("follow-up", "Follow-up", "Follow-ups", "A time after a milestone, and the window around it."),
    Kind("claim", "Claim", "Claims", "One statement of the literature, and how it was read."),
    Kind("source", "Source", "Sources", "Where a claim was published, and how much of it was read."),
    Kind("seed-line", "Seed line", "Seed lines", "One line of the text from which the pathway grew."),
    Kind("case", "Case", "Cases", "A synthetic patient with the answer that the pathway must give."),
)
"""Every kind of page, in the order of the contents."""
