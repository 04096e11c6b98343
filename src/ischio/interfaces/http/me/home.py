"""The patient's first page: what there is to do, in big rows."""

from dataclasses import dataclass

from starlette.responses import Response

from ischio.clinic.released import Released
from ischio.interfaces.http.me.frame import page
from ischio.interfaces.http.me.gate import PatientVisit
from ischio.interfaces.http.me.words import action_told
from ischio.interfaces.words import day, side_title


@dataclass(frozen=True, slots=True)
class Row:
    """Something to do. address: where it is done or read; empty: nowhere on this side."""

    title: str
    text: str
    icon: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Hip:
    """What was released of one hip. title: which, in words."""

    title: str
    rows: tuple[Row, ...]
    message: str


def home(visit: PatientVisit) -> Response:
    """GET /me."""
    return page(visit, "home", hips=tuple(_hip(visit, one) for one in visit.releases))


def _hip(visit: PatientVisit, released: Released) -> Hip:
    pathway = visit.service.pathway
    return Hip(side_title(pathway, released.side.value), tuple(_rows(visit, released)), released.message)


def _rows(visit: PatientVisit, released: Released) -> list[Row]:
    say, pathway = visit.gettext, visit.service.pathway
    rows = []
    if released.forms:
        text = say("Your answers show your clinic how you are.")
        rows.append(Row(say("Answer your questions"), text, "list", "/me/questions"))
    for one in released.exercises:
        rows.append(Row(pathway.concepts[one.component].title, one.dose, "done"))
    for id in released.actions:
        if told := action_told(pathway, id, visit.language):
            rows.append(Row(told.title, told.text, "plan"))
    if released.next_visit is not None and released.next_visit >= visit.today:
        rows.append(Row(say("Your next visit"), day(released.next_visit), "late"))
    return rows
