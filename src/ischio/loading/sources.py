"""Where rules come from: the literature, and the lines of the text the pathway grew from."""

from collections.abc import Iterable

from ischio.loading.draft import Draft, plain, text_or_none
from ischio.loading.entries import EvidenceEntry, SeedEntry
from ischio.model.about import Place
from ischio.model.sources import Claim, SeedLine, Source


def sources(evidence: EvidenceEntry) -> dict[str, Source]:
    """What was read."""
    return {
        str(name): Source(
            str(name),
            str(entry.citation),
            text_or_none(entry.doi),
            text_or_none(entry.url),
            str(entry.design),
            str(entry.read),
        )
        for name, entry in evidence.sources.items()
    }


def claims(evidence: EvidenceEntry, draft: Draft) -> dict[str, Claim]:
    """What it says."""
    built: dict[str, Claim] = {}
    for name, entry in evidence.claims.items():
        reading = draft.reading("evidence.yaml", f"claim {name}")
        for source in entry.sources:
            draft.known(source, evidence.sources, "a source", reading)
        built[str(name)] = Claim(
            str(name),
            str(entry.statement),
            str(entry.certainty),
            str(entry.verified),
            entry.secondhand,
            plain(entry.sources),
        )
    return built


def seed(source: SeedEntry, rules: Iterable[str], draft: Draft) -> dict[str, SeedLine]:
    """The lines of the seed; each becomes a rule or states a gap."""
    known = set(rules)
    built: dict[str, SeedLine] = {}
    for name, entry in source.lines.items():
        reading = draft.reading("source.yaml", f"line {name}")
        if not entry.becomes and not entry.gap:
            mend = "Name rules under `becomes`, or say under `gap` what it leaves open."
            reading.mistake(entry.line, "The line becomes no rule and states no gap.", mend)
        for rule in entry.becomes:
            draft.known(rule, known, "a rule", reading)
        place = Place("source.yaml", entry.line)
        built[str(name)] = SeedLine(str(name), str(entry.text), plain(entry.becomes), text_or_none(entry.gap), place)
    return built
