"""Forms: filled in from what is known, and taken in once somebody has filled them in."""

from collections.abc import Iterator
from datetime import date
from uuid import NAMESPACE_URL, uuid5

import msgspec

from ischio.engine.answer import Answer
from ischio.fhir.apply.answered import read_response
from ischio.fhir.apply.filled import faults
from ischio.fhir.apply.populate import populated
from ischio.fhir.apply.requests import Context
from ischio.fhir.outcomes import issue, outcome
from ischio.fhir.routes import shown, text_at
from ischio.fhir.writer import OF_THE_PATIENT
from ischio.interfaces.http.fhir.operations import DATA, Call
from ischio.interfaces.http.fhir.parameters import Json
from ischio.interfaces.http.fhir.published import Published
from ischio.interfaces.http.fhir.subjects import Subject, day_of, index_of, record_of, subject_in, subject_of
from ischio.interfaces.http.problems import Problem
from ischio.interfaces.http.service import Service
from ischio.interfaces.http.whose import access, person_of
from ischio.record.events import Event, Record
from ischio.remote.tokens import Client
from ischio.store.store import Store

COMPLETE = ("completed", "amended")
_POPULATE = ("canonical", "questionnaire", "subject", *DATA)
_encode = msgspec.json.Encoder(decimal_format="number", order="deterministic").encode


# ---- $populate ----------------------------------------------------------------------------------------------------


def populate(call: Call) -> Json:
    """A form with the answers that are known of a person."""
    questionnaire = _questionnaire(call)
    told = call.not_used(_POPULATE, ("local", "context", "launchContext"))
    subject, index = subject_of(call.given), index_of(call.given, call.service.today)
    record = record_of(call.service, call.given, subject, call.client)
    facts = Answer(call.service.pathway, record, index).facts
    about = Context(subject.reference, call.service.today)
    response = populated(call.service.publication, questionnaire, record, facts, about)
    parts = [{"name": "response", "resource": response}]
    if told:
        parts.append({"name": "issues", "resource": outcome(told)})
    return {"resourceType": "Parameters", "parameter": parts}


def _questionnaire(call: Call) -> Json:
    named = [name for name in ("canonical", "questionnaire") if name in call.given.values]
    if len(named) + (call.name is not None) != 1:
        mend = "Name it once: in the address, or by its canonical address in `canonical`."
        raise Problem(400, "invalid", "The form is not named, or named twice.", mend, "canonical")
    if call.name is not None:
        return call.published.read("Questionnaire", call.name).resource
    written = call.given.one(named[0])
    canonical = f"{written.get('url')}|{written.get('version') or ''}" if isinstance(written, dict) else str(written)
    return call.published.by_canonical("Questionnaire", canonical).resource


# ---- QuestionnaireResponse ----------------------------------------------------------------------------------------


def take_in(service: Service, published: Published, response: Json, client: Client) -> tuple[int, Json]:
    """Checks a filled-in form and keeps what it says as events. Returns the status and an OperationOutcome.

    What was filled in beforehand and left so is not said anew. What is sent twice is kept once. Raises Problem where it
    is not taken in.
    """
    store = _store(service)
    questionnaire = _form_of(published, response)
    subject = _answered_for(response)
    found = [*_faults_of_the_whole(response, service.today), *faults(questionnaire, response)]
    if found:
        return 422, outcome(found)
    person, by = person_of(service.settings, client, subject.id, subject.server), access(service, client)
    name = str(uuid5(NAMESPACE_URL, f"{person.server} {person.id} {_encode(response).decode()}"))
    record = _read(service, response, subject, name)
    events = [event for event in record.events if event.concept not in OF_THE_PATIENT]
    if not events:
        return 200, outcome([issue("information", "informational", "It says nothing new."), *_not_understood(record)])
    if _is_kept(store.events.of(person, by), events):
        return 200, outcome([issue("information", "informational", "It was kept before, and so changed nothing.")])
    store.events.append(person, events, by)
    return 201, outcome([_kept(events), *_not_understood(record)])


def _store(service: Service) -> Store:
    if service.store is None:
        raise Problem(501, "not-supported", "Nothing is kept here.", "Set the service up with a store.")
    return service.store


def _form_of(published: Published, response: Json) -> Json:
    """The Questionnaire that was answered. Raises Problem where it is none of this version."""
    if response["resourceType"] != "QuestionnaireResponse":
        what = f"The body is of type {shown(response['resourceType'])}."
        raise Problem(400, "structure", what, "Send a QuestionnaireResponse.")
    canonical = text_at(response, "questionnaire")
    found = published.search("Questionnaire", [("url", canonical)]).held if canonical else ()
    if not found:
        what, mend = "It answers no form of this version of the pathway.", "Name in `questionnaire` one that is served."
        raise Problem(422, "not-found", what, mend, "QuestionnaireResponse.questionnaire")
    return found[0].resource


def _answered_for(response: Json) -> Subject:
    reference = text_at(response.get("subject"), "reference")
    if reference is None:
        mend = "Give `subject`, such as Patient/17."
        raise Problem(422, "required", "It is not said whose answers these are.", mend, "QuestionnaireResponse.subject")
    return subject_in(reference)


def _faults_of_the_whole(response: Json, today: date) -> Iterator[Json]:
    if response.get("status") not in COMPLETE:
        words = f"Only what is {' or '.join(COMPLETE)} is taken in."
        yield issue("error", "business-rule", words, "QuestionnaireResponse.status")
    if not ("source" in response or "author" in response):
        words = "It is not said who answered: name them in `source`."
        yield issue("error", "required", words, "QuestionnaireResponse.source")
    authored = text_at(response, "authored")
    if authored is None:
        words = "It is not said on which day it was filled in."
        yield issue("error", "required", words, "QuestionnaireResponse.authored")
    elif day_of("authored", authored) > today:
        yield issue("error", "value", "It was filled in on a day to come.", "QuestionnaireResponse.authored")


def _read(service: Service, response: Json, subject: Subject, name: str) -> Record:
    """name: the id that the form is known by from now on."""
    return read_response(service.publication, service.reader, response, subject.id, name)


def _is_kept(kept: Record, events: list[Event]) -> bool:
    sources = {event.source for event in kept.events}
    return any(event.source in sources for event in events)


def _kept(events: list[Event]) -> Json:
    answers = "1 answer" if len(events) == 1 else f"{len(events)} answers"
    return issue("information", "informational", f"Kept: {answers}.")


def _not_understood(record: Record) -> Iterator[Json]:
    for note in record.ignored:
        yield issue("warning", "informational", f"Not understood: {note.why}.")
