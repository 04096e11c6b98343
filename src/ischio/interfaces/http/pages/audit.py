"""The audit of an organisation, for its administrators: who looked at whom and wrote what, and what was refused.

A person is named by the id alone: whoever looks after accounts sees no patient.
"""

from dataclasses import dataclass

from starlette.responses import Response

from ischio.clinic.access import May, access_of
from ischio.interfaces.http.pages.frame import page
from ischio.interfaces.http.pages.visit import Visit
from ischio.interfaces.words import day
from ischio.store.entries import Action, AuditEntry, Outcome

SHOWN = 100
"""Entries on a page; older ones by a button."""


@dataclass(frozen=True, slots=True)
class Line:
    """An entry in words. person: the id, as the store has it; why: the address pattern, or a short reason."""

    at: str
    login: str
    action: Action
    what: str
    person: str
    outcome: Outcome
    why: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for. login, person: empty for anybody's. refused: only what was. before: a number of an entry."""

    login: str = ""
    person: str = ""
    refused: bool = False
    before: int | None = None


def audit(visit: Visit) -> Response:
    """GET and POST /audit. What is looked for travels in the form: an id or a login has no place in an address."""
    form = visit.form
    asked = Asked(form.one("login"), form.one("person"), form.one("refused") == "yes", form.number("before"))
    store = visit.clinic.store
    accounts = [each for each in store.accounts.all() if each.organisation == visit.user.organisation]
    logins = {access_of(each, visit.now).who: each.login for each in accounts}
    wanted = [who for who, login in logins.items() if asked.login in ("", login)]
    store.audit.write(visit.by, Action.READ, "audit", None, Outcome.SUCCESS, "/audit")
    entries = store.audit.newest(
        wanted, SHOWN + 1, person=asked.person or None, refused=asked.refused, before=asked.before
    )
    lines = tuple(_line(each, logins[each.by.who]) for each in entries[:SHOWN])
    older = entries[SHOWN - 1].number if len(entries) > SHOWN else None
    return page(visit, "audit", lines=lines, asked=asked, logins=sorted(logins.values()), older=older)


def _line(entry: AuditEntry, login: str) -> Line:
    at, person = entry.by.at, entry.whom.id if entry.whom else ""
    return Line(f"{day(at.date())} {at:%H:%M:%S}", login, entry.action, entry.what, person, entry.outcome, entry.why)


ROUTES = (
    ("/audit", "GET", May.READ_AUDIT, audit),
    ("/audit", "POST", May.READ_AUDIT, audit),
)
"""Address, method, who may, and what answers."""
