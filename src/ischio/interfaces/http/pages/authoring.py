"""What an author sees of the pathway: its rules and cases, what is proved of it, what is declined, what is missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from threading import Lock

from ischio.backends.smt import Finding, Outcome
from ischio.clinic.declines import OfRule
from ischio.engine.cases import CaseRun
from ischio.engine.explain import Explanation, explanations
from ischio.interfaces.book.build import book
from ischio.interfaces.book.content import KINDS, Book, Page
from ischio.interfaces.book.links import Links, key_of
from ischio.interfaces.book.rules import cases_of
from ischio.interfaces.book.shelf import Shelf
from ischio.interfaces.checking import in_words
from ischio.interfaces.http.pages.case_runs import tested
from ischio.interfaces.proofs import Proofs
from ischio.interfaces.publishing import Need, Say, needs
from ischio.interfaces.words import day, title_of
from ischio.loading.files import digest
from ischio.loading.pathway import packaged
from ischio.model.about import NONE_YET
from ischio.model.pathway import Pathway

AUTHOR = "/author"
DECIDING = "deciding"
"""The kinds of rules that decide something for a person; the others are what these are made of, or count many."""
DECIDING_KINDS = ("stage", "gate", "diversion", "red-flag", "action", "stop", "strong-caution", "caution", "criterion")

_ONE_AT_A_TIME = Lock()
"""The book takes seconds: two that ask at once wait for the same."""


# ---- cases ------------------------------------------------------------------------------------------------------


def bound(pathway: Pathway, findings: tuple[Finding, ...]) -> Book:
    """The book of the pathway, with its cases and what was proved; made once in each process."""
    with _ONE_AT_A_TIME:
        return _bound(pathway, findings)


@lru_cache(maxsize=2)
def _bound(pathway: Pathway, findings: tuple[Finding, ...]) -> Book:
    return book(pathway, tested(pathway).runs, {finding.property: finding for finding in findings})


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case. wrong: where its answer is not the expected one, in words; empty if it gets it."""

    address: str
    title: str
    purpose: str
    on: str
    wrong: tuple[str, ...]


def case_rows(runs: Sequence[CaseRun], wanted: str) -> tuple[CaseRow, ...]:
    """The cases that hold all words of `wanted`: those that get another answer first, the others by title."""
    rows = [
        CaseRow(
            address_of(key_of("case", run.case.id)),
            run.case.title,
            run.case.purpose,
            day(run.case.index_date),
            tuple(f"{in_words(each.what)}: {each.expected} -> {each.got}" for each in run.differences),
        )
        for run in runs
    ]
    found = (row for row in rows if _holds(wanted, row.title, row.purpose, row.address))
    return tuple(sorted(found, key=lambda row: (not row.wrong, row.title)))


# ---- rules ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule in the list. kind: as a folder of the book. sources: how many a verified claim names.

    fires, silent: how many cases show it to hold, and not to; None for what does neither.
    """

    address: str
    id: str
    title: str
    sentence: str
    kind: str
    label: str
    certainty: str
    sources: int
    unverified: bool
    reviewer: str
    reviewed: str
    fires: int | None
    silent: int | None

    @property
    def reviewed_by_somebody(self) -> bool:
        return self.reviewer != NONE_YET


@lru_cache(maxsize=2)
def _rows(pathway: Pathway) -> tuple[RuleRow, ...]:
    shelf = Shelf(pathway, Links(pathway), tested(pathway).runs, {})
    return tuple(_row(shelf, found) for found in shelf.rules)


def _row(shelf: Shelf, found: Explanation) -> RuleRow:
    about, key = found.about, key_of(found.kind, found.id)
    shown = [len(cases) for _, cases in cases_of(shelf, found)]
    return RuleRow(
        address_of(key),
        found.id,
        about.title,
        about.sentence,
        key.partition("/")[0],
        about.label.value,
        found.certainty.replace("-", " "),
        len({source for claim in found.claims if claim.statement for source in claim.sources}),
        found.seed_text_only,
        about.reviewer,
        day(about.reviewed),
        shown[0] if shown else None,
        shown[1] if len(shown) > 1 else None,
    )


def rule_rows(pathway: Pathway, wanted: str = "", kind: str = DECIDING) -> tuple[tuple[str, tuple[RuleRow, ...]], ...]:
    """The rules that hold all words of `wanted`, by kind in the order of the book. kind: one of them, or DECIDING."""
    rows = _rows(pathway)
    kinds = DECIDING_KINDS if kind == DECIDING else (kind,)
    found = [row for row in rows if row.kind in kinds and _holds(wanted, row.title, row.sentence, row.id)]
    groups = ((each.many, tuple(row for row in found if row.kind == each.folder)) for each in KINDS)
    return tuple((many, group) for many, group in groups if group)


def rule_kinds(pathway: Pathway) -> tuple[tuple[str, str], ...]:
    """The kinds of which there are rules: folder and word."""
    there = {key_of(found.kind, "").rstrip("/") for found in explanations(pathway)}
    return tuple((each.folder, each.many) for each in KINDS if each.folder in there)


def _holds(wanted: str, *texts: str) -> bool:
    whole = " ".join(texts).casefold()
    return all(word in whole for word in wanted.casefold().split())


def page_of(made: Book, kind: str, name: str) -> Page | None:
    """A page of the book; under `rules` the rule of that id, whatever its kind (of a fact and its stop: the stop)."""
    if kind != "rules":
        return made.pages.get(f"{kind}/{name}")
    return next((page for page in made.pages.values() if page.id == name and page.kind not in _NO_RULES), None)


_NO_RULES = ("enquiry", "claim", "source", "seed-line", "case")


def address_of(key: str) -> str:
    """Where a page of the book is shown to authors."""
    return f"{AUTHOR}/{key}"


# ---- proofs -----------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def shipped_digest() -> str:
    """Of the knowledge files that are served."""
    return digest(packaged())


@dataclass(frozen=True, slots=True)
class ProofRow:
    """A property. outcome: None if no proof of these files is kept. example: a case file of one who shows the flaw."""

    address: str
    number: int
    title: str
    sentence: str
    outcome: Outcome | None
    detail: str = ""
    example: str = ""


def proof_rows(pathway: Pathway, proofs: Proofs) -> tuple[ProofRow, ...]:
    """Every property with what came of it, by number; what is not proved first."""
    came = {finding.property: finding for finding in proofs.findings}
    rows = []
    for each in pathway.properties:
        start = (address_of(key_of("property", each.id)), each.number, each.about.title, each.about.sentence)
        found = came.get(each.id)
        told = (found.outcome, found.detail, found.counter_example or "") if found else (None,)
        rows.append(ProofRow(*start, *told))
    return tuple(sorted(rows, key=lambda row: (row.outcome is Outcome.PROVED, row.number)))


# ---- declines ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DeclineRow:
    """A rule that was declined, with the counts of the reasons and what was said; nobody is named."""

    address: str
    title: str
    label: str
    of: OfRule


def decline_rows(pathway: Pathway, declined: Sequence[OfRule]) -> tuple[DeclineRow, ...]:
    """The most often declined first. A rule of an earlier version that is gone keeps its id."""
    rows = []
    for each in declined:
        action = pathway.actions.get(each.rule)
        address = address_of(key_of("action", each.rule)) if action else ""
        rows.append(DeclineRow(address, title_of(pathway, each.rule), action.about.label.value if action else "", each))
    return tuple(sorted(rows, key=lambda row: (-row.of.count, row.title)))


# ---- before publishing ------------------------------------------------------------------------------------------


def before_publishing(pathway: Pathway, proofs: Proofs, on: date, say: Say) -> tuple[Need, ...]:
    """What the version that is served needs before it is published."""
    return needs(tested(pathway), proofs, on, say)
