"""The patient's application put together: its gate, and the screens behind it."""

from starlette.routing import Route

from ischio.clinic.clinic import Clinic
from ischio.interfaces.http.me import calendar, devices, diary, home, plan, progress, questions, reminders, start
from ischio.interfaces.http.me.gate import Handler, PatientGate
from ischio.interfaces.http.service import Service
from ischio.interfaces.reminding.writing import STOPPED_AT

Screen = tuple[str, str, Handler]
"""Address, method, and what answers."""

OPEN: tuple[Screen, ...] = (
    ("/in/{secret}", "GET", start.look),
    ("/in/{secret}", "POST", start.enter),
    ("/me/out", "GET", devices.out),
    ("/me/worker.js", "GET", diary.worker),
)
"""For everybody who has the address."""
ADDRESSED: tuple[Screen, ...] = (
    (f"{STOPPED_AT}/{{token}}", "GET", reminders.stopping),
    (f"{STOPPED_AT}/{{token}}", "POST", reminders.stopped),
)
"""The same, and for mail programs too."""
SCREENS: tuple[Screen, ...] = (
    ("/me", "GET", home.home),
    *questions.ROUTES,
    ("/me/plan", "GET", plan.plan),
    ("/me/plan/{number:int}", "GET", plan.printed),
    ("/me/progress", "GET", progress.progress),
    ("/me/diary", "GET", diary.diary),
    ("/me/diary", "POST", diary.write),
    ("/me/diary/back", "POST", diary.take_back),
    ("/me/diary/week", "POST", diary.kept_up),
    ("/me/diary/state", "GET", diary.state),
    ("/me/calendar.ics", "GET", calendar.calendar_file),
    ("/me/reminders", "GET", reminders.reminders),
    ("/me/reminders", "POST", reminders.changed),
    ("/me/devices", "GET", devices.devices),
    ("/me/devices", "POST", devices.another),
    ("/me/out", "POST", devices.sign_out),
)
"""For whoever is let in on the device."""


def routes(service: Service, clinic: Clinic) -> list[Route]:
    gate = PatientGate(service, clinic)
    for_everybody = [Route(path, gate.open(handler), methods=[method]) for path, method, handler in OPEN]
    addressed = [Route(path, gate.addressed(handler), methods=[method]) for path, method, handler in ADDRESSED]
    if service.settings.demo:
        # Sent from a clinician's page, which knows of no patient's session.
        for_everybody.append(Route(start.SHOWN, gate.endpoint(start.shown, gate.of_this_site), methods=["POST"]))
    own = [Route(path, gate.page(handler), methods=[method]) for path, method, handler in SCREENS]
    return [*for_everybody, *addressed, *own]
