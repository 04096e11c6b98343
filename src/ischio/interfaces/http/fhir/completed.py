"""The forms that patients completed here, for the records system that knows them: read by id, found by search."""

import re
from collections.abc import Callable, Sequence
from datetime import date

from starlette.requests import Request
from starlette.responses import Response

from ischio.clinic.completed import Completed
from ischio.fhir.export.publication import Json
from ischio.interfaces.http.fhir.published import Found, held
from ischio.interfaces.http.fhir.replies import reply
from ischio.interfaces.http.fhir.searching import asked_for, searched
from ischio.interfaces.http.fhir.subjects import subject_in
from ischio.interfaces.http.problems import Problem
from ischio.interfaces.http.service import Service
from ischio.interfaces.http.whose import NOBODY, access, own_server, person_of
from ischio.model.dates import PartialDate
from ischio.remote.tokens import Client
from ischio.store.entries import Action, Outcome, Person
from ischio.store.store import Store

WHOSE = {"patient": "reference", "subject": "reference"}
SEARCHED = {"_id": "token", "identifier": "token", "status": "token", "questionnaire": "reference", "authored": "date"}
"""The search parameters beside those that say whose forms are searched, with their kinds."""
_DAY = re.compile(r"(?P<prefix>eq|ge|gt|le|lt)?(?P<day>[0-9]{4}(-[0-9]{2}){0,2})")


def read(request: Request, service: Service, client: Client) -> Response:
    """Raises Problem where the caller's people sent in no such form."""
    store, id, by = _store(service, client), request.path_params["id"], access(service, client)
    form = store.completed_forms.find(id, person_of(service.settings, client, "").server)
    if form is None:
        store.audit.write(by, Action.READ, "completed form", None, Outcome.REFUSED, "unknown form")
        raise Problem(404, "not-found", "None of your patients sent in this form.", "Search by `patient`.")
    response = Completed(store, service.publication).response(form, _reference(service, client, form.person), by)
    if response is None:
        what, mend = "This version of the pathway no longer has what was asked.", "Ask those who run the service."
        raise Problem(404, "not-supported", what, mend)
    found = held(response)
    return reply(request, found.body, headers={"ETag": found.tag})


def search(request: Request, service: Service, client: Client, address: str) -> Response:
    """Those of one patient that fit all parameters, by the days on which they were sent in."""
    store, asked = _store(service, client), asked_for(request)
    person = _person(service, client, [value for name, value in asked if name in WHOSE])
    told = Completed(store, service.publication).of(
        person, _reference(service, client, person), access(service, client)
    )
    tests, unknown = [], []
    for name, value in asked:
        if name.partition(":")[0] in SEARCHED:
            tests.append(_test(name, value))
        elif name not in WHOSE:
            unknown.append(name)
    fitting = [held(one) for one in told.responses if all(test(one) for test in tests)]
    return searched(request, Found(fitting, unknown, told.untold), address)


def _store(service: Service, client: Client) -> Store:
    """Raises Problem where nobody is asked who they are: what patients answered is for those who know them."""
    if client is NOBODY:
        mend = "List the records systems that may call in the settings ([[clients]])."
        raise Problem(403, "forbidden", "What patients answered is given to callers that are listed.", mend)
    if service.store is None:
        raise Problem(501, "not-supported", "Nothing is kept here.", "Set the service up with a store.")
    return service.store


def _person(service: Service, client: Client, said: Sequence[str]) -> Person:
    if len(set(said)) != 1:
        mend = "Name one, such as patient=17."
        raise Problem(400, "required", "It is not said whose forms are meant, or of several.", mend, "patient")
    subject = subject_in(said[0])
    person = person_of(service.settings, client, subject.id, subject.server)
    if person != person_of(service.settings, client, subject.id):
        mend = "Name one of your own server by the id alone."
        raise Problem(422, "not-supported", "The patient is of another server than the caller's.", mend, "patient")
    return person


def _reference(service: Service, client: Client, person: Person) -> Json:
    """To the Patient where the caller has them, as far as the settings tell where that is."""
    server = own_server(service.settings, client)
    return {"reference": f"{server.rstrip('/')}/Patient/{person.id}" if server else f"Patient/{person.id}"}


# ---- whether a form fits --------------------------------------------------------------------------------------------


def _test(name: str, value: str) -> Callable[[Json], bool]:
    """Whether a form has one of the values that commas separate."""
    if name not in SEARCHED:
        modifier = name.partition(":")[2]
        raise Problem(400, "not-supported", f"The modifier :{modifier} is not known.", "Leave it out.", name)
    fits = [_fits(name, each) for each in value.split(",")]
    return lambda response: any(test(response) for test in fits)


def _fits(name: str, value: str) -> Callable[[Json], bool]:
    match name:
        case "authored":
            return _authored(value)
        case "questionnaire":
            return lambda response: value in (response[name], response[name].partition("|")[0])
        case "identifier":
            return lambda response: value in _tokens(response[name])
        case _:
            return lambda response: bool(response[name.removeprefix("_")] == value)


def _tokens(identifier: Json) -> tuple[str, ...]:
    system, value = identifier["system"], identifier["value"]
    return value, f"{system}|{value}", f"{system}|"


def _authored(value: str) -> Callable[[Json], bool]:
    found = _DAY.fullmatch(value)
    try:
        day = PartialDate.parse(found["day"] if found else "")
    except ValueError:
        raise Problem(400, "value", "authored is no date.", "Write it so: authored=ge2026-03-31.", "authored") from None
    prefix = found["prefix"] if found else None

    def test(response: Json) -> bool:
        on = date.fromisoformat(response["authored"])
        match prefix:
            case "ge":
                return on >= day.earliest
            case "gt":
                return on > day.latest
            case "le":
                return on <= day.latest
            case "lt":
                return on < day.earliest
            case _:
                return day.earliest <= on <= day.latest

    return test
