"""From what several queries gave, or why they gave nothing, to one record: prefetched data, searches, forms."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from ischio.fhir.reader import FhirReader
from ischio.fhir.routes import Json, Route, shown, text_at
from ischio.record.events import Gap, Ignored, Record, State

_LINKS, _TOTAL = Route("link.relation"), Route("total")
_NOT_OF_A_RECORD = {
    "Patient": "is another Patient than the one that was asked for",
    "Bundle": "is a Bundle inside an answer",
    "OperationOutcome": "tells of the query, not of the person",
}
_FAILED = ("error", "fatal")
_FORBIDDEN = ("forbidden", "security", "login", "suppressed")

Query = tuple[frozenset[str], Sequence[Json], State | None]
"""Of one query: the concepts that it was to tell, the resources that it gave, and why not all of them are there."""


def read_answers(reader: FhirReader, patient: Json, answers: Sequence[Query]) -> Record:
    """The record that several answers make. Of a query that did not give everything, every concept is a gap.

    patient: the Patient resource that was asked for; another in the answers is ignored. Raises RecordError where the
    resources as a whole are not of FHIR R4.
    """
    every = [one for _, resources, _ in answers for one in resources if one is not patient]
    used = [one for one in every if text_at(one, "resourceType") not in _NOT_OF_A_RECORD]
    record = reader.read_resources([patient, *used], "what was fetched")
    gaps = dict.fromkeys(record.gaps)
    for concepts, _, state in answers:
        if state is not None:
            gaps |= dict.fromkeys(Gap(concept, state, "query") for concept in sorted(concepts))
    return replace(record, gaps=tuple(gaps), ignored=(*record.ignored, *_strangers(every)))


def _strangers(resources: Sequence[Json]) -> list[Ignored]:
    """What is none of a person's resources, each once."""
    found: dict[Ignored, None] = {}
    for one in resources:
        kind = text_at(one, "resourceType")
        if kind in _NOT_OF_A_RECORD:
            found[Ignored(f"{kind}/{shown(text_at(one, 'id') or 'without id')}", _NOT_OF_A_RECORD[kind])] = None
    return list(found)


class Page(NamedTuple):
    """What a Bundle of search results holds. state: None if it is all there is."""

    resources: tuple[Json, ...]
    state: State | None


def page_of(bundle: Json) -> Page:
    """The resources of a searchset, and whether it is whole: no further page, no failure inside it, none left out."""
    entries = bundle.get("entry")
    listed = entries if type(entries) is list else []
    resources = tuple(one["resource"] for one in listed if type(one) is dict and type(one.get("resource")) is dict)
    states = [failure_in(one) for one in resources if one.get("resourceType") == "OperationOutcome"]
    failed = next((state for state in states if state is not None), None)
    if failed is None and len(resources) < len(listed):
        failed = State.QUERY_FAILED
    return Page(resources, failed or (State.TRUNCATED if _goes_on(bundle, len(listed)) else None))


def _goes_on(bundle: Json, entries: int) -> bool:
    total = next((one for one in _TOTAL.found(bundle) if type(one) is int), 0)
    return "next" in _LINKS.found(bundle) or total > entries


def failure_in(outcome: Json) -> State | None:
    """What an OperationOutcome makes of a query: not authorised, failed, or None where it only warns."""
    issues = outcome.get("issue")
    grave = [one for one in (issues if type(issues) is list else ()) if type(one) is dict]
    grave = [one for one in grave if one.get("severity") in _FAILED]
    if not grave:
        return None
    return State.NOT_AUTHORISED if any(one.get("code") in _FORBIDDEN for one in grave) else State.QUERY_FAILED
