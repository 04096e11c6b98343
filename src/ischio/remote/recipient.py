"""A FHIR server that takes completed forms, each once however often it is sent: so what is not sure is sent again."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any
from urllib.parse import quote

import msgspec

from ischio.model.mistake import IschioError, Mistake
from ischio.remote.addresses import AddressRefused
from ischio.remote.authority import SmartError
from ischio.remote.backend import Backend, issues_in
from ischio.remote.wire import Reply, WireError

TYPE = "QuestionnaireResponse"
FHIR_JSON = "application/fhir+json"
_ID = re.compile(rf"{TYPE}/(?P<id>[A-Za-z0-9.-]{{1,64}})")
_encode = msgspec.json.Encoder(decimal_format="number").encode

Json = dict[str, Any]


class Once(Enum):
    """How the server keeps one resource of what is sent twice.

    BY_ID: it takes ids that we choose (update as create). BY_IDENTIFIER: it creates only where it has none with the
    same identifier (conditional create).
    """

    BY_ID = "id"
    BY_IDENTIFIER = "identifier"


class Fault(Enum):
    """Why something is not known to be there. UNREACHABLE: nothing else would fare better. LATER: it may be taken
    another time. NEVER: it was refused for what it is."""

    UNREACHABLE = "unreachable"
    LATER = "later"
    NEVER = "never"


class NotTaken(Exception):
    """why: for the one who runs the command, in the server's words, which may repeat what was sent. status: of HTTP."""

    def __init__(self, fault: Fault, why: str, status: int | None = None) -> None:
        super().__init__(why)
        self.fault, self.why, self.status = fault, why, status


class CannotPush(IschioError):
    """Nothing can be pushed to the server."""


@dataclass(frozen=True, slots=True)
class Recipient:
    backend: Backend
    once: Once

    def keep(self, response: Json, there: str = "") -> str:
        """Has the server keep it as it is now, and returns the id that it has there. there: that id, once it is known.

        Raises NotTaken.
        """
        if there or self.once is Once.BY_ID:
            return self._put(response, there or response["id"])
        identifier = response["identifier"]
        wanted = f"identifier={quote(identifier['system'], safe='')}%7C{quote(identifier['value'], safe='')}"
        body = {key: value for key, value in response.items() if key != "id"}
        reply = self._sent("POST", self._address, body, {"if-none-exist": wanted})
        found = _id_in(reply)
        if found is None:
            raise NotTaken(Fault.NEVER, "it does not say under which id it keeps the form", reply.status)
        # One that was there already is of a push that broke off, and may have changed since.
        return self._put(response, found) if reply.status == 200 else found

    def _put(self, response: Json, id: str) -> str:
        self._sent("PUT", f"{self._address}/{id}", response | {"id": id})
        return id

    @property
    def _address(self) -> str:
        return f"{self.backend.server.server.rstrip('/')}/{TYPE}"

    def _sent(self, method: str, url: str, resource: Json, more: Mapping[str, str] | None = None) -> Reply:
        headers = {"accept": FHIR_JSON, "content-type": FHIR_JSON, **(more or {})}
        try:
            reply = self.backend.asked(method, url, headers, _encode(resource))
        except (WireError, AddressRefused, SmartError) as error:
            raise NotTaken(Fault.UNREACHABLE, str(error)) from None
        if reply.status not in (200, 201):
            raise NotTaken(_fault(reply.status), _why(reply), reply.status)
        return reply


def recipient_at(backend: Backend, once: Once | None = None) -> Recipient:
    """once: as those who run the server say; None: as it says itself. Raises CannotPush."""
    return Recipient(backend, once or _as_it_says(backend))


def _as_it_says(backend: Backend) -> Once:
    server = backend.server.server.rstrip("/")
    try:
        reply = backend.asked("GET", f"{server}/metadata", {"accept": FHIR_JSON})
        statement = msgspec.json.decode(reply.body, type=dict) if reply.status == 200 else {}
    except (WireError, AddressRefused, SmartError) as error:
        mend = "Run the same command again once it can be reached."
        raise CannotPush(Mistake(f"The server cannot be asked: {error}.", mend, server)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        statement = {}
    for said in _said_of_forms(statement):
        if said.get("updateCreate") is True:
            return Once.BY_ID
        if said.get("conditionalCreate") is True:
            return Once.BY_IDENTIFIER
    what = "The server does not say that it keeps one of what is sent twice (updateCreate, conditionalCreate)."
    mend = "Ask those who run it, then add --once id where it takes ids of ours, or --once identifier."
    raise CannotPush(Mistake(what, mend, server))


def _said_of_forms(statement: Json) -> list[Json]:
    rest = statement.get("rest")
    listed = [one.get("resource") for one in (rest if type(rest) is list else ()) if type(one) is dict]
    every = [each for one in listed if type(one) is list for each in one if type(each) is dict]
    return [each for each in every if each.get("type") == TYPE]


def _id_in(reply: Reply) -> str | None:
    """Of the resource that was made or found, in its address or in itself."""
    if found := _ID.search(reply.headers.get("location", reply.headers.get("content-location", ""))):
        return found["id"]
    try:
        resource = msgspec.json.decode(reply.body, type=dict)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    named = _ID.fullmatch(f"{resource.get('resourceType')}/{resource.get('id')}")
    return named["id"] if named else None


def _fault(status: int) -> Fault:
    match status:
        case 401:
            return Fault.UNREACHABLE
        case 403 | 408 | 409 | 423 | 425 | 429:
            return Fault.LATER
        case _:
            return Fault.NEVER if 400 <= status < 500 else Fault.LATER


def _why(reply: Reply) -> str:
    return "; ".join([f"status {reply.status}", *(issues_in(reply.body) or ())[:3]])
