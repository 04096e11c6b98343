"""Pages of rules: what each says, what it uses and what uses it, who says so, its cases and what is proved of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from ischio.engine.cases import CaseRun, showing
from ischio.engine.explain import ClaimShown, Explanation, explanations, properties_about
from ischio.interfaces.book.conditions import condition, in_words, prose
from ischio.interfaces.book.content import Block, Item, Link, Listing, Page, Paragraph, Rows, Section, Words
from ischio.interfaces.book.derivations import derivation
from ischio.interfaces.book.links import Links, key_of
from ischio.interfaces.cli.parts import interval_text, parameter_parts
from ischio.interfaces.drawing.map import is_death, picture
from ischio.interfaces.page.view import MEANING_OF_LABEL
from ischio.interfaces.words import capital, day
from ischio.model.expression import Expression
from ischio.model.pathway import Action, DueDate, Pathway, SafetyRule, Scope, Stage

if TYPE_CHECKING:
    from ischio.backends.smt import Finding
    from ischio.record.case_form import Case

SHOWN_CASES = 10
HEADINGS = {
    "when": "Holds when",
    "due when": "Due when",
    "done": "Done when",
    "in progress": "In progress when",
    "under": "Under the condition that",
    "then": "What must be true",
}
HOLDING = {
    "action": ("it applies", "it does not apply"),
    "red flag": ("it is present", "it is known not to be present"),
    "gate": ("it is open", "it is closed"),
}
SAFETY_KINDS = ("stop", "strong caution", "caution")
NOT_PROVED = "not proved here: `ischio verify` proves it where z3 is installed (pip install 'ischio[prove]')"
Findings = Mapping[str, "Finding"]


@dataclass(frozen=True)
class Shelf:
    """What the pages are made from. findings: by property; empty where nothing was proved."""

    pathway: Pathway
    links: Links
    runs: Sequence[CaseRun]
    findings: Findings

    @property
    def rules(self) -> tuple[Explanation, ...]:
        return explanations(self.pathway)

    def used_by(self, name: str, kind: str) -> tuple[Link, ...]:
        """The rules that use an id; a safety rule is used by its actions, and the fact of its name by others."""
        if kind in SAFETY_KINDS:
            return tuple(
                Link(key_of("action", action.id), action.about.title)
                for action in self.pathway.actions.values()
                if name in (rule.id for rules in _guards(action).values() for rule in rules)
            )
        return tuple(self._users.get(name, ()))

    @cached_property
    def _users(self) -> dict[str, list[Link]]:
        users: dict[str, list[Link]] = {}
        for rule in self.rules:
            for name in rule.uses:
                users.setdefault(name, []).append(Link(key_of(rule.kind, rule.id), rule.about.title))
        return users


def rule_pages(shelf: Shelf) -> Iterator[Page]:
    """A page for every rule."""
    for found in shelf.rules:
        sections = (
            *_conditions(shelf, found),
            *_particulars(shelf, found),
            *_note(found),
            _basis(shelf, found),
            *_cases(shelf, found),
            *_proofs(shelf, found),
            *_neighbours(shelf, found),
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


def _conditions(shelf: Shelf, found: Explanation) -> Iterator[Section]:
    for name, tree in found.trees.items():
        heading = "Applies when" if (found.kind, name) == ("action", "when") else HEADINGS[name]
        yield Section(heading, condition(shelf.links, tree))


def _particulars(shelf: Shelf, found: Explanation) -> Iterator[Section]:
    """What the rule says beside its conditions, by the kind of rule."""
    pathway, links = shelf.pathway, shelf.links
    match found.kind:
        case "stage":
            yield from _stage(shelf, pathway.stage(found.id))
        case "action":
            yield from _action(pathway, links, pathway.actions[found.id])
        case "parameter":
            rows = parameter_parts(pathway.parameters[found.id]).items()
            yield Section("Value", (Rows(tuple((capital(name), (text,)) for name, text in rows)),))
        case "fact":
            yield Section("How it is derived", (derivation(links, pathway.facts[found.id]),))
            if enquiry := pathway.enquiries.get(found.id):
                yield Section("How it is asked", (Paragraph((Link(key_of("enquiry", found.id), enquiry.ask),)),))
        case "diversion":
            passing = tuple(action.id for action in pathway.actions.values() if found.id in _passed(pathway, action))
            if passing:
                yield Section("Actions that it does not block", (links.listing(passing),))
        case "red flag":
            codes = Paragraph(("The fact: ", Link(key_of("fact", found.id), pathway.facts[found.id].about.title)))
            yield Section("What is recorded", (codes,))
        case "stop" | "strong caution" | "caution":
            yield from _until(links, found, pathway)
        case "property":
            yield from _property(shelf, found.id)


def _stage(shelf: Shelf, stage: Stage) -> Iterator[Section]:
    links = shelf.links
    entered: Words = ("through ", links.rule(stage.criterion), " and all gates before it")
    own: Words = ("by its own condition: ", links.rule(stage.criterion))
    rows: list[tuple[str, Words]] = [("Entered", entered if stage.ordered else own)]
    rows += [("Since", (links.rule(stage.since),))] if stage.since else []
    if stage.review:
        times = ", ".join(interval_text(each) for each in stage.review.schedule)
        every = f"every {interval_text(stage.review.then)}"
        rows.append(("Review", prose(links, f"after {times}, then {every}" if times else every)))
    else:
        rows.append(("Review", ("none is owed",)))
    yield Section("How it is reached", (Rows(tuple(rows)), *condition(links, _tree(shelf, stage.criterion))))
    drawn = picture(shelf.pathway)
    leaving = (edge for edge in drawn.edges if edge.start == stage.id)
    ways = tuple(
        Item(("back to " if edge.back else "on to ", links.rule(edge.to), ": ", links.rule(edge.rule, edge.label)))
        for edge in leaving
    )
    if ways:
        yield Section("Where it leads", (Listing(ways),))
    actions = tuple(user for user in shelf.used_by(stage.criterion, "stage") if user.to.startswith("action/"))
    if actions:
        yield Section("Actions that ask for it", (_links(actions),))


def _tree(shelf: Shelf, criterion: str) -> Expression:
    return shelf.pathway.criteria[criterion].when


def _guards(action: Action) -> dict[str, tuple[SafetyRule, ...]]:
    return {"stop": action.stops, "strong caution": action.strong_cautions, "caution": action.cautions}


def _passed(pathway: Pathway, action: Action) -> tuple[str, ...]:
    """The diversions that do not block an action."""
    return tuple(each.id for each in pathway.diversions if each.id in action.passes and not is_death(pathway, each))


def _action(pathway: Pathway, links: Links, action: Action) -> Iterator[Section]:
    for kind, rules in _guards(action).items():
        items = (Item((Link(key_of(kind, rule.id), rule.about.title), f": {rule.about.sentence}")) for rule in rules)
        if rules:
            yield Section(f"{capital(kind)}s", (Listing(tuple(items)),))
    if action.must_know:
        needed = (
            Item(
                (links.rule(must.name), ", needed unless this is false:" if must.needed_when else ""),
                (in_words(links, must.needed_when),) if must.needed_when else (),
            )
            for must in action.must_know
        )
        yield Section("What must be known first", (Listing(tuple(needed)),))
    rows: list[tuple[str, Words]] = [(capital(name.replace("_", " ")), (text,)) for name, text in action.texts.items()]
    rows += [("Due date", _moment(links, action.due))] if action.due else []
    if passed := _passed(pathway, action):
        rows.append(("Not blocked by", prose(links, ", ".join(passed))))
    rows += [("Never due together", (", ".join(action.exclusive).replace("_", " "),))] if action.exclusive else []
    if rows:
        yield Section("Particulars", (Rows(tuple(rows)),))


def _moment(links: Links, due: DueDate) -> Words:
    return prose(links, f"{due.fact} plus {interval_text(due.plus)}" if due.plus else due.fact)


def _until(links: Links, found: Explanation, pathway: Pathway) -> Iterator[Section]:
    every = (rule for action in pathway.actions.values() for rules in _guards(action).values() for rule in rules)
    rule = next(rule for rule in every if rule.id == found.id)
    if rule.until:
        yield Section("Lifts", (Paragraph(_moment(links, rule.until)),))


def _property(shelf: Shelf, name: str) -> Iterator[Section]:
    found = next(proved for proved in shelf.pathway.properties if proved.id == name)
    rows: list[tuple[str, Words]] = [("Number", (str(found.number),)), ("Kind", (found.check.replace("_", " "),))]
    rows += [("Actions of kind", (", ".join(found.kinds),))] if found.kinds else []
    for label, names in (("Actions", found.actions), ("Spares", found.except_actions), ("Asks", found.asks)):
        rows += [(label, (shelf.links.rule(each),)) for each in names]
    rows.append(("Outcome", (outcome(shelf, name),)))
    yield Section("What is proved", (Rows(tuple(rows)),))


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
    if found.kind == "stage":
        there = tuple(run.case for run in shelf.runs if _expects_stage(run.case, found.id))
        yield from _listed_cases("Cases in this stage", there)
    elif rule := _judged(shelf.pathway, found):
        firing, silent = showing(rule, ((run.case, run.truths) for run in shelf.runs))
        holds, not_held = HOLDING.get(found.kind, ("it holds", "it does not hold"))
        yield from _listed_cases(f"Cases in which {holds}", firing)
        yield from _listed_cases(f"Cases in which {not_held}", silent)


def _judged(pathway: Pathway, found: Explanation) -> str | None:
    """The id under which cases tell the truth of the rule; None if it is none that holds or does not."""
    if found.kind == "diversion":
        return next(each.criterion for each in pathway.diversions if each.id == found.id)
    return found.id if found.kind not in ("fact", "parameter", "property") else None


def _expects_stage(case: "Case", stage: str) -> bool:
    return any(part.get("stage") == stage for part in case.expect.values())


def _listed_cases(title: str, cases: "Sequence[Case]") -> Iterator[Section]:
    if not cases:
        return
    items = [Item((Link(key_of("case", case.id), case.title),)) for case in cases[:SHOWN_CASES]]
    more = len(cases) - SHOWN_CASES
    items += [Item((f"and {more} more",))] if more > 0 else []
    yield Section(title, (Listing(tuple(items)),))


def outcome(shelf: Shelf, name: str) -> str:
    """What came of proving a property, in words."""
    proved = next(each for each in shelf.pathway.properties if each.id == name)
    if name in shelf.findings:
        finding = shelf.findings[name]
        return f"{finding.outcome.value}. {finding.detail}"
    return f"waiting. Waits for {proved.waits_for}" if proved.waits_for else NOT_PROVED


def _proofs(shelf: Shelf, found: Explanation) -> Iterator[Section]:
    about = properties_about(shelf.pathway, found)
    items = (Item((shelf.links.rule(each.id), f": {outcome(shelf, each.id)}")) for each in about)
    if about:
        yield Section("What is proved of it, for all patients", (Listing(tuple(items)),))


def _neighbours(shelf: Shelf, found: Explanation) -> Iterator[Section]:
    if found.uses:
        yield Section("Uses", (shelf.links.listing(found.uses),))
    if users := shelf.used_by(found.id, found.kind):
        title = "Attached to" if found.kind in SAFETY_KINDS else "Used by"
        yield Section(title, (_links(users),))


def _links(links: Iterable[Link]) -> Listing:
    return Listing(tuple(Item((link,)) for link in links))


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
