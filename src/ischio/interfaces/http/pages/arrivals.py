"""Somebody comes from elsewhere: signed in with their own account, from a records system on the page of its patient.

Who is not linked to an account yet is asked for it once. The token of the records system is used here once and kept
nowhere: what it gave is taken over into the person's event log.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ischio.clinic.access import May, Who, access_of
from ischio.clinic.clinic import Clinic
from ischio.clinic.identities import CLOSED, Identities, NotLetIn
from ischio.clinic.people import LONGEST
from ischio.clinic.signing_in import SigningIn, SignInRefused
from ischio.clinic.taken_over import number_in
from ischio.clinic.transfer import name_in
from ischio.interfaces.http.asked import Asked
from ischio.interfaces.http.guards.rates import caller
from ischio.interfaces.http.outward import guard_of
from ischio.interfaces.http.pages.frame import page, place_after
from ischio.interfaces.http.pages.gate import Gate, Refused
from ischio.interfaces.http.pages.sign_in import answered_later, fault_of, refuse_unencrypted, signed_in
from ischio.interfaces.http.pages.visit import Visit
from ischio.interfaces.http.service import Service
from ischio.interfaces.http.smart.browsers import browser_of
from ischio.interfaces.http.smart.kept import Kept
from ischio.interfaces.http.smart.person import read
from ischio.interfaces.http.whose import person_launched
from ischio.interfaces.words import capital
from ischio.model.mistake import RecordError
from ischio.remote.authority import SmartError
from ischio.remote.smart import Grant
from ischio.store.accounts import Account, AccountRefused, Role
from ischio.store.entries import Access, Action, Outcome, Person
from ischio.store.faults import PersonRefused, Superseded
from ischio.store.identities import Identity

LASTS = timedelta(minutes=10)
BY_A_CLICK = "whoever clicks on a page of ours"
"""In place of a browser, for what is offered in a frame, whose cookie a tab of its own does not show."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody whom a records system or a provider sends. identity: who they are.

    organisation: the id of the one that they come to. going: where to, if not to a patient. grant: of a launch: for
    which patient, and the right to read. sid: of the session at the provider. roles: that the provider gives; None: it
    gives none. makes: the login that an account to be made would like; None: none is made.
    """

    identity: Identity
    organisation: str
    going: str = ""
    grant: Grant | None = None
    sid: str = ""
    roles: frozenset[Role] | None = None
    makes: str | None = None


class Arrivals:
    def __init__(self, service: Service, clinic: Clinic, signing_in: SigningIn) -> None:
        self._service, self._clinic, self._signing_in = service, clinic, signing_in
        self._guard = guard_of(service.settings)
        self._identities = Identities(clinic.store)
        self._waiting = Kept("arrival", Arrival, clinic.store, service.clock)

    def routes(self, gate: Gate) -> list[Route]:
        path = "/arrived/{name}"
        return [
            Route(path, gate.open(self.arrive), methods=["GET"]),
            Route(path, gate.open(self.link), methods=["POST"]),
        ]

    def put(self, arrival: Arrival, browser: str) -> str:
        """The address that lets them in, once. browser: as its cookie names it, or BY_A_CLICK."""
        return f"/arrived/{self._waiting.put(arrival, self._service.clock() + LASTS, browser)}"

    def arrive(self, visit: Visit) -> Response:
        """Straight to the patient, or to the question who they are here."""
        arrival = self._arrival(visit)
        by = elsewhere(arrival, visit)
        try:
            account = self._identities.account_of(arrival.identity, arrival.organisation, by)
        except NotLetIn as refused:
            raise self._not_let_in(visit, refused) from None
        if account is None and arrival.makes is None:
            self._identities.ask(by)
            return self._asked(visit, arrival)
        self._take(visit)
        return self._let_in(visit, arrival, account or self._made(visit, arrival, by))

    def link(self, visit: Visit) -> Response:
        """POST: with a login and a password, which are asked for once."""
        refuse_unencrypted(visit)
        arrival = self._arrival(visit)
        # A password may begin or end with a blank.
        login, password = visit.form.one("login"), "".join(visit.form.all("password"))
        try:
            account = self._signing_in.account_of(login, password, caller(visit.request.scope), visit.now)
            self._identities.check(account, arrival.organisation, elsewhere(arrival, visit))
            self._identities.link(arrival.identity, account, access_of(account, visit.now))
        except SignInRefused as refused:
            return answered_later(self._asked(visit, arrival, fault_of(visit, refused), 401), refused)
        except NotLetIn as refused:
            raise self._not_let_in(visit, refused) from None
        except AccountRefused as refused:
            (mistake, *_) = refused.mistakes
            raise Refused(409, mistake.what, visit.gettext("An administrator can unlink it.")) from None
        self._take(visit)
        return self._let_in(visit, arrival, account)

    # ---- step by step -----------------------------------------------------------------------------------------------

    def _arrival(self, visit: Visit) -> Arrival:
        """Of the browser that was sent off. Of what was offered in a frame: by a click on a page of this site, which a
        link that somebody sent is not, nor one of another site.
        """
        name, clicked = visit.request.path_params["name"], visit.request.headers.get("sec-fetch-site") == "same-origin"
        arrival = self._waiting.get(name, browser_of(visit.request))
        if arrival is None and clicked:
            arrival = self._waiting.get(name, BY_A_CLICK)
        if arrival is None:
            raise _over(visit)
        return arrival

    def _take(self, visit: Visit) -> None:
        """It counts once, also for two at one moment."""
        if not self._waiting.end(visit.request.path_params["name"]):
            raise _over(visit)

    def _asked(self, visit: Visit, arrival: Arrival, fault: str = "", status: int = 200) -> Response:
        place, login = urlsplit(arrival.identity.issuer).netloc, visit.form.one("login")
        action = visit.request.url.path
        return page(visit, "arrived", status, **{"from": place}, fault=fault, login=login, action=action)

    def _made(self, visit: Visit, arrival: Arrival, by: Access) -> Account:
        """A new account, which the provider may make."""
        wish, roles = arrival.makes or "", arrival.roles or frozenset()
        try:
            return self._identities.make(arrival.identity, wish, arrival.organisation, roles, by)
        except AccountRefused as refused:
            (mistake, *_) = refused.mistakes
            raise Refused(409, mistake.what, visit.gettext("Tell those who run the service.")) from None

    def _let_in(self, visit: Visit, arrival: Arrival, account: Account) -> Response:
        if arrival.roles is not None:
            account = self._identities.with_roles(account, arrival.roles, elsewhere(arrival, visit))
        going = arrival.going if arrival.grant is None else self._patient(visit, arrival, arrival.grant, account)
        same_one = visit.who is not None and visit.who.account.id == account.id
        if arrival.grant is not None and same_one:
            # Their forms in other tabs stay good.
            return RedirectResponse(going, 303)
        token = self._signing_in.begin(account, visit.now, arrival.identity, arrival.sid)
        return signed_in(visit, self._signing_in, token, going)

    def _patient(self, visit: Visit, arrival: Arrival, grant: Grant, account: Account) -> str:
        """The address of the patient's page, with what the records system says of them now."""
        by = access_of(account, visit.now)
        if not Who(account, "", "").may(May.REGISTER_PEOPLE):
            self._note(by, Action.EXECUTE, None, Outcome.REFUSED, f"may not {May.REGISTER_PEOPLE.name.lower()}")
            what = visit.gettext("Your account is not allowed to see patients.")
            raise Refused(403, what, visit.gettext("Ask an administrator if it should be."))
        server = arrival.identity.issuer
        whom = person_launched(self._service.settings, server, grant.patient)
        try:
            asked = read(self._service, server, grant, self._guard)
            name, number = _names(visit, asked)
            known = self._clinic.people.take_over(whom, name, number, arrival.organisation, by)
            self._clinic.charts.follow(known, asked.record, by)
        except (SmartError, RecordError) as error:
            self._note(by, Action.READ, whom, Outcome.FAILED)
            what = visit.gettext("The records system did not give the record of this patient.")
            raise Refused(502, what, sentence(error)) from None
        except (PersonRefused, Superseded) as refused:
            self._note(by, Action.READ, whom, Outcome.REFUSED)
            (mistake, *_) = refused.mistakes
            raise Refused(409, mistake.what, mistake.mend) from None
        self._note(by, Action.READ, whom, Outcome.SUCCESS)
        return place_after(f"/p/{known.id}", "launched-in-part" if asked.record.gaps else "launched")

    def _note(self, by: Access, action: Action, whom: Person | None, outcome: Outcome, why: str = "launch") -> None:
        self._clinic.store.audit.write(by, action, "record", whom, outcome, why)

    def _not_let_in(self, visit: Visit, refused: NotLetIn) -> Refused:
        self._take(visit)
        if refused.why == CLOSED:
            what = visit.gettext("The account that is linked to you here is closed.")
        else:
            what = visit.gettext("Your account here is of another organisation than the one you come to.")
        return Refused(403, what, visit.gettext("Ask an administrator of the organisation."))


def elsewhere(arrival: Arrival, visit: Visit) -> Access:
    """Who it is, as they are known there."""
    return Access(f"{arrival.identity.issuer}/{arrival.identity.subject}", visit.now)


def sentence(error: SmartError | RecordError) -> str:
    """Why it failed, for those who run the service."""
    if isinstance(error, RecordError):
        return " ".join(mistake.what for mistake in error.mistakes)
    return f"{capital(str(error))}."


def _over(visit: Visit) -> Refused:
    what = visit.gettext("This way in has ended, or it was begun in another browser.")
    return Refused(403, what, visit.gettext("Begin again where you came from."))


def _names(visit: Visit, asked: Asked) -> tuple[str, str]:
    """Name and identifier of the Patient, as far as they may be read."""
    patient = {}
    with suppress(IndexError):
        patient = asked.answers[0][1].entries[0]
    return (name_in(patient) or visit.gettext("Without a name"))[:LONGEST], number_in(patient)[:LONGEST]
