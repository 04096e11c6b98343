"""Pages of rules: what each says, what it uses and what uses it, who says so, its cases and what is proved of it."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ischio.engine.cases import expected_standings, showing
from ischio.engine.explain import COUNTED, ClaimShown, Explanation, properties_about
from ischio.interfaces.book.conditions import condition
from ischio.interfaces.book.content import Block, Item, Link, Listing, Page, Paragraph, Rows, Section, Words
from ischio.interfaces.book.links import key_of
from ischio.interfaces.book.particulars import particulars
from ischio.interfaces.book.shelf import SAFETY_KINDS, Shelf, links_listed, outcome
from ischio.interfaces.page.view import MEANING_OF_LABEL
from ischio.interfaces.words import capital, day
from ischio.model.about import Scope
from ischio.model.measures import Standing
from ischio.model.pathway import Pathway

if TYPE_CHECKING:
    from ischio.record.case_form import Case

SHOWN_CASES = 10
HEADINGS = {
    "when": "Holds when",
    "due when": "Due when",
    "done": "Done when",
    "in progress": "In progress when",
    "under": "Under the condition that",
    "then": "What must be true",
    "counts": "Asked where",
    "leaves out": "Left out where",
    "met": "Met when",
}
HOLDING = {
    "action": ("its condition holds", "its condition does not hold"),
    "red flag": ("it is present", "it is known not to be present"),
    "gate": ("it is open", "it is closed"),
}


def rule_pages(shelf: Shelf) -> Iterator[Page]:
    """A page for every rule."""
    for found in shelf.rules:
        sections = (
            *conditions(shelf, found),
            *particulars(shelf, found),
            *_note(found),
            _basis(shelf, found),
            *_cases(shelf, found),
            *_proofs(shelf, found),
            *neighbours(shelf, found),
            _responsible(found),
        )
        key = key_of(found.kind, found.id)
        yield Page(key, found.about.title, found.about.sentence, tuple(_marks(shelf, found)), sections)


def _marks(shelf: Shelf, found: Explanation) -> Iterator[str]:
    yield found.about.label.value
    if found.about.label.value != "convention":
        yield f"certainty {found.certainty}"
    if found.seed_text_only:
        yield "seed text only"
    if found.kind == "action":
        action = shelf.pathway.actions[found.id]
        yield f"{action.kind.value}, for {'the person' if action.scope is Scope.PERSON else 'one side'}"
        if action.low_risk:
            yield "low risk"
    if found.kind == "red flag":
        yield next(flag.urgency for flag in shelf.pathway.flags if flag.fact == found.id)
    if found.kind == "parameter" and shelf.pathway.parameters[found.id].overridden:
        yield f"set by the overlay {shelf.pathway.overlay}"


# ---- what it says -----------------------------------------------------------------------------------------------


def conditions(shelf: Shelf, found: Explanation) -> Iterator[Section]:
    for name, tree in found.trees.items():
        heading = "Applies when" if (found.kind, name) == ("action", "when") else HEADINGS[name]
        yield Section(heading, condition(shelf.links, tree))


# ---- who says so ------------------------------------------------------------------------------------------------


def _note(found: Explanation) -> Iterator[Section]:
    if found.about.note:
        yield Section("Disagreement, gap or remark", (Paragraph((found.about.note,)),))


def _basis(shelf: Shelf, found: Explanation) -> Section:
    about = found.about
    only = " Every claim named here is unverified: only the seed text says so." if found.seed_text_only else ""
    meaning = MEANING_OF_LABEL[about.label.value]
    certain = "" if about.label.value == "convention" else f" Certainty: {found.certainty}."
    blocks: list[Block] = [Paragraph((f"{capital(about.label.value)}: {meaning}.{certain}{only}",))]
    blocks += [Listing(tuple(claim_item(shelf, claim) for claim in found.claims))] if found.claims else []
    lines = [line for line in about.seed_lines if line in shelf.pathway.seed]
    if lines:
        quoted = (Item((Link(key_of("seed-line", one), one), f": {shelf.pathway.seed[one].text}")) for one in lines)
        blocks += [Paragraph(("Lines of the text that the pathway grew from:",)), Listing(tuple(quoted))]
    return Section("Who says so", tuple(blocks))


def claim_item(shelf: Shelf, claim: ClaimShown) -> Item:
    """A claim with how certain it is and how it was read, and its sources below it."""
    link = Link(key_of("claim", claim.id), claim.id)
    sources = tuple(Item(cited(shelf, name)) for name in claim.sources if name in shelf.pathway.sources)
    if claim.statement is None:
        return Item((link, ": not verified, so not shown as fact"), sources)
    return Item((link, f": {claim.statement} ({read_as(claim)})"), sources)


def read_as(claim: ClaimShown) -> str:
    return f"certainty {claim.certainty}; read in: {claim.verified}{', second-hand' if claim.secondhand else ''}"


def cited(shelf: Shelf, name: str) -> Words:
    """A source by its citation, with its address where it has one and what was read of it."""
    source = shelf.pathway.sources[name]
    words: Words = (Link(key_of("source", name), source.citation),)
    if source.doi:
        words += (" ", Link(f"https://doi.org/{source.doi}", f"doi:{source.doi}"))
    return (*words, f" (read: {source.read})")


# ---- what holds it to its word ----------------------------------------------------------------------------------


def _cases(shelf: Shelf, found: Explanation) -> Iterator[Section]:
    for title, cases in cases_of(shelf, found):
        yield from _listed_cases(title, cases)


def cases_of(shelf: Shelf, found: Explanation) -> "Iterator[tuple[str, tuple[Case, ...]]]":
    """What the cases show of a rule, and which: first where it holds, then where it does not. Of a stage: who is there.

    Nothing for what neither holds nor does not, such as a parameter.
    """
    if found.kind == "stage":
        there = tuple(run.case for run in shelf.runs if _expects_stage(run.case, found.id))
        yield "Cases in this stage", there
    elif found.kind == "measure":
        for standing, words in ((Standing.MET, "is met"), (Standing.NOT_MET, "is not met")):
            shown = tuple(run.case for run in shelf.runs if standing.value in expected_standings(run.case, found.id))
            yield f"Cases in which it {words}", shown
    elif rule := _judged(shelf.pathway, found):
        firing, silent = showing(rule, ((run.case, run.truths) for run in shelf.runs))
        holds, not_held = HOLDING.get(found.kind, ("it holds", "it does not hold"))
        yield f"Cases in which {holds}", firing
        yield f"Cases in which {not_held}", silent


def _judged(pathway: Pathway, found: Explanation) -> str | None:
    """The id under which cases tell the truth of the rule; None if it is none that holds or does not."""
    if found.kind == "diversion":
        return next(each.criterion for each in pathway.diversions if each.id == found.id)
    return found.id if found.kind not in ("fact", "parameter", "property", *COUNTED) else None


def _expects_stage(case: "Case", stage: str) -> bool:
    return any(part.get("stage") == stage for part in case.expect.values())


def _listed_cases(title: str, cases: "Sequence[Case]") -> Iterator[Section]:
    if not cases:
        return
    items = [Item((Link(key_of("case", case.id), case.title),)) for case in cases[:SHOWN_CASES]]
    more = len(cases) - SHOWN_CASES
    items += [Item((f"and {more} more",))] if more > 0 else []
    yield Section(title, (Listing(tuple(items)),))


def _proofs(shelf: Shelf, found: Explanation) -> Iterator[Section]:
    about = properties_about(shelf.pathway, found)
    items = (Item((shelf.links.rule(each.id), f": {outcome(shelf, each.id)}")) for each in about)
    if about:
        yield Section("What is proved of it, for all patients", (Listing(tuple(items)),))


def neighbours(shelf: Shelf, found: Explanation) -> Iterator[Section]:
    if found.uses:
        yield Section("Uses", (shelf.links.listing(found.uses),))
    if users := shelf.used_by(found.id, found.kind):
        title = "Attached to" if found.kind in SAFETY_KINDS else "Used by"
        yield Section(title, (links_listed(users),))


def _responsible(found: Explanation) -> Section:
    about = found.about
    rows: tuple[tuple[str, Words], ...] = (
        ("Id", (found.id,)),
        ("Author", (about.author,)),
        ("Reviewer", (about.reviewer,)),
        ("Reviewed", (day(about.reviewed),)),
        ("Written in", (str(about.place),)),
    )
    return Section("Who is responsible", (Rows(rows),))
