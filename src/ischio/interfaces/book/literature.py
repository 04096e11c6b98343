"""Pages of what rules rest on: claims, sources and seed lines; and of how facts are asked for."""

from collections.abc import Iterable, Iterator

from ischio.engine.explain import ClaimShown, Explanation, shown_claim
from ischio.interfaces.book.content import Item, Link, Listing, Page, Paragraph, Rows, Section, Words
from ischio.interfaces.book.derivations import gives, stale
from ischio.interfaces.book.links import key_of
from ischio.interfaces.book.rules import cited, claim_item, read_as
from ischio.interfaces.book.shelf import Shelf
from ischio.interfaces.words import amount, capital

NOT_VERIFIED = "This claim could not be verified, so its statement is not shown as fact."


def literature_pages(shelf: Shelf) -> Iterator[Page]:
    """A page for every enquiry, claim, source and seed line."""
    claims = {name: shown_claim(shelf.pathway, name) for name in shelf.pathway.claims}
    yield from (_enquiry(shelf, fact) for fact in shelf.pathway.enquiries)
    yield from (_claim(shelf, claim) for claim in claims.values())
    for name in shelf.pathway.sources:
        yield _source(shelf, name, tuple(claim for claim in claims.values() if name in claim.sources))
    yield from (_seed_line(shelf, line) for line in shelf.pathway.seed)


def _enquiry(shelf: Shelf, name: str) -> Page:
    enquiry, fact = shelf.pathway.enquiries[name], shelf.pathway.facts[name]
    rows: list[tuple[str, Words]] = [("Fact", (Link(key_of("fact", name), fact.about.title),))]
    rows.append(("To the clinician", (enquiry.ask,)))
    rows.append(("To the patient", (enquiry.ask_patient or "not worded for patients",)))
    rows += [("Burden", (enquiry.burden.value,)), ("Answer", (gives(fact),))]
    rows += [("Codes", ("; ".join(fact.type.codes.values()),))] if fact.type.codes else []
    if fact.type.low is not None and fact.type.high is not None:
        low, high = (f"{fact.type.amount(steps):f}" for steps in (fact.type.low, fact.type.high))
        rows.append(("Range", (f"{low} to {amount(high, fact.type.unit)}",)))
    rows += stale(shelf.links, fact)
    rows.append(("Written in", (str(enquiry.place),)))
    sections = (Section("The question", (Rows(tuple(rows)),)),)
    return Page(key_of("enquiry", name), f"{fact.about.title}: how to ask", enquiry.ask, (), sections)


def _claim(shelf: Shelf, claim: ClaimShown) -> Page:
    certain = () if claim.statement is None else (f"certainty {claim.certainty}",)
    marks = (*certain, "unverified") if claim.statement is None else certain
    sources = tuple(Item(cited(shelf, name)) for name in claim.sources if name in shelf.pathway.sources)
    read = NOT_VERIFIED if claim.statement is None else f"{capital(read_as(claim))}."
    rest = _resting(found for found in shelf.rules if claim.id in found.about.evidence)
    sections = (
        Section("How sure, and how read", (Paragraph((read,)),)),
        Section("Sources", (Listing(sources),)),
        *((Section("Rules that rest on it", (rest,)),) if rest.items else ()),
    )
    return Page(key_of("claim", claim.id), claim.id, claim.statement or NOT_VERIFIED, marks, sections)


def _resting(rules: Iterable[Explanation]) -> Listing:
    return Listing(tuple(Item((Link(key_of(rule.kind, rule.id), rule.about.title),)) for rule in rules))


def _source(shelf: Shelf, name: str, claims: tuple[ClaimShown, ...]) -> Page:
    source = shelf.pathway.sources[name]
    rows: list[tuple[str, Words]] = [("Citation", (source.citation,))]
    rows += [("DOI", (Link(f"https://doi.org/{source.doi}", source.doi),))] if source.doi else []
    if source.url:
        rows.append(("Address", (Link(source.url, source.url),) if source.url.startswith("http") else (source.url,)))
    rows += [("Design", (source.design,)), ("What was read", (source.read,))]
    items = Listing(tuple(Item(claim_item(shelf, claim).words) for claim in claims))
    sections = (
        Section("The source", (Rows(tuple(rows)),)),
        *((Section("What is claimed from it", (items,)),) if claims else ()),
    )
    return Page(key_of("source", name), name, source.citation, (f"read: {source.read}",), sections)


def _seed_line(shelf: Shelf, name: str) -> Page:
    line = shelf.pathway.seed[name]
    became = shelf.links.listing(line.becomes)
    sections = (
        *((Section("What it became", (became,)),) if line.becomes else ()),
        *((Section("The gap that it leaves", (Paragraph((line.gap,)),)),) if line.gap else ()),
    )
    return Page(key_of("seed-line", name), name, line.text, (), sections)
