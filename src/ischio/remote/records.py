"""Asks a FHIR server for what is recorded about one person: bounded, and from that server alone."""

import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from ischio.fhir.prefetched import failure_in, page_of
from ischio.fhir.routes import exact
from ischio.record.events import State
from ischio.remote.addresses import AddressGuard, AddressRefused, address, joined
from ischio.remote.scopes import Reach, Scopes
from ischio.remote.wire import AT_ONCE, Limits, Wire, WireError

Json = dict[str, Any]

REFERENCE = re.compile(r"(?P<type>[A-Z][A-Za-z]*)/(?P<id>[A-Za-z0-9.-]{1,64})")
SEARCH = re.compile(r"(?P<type>[A-Z][A-Za-z]*)(\?.*)?")
WHOSE = ("patient", "subject")
"""Where a resource, or a search, names the person that it is about."""
_decode = msgspec.json.Decoder(float_hook=exact).decode


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query gave. entries: resources, numbers as decimals. state: None if all of it is there, else why not
    (query failed, not authorised, page truncated). why: the same for a person to read, without personal data.
    """

    query: str
    entries: tuple[Json, ...] = ()
    state: State | None = None
    why: str = ""


class _Failed(Exception):
    def __init__(self, state: State, why: str) -> None:
        super().__init__(why)
        self.state, self.why = state, why


class FhirServer:
    """A FHIR server during one call of ours. base: its address; token: sent to its origin alone, and never shown.

    scopes: what the token allows; a query beyond them is not sent. None: not known, so that the server decides.
    Raises AddressRefused where the guard does not let the base be called. Closed by `with`.
    """

    def __init__(
        self, base: str, token: str | None, limits: Limits, guard: AddressGuard, scopes: Scopes | None = None
    ) -> None:
        self._base = f"{base.rstrip('/')}/"
        self._origin = guard.admit(base).origin
        self._headers = {"accept": "application/fhir+json"}
        self._headers |= {"authorization": f"Bearer {token}"} if token else {}
        self._limits, self._scopes = limits, scopes
        self._wire = Wire(guard, limits)

    def __enter__(self) -> "FhirServer":
        return self

    def __exit__(self, *_: object) -> None:
        self._wire.__exit__()

    def ask(self, queries: Sequence[str]) -> tuple[Answer, ...]:
        """Reads (`Patient/p1`) and searches at once, answered in their order."""
        with ThreadPoolExecutor(AT_ONCE) as threads:
            return tuple(
                threads.map(lambda one: (self.read if "/" in one.split("?")[0] else self.search)(one), queries)
            )

    def read(self, reference: str) -> Answer:
        """One resource, `Patient/p1`; another one than was asked for is refused."""
        named = REFERENCE.fullmatch(reference)
        if named is None:
            raise ValueError(reference)
        try:
            self._within_scopes(named["type"], "r")
            found = self._fetched(self._base + reference)
            if (found.get("resourceType"), found.get("id")) != (named["type"], named["id"]):
                raise _Failed(State.QUERY_FAILED, "another resource came than was asked for")
        except _Failed as failed:
            return Answer(reference, (), failed.state, failed.why)
        return Answer(reference, (found,))

    def search(self, query: str) -> Answer:
        """A search, `Observation?patient=p1`, page after page of the same origin."""
        named = SEARCH.fullmatch(query)
        if named is None:
            raise ValueError(query)
        entries: list[Json] = []
        try:
            reach = self._within_scopes(named["type"], "s")
            for page in self._pages(query):
                entries += page
            if reach is Reach.PART:
                raise _Failed(State.NOT_AUTHORISED, "the token allows only a part of these resources")
        except _Failed as failed:
            return _of_one_person(Answer(query, tuple(entries), failed.state, failed.why))
        return _of_one_person(Answer(query, tuple(entries)))

    # ---- pages -----------------------------------------------------------------------------------------------------

    def _pages(self, query: str) -> Iterator[list[Json]]:
        """The resources of page after page. Raises _Failed at the first that cannot be had."""
        url: str | None = self._base + query
        asked: set[str] = set()
        came = total = 0
        while url is not None:
            if url in asked or len(asked) == self._limits.pages:
                raise _Failed(State.TRUNCATED, f"there are more pages than the {len(asked)} that were read")
            asked.add(url)
            bundle = self._fetched(url)
            if bundle.get("resourceType") != "Bundle":
                raise _Failed(State.QUERY_FAILED, "no Bundle came")
            resources, failed = page_of({"entry": bundle.get("entry")})
            yield [one for one in resources if one.get("resourceType") != "OperationOutcome"]
            if failed:
                raise _Failed(failed, "the server says that the search failed, or gave what cannot be read")
            came, total = came + len(resources), bundle["total"] if type(bundle.get("total")) is int else total
            url = self._next_page(url, bundle)
        if came < total:
            raise _Failed(State.TRUNCATED, f"the server counts {total} and gave {came}")

    def _next_page(self, url: str, bundle: Json) -> str | None:
        links = bundle.get("link")
        for link in links if type(links) is list else ():
            if type(link) is dict and link.get("relation") == "next":
                return self._same_origin(url, str(link.get("url")))
        return None

    def _same_origin(self, page: str, following: str) -> str:
        with suppress(AddressRefused):
            url = joined(page, following)
            if address(url).origin == self._origin:
                return url
        raise _Failed(State.TRUNCATED, "the next page lies on another server, which is not asked")

    # ---- one request -----------------------------------------------------------------------------------------------

    def _within_scopes(self, resource_type: str, doing: str) -> Reach:
        reach = Reach.ALL if self._scopes is None else self._scopes.reach(resource_type, doing)
        if reach is Reach.NONE:
            raise _Failed(State.NOT_AUTHORISED, "the token does not allow it, so it was not asked for")
        return reach

    def _fetched(self, url: str) -> Json:
        try:
            reply = self._wire.send("GET", url, self._headers)
        except (WireError, AddressRefused) as error:
            raise _Failed(State.QUERY_FAILED, str(error)) from None
        if reply.status in (401, 403):
            raise _Failed(State.NOT_AUTHORISED, f"the server refused it (status {reply.status})")
        if reply.status != 200:
            raise _Failed(State.QUERY_FAILED, f"the server answered with status {reply.status}")
        return _resource(reply.body)


def _resource(body: bytes) -> Json:
    try:
        found = _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise _Failed(State.QUERY_FAILED, "what came is not JSON") from None
    if type(found) is not dict:
        raise _Failed(State.QUERY_FAILED, "what came is no FHIR resource")
    if found.get("resourceType") == "OperationOutcome":
        raise _Failed(failure_in(found) or State.QUERY_FAILED, "the server says that it failed")
    return found


def _of_one_person(answer: Answer) -> Answer:
    """Without what is said to be about another person than the search was for. A server that gives such things
    cannot be believed in what it leaves out.
    """
    asked = parse_qsl(answer.query.partition("?")[2])
    persons = {value.removeprefix("Patient/") for name, value in asked if name in WHOSE}
    own = tuple(one for one in answer.entries if not persons or _about(one) <= persons)
    if len(own) == len(answer.entries):
        return answer
    return replace(answer, entries=own, state=State.QUERY_FAILED, why="data of another person came with it")


def _about(resource: Json) -> set[str]:
    """The ids of the patients that a resource names as the one it is about."""
    if resource.get("resourceType") == "Patient":
        return {str(resource.get("id"))}
    named = (resource[key].get("reference") for key in WHOSE if type(resource.get(key)) is dict)
    found = (re.search(r"(?:^|/)Patient/([^/]+)", one) for one in named if type(one) is str)
    return {one[1] for one in found if one}
