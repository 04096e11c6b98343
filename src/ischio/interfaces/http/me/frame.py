"""Renders a page of the patient's side in its frame: when to call, who looks after one, what the software is not."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.responses import HTMLResponse, Response

from ischio.clinic.released import diary_of
from ischio.interfaces.http.me.visit import PatientVisit
from ischio.interfaces.http.me.words import box_of
from ischio.interfaces.http.pages import files
from ischio.interfaces.http.pages.frame import environment
from ischio.interfaces.http.pages.language import LANGUAGES, PSEUDO
from ischio.interfaces.locale.catalogue import SPOKEN, primary


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


def page(visit: PatientVisit, name: str, status: int = 200, **values: object) -> Response:
    """NAME.html in the language of the visit. values: what the template shows besides the frame."""
    template = environment(visit.language, __package__).get_template(f"{name}.html")
    return HTMLResponse(template.render(**_frame(visit), **values), status)


def _frame(visit: PatientVisit) -> Mapping[str, object]:
    settings, told = visit.service.settings, SAID.get(visit.request.query_params.get("said", ""))
    return {
        "language": visit.language,
        "languages": _languages(visit),
        "css": files.address("css", "me"),
        "demo": settings.demo,
        "patient": visit.patient,
        "csrf": visit.csrf,
        "clinic": visit.whose.organisation,
        "phone": settings.patients.phone,
        "tongue": primary(visit.language),
        "box": box_of(visit.service.pathway, visit.language),
        "places": _places(visit) if visit.patient else (),
        "notice": visit.gettext(told) if told else "",
    }


def _languages(visit: PatientVisit) -> tuple[tuple[str, str, bool], ...]:
    """Tag, own name, and whether the page is in it; the pseudo-locale of the tests is offered to nobody."""
    offered = [one for one in LANGUAGES if one != PSEUDO]
    return tuple((one, SPOKEN.get(primary(one), one), one == visit.language) for one in offered)


def _places(visit: PatientVisit) -> tuple[Place, ...]:
    say, path = visit.gettext, visit.request.url.path
    every = (
        ("/me", say("Today"), "here"),
        *([("/me/diary", say("My diary"), "list")] if diary_of(visit.service.pathway) else []),
        ("/me/plan", say("My plan"), "plan"),
        ("/me/progress", say("My numbers"), "chart"),
        ("/me/devices", say("Devices"), "key"),
    )
    return tuple(Place(name, address, icon, path == address) for address, name, icon in every)
