"""The patient's first page: what there is to do, in big rows."""

from collections.abc import Iterator
from dataclasses import dataclass

from starlette.responses import Response

from ischio.clinic.released import Released
from ischio.interfaces.http.me.frame import page
from ischio.interfaces.http.me.gate import PatientVisit
from ischio.interfaces.http.me.words import Plan, plan_of
from ischio.model.patient import Phrase

QUESTIONS = "/me/questions"


@dataclass(frozen=True, slots=True)
class Row:
    """Something to do. address: where it is done or read; empty: nowhere on this side."""

    title: Phrase
    text: Phrase
    icon: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Hip:
    """What was released of one hip. side: which, in words."""

    side: str
    rows: tuple[Row, ...]
    message: str


def home(visit: PatientVisit) -> Response:
    """GET /me."""
    return page(visit, "home", hips=tuple(_hip(visit, one) for one in visit.releases))


def _hip(visit: PatientVisit, released: Released) -> Hip:
    plan = plan_of(visit.service.pathway, released, visit.language)
    return Hip(plan.side, tuple(_rows(visit, released, plan)), plan.message)


def _rows(visit: PatientVisit, released: Released, plan: Plan) -> Iterator[Row]:
    def say(text: str) -> Phrase:
        return Phrase(visit.gettext(text), visit.language)

    if released.forms:
        yield Row(say("Answer your questions"), say("One at a time. You can stop, and go on later."), "list", QUESTIONS)
    for told, dose in plan.exercises:
        yield Row(told.title, Phrase(dose, visit.language), "done")
    for told in plan.actions:
        yield Row(told.title, told.text, "plan")
    if released.next_visit is not None and released.next_visit >= visit.today:
        yield Row(say("Your next visit"), Phrase(plan.next_visit, visit.language), "late")
    if released.numbers:
        yield Row(say("See your numbers"), say("How your pain and your scores went."), "chart", "/me/progress")
