"""Cases made of published reports: they cite sources of the evidence, and claims that somebody read."""

import re
from pathlib import Path

import pytest
from fhir_forms import PATHWAY

from ischio.loading.pathway import packaged
from ischio.record.case_form import read_case

PUBLISHED = sorted((packaged() / "cases").glob("published-*.yaml"))
CITATION = re.compile(r"Published \((?:doi (?P<doi>\S+)|(?P<url>https?://\S+)), claims? (?P<claims>[^;)]+)")


def faults(purpose: str) -> list[str]:
    """What is wrong with the sources that the purpose of a case names; nothing where it can be checked."""
    cited = CITATION.match(purpose)
    if cited is None:
        return ["the purpose names no report and claim"]
    # A report without a DOI is named by its address; one that has a DOI is named by that.
    source = next(
        (
            each
            for each in PATHWAY.sources.values()
            if (each.doi == cited["doi"] if cited["doi"] else each.doi is None and each.url == cited["url"])
        ),
        None,
    )
    if source is None:
        return [f"{cited['doi'] or cited['url']} is no source of evidence.yaml"]
    return [
        fault for name in re.split(r", | and ", cited["claims"].strip()) for fault in _faults_of_claim(name, source.id)
    ]


def _faults_of_claim(name: str, source: str) -> list[str]:
    claim = PATHWAY.claims.get(name)
    if claim is None:
        return [f"{name} is no claim of evidence.yaml"]
    unread = [f"{name} is unverified"] if claim.verified == "unverified" else []
    return unread + ([] if source in claim.sources else [f"{name} does not rest on {source}"])


@pytest.mark.parametrize("path", PUBLISHED, ids=lambda path: path.stem)
def test_a_published_case_names_a_source_of_the_evidence(path: Path) -> None:
    case = read_case(path, PATHWAY)
    assert faults(case.purpose) == []
    assert "all other data" in case.purpose.lower()


@pytest.mark.parametrize(
    ("purpose", "fault"),
    [
        ("A case of nothing published", "the purpose names no report and claim"),
        ("Published (doi 10.1000/none, claim pop-tha): ...", "10.1000/none is no source of evidence.yaml"),
        ("Published (doi 10.1093/jhps/hnw006, claim pop-tha): ...", "pop-tha does not rest on wilson-2016"),
        (
            "Published (doi 10.1093/jhps/hnw006, claim endoscopic-wilson-post): ...",
            "endoscopic-wilson-post is unverified",
        ),
        ("Published (doi 10.1093/jhps/hnw006, claim well-known): ...", "well-known is no claim of evidence.yaml"),
        ("Published (https://pubmed.ncbi.nlm.nih.gov/27583151/, claim pop-tha): ...", "is no source of evidence.yaml"),
    ],
)
def test_a_citation_that_cannot_be_checked_is_told(purpose: str, fault: str) -> None:
    assert [each for each in faults(purpose) if fault in each]
