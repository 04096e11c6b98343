"""Reminders of a person, on the page of their handout: on by the patient's word alone, and off at any time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from starlette.responses import Response

from ischio.clinic.reminders import ContactRefused, Rhythm, What
from ischio.interfaces.http.me.reminders import FAULTS, chosen_in
from ischio.interfaces.http.pages.frame import gone_to
from ischio.interfaces.http.pages.gate import Refused
from ischio.interfaces.http.pages.visit import Visit
from ischio.interfaces.http.pages.writing import UNPROCESSABLE
from ischio.interfaces.locale.catalogue import SPOKEN
from ischio.model.about import Side
from ischio.model.patient import ENGLISH
from ischio.store.contacts import Contact
from ischio.store.outbox import Sending


@dataclass(frozen=True, slots=True)
class Reminded:
    """How somebody is reminded. contact: None: not at all. by_patient: they said so themselves, on their page.

    sent: when the last one was; failed: when one was given up after that, or may not have arrived. sends: whether the
    service sends any. languages: in which it writes.
    """

    contact: Contact | None
    by_patient: bool
    sent: date | None
    failed: date | None
    sends: bool
    languages: Mapping[str, str]


def changed(visit: Visit) -> Response:
    """POST /p/{person}/reminders: by the patient's word, which is ticked; or with `stop` none."""
    form, say = visit.form, visit.gettext
    side = form.one("side")
    back = f"/p/{visit.known.id}/handout?side={side if side in [one.value for one in Side] else Side.RIGHT.value}"
    if form.one("stop"):
        visit.clinic.reminders.stop(visit.known, "by the clinic", visit.by)
        return gone_to(back, "not-reminded")
    if not form.one("word"):
        what = say("Nothing was kept: reminders are for those who asked for them.")
        raise Refused(UNPROCESSABLE, what, say("Ask the patient, and tick that they said yes."))
    chosen = chosen_in(form)
    wants = [one for one in What if one.value in chosen.wants]
    language = form.one("language") if form.one("language") in SPOKEN else ENGLISH
    try:
        visit.clinic.reminders.give(visit.known, chosen.address, wants, Rhythm(chosen.rhythm), language, visit.by)
    except ContactRefused as refused:
        mend = " ".join(say(FAULTS[one.where or ""]) for one in refused.mistakes)
        raise Refused(UNPROCESSABLE, say("Nothing was kept."), mend) from None
    return gone_to(back, "reminded")


def reminded(visit: Visit) -> Reminded:
    contact = visit.clinic.reminders.of(visit.known)
    told = visit.clinic.store.outbox.of(visit.known)
    sent = [one.next.date() for one in told if one.state is Sending.SENT]
    failed = [one.next.date() for one in told if one.state in (Sending.GIVEN_UP, Sending.UNCLEAR)]
    last, lost = max(sent, default=None), max(failed, default=None)
    return Reminded(
        contact,
        contact is not None and contact.given.who.startswith("patient "),
        last,
        lost if lost and (last is None or lost >= last) else None,
        bool(visit.service.settings.mail.host),
        SPOKEN,
    )
