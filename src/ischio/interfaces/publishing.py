"""What a version of a pathway needs before it is published: sources, cases, proofs, reviewers, statements.

Being served is not being published: a version that lacks some of this is served as a draft, and every page says so.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import lru_cache

from ischio.backends.smt import Outcome
from ischio.engine.explain import Explanation, explanations
from ischio.interfaces.book.links import key_of
from ischio.interfaces.checking import Checked
from ischio.interfaces.patient_words import too_hard, unreviewed, untranslated, wordless
from ischio.interfaces.proofs import Proofs, ProofStatus
from ischio.interfaces.readability import reading
from ischio.interfaces.words import capital, day, title_of
from ischio.model.about import NONE_YET, Label
from ischio.model.pathway import Pathway
from ischio.model.patient import ENGLISH

Say = Callable[[str], str]
"""A text in the language of the reader."""


class Reviewed(Enum):
    """How much of a version somebody other than its author has reviewed."""

    NOTHING = "nothing"
    IN_PART = "in part"
    ALL = "all"


@lru_cache(maxsize=8)
def reviewed(pathway: Pathway) -> Reviewed:
    """By the reviewers that its rules name."""
    named = {rule.about.reviewer != NONE_YET for rule in explanations(pathway)}
    return Reviewed.IN_PART if len(named) == 2 else Reviewed.ALL if True in named else Reviewed.NOTHING


@dataclass(frozen=True, slots=True)
class Need:
    """One thing to see to before a version is published. told: how it stands. these: the first of what lacks it, each
    with its place in the book and its title. all_in: the part of the author's view where the whole of it is seen.
    """

    title: str
    met: bool
    told: str
    all_in: str = ""
    these: tuple[tuple[str, str], ...] = ()


SHOWN = 6


def needs(report: Checked, proofs: Proofs, on: date, say: Say = str) -> tuple[Need, ...]:
    """What a version needs before it is published, and whether it has it: what is missing first.

    report: what `ischio check` found; proofs: of the same files. say: puts a text into the reader's language.
    """
    pathway = report.pathway
    found = (
        *_reviewed(pathway, on, say),
        *_sourced(pathway, say),
        *_tested_needs(pathway, report, say),
        _proved(pathway, proofs, say),
        _readable(pathway, say),
        *_translated(pathway, say),
        _stated(pathway, say),
    )
    return tuple(sorted(found, key=lambda need: need.met))


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


def _tested_needs(pathway: Pathway, report: Checked, say: Say) -> Iterator[Need]:
    wrong = sum(bool(run.differences) for run in report.runs)
    told = say("%(right)d of %(all)d cases get the expected answer") % {
        "right": len(report.runs) - wrong,
        "all": len(report.runs),
    }
    broken = say("%(count)d case files cannot be read") % {"count": len(report.unreadable)}
    well = not wrong and not report.unreadable
    title = say("Every case gets the answer it must get")
    yield Need(title, well, f"{told}; {broken}" if report.unreadable else told, "cases")
    lacking = tuple((f"rules/{each.rule}", title_of(pathway, each.rule)) for each in report.uncovered)
    count = say("%(count)d are missing") % {"count": len(lacking)}
    title = say("A case in which each rule holds, and one in which it does not")
    yield Need(title, not lacking, count if lacking else say("Every rule has both"), these=lacking[:SHOWN])
    open_lines = tuple((key_of("seed-line", line), line) for line in report.unmapped)
    count = say("%(count)d lines became nothing and state no gap") % {"count": len(open_lines)}
    mapped = say("Each of the %(count)d lines became a rule, or states its gap") % {"count": len(pathway.seed)}
    title = say("Every line of the source text is accounted for")
    yield Need(title, not open_lines, count if open_lines else mapped, these=open_lines[:SHOWN])


def _proved(pathway: Pathway, proofs: Proofs, say: Say) -> Need:
    title, all_in = say("Every property is proved"), "proofs"
    if proofs.status is not ProofStatus.OF_THESE:
        return Need(title, False, say("No proof of these knowledge files is kept here"), all_in)
    proved = sum(finding.outcome is Outcome.PROVED for finding in proofs.findings)
    told = say("%(proved)d of %(all)d are proved") % {"proved": proved, "all": len(pathway.properties)}
    return Need(title, proved == len(pathway.properties), told, all_in)


def _readable(pathway: Pathway, say: Say) -> Need:
    """Of a pathway without words for patients the questions alone are read."""
    asked = {name: one.ask_patient for name, one in pathway.enquiries.items() if one.ask_patient}
    hard = [name for name, text in asked.items() if not reading(text).easy]
    others = sum(not where.startswith("questions.") for where, _ in too_hard(pathway))
    words = pathway.patient.get(ENGLISH)
    count = len([*words.phrases()]) if words else len(asked)
    told = say("Each of the %(count)d texts for patients is within grade 6.5 and 15 words a sentence")
    many = say("%(count)d texts for patients are too hard") % {"count": len(hard) + others}
    these = tuple((key_of("enquiry", name), title_of(pathway, name)) for name in hard[:SHOWN])
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
    return tuple((key_of(rule.kind, rule.id), capital(rule.about.title)) for rule in rules[:SHOWN])
