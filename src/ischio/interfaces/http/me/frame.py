"""Renders a page of the patient's side in its frame: when to call, who looks after one, what the software is not."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse, Response

from ischio.interfaces.http.me.words import box_of
from ischio.interfaces.http.pages import files
from ischio.interfaces.http.pages.frame import environment
from ischio.interfaces.http.pages.language import LANGUAGES

if TYPE_CHECKING:
    from ischio.interfaces.http.me.gate import PatientVisit

NAMES = {"en-GB": "English", "es": "Español", "de": "Deutsch", "en-XA": "Pseudo"}
"""Languages by their own names. One that stands not here is not offered."""


@dataclass(frozen=True, slots=True)
class Place:
    name: str
    address: str
    icon: str
    here: bool


SAID = {
    "welcome": "You are in. Next time, open this page on this device: no link is needed.",
    "sent": "Sent. Your clinic has it now.",
    "reminded": "Saved. Your reminders are on.",
    "not-reminded": "Your reminders are off.",
    "saved": "Saved on this site. It is not sent yet.",
}
"""What a page says after a form was taken, in English for gettext, by the word in its address."""


def page(visit: "PatientVisit", name: str, status: int = 200, **values: object) -> Response:
    """NAME.html in the language of the visit. values: what the template shows besides the frame."""
    template = environment(visit.language, __package__).get_template(f"{name}.html")
    return HTMLResponse(template.render(**_frame(visit), **values), status)


def _frame(visit: "PatientVisit") -> Mapping[str, object]:
    settings, told = visit.service.settings, SAID.get(visit.request.query_params.get("said", ""))
    return {
        "language": visit.language,
        "languages": _languages(visit),
        "css": files.address("css", "me"),
        "demo": settings.demo,
        "patient": visit.patient,
        "csrf": visit.csrf,
        "clinic": _name(visit),
        "phone": settings.patients.phone,
        "box": box_of(visit.service.pathway, visit.language),
        "places": _places(visit) if visit.patient else (),
        "said": visit.gettext(told) if told else "",
    }


def _name(visit: "PatientVisit") -> str:
    """Of the organisation; empty where nobody is let in, or it has none."""
    if visit.patient is None:
        return ""
    every = visit.clinic.store.accounts.organisations()
    return next((one.name for one in every if one.id == visit.known.organisation), "")


def _languages(visit: "PatientVisit") -> tuple[tuple[str, str, bool], ...]:
    """Tag, own name, and whether the page is in it; the pseudo-locale of the tests is offered to nobody."""
    offered = [one for one in LANGUAGES if one in NAMES and one != "en-XA"]
    return tuple((one, NAMES[one], one == visit.language) for one in offered)


def _places(visit: "PatientVisit") -> tuple[Place, ...]:
    say, path = visit.gettext, visit.request.url.path
    every = (
        ("/me", say("Today"), "here"),
        ("/me/diary", say("My diary"), "list"),
        ("/me/plan", say("My plan"), "plan"),
        ("/me/progress", say("My numbers"), "chart"),
        ("/me/devices", say("Devices"), "key"),
    )
    return tuple(Place(name, address, icon, path == address) for address, name, icon in every)
