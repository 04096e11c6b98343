"""Whom an operation is about, and what is known of them: what the call brings, and what is kept."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

import msgspec

from ischio.fhir.apply.answered import SOURCE
from ischio.fhir.routes import shown
from ischio.interfaces.http.fhir.fetching import fetched
from ischio.interfaces.http.fhir.parameters import Given, Json
from ischio.interfaces.http.problems import Problem
from ischio.interfaces.http.service import Service
from ischio.interfaces.http.whose import access, kept_of, person_of
from ischio.model.dates import PartialDate
from ischio.model.mistake import RecordError
from ischio.record.events import Event, Record
from ischio.remote.tokens import Client

_REFERENCE = re.compile(r"(?:(?:(?P<server>https?://[^\s?#]+)/)?(?P<kind>[A-Za-z]+)/)?(?P<id>[A-Za-z0-9.-]{1,64})")
_encode = msgspec.json.Encoder(decimal_format="number").encode


@dataclass(frozen=True, slots=True)
class Subject:
    """reference: as it was given. server: of an absolute reference."""

    reference: str
    id: str
    server: str | None


def subject_of(given: Given) -> Subject:
    """Raises Problem: 400 where there is none or several, 422 for what is no Patient."""
    written = given.text("subject")
    if written is None:
        mend = "Give `subject`, such as Patient/17."
        raise Problem(400, "required", "It is not said for whom this is asked.", mend, "subject")
    return subject_in(written)


def subject_in(written: str) -> Subject:
    """From a reference to a Patient, or the id of one."""
    found = _REFERENCE.fullmatch(written)
    if found is None:
        raise Problem(400, "value", "The subject is not a reference.", "Write it so: Patient/17.", "subject")
    if found["kind"] not in (None, "Patient"):
        what = f"The subject is a {shown(found['kind'])}, and this speaks of one Patient."
        raise Problem(422, "not-supported", what, "Ask for each Patient by itself.", "subject")
    return Subject(written, found["id"], found["server"])


def index_of(given: Given, today: date) -> date:
    """The index date: `Index` in the `parameters` of the call (a parameter of the CQL libraries), else today."""
    told = given.resource("parameters", "Parameters") or {}
    listed = told.get("parameter")
    named = [
        one for one in (listed if type(listed) is list else ()) if type(one) is dict and one.get("name") == "Index"
    ]
    return day_of("Index", str(named[0].get("valueDate"))) if named else today


def day_of(name: str, written: str) -> date:
    """The last day that a date means. Raises Problem."""
    try:
        return PartialDate.parse(written).latest
    except ValueError:
        raise Problem(400, "value", f"{name} is not a date.", "Write it so: 2026-03-31.", name) from None


def record_of(service: Service, given: Given, subject: Subject, client: Client) -> Record:
    """What is known of the subject. Raises Problem where nothing is, or the data are of somebody else."""
    records = list(_records(service, given, subject, client))
    if not records:
        what, mend = "Nothing is known of the subject.", "Give their resources as a Bundle in `data`."
        raise Problem(404, "not-found", what, mend, "subject")
    return together(records)


def _records(service: Service, given: Given, subject: Subject, client: Client) -> Iterator[Record]:
    endpoint, server = given.resource("dataEndpoint", "Endpoint"), subject.server
    if endpoint is not None:
        server = _asked_server(endpoint, subject)
        yield fetched(service, endpoint, subject.id)
    data = given.resource("data", "Bundle")
    if data is not None:
        yield _record_in(service, data, subject)
    if given.yes("useServerData", otherwise=True):
        person = person_of(service.settings, client, subject.id, server)
        kept = kept_of(service, person, access(service, client))
        if kept is not None:
            yield kept


def _asked_server(endpoint: Json, subject: Subject) -> str:
    """The server that is to be asked, of which the subject's id is then too. Raises Problem for an id of another."""
    server = str(endpoint.get("address")).rstrip("/")
    if subject.server not in (None, server):
        what = "The subject is of another server than the one that is to be asked."
        raise Problem(422, "invalid", what, "Name both by one address.", "dataEndpoint.address")
    return server


def _record_in(service: Service, data: Json, subject: Subject) -> Record:
    try:
        record = service.reader.read(_encode(data))
    except RecordError as error:
        mistake = error.mistakes[0]
        raise Problem(422, "invalid", mistake.what, mistake.mend, "data") from None
    if record.patient.id != subject.id:
        mend = "Give the resources of the subject, with the Patient."
        raise Problem(422, "invalid", "The data are of another Patient than the subject.", mend, "data")
    return record


def together(records: Iterable[Record]) -> Record:
    """One record of several about one person, the first of which says who it is. What two of them tell counts once,
    and of a form that two tell, what the later does: kept here it is the original.
    """
    records = list(records)
    last = {event.source: number for number, one in enumerate(records) for event in one.events if _is_of_a_form(event)}
    events: dict[str, Event] = {}
    for number, one in enumerate(records):
        for event in one.events:
            if last.get(event.source, number) == number:
                events.setdefault(repr(replace(event, source="")), event)
    first, gaps = records[0], dict.fromkeys(gap for one in records for gap in one.gaps)
    ignored = dict.fromkeys(note for one in records for note in one.ignored)
    return replace(first, events=tuple(events.values()), gaps=tuple(gaps), ignored=tuple(ignored))


def _is_of_a_form(event: Event) -> bool:
    return event.source.startswith(SOURCE)
