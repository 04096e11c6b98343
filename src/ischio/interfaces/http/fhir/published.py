"""What is published, made once when the service starts: read by id, found by search."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from ischio.fhir.cql_libraries import cql_libraries
from ischio.fhir.export.package import resources
from ischio.fhir.export.publication import Json, Publication
from ischio.interfaces.http.problems import Problem

TYPES = ("PlanDefinition", "ActivityDefinition", "Library", "Questionnaire", "ValueSet", "CodeSystem", "Measure")
SEARCHED = {"_id": "token", "url": "uri", "version": "token", "name": "string", "title": "string", "status": "token"}
"""The search parameters of every type, with their kinds."""
SUMMARY = (
    *("resourceType", "id", "url", "version", "name", "title", "status", "experimental", "date", "publisher"),
    *("description", "useContext", "kind", "type", "caseSensitive", "content", "count", "subjectType"),
    *("identifier", "questionnaire", "subject", "source", "authored"),
)
"""The elements of these types that FHIR counts among a summary, as far as they are published."""
_SUBSETTED = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}

Pair = tuple[str, str]
"""A search parameter as it was given: its name, with its modifier, and its value."""


@dataclass(frozen=True, slots=True)
class Held:
    """A resource with its JSON as bytes. tag: changes when the resource does."""

    resource: Json
    body: bytes
    tag: str

    @property
    def summary(self) -> Json:
        """The elements that FHIR counts among the summary of such a resource, marked as not all."""
        part = {key: self.resource[key] for key in SUMMARY if key in self.resource}
        return {**part, "meta": {"tag": [_SUBSETTED]}}


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found. unknown: parameters that were not used. untold: how many there are that cannot be told."""

    held: Sequence[Held]
    unknown: Sequence[str]
    untold: int = 0


class Published:
    """The resources of one publication, by type and id, in the order in which they are exported."""

    def __init__(self, publication: Publication) -> None:
        self._held: dict[str, dict[str, Held]] = {kind: {} for kind in TYPES}
        sources = cql_libraries(publication.pathway, publication.bindings)
        for resource in resources(publication, sources, None):
            if resource["resourceType"] in self._held:
                self._held[resource["resourceType"]][resource["id"]] = held(resource)

    def read(self, kind: str, name: str) -> Held:
        """Raises Problem where there is none."""
        found = self._of_type(kind).get(name)
        if found is None:
            raise Problem(404, "not-found", f"There is no such {kind}.", f"Search {kind} for what there is.")
        return found

    def by_canonical(self, kind: str, canonical: str) -> Held:
        """By its address, with or without its version. Raises Problem."""
        found = self.search(kind, [("url", canonical)]).held
        if not found:
            raise Problem(404, "not-found", f"There is no {kind} of this address.", f"Search {kind} for what there is.")
        return found[0]

    def search(self, kind: str, asked: Iterable[Pair]) -> Found:
        """Everything of a type that fits all parameters. Raises Problem for a modifier that is not known."""
        tests, unknown = [], []
        for name, value in asked:
            plain, _, modifier = name.partition(":")
            if plain not in SEARCHED:
                unknown.append(name)
            else:
                tests.append(_test(plain, modifier, value))
        held = self._of_type(kind).values()
        return Found([one for one in held if all(test(one.resource) for test in tests)], unknown)

    def _of_type(self, kind: str) -> Mapping[str, Held]:
        if kind not in self._held:
            raise Problem(404, "not-supported", "This type of resource is not served.", f"Served: {', '.join(TYPES)}.")
        return self._held[kind]


def held(resource: Json) -> Held:
    body = msgspec.json.encode(resource)
    return Held(resource, body, f'W/"{hashlib.sha256(body).hexdigest()[:16]}"')


def _test(name: str, modifier: str, value: str) -> Callable[[Json], bool]:
    """Whether a resource has one of the values that commas separate."""
    fits = _FITS.get((SEARCHED[name], modifier))
    if fits is None:
        what, mend = f"The modifier :{modifier} of {name} is not known.", "Leave it out."
        raise Problem(400, "not-supported", what, mend)
    key = name.removeprefix("_")
    wanted = value.split(",")

    def test(resource: Json) -> bool:
        return any(fits(resource, str(resource.get(key, "")), one) for one in wanted)

    return test


def _is_address(resource: Json, url: str, wanted: str) -> bool:
    address, _, version = wanted.partition("|")
    return url == address and version in ("", resource["version"])


_FITS: Mapping[Pair, Callable[[Json, str, str], bool]] = {
    ("token", ""): lambda _, has, wanted: has == wanted.rpartition("|")[2],
    ("uri", ""): _is_address,
    ("string", ""): lambda _, has, wanted: has.lower().startswith(wanted.lower()),
    ("string", "contains"): lambda _, has, wanted: wanted.lower() in has.lower(),
    ("string", "exact"): lambda _, has, wanted: has == wanted,
}
"""By the kind of a parameter and its modifier: whether what a resource has fits what is wanted."""
