"""What an author sees of the pathway: its rules and cases, what is proved of it, what is declined, what is missing."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import lru_cache
from pathlib import Path
from threading import Lock

import msgspec

from ischio.backends.smt import Finding, Outcome
from ischio.clinic.declines import OfRule
from ischio.engine.cases import CaseRun
from ischio.engine.explain import Explanation, explanations
from ischio.interfaces.book.build import book
from ischio.interfaces.book.content import KINDS, Book, Page
from ischio.interfaces.book.links import Links, key_of
from ischio.interfaces.book.rules import cases_of
from ischio.interfaces.book.shelf import Shelf
from ischio.interfaces.cli.check import Report, in_words
from ischio.interfaces.http.pages.case_runs import tested
from ischio.interfaces.patient_words import too_hard, unreviewed, untranslated, wordless
from ischio.interfaces.readability import reading
from ischio.interfaces.words import capital, day, title_of
from ischio.loading.files import digest
from ischio.loading.pathway import packaged
from ischio.model.about import NONE_YET, Label
from ischio.model.pathway import Pathway
from ischio.model.patient import ENGLISH

Say = Callable[[str], str]
"""A text in the language of the page."""

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


@dataclass(frozen=True, slots=True)
class ProvedOf:
    """The knowledge that something was proved of. files: their SHA-256."""

    id: str
    version: str
    overlay: str | None
    files: str


@dataclass(frozen=True, slots=True)
class ProofFile:
    """What `ischio verify --json` writes."""

    pathway: ProvedOf
    made: date
    findings: tuple[Finding, ...]


class ProofStatus(Enum):
    """What is known of the proofs of these knowledge files."""

    NOT_NAMED = "the settings name no file"
    NOT_READ = "the file that the settings name cannot be read"
    OF_OTHERS = "the file speaks of other knowledge files"
    OF_THESE = "proved of these files"


@dataclass(frozen=True, slots=True)
class Proofs:
    """What came of the proofs. file: as the settings name it. version, made: of what, and when; None if not read.

    findings: empty unless they are of these files.
    """

    status: ProofStatus
    file: Path | None = None
    version: str = ""
    made: date | None = None
    findings: tuple[Finding, ...] = ()


def read_proofs(file: Path | None, files: str) -> Proofs:
    """What a file of proofs says, if it speaks of the knowledge files with this digest."""
    if file is None:
        return Proofs(ProofStatus.NOT_NAMED)
    try:
        found = msgspec.json.decode(file.read_bytes(), type=ProofFile)
    except (OSError, msgspec.MsgspecError):
        return Proofs(ProofStatus.NOT_READ, file)
    if found.pathway.files != files:
        return Proofs(ProofStatus.OF_OTHERS, file, found.pathway.version, found.made)
    return Proofs(ProofStatus.OF_THESE, file, found.pathway.version, found.made, found.findings)


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


@dataclass(frozen=True, slots=True)
class Need:
    """One thing to see to before a version is published. told: how it stands. these: the first of what lacks it.

    address: where the whole of it is seen.
    """

    title: str
    met: bool
    told: str
    address: str = ""
    these: tuple[tuple[str, str], ...] = ()


SHOWN = 6


def before_publishing(pathway: Pathway, proofs: Proofs, on: date, say: Say) -> tuple[Need, ...]:
    """What a version needs before it is published, and whether it has it: what is missing first."""
    report = tested(pathway)
    needs = (
        *_reviewed(pathway, on, say),
        *_sourced(pathway, say),
        *_tested_needs(pathway, report, say),
        _proved(pathway, proofs, say),
        _readable(pathway, say),
        *_translated(pathway, say),
        _stated(pathway, say),
    )
    return tuple(sorted(needs, key=lambda need: need.met))


def _reviewed(pathway: Pathway, on: date, say: Say) -> Iterator[Need]:
    rules = explanations(pathway)
    without = sum(rule.about.reviewer == NONE_YET for rule in rules)
    told = say("%(without)d of %(all)d rules have no reviewer yet") % {"without": without, "all": len(rules)}
    yield Need(say("A reviewer for every rule"), not without, told if without else say("Every rule names one"))
    if pathway.next_review is None:
        yield Need(say("A date for the next review"), False, say("pathway.yaml names none (next_review)"))
        return
    when = {"when": day(pathway.next_review)}
    late = pathway.review_overdue(on)
    told = say("It was due by %(when)s") % when if late else say("The next one is due by %(when)s") % when
    yield Need(say("The content review is not overdue"), not late, told)


def _sourced(pathway: Pathway, say: Say) -> Iterator[Need]:
    rules = explanations(pathway)
    conventions = sum(rule.about.label is Label.CONVENTION for rule in rules)
    without = [rule for rule in rules if rule.about.label is not Label.CONVENTION and rule.certainty == "none"]
    told = say("%(count)d of %(all)d rules are conventions: no primary source was found, and each says so") % {
        "count": conventions,
        "all": len(rules),
    }
    unread = say("%(count)d rules name only claims that nobody could verify") % {"count": len(without)}
    yield Need(
        say("A source, or the word convention, for every rule"),
        not without,
        unread if without else told,
        these=_named(without),
    )


def _tested_needs(pathway: Pathway, report: Report, say: Say) -> Iterator[Need]:
    wrong = sum(bool(run.differences) for run in report.runs)
    told = say("%(right)d of %(all)d cases get the expected answer") % {
        "right": len(report.runs) - wrong,
        "all": len(report.runs),
    }
    broken = say("%(count)d case files cannot be read") % {"count": len(report.unreadable)}
    well = not wrong and not report.unreadable
    title = say("Every case gets the answer it must get")
    yield Need(title, well, f"{told}; {broken}" if report.unreadable else told, f"{AUTHOR}/cases")
    lacking = tuple((_rule_address(each.rule), title_of(pathway, each.rule)) for each in report.uncovered)
    count = say("%(count)d are missing") % {"count": len(lacking)}
    title = say("A case in which each rule holds, and one in which it does not")
    yield Need(title, not lacking, count if lacking else say("Every rule has both"), these=lacking[:SHOWN])
    open_lines = tuple((_seed_address(line), line) for line in report.unmapped)
    count = say("%(count)d lines became nothing and state no gap") % {"count": len(open_lines)}
    mapped = say("Each of the %(count)d lines became a rule, or states its gap") % {"count": len(pathway.seed)}
    title = say("Every line of the source text is accounted for")
    yield Need(title, not open_lines, count if open_lines else mapped, these=open_lines[:SHOWN])


def _proved(pathway: Pathway, proofs: Proofs, say: Say) -> Need:
    title, address = say("Every property is proved"), f"{AUTHOR}/proofs"
    if proofs.status is not ProofStatus.OF_THESE:
        return Need(title, False, say("No proof of these knowledge files is kept here"), address)
    proved = sum(finding.outcome is Outcome.PROVED for finding in proofs.findings)
    told = say("%(proved)d of %(all)d are proved") % {"proved": proved, "all": len(pathway.properties)}
    return Need(title, proved == len(pathway.properties), told, address)


def _readable(pathway: Pathway, say: Say) -> Need:
    """Of a pathway without words for patients the questions alone are read."""
    asked = {name: one.ask_patient for name, one in pathway.enquiries.items() if one.ask_patient}
    hard = [name for name, text in asked.items() if not reading(text).easy]
    others = sum(not where.startswith("questions.") for where, _ in too_hard(pathway))
    words = pathway.patient.get(ENGLISH)
    count = len([*words.phrases()]) if words else len(asked)
    told = say("Each of the %(count)d texts for patients is within grade 6.5 and 15 words a sentence")
    many = say("%(count)d texts for patients are too hard") % {"count": len(hard) + others}
    these = tuple((address_of(key_of("enquiry", name)), title_of(pathway, name)) for name in hard[:SHOWN])
    well = not hard and not others
    return Need(
        say("Words for patients are easy to read"), well, told % {"count": count} if well else many, these=these
    )


def _translated(pathway: Pathway, say: Say) -> Iterator[Need]:
    """Whether the words for patients are whole in each language, and reviewed."""
    if not pathway.patient:
        return
    lacking = len([*wordless(pathway), *untranslated(pathway)])
    told = say("%(count)d texts for patients are missing") % {"count": lacking}
    title = say("Words for patients in every language")
    yield Need(title, not lacking, told if lacking else ", ".join(pathway.patient))
    waiting = unreviewed(pathway)
    each = "; ".join(f"{words.language}: {words.drafted}" for words in waiting)
    told = say("Nobody has reviewed these yet: %(each)s") % {"each": each}
    yield Need(say("Words for patients are reviewed"), not waiting, told if waiting else say("Every language is"))


def _stated(pathway: Pathway, say: Say) -> Need:
    lacks = [
        name
        for name, text in ((say("funding"), pathway.funding), (say("conflicts of interest"), pathway.conflicts))
        if text == NONE_YET
    ]
    told = say("Not stated yet: %(these)s") % {"these": ", ".join(lacks)}
    return Need(say("Funding and conflicts of interest are stated"), not lacks, told if lacks else say("Both are"))


def _named(rules: Sequence[Explanation]) -> tuple[tuple[str, str], ...]:
    return tuple((address_of(key_of(rule.kind, rule.id)), capital(rule.about.title)) for rule in rules[:SHOWN])


def _rule_address(name: str) -> str:
    return f"{AUTHOR}/rules/{name}"


def _seed_address(line: str) -> str:
    return address_of(key_of("seed-line", line))
