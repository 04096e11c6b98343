"""From what several queries gave, or why they gave nothing, to one record: prefetched data, searches, forms."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import msgspec

from ischio.fhir.reader import FhirReader
from ischio.fhir.routes import Json, Route, exact, shown, text_at
from ischio.fhir.unopened import Unopened
from ischio.record.events import Gap, Ignored, Record, State

_LINKS, _TOTAL = Route("link.relation"), Route("total")
_NOT_OF_A_RECORD = {
    "Patient": "is another Patient than the one that was asked for",
    "Bundle": "is a Bundle inside an answer",
    "OperationOutcome": "tells of the query, not of the person",
}
_FAILED = ("error", "fatal")
_FORBIDDEN = ("forbidden", "security", "login", "suppressed")


class _Entry(msgspec.Struct, gc=False):
    resource: msgspec.Raw = msgspec.Raw(b"null")


class _Bundle(msgspec.Struct):
    resourceType: str | None = None
    entry: list[_Entry] | None = None
    link: Json = None
    total: Json = None


_decode_bundle = msgspec.json.Decoder(_Bundle, float_hook=exact).decode

Query = tuple[frozenset[str], Sequence[Json | Unopened], State | None]
"""Of one query: the concepts that it was to tell, the resources that it gave, and why not all of them are there."""


def read_answers(reader: FhirReader, patient: Json, answers: Sequence[Query]) -> Record:
    """The record that several answers make. Of a query that did not give everything, every concept is a gap.

    patient: the Patient resource that was asked for; another in the answers is ignored. Raises RecordError where the
    resources as a whole are not of FHIR R4, and what the JSON of an unopened one is at fault for.
    """
    used: list[Json | Unopened] = [patient]
    strangers: dict[Ignored, None] = {}
    for one in (one for _, resources, _ in answers for one in resources if one is not patient):
        stranger = _stranger(one)
        if stranger is None:
            used.append(one)
        else:
            strangers[stranger] = None
    record = reader.read_resources(used, "what was fetched")
    gaps = dict.fromkeys(record.gaps)
    for concepts, _, state in answers:
        if state is not None:
            gaps |= dict.fromkeys(Gap(concept, state, "query") for concept in sorted(concepts))
    return replace(record, gaps=tuple(gaps), ignored=(*record.ignored, *strangers))


def _stranger(resource: Json | Unopened) -> Ignored | None:
    """What is none of a person's resources."""
    kind = text_at(resource, "resourceType")
    if kind not in _NOT_OF_A_RECORD:
        return None
    return Ignored(f"{kind}/{shown(text_at(resource, 'id') or 'without id')}", _NOT_OF_A_RECORD[kind])


class Page(NamedTuple):
    """What a Bundle of search results holds; from `page_in` some of it unopened. state: None if it is all there is."""

    resources: tuple[Json, ...]
    state: State | None


def page_of(bundle: Json) -> Page:
    """The resources of a searchset, and whether it is whole: no further page, no failure inside it, none left out."""
    entries = bundle.get("entry")
    listed = entries if type(entries) is list else []
    resources = tuple(one["resource"] for one in listed if type(one) is dict and type(one.get("resource")) is dict)
    return _page(resources, len(listed), bundle)


def page_in(written: msgspec.Raw, reader: FhirReader) -> Page | None:
    """The same of a searchset as it was written, with what need not be decoded yet unopened.

    None for JSON that is no Bundle, or has not the shape of one. Raises msgspec.DecodeError, UnicodeDecodeError.
    """
    try:
        bundle = _decode_bundle(written)
    except msgspec.ValidationError:
        return None
    if bundle.resourceType != "Bundle":
        return None
    listed = bundle.entry or ()
    every = reader.unopened([one.resource for one in listed])
    resources = tuple(one for one in every if type(one) is Unopened or type(one) is dict)
    return _page(resources, len(listed), {"link": bundle.link, "total": bundle.total})


def _page(resources: tuple[Json, ...], listed: int, bundle: Json) -> Page:
    """listed: how many entries the bundle has."""
    states = [failure_in(one) for one in resources if text_at(one, "resourceType") == "OperationOutcome"]
    failed = next((state for state in states if state is not None), None)
    if failed is None and len(resources) < listed:
        failed = State.QUERY_FAILED
    return Page(resources, failed or (State.TRUNCATED if _goes_on(bundle, listed) else None))


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
