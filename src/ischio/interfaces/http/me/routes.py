"""The patient's application put together: its gate, and the screens behind it."""

from starlette.routing import Route

from ischio.clinic.clinic import Clinic
from ischio.interfaces.http.me import devices, home, plan, progress, questions, start
from ischio.interfaces.http.me.gate import Handler, PatientGate
from ischio.interfaces.http.service import Service

Screen = tuple[str, str, Handler]
"""Address, method, and what answers."""

OPEN: tuple[Screen, ...] = (
    ("/in/{secret}", "GET", start.look),
    ("/in/{secret}", "POST", start.enter),
    ("/me/out", "GET", devices.out),
)
"""For everybody who has the address."""
SCREENS: tuple[Screen, ...] = (
    ("/me", "GET", home.home),
    *questions.ROUTES,
    ("/me/plan", "GET", plan.plan),
    ("/me/plan/{number:int}", "GET", plan.printed),
    ("/me/progress", "GET", progress.progress),
    ("/me/devices", "GET", devices.devices),
    ("/me/devices", "POST", devices.another),
    ("/me/out", "POST", devices.sign_out),
)
"""For whoever is let in on the device."""


def routes(service: Service, clinic: Clinic) -> list[Route]:
    gate = PatientGate(service, clinic)
    for_everybody = [Route(path, gate.open(handler), methods=[method]) for path, method, handler in OPEN]
    if service.settings.demo:
        # Sent from a clinician's page, which knows of no patient's session.
        for_everybody.append(Route(start.SHOWN, gate.endpoint(start.shown, gate.of_this_site), methods=["POST"]))
    own = [Route(path, gate.page(handler), methods=[method]) for path, method, handler in SCREENS]
    return [*for_everybody, *own]
