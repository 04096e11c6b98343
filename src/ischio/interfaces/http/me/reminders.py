"""Reminders, as the patient chooses them: in a calendar of their own, by e-mail, or none; and stopping them."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from starlette.responses import RedirectResponse, Response

from ischio.clinic.reminders import ContactRefused, Rhythm, What
from ischio.interfaces.http.me.calendar import repeat_of
from ischio.interfaces.http.me.frame import page
from ischio.interfaces.http.me.visit import PatientVisit
from ischio.interfaces.http.pages.forms import Form

ADDRESS = "/me/reminders"
NO_FAULTS: Mapping[str, str] = MappingProxyType({})
FAULTS = {
    "address": "This is no e-mail address. Write it as in name@example.org.",
    "wants": "Tick at least one.",
}
"""What is wrong with a field, in English for gettext."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What stands in the form."""

    address: str = ""
    wants: tuple[str, ...] = ()
    rhythm: str = Rhythm.DAILY.value


def reminders(visit: PatientVisit) -> Response:
    """GET /me/reminders."""
    contact = visit.clinic.reminders.of(visit.known)
    if contact is None:
        return _shown(visit, Chosen())
    return _shown(visit, Chosen(contact.address, contact.wants, contact.rhythm or Rhythm.DAILY.value))


def changed(visit: PatientVisit) -> Response:
    """POST /me/reminders: what was ticked, or with `stop` none at all."""
    if visit.form.one("stop"):
        visit.clinic.reminders.stop(visit.known, "on the patient's page", visit.by)
        return RedirectResponse(f"{ADDRESS}?said=not-reminded", 303)
    chosen = chosen_in(visit.form)
    wants = [one for one in What if one.value in chosen.wants]
    rhythm = Rhythm(chosen.rhythm)
    try:
        visit.clinic.reminders.give(visit.known, chosen.address, wants, rhythm, visit.language, visit.by)
    except ContactRefused as refused:
        return _shown(
            visit, chosen, {one.where or "": visit.gettext(FAULTS[one.where or ""]) for one in refused.mistakes}
        )
    return RedirectResponse(f"{ADDRESS}?said=reminded", 303)


def stopping(visit: PatientVisit) -> Response:
    """GET /reminders/stop/{token}: to look at it changes nothing, because programs look at what stands in mails."""
    return page(visit, "stop_reminders", stopped=False)


def stopped(visit: PatientVisit) -> Response:
    """POST /reminders/stop/{token}: by a person, or by a mail program for them. Whether there were any is not told."""
    visit.clinic.reminders.stop_by_mail_link(visit.request.path_params["token"], visit.now)
    return page(visit, "stop_reminders", stopped=True)


def chosen_in(form: Form) -> Chosen:
    """What a form says; of a rhythm that there is not, the first."""
    rhythm = form.one("rhythm")
    known = rhythm if rhythm in [one.value for one in Rhythm] else Rhythm.DAILY.value
    return Chosen(form.one("address"), form.all("wants"), known)


def _shown(visit: PatientVisit, typed: Chosen, faults: Mapping[str, str] = NO_FAULTS) -> Response:
    return page(
        visit,
        "reminders",
        422 if faults else 200,
        contact=visit.clinic.reminders.of(visit.known),
        sends=bool(visit.service.settings.mail.host),
        typed=typed,
        faults=faults,
        repeat=repeat_of(visit),
    )
