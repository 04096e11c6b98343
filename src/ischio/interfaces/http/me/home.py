"""The patient's first page: what there is to do, in big rows."""

from collections.abc import Iterator
from dataclasses import dataclass

from starlette.responses import Response

from ischio.clinic.released import Released
from ischio.interfaces.handout.content import Handout, Whose, side_told
from ischio.interfaces.http.me.frame import page
from ischio.interfaces.http.me.visit import PatientVisit
from ischio.interfaces.http.me.words import told
from ischio.interfaces.http.pages.language import translations
from ischio.model.patient import Phrase

QUESTIONS, DIARY = "/me/questions", "/me/diary"


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
    record = visit.record
    hips = (
        _hip(visit, one, told(visit.service.pathway, one, record, Whose(), visit.language)) for one in visit.releases
    )
    return page(visit, "home", hips=tuple(hips))


def _hip(visit: PatientVisit, released: Released, plan: Handout | None) -> Hip:
    side = side_told(visit.service.pathway, released.side, translations(visit.language))
    return Hip(side, tuple(_rows(visit, released, plan)), released.message)


def _rows(visit: PatientVisit, released: Released, plan: Handout | None) -> Iterator[Row]:
    def say(text: str) -> Phrase:
        return Phrase(visit.gettext(text), visit.language)

    if released.forms:
        yield Row(say("Answer your questions"), say("One at a time. You can stop, and go on later."), "list", QUESTIONS)
    for one in plan.to_do if plan else ():
        if one.dose:
            yield Row(one.title, Phrase(one.dose, visit.language), "done", DIARY)
        else:
            yield Row(one.title, one.text, "plan")
    if plan and plan.next_visit and released.next_visit and released.next_visit >= visit.today:
        yield Row(say("Your next visit"), Phrase(plan.next_visit, visit.language), "late")
    if released.numbers:
        yield Row(say("See your numbers"), say("How your pain and your scores went."), "chart", "/me/progress")
