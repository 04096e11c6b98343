"""On what a rule rests, as FHIR related artifacts."""

from collections.abc import Iterator

from ischio.engine.evidence import certainty, shown_evidence
from ischio.fhir.export.publication import Json, abouts
from ischio.model.about import About, Label
from ischio.model.pathway import Pathway
from ischio.model.sources import Claim, Source

_LABELS = {
    Label.SUPPORTED: "Supported: measured in this disease.",
    Label.EXTRAPOLATED: "Extrapolated: measured in something near.",
    Label.CONVENTION: "Convention: no primary source was found.",
}


def documentation(pathway: Pathway, about: About) -> list[Json]:
    """The label and certainty of a rule, then each claim that may be shown, with its sources."""
    level = certainty(pathway, about.label, about.evidence)
    rests = {"type": "justification", "display": f"{_LABELS[about.label]} Certainty: {level}."}
    if about.note:
        rests["display"] += f" {about.note}"
    claims = [pathway.claims[name] for name in shown_evidence(pathway, about.evidence)]
    return [rests, *(cited for claim in claims for cited in _cited(pathway, claim))]


def literature(pathway: Pathway) -> list[Json]:
    """Every source of a claim that a rule names and that may be shown, once, in the order of evidence.yaml."""
    named = {claim for about in abouts(pathway) for claim in shown_evidence(pathway, about.evidence)}
    used = {source for claim in named for source in pathway.claims[claim].sources}
    return [{"type": "citation", **_source(source)} for name, source in pathway.sources.items() if name in used]


def _cited(pathway: Pathway, claim: Claim) -> Iterator[Json]:
    marks = [f"certainty {claim.certainty}"]
    marks += ["a figure was read in a source other than the study that measured it"] if claim.secondhand else []
    for name in claim.sources:
        source = pathway.sources[name]
        told = "; ".join([*marks, f"read: {source.read}"])
        yield {"type": "citation", "label": claim.id, "display": f"{claim.statement} ({told})", **_source(source)}


def _source(source: Source) -> Json:
    """Where a source is found: by its DOI if it has one."""
    url = f"https://doi.org/{source.doi}" if source.doi else source.url
    return {"citation": f"{source.citation} ({source.design})", **({"url": url} if url else {})}
