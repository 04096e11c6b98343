"""Signing in and out: /sign-in, /sign-out, and / which leads to where the work is."""

import math
from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ischio.clinic.access import May, Who
from ischio.clinic.signing_in import SigningIn, SignInRefused
from ischio.interfaces.http.entrance import travels_open
from ischio.interfaces.http.guards.rates import caller
from ischio.interfaces.http.pages.frame import page
from ischio.interfaces.http.pages.gate import SIGN_IN, Gate, Refused, safe_next, set_cookie
from ischio.interfaces.http.pages.roles import Shown, shown
from ischio.interfaces.http.pages.visit import Visit
from ischio.interfaces.http.service import Service
from ischio.store.accounts import Account, Role
from ischio.store.store import Store

HOMES = (
    (May.SEE_PEOPLE, "/patients"),
    (May.SEE_AUTHORING, "/author"),
    (May.SEE_COHORT, "/cohort"),
    (May.MANAGE_ACCOUNTS, "/accounts"),
)
"""Where somebody begins, by the first of these that they may."""


def routes(service: Service, gate: Gate, signing_in: SigningIn) -> list[Route]:
    assert service.store is not None
    pages = SignInPages(service, service.store, signing_in)
    return [
        Route("/", gate.page(None, lambda visit: RedirectResponse(home(visit.who), 303))),
        Route(SIGN_IN, gate.open(pages.form), methods=["GET"]),
        Route(SIGN_IN, gate.open(pages.sign_in), methods=["POST"]),
        Route("/sign-out", gate.open(pages.sign_out), methods=["POST"]),
    ]


def home(who: Who | None) -> str:
    return next((place for may, place in HOMES if who and who.may(may)), "/about")


class SignInPages:
    def __init__(self, service: Service, store: Store, signing_in: SigningIn) -> None:
        self._service, self._store, self._signing_in = service, store, signing_in

    def form(self, visit: Visit) -> Response:
        return self._shown(visit, safe_next(visit.request.query_params.get("next", "")))

    def sign_in(self, visit: Visit) -> Response:
        refuse_unencrypted(visit)
        going = safe_next(visit.form.one("next"))
        try:
            token = self._token(visit)
        except SignInRefused as refused:
            return self._refused(visit, going, refused)
        return signed_in(visit, self._signing_in, token, going)

    def sign_out(self, visit: Visit) -> Response:
        """With `everywhere`, on every other machine too."""
        if visit.who is not None:
            self._signing_in.sign_out(visit.who, visit.now, everywhere=bool(visit.form.one("everywhere")))
        answer = RedirectResponse(SIGN_IN, 303)
        set_cookie(self._service, answer, "")
        return answer

    def _token(self, visit: Visit) -> str:
        for account in self._demonstrated():
            if account.login == visit.form.one("as"):
                return self._signing_in.begin(account, visit.now)
        # A password may begin or end with a blank.
        password = "".join(visit.form.all("password"))
        return self._signing_in.sign_in(visit.form.one("login"), password, caller(visit.request.scope), visit.now)

    def _offered(self, visit: Visit) -> Sequence[tuple[Account, Sequence[Shown]]]:
        """The accounts of the demonstration with their roles in words, in the order of the roles."""
        order = list(Role)
        told = [(each, shown(visit, each.roles)) for each in self._demonstrated()]
        return sorted(told, key=lambda each: [order.index(one.role) for one in each[1]])

    def _demonstrated(self) -> Sequence[Account]:
        """Of the demonstration: accounts without a password, which nobody else can use."""
        every = self._store.accounts.all() if self._service.settings.demo else ()
        return [account for account in every if account.open and not account.hash]

    def _refused(self, visit: Visit, going: str, refused: SignInRefused) -> Response:
        return answered_later(self._shown(visit, going, fault_of(visit, refused), 401), refused)

    def _shown(self, visit: Visit, going: str, fault: str = "", status: int = 200) -> Response:
        return page(
            visit,
            "sign_in",
            status,
            going=going,
            fault=fault,
            login=visit.form.one("login"),
            offered=self._offered(visit),
            providers=[one.name or urlsplit(one.issuer).netloc for one in self._service.settings.sign_in],
        )


def signed_in(visit: Visit, signing_in: SigningIn, token: str, going: str) -> Response:
    """On to a page, with the cookie of a session. going: empty: to where the work begins."""
    if visit.who is not None:
        # Whoever had this browser before is no longer signed in here.
        signing_in.sign_out(visit.who, visit.now)
    answer = RedirectResponse(going or home(signing_in.who(token, visit.now)), 303)
    set_cookie(visit.service, answer, token)
    return answer


def fault_of(visit: Visit, refused: SignInRefused) -> str:
    """Why a login and a password were not taken."""
    if refused.wait is None:
        return visit.gettext("The login or the password is wrong.")
    minutes = math.ceil(refused.wait.total_seconds() / 60)
    what = visit.ngettext(
        "Too many tries have failed. Try again in %(count)s minute.",
        "Too many tries have failed. Try again in %(count)s minutes.",
        minutes,
    )
    return what % {"count": minutes}


def answered_later(answer: Response, refused: SignInRefused) -> Response:
    """Tells a program, too, when another try is taken."""
    if refused.wait is not None:
        answer.status_code = 429
        answer.headers["retry-after"] = str(math.ceil(refused.wait.total_seconds()))
    return answer


def refuse_unencrypted(visit: Visit) -> None:
    if travels_open(visit.service):
        what = visit.gettext("A password would travel unencrypted, and can be read on its way.")
        raise Refused(403, what, visit.gettext("Those who run the service have to set it up with https."))
