"""The accounts of an organisation: who may sign in, opened, closed and given another password by an administrator."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.responses import Response
from starlette.routing import Route

from ischio.clinic.access import May
from ischio.clinic.accounts import Accounts, folded
from ischio.clinic.passwords import SHORTEST, PasswordRefused, Passwords
from ischio.interfaces.http.pages.forms import Form
from ischio.interfaces.http.pages.frame import gone_to, page
from ischio.interfaces.http.pages.gate import Gate, Refused
from ischio.interfaces.http.pages.roles import Shown, shown
from ischio.interfaces.http.pages.visit import Visit
from ischio.interfaces.http.pages.writing import UNPROCESSABLE
from ischio.model.mistake import IschioError
from ischio.store.accounts import AccountRefused, Role
from ischio.store.store import Store

ACCOUNTS = "/accounts"


@dataclass(frozen=True, slots=True)
class Line:
    """An account in the list. own: that of whoever looks. fault: why its new password was refused."""

    login: str
    roles: Sequence[Shown]
    open: bool
    own: bool
    fault: str


def routes(gate: Gate, store: Store, passwords: Passwords) -> list[Route]:
    pages = AccountPages(store, passwords)
    every = (
        (ACCOUNTS, "GET", pages.accounts),
        (ACCOUNTS, "POST", pages.open),
        (f"{ACCOUNTS}/password", "POST", pages.set_password),
        (f"{ACCOUNTS}/close", "POST", pages.close),
    )
    return [Route(path, gate.page(May.MANAGE_ACCOUNTS, handler), methods=[method]) for path, method, handler in every]


class AccountPages:
    """The login travels in the form and never in an address: it may be a name."""

    def __init__(self, store: Store, passwords: Passwords) -> None:
        self._store, self._passwords = store, passwords

    def accounts(self, visit: Visit) -> Response:
        return self._shown(visit)

    def open(self, visit: Visit) -> Response:
        """A new account of one's own organisation."""
        roles = [role for role in Role if role.value in visit.form.all("role")]
        if not roles:
            return self._shown(visit, {"role": visit.gettext("Choose what the account is for.")})
        login, organisation = visit.form.one("login"), visit.user.organisation
        try:
            self._of(visit).add(login, password_in(visit), organisation, roles, visit.by)
        except PasswordRefused as refused:
            return self._shown(visit, {"password": told(refused)})
        except AccountRefused as refused:
            return self._shown(visit, {"login": told(refused)})
        return gone_to(ACCOUNTS, "account-opened")

    def set_password(self, visit: Visit) -> Response:
        """Whoever was signed in with the account, or locked out of it, signs in with the new one."""
        login = visit.form.one("login")
        try:
            self._of(visit).set_password(login, password_in(visit), visit.by)
        except PasswordRefused as refused:
            return self._shown(visit, {"password": told(refused)}, folded(login))
        except AccountRefused as refused:
            raise gone(visit, refused) from None
        return gone_to(ACCOUNTS, "password-set")

    def close(self, visit: Visit) -> Response:
        """Not one's own: so an organisation always keeps somebody who can open accounts."""
        login = visit.form.one("login")
        if folded(login) == visit.user.login:
            what = visit.gettext("This is the account that you are signed in with.")
            raise Refused(UNPROCESSABLE, what, visit.gettext("Another administrator can close it."))
        try:
            self._of(visit).close(login, visit.by)
        except AccountRefused as refused:
            raise gone(visit, refused) from None
        return gone_to(ACCOUNTS, "account-closed")

    def _of(self, visit: Visit) -> Accounts:
        """Those that the visitor may see and change."""
        return Accounts(self._store, lambda: self._passwords, visit.user.organisation)

    def _shown(self, visit: Visit, faults: Mapping[str, str] | None = None, of: str = "") -> Response:
        """faults: by the field of the form that was refused. of: the login that it was about; empty: the new one."""
        wrong = faults or {}
        lines = [
            Line(
                each.login,
                shown(visit, each.roles),
                each.open,
                each.login == visit.user.login,
                wrong.get("password", "") if each.login == of else "",
            )
            for each in self._of(visit).every(visit.by)
        ]
        return page(
            visit,
            "accounts",
            UNPROCESSABLE if wrong else 200,
            lines=sorted(lines, key=lambda line: not line.open),
            roles=shown(visit),
            faults={} if of else wrong,
            typed=Form() if of else visit.form,
            shortest=SHORTEST,
        )


def password_in(visit: Visit) -> str:
    """As typed: it may begin or end with a blank."""
    return "".join(visit.form.all("password"))


def told(refused: IschioError) -> str:
    return " ".join(f"{mistake.what} {mistake.mend}" for mistake in refused.mistakes)


def gone(visit: Visit, refused: AccountRefused) -> Refused:
    """An account that is not there, or was closed meanwhile."""
    return Refused(404, refused.mistakes[0].what, visit.gettext("See in the list which accounts there are."))
