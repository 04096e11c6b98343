"""The record that a call is judged on: from prefetch, and from the FHIR server what prefetch does not hold."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import NamedTuple, Protocol

import msgspec

from ischio.fhir.prefetched import Page, failure_in, page_in, page_of, read_answers
from ischio.fhir.reader import FhirReader
from ischio.fhir.requirements import PATIENT
from ischio.fhir.routes import Json, text_at
from ischio.fhir.unopened import Unopened, decoded
from ischio.interfaces.http.fhir.subjects import together
from ischio.interfaces.http.hooks.calls import NOT_A_CALL, Call, not_a_call
from ischio.interfaces.http.hooks.services import Key
from ischio.interfaces.http.problems import Problem
from ischio.model.mistake import RecordError
from ischio.record.events import Record, State
from ischio.remote.records import Answer


class Received(Enum):
    """How the data of one key came, in the words of docs/reference/cds-hooks.md."""

    GIVEN = "given"
    EMPTY = "given, and empty"
    NONE = "null: none recorded"
    INCOMPLETE = "incomplete"
    FAILED = "failed"
    NOT_AUTHORISED = "not authorised"
    UNREADABLE = "not FHIR"
    FETCHED = "fetched"
    NOT_FETCHED = "not fetched"
    MISSING = "missing"


class Server(Protocol):
    """The FHIR server of the caller, for this call."""

    def ask(self, queries: Sequence[str]) -> tuple[Answer, ...]: ...


ServerOf = Callable[[Call], Server | None]
"""The server that a call names, where it may be asked; None otherwise."""


Name = tuple[str | None, str | None]
"""Type and id of a resource."""


class Told(NamedTuple):
    """What one key told, and why not everything."""

    resources: tuple[Json | Unopened, ...]
    state: State | None
    received: Received


@dataclass(frozen=True, slots=True)
class Gathered:
    """patient: the Patient resource. received: how each key came. kept: what the service itself keeps of the person."""

    record: Record
    patient: Json
    told: Mapping[str, Told]
    keys: tuple[Key, ...]
    kept: Record | None = None

    def with_kept(self, kept: Record) -> "Gathered":
        return replace(self, record=together([self.record, kept]), kept=kept)

    @property
    def received(self) -> dict[str, str]:
        return {name: one.received.value for name, one in self.told.items()}

    def having(self, more: Sequence[Json], named: frozenset[Name], reader: FhirReader) -> Record:
        """The record with more resources, in place of those that are named here. Raises RecordError."""
        answers = [
            (key.needed.concepts, [one for one in told.resources if _name(one) not in named], told.state)
            for key, told in ((key, self.told[key.name]) for key in self.keys)
        ]
        record = read_answers(reader, self.patient, [*answers, (frozenset(), more, None)])
        return record if self.kept is None else together([record, self.kept])


def _name(resource: Json | Unopened) -> Name:
    if isinstance(resource, Unopened):
        return resource.kind, resource.id
    return text_at(resource, "resourceType"), text_at(resource, "id")


def gather(call: Call, keys: tuple[Key, ...], reader: FhirReader, server_of: ServerOf) -> Gathered:
    """Everything that can be had for a call.

    Raises Problem: 400 where prefetch is no JSON, 412 where there is no Patient, 403 where it is another one, 422 where
    the data are no FHIR R4.
    """
    try:
        return _gathered(call, keys, reader, server_of)
    except NOT_A_CALL as error:  # met in a value of prefetch, which is decoded only here
        raise not_a_call(error) from None
    except RecordError as error:
        mistake = error.mistakes[0]
        raise Problem(422, "not-supported", mistake.what, mistake.mend, "prefetch") from None


def _gathered(call: Call, keys: tuple[Key, ...], reader: FhirReader, server_of: ServerOf) -> Gathered:
    given = call.prefetch or {}
    told = {key.name: told_by(given[key.name], reader) for key in keys if key.name in given}
    missing = [key for key in keys if key.name not in given]
    told |= _fetched(call, missing, server_of(call) if missing else None)
    patient = _patient(call, keys[0].name, told[keys[0].name])
    answers = [(key.needed.concepts, told[key.name].resources, told[key.name].state) for key in keys]
    return Gathered(read_answers(reader, patient, answers), patient, {key.name: told[key.name] for key in keys}, keys)


def told_by(written: msgspec.Raw, reader: FhirReader) -> Told:
    """What the value of a prefetch key tells: a resource, a Bundle, null, or an OperationOutcome."""
    page = page_in(written, reader)
    if page is not None:
        return _of_page(page)
    value = decoded(written)
    if value is None:
        return Told((), None, Received.NONE)
    kind = text_at(value, "resourceType")
    if kind == "Bundle":
        return _of_page(page_of(value))
    if kind == "OperationOutcome":
        state = failure_in(value) or State.QUERY_FAILED
        return Told((), state, _BY_STATE[state])
    if kind is None:
        return Told((), State.QUERY_FAILED, Received.UNREADABLE)
    return Told((value,), None, Received.GIVEN)


_BY_STATE = {
    State.QUERY_FAILED: Received.FAILED,
    State.NOT_AUTHORISED: Received.NOT_AUTHORISED,
    State.TRUNCATED: Received.INCOMPLETE,
}


def _of_page(page: Page) -> Told:
    if page.state is not None:
        return Told(page.resources, page.state, _BY_STATE[page.state])
    return Told(page.resources, None, Received.GIVEN if page.resources else Received.EMPTY)


def _fetched(call: Call, missing: list[Key], server: Server | None) -> dict[str, Told]:
    """What prefetch does not hold, from the server; without one it is not asked, and so unknown."""
    if server is None:
        return {key.name: Told((), State.NOT_ASKED, Received.MISSING) for key in missing}
    answers = server.ask([key.query(call.patient) for key in missing])
    return {key.name: _answered(answer) for key, answer in zip(missing, answers, strict=True)}


def _answered(answer: Answer) -> Told:
    if answer.state is None:
        return Told(answer.entries, None, Received.FETCHED)
    received = Received.INCOMPLETE if answer.state is State.TRUNCATED else Received.NOT_FETCHED
    return Told(answer.entries, answer.state, received)


def _patient(call: Call, key: str, told: Told) -> Json:
    """The Patient of the call: the only data without which nothing can be said."""
    found = [one for one in told.resources if text_at(one, "resourceType") == PATIENT]
    if not found:
        what = f"The Patient could not be had: the prefetch key `{key}` is {told.received.value}."
        mend = f"Give the key `{key}`, or a fhirServer that may be asked with a token that may read it."
        raise Problem(412, "required", what, mend, f"prefetch.{key}")
    if text_at(found[0], "id") != call.patient:
        what = f"The Patient under the key `{key}` is not the one of context.patientId."
        mend = "Give the data of one person. Nothing was read of either."
        raise Problem(403, "security", what, mend, f"prefetch.{key}.id")
    return found[0]
