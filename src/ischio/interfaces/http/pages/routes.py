"""The application put together: its gate, and the screens behind it."""

from datetime import timedelta

from starlette.routing import Route

from ischio.clinic.access import May
from ischio.clinic.clinic import Clinic
from ischio.clinic.knowledge import shipped
from ischio.clinic.links import Lasts as PatientsLast
from ischio.clinic.lock_out import Free
from ischio.clinic.passwords import Passwords
from ischio.clinic.signing_in import Lasts, SigningIn
from ischio.interfaces.http.me import routes as me
from ischio.interfaces.http.pages import (
    about,
    accounts,
    audit,
    author,
    cohort,
    files,
    handout,
    past,
    patients,
    position,
    record,
    reminders,
    score_form,
    sign_in,
    tour,
)
from ischio.interfaces.http.pages.arrivals import Arrivals
from ischio.interfaces.http.pages.follow_up import calendar, follow_up
from ischio.interfaces.http.pages.gate import Gate, Handler
from ischio.interfaces.http.pages.imaging import imaging, measured
from ischio.interfaces.http.pages.providers import Providers
from ischio.interfaces.http.pages.surgery import decided, surgery
from ischio.interfaces.http.pages.what_if import what_if
from ischio.interfaces.http.pages.why import why
from ischio.interfaces.http.service import Service
from ischio.interfaces.http.settings import Settings
from ischio.interfaces.http.smart import launching as smart

Screen = tuple[str, str, May, Handler]
"""Address, method, who may, and what answers."""

PLACES: tuple[Screen, ...] = (
    ("/patients", "GET", May.SEE_PEOPLE, patients.patients),
    ("/patients", "POST", May.SEE_PEOPLE, patients.patients),
    ("/patients/new", "GET", May.REGISTER_PEOPLE, patients.new),
    ("/patients/new", "POST", May.REGISTER_PEOPLE, patients.register),
    *author.ROUTES,
    *cohort.ROUTES,
    *audit.ROUTES,
)
PERSON: tuple[Screen, ...] = (
    ("/p/{person}", "GET", May.SEE_PEOPLE, position.position),
    ("/p/{person}/answers", "POST", May.WRITE_RECORD, position.answers),
    ("/p/{person}/decline", "POST", May.DECLINE, position.decline),
    ("/p/{person}/record", "GET", May.SEE_PEOPLE, record.record),
    ("/p/{person}/record", "POST", May.WRITE_RECORD, record.withdraw),
    ("/p/{person}/record.json", "GET", May.WRITE_RECORD, record.taken_along),
    ("/p/{person}/past", "GET", May.SEE_PEOPLE, past.past),
    ("/p/{person}/past/{answer}", "GET", May.SEE_PEOPLE, past.again),
    ("/p/{person}/past/{answer}/page", "GET", May.SEE_PEOPLE, past.as_page),
    ("/p/{person}/past/{answer}/assessment.json", "GET", May.SEE_PEOPLE, past.as_json),
    ("/p/{person}/ask/{fact}", "GET", May.WRITE_RECORD, record.ask),
    ("/p/{person}/ask/{fact}", "POST", May.WRITE_RECORD, record.asked),
    ("/p/{person}/lists/{fact}", "GET", May.WRITE_RECORD, record.checklist),
    ("/p/{person}/lists/{fact}", "POST", May.WRITE_RECORD, record.checked),
    ("/p/{person}/what-if", "GET", May.SEE_PEOPLE, what_if),
    ("/p/{person}/what-if", "POST", May.SEE_PEOPLE, what_if),
    ("/p/{person}/why/{rule}", "GET", May.SEE_PEOPLE, why),
    ("/p/{person}/imaging", "GET", May.SEE_PEOPLE, imaging),
    ("/p/{person}/imaging", "POST", May.WRITE_RECORD, measured),
    ("/p/{person}/forms", "GET", May.WRITE_RECORD, score_form.form),
    ("/p/{person}/forms", "POST", May.WRITE_RECORD, score_form.filled),
    ("/p/{person}/follow-up", "GET", May.SEE_PEOPLE, follow_up),
    ("/p/{person}/follow-up.ics", "GET", May.SEE_PEOPLE, calendar),
    ("/p/{person}/surgery", "GET", May.SEE_PEOPLE, surgery),
    ("/p/{person}/surgery", "POST", May.DECLINE, decided),
    ("/p/{person}/handout", "GET", May.SEE_PEOPLE, handout.handout),
    ("/p/{person}/handout", "POST", May.RELEASE, handout.release),
    ("/p/{person}/handout/page", "GET", May.SEE_PEOPLE, handout.printed),
    ("/p/{person}/handout/withdraw", "POST", May.RELEASE, handout.withdraw),
    ("/p/{person}/links", "POST", May.LET_IN, handout.link),
    ("/p/{person}/links/revoke", "POST", May.LET_IN, handout.revoke),
    ("/p/{person}/reminders", "POST", May.LET_IN, reminders.changed),
)


def routes(service: Service) -> list[Route]:
    """And the launches by which people come. Where nothing is kept there are none: nobody could sign in."""
    if service.store is None:
        return []
    knowledge = shipped(service.pathway, service.bindings, service.settings.overlay)
    clinic, passwords = Clinic(service.store, knowledge, lasts_of(service.settings)), Passwords()
    signing_in = signing_in_of(service, passwords)
    gate = Gate(service, signing_in, clinic.people, clinic)
    arrivals = Arrivals(service, clinic, signing_in)
    about_nobody = [Route(path, gate.page(may, handler), methods=[method]) for path, method, may, handler in PLACES]
    of_persons = [Route(path, gate.of_person(may, handler), methods=[method]) for path, method, may, handler in PERSON]
    for_everybody = [
        files.route(),
        Route("/about", gate.open(about.about), methods=["GET"]),
        Route("/why/{rule}", gate.page(None, why), methods=["GET"]),
    ]
    if service.settings.demo:
        for_everybody.append(Route(tour.TOUR, gate.open(tour.tour), methods=["GET"]))
    signed_in = sign_in.routes(service, gate, signing_in)
    providers = Providers(service, service.store, arrivals)
    elsewhere = [*providers.routes(gate), *smart.routes(service, service.store, arrivals), *arrivals.routes(gate)]
    return [
        *elsewhere,
        *for_everybody,
        *signed_in,
        *accounts.routes(gate, service.store, passwords),
        *about_nobody,
        *of_persons,
        *me.routes(service, clinic),
    ]


def lasts_of(settings: Settings) -> PatientsLast:
    """How long links and the devices of patients last."""
    patients = settings.patients
    return PatientsLast(*(timedelta(days=days) for days in (patients.link, patients.idle, patients.longest)))


def signing_in_of(service: Service, passwords: Passwords) -> SigningIn:
    assert service.store is not None
    pages = service.settings.pages
    lasts = Lasts(timedelta(minutes=pages.idle), timedelta(hours=pages.longest))
    return SigningIn(service.store, passwords, lasts, Free(pages.tries, pages.address_tries))
