"""Whose data it is: the one rule for the name under which a person is kept, for hooks, forms and launches alike.

An id of a Patient means one person on one FHIR server, and somebody else on another. So a person is kept under who
speaks (a caller speaks of its own people alone), the tenant if its token names one, and the server of the id.
"""

from dataclasses import replace
from urllib.parse import urlencode

from ischio.clinic.taken_over import is_taken_over
from ischio.fhir.apply.answered import SOURCE
from ischio.interfaces.http.service import Service
from ischio.interfaces.http.settings import Settings
from ischio.record.events import Record
from ischio.remote.tokens import Client
from ischio.store.entries import Access, Person

NOBODY = Client("not asked who they are")
"""Who calls where no clients are set up."""


def access(service: Service, client: Client) -> Access:
    """That this caller reads or writes now."""
    return Access(client.issuer, service.clock())


def person_of(settings: Settings, client: Client, patient: str, server: str | None = None) -> Person:
    """patient: the id, as the caller has it. server: the FHIR server that the caller names for it; None: it names
    none, and means its own, which is the one in the settings (where nobody is asked, this service).
    """
    if client is NOBODY:
        return Person((server or settings.base).rstrip("/"), patient)
    meant = server.rstrip("/") if server else own_server(settings, client)
    told = {"tenant": client.tenant, "server": meant}
    more = urlencode({name: value for name, value in told.items() if value})
    return Person(f"{client.issuer}?{more}" if more else client.issuer, patient)


def person_launched(settings: Settings, server: str, patient: str) -> Person:
    """The same person where a records system launches the application, which tells its FHIR server and no issuer."""
    caller = next((one for one in settings.clients if one.server == server.rstrip("/")), None)
    return person_of(settings, Client(caller.issuer) if caller else NOBODY, patient, server)


def own_server(settings: Settings, client: Client) -> str | None:
    """The FHIR server that a caller means where it names none; None: the settings do not say."""
    return next((one.server for one in settings.clients if one.issuer == client.issuer), None)


def kept_of(service: Service, person: Person, by: Access) -> Record | None:
    """What was told to the service itself of a person, such as the answers of a form; None: nothing.

    What was taken over from a records system is left out: it is asked there, where it may say something else by now.
    """
    if service.store is None:
        return None
    kept = service.store.events.of(person, by)
    # Of a form that was pushed the record has a copy, by whose name the two are known as one.
    there = {SOURCE + form.id: SOURCE + form.there for form in service.store.completed_forms.of(person) if form.there}
    named = (replace(event, source=there.get(event.source, event.source)) for event in kept.events)
    told = tuple(event for event in named if not is_taken_over(event))
    return replace(kept, events=told, gaps=()) if told else None
