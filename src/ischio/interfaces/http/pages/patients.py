"""The list of an organisation's people: red flags, what is overdue and what cannot be told first."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from starlette.responses import Response

from ischio.clinic.access import May
from ischio.clinic.people import SEXES
from ischio.clinic.standings import REVIEW, Listed
from ischio.engine.assess import age_on
from ischio.interfaces.http.pages.fields import told
from ischio.interfaces.http.pages.frame import gone_to, page
from ischio.interfaces.http.pages.visit import Visit
from ischio.interfaces.words import title_of
from ischio.model.dates import PartialDate
from ischio.model.mistake import Mistake
from ischio.model.pathway import Pathway
from ischio.model.rules import NOT_ON_PATHWAY
from ischio.record.case_values import Unfit, partial_date
from ischio.store.faults import PersonRefused
from ischio.store.standings import Place, Standing, Wanted

ON_A_PAGE = 25
DUE_WITHIN = 7
"""Days that count as due soon."""
NOT_ON = "Not on the pathway"
PLACES = {"red-flag": Place.RED_FLAG, "overdue": Place.OVERDUE, "cannot-tell": Place.CANNOT_TELL}


@dataclass(frozen=True, slots=True)
class Row:
    """One hip of one person, in words. place: what stands it where it is in the list. due_for: what the day is of, if
    it is not of the next step. late: whether it is past. scale: of which instrument the score is."""

    id: str
    name: str
    identifier: str
    age: int | None
    sex: str
    side: str
    stage: str
    since: date | None
    alert: str
    alert_on: date | None
    urgency: str
    diversion: str
    next: str
    due: date | None
    due_for: str
    late: bool
    missing: tuple[str, ...]
    scale: str
    score: str
    change: str
    place: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What the list was asked for. search: words; stage: an id; due: `week` or nothing; place: a key of PLACES."""

    search: str = ""
    stage: str = ""
    due: str = ""
    place: str = ""
    page: int = 1


def patients(visit: Visit) -> Response:
    """GET /patients, and POST for a search: what is searched for is no part of an address."""
    asked, on, knowledge = _asked(visit), visit.today, visit.clinic.knowledge
    wanted = Wanted(
        visit.user.organisation,
        on,
        asked.search,
        asked.stage,
        on + timedelta(days=DUE_WITHIN) if asked.due == "week" else None,
        PLACES.get(asked.place),
    )
    listed: Listed = visit.clinic.standings.list(wanted, visit.by, (asked.page - 1) * ON_A_PAGE, ON_A_PAGE, DUE_WITHIN)
    stages = [(stage.id, stage.about.title) for stage in knowledge.pathway.stages if stage.id in listed.stages]
    return page(
        visit,
        "patients",
        rows=tuple(row(knowledge.pathway, one, on) for one in listed.rows),
        asked=asked,
        nothing_asked=Asked(),
        may_register=visit.user.may(May.REGISTER_PEOPLE),
        listed=listed,
        stages=stages,
        first=(asked.page - 1) * ON_A_PAGE + 1,
        last=(asked.page - 1) * ON_A_PAGE + len(listed.rows),
        pages=-(-listed.counts.rows // ON_A_PAGE),
    )


def _asked(visit: Visit) -> Asked:
    given = visit.form.one if visit.request.method == "POST" else lambda name: visit.request.query_params.get(name, "")
    number = given("page")
    return Asked(
        visit.form.one("search")[:100],
        given("stage"),
        given("due"),
        given("place"),
        max(1, int(number)) if number.isdecimal() and len(number) < 7 else 1,
    )


def row(pathway: Pathway, one: Standing, on: date) -> Row:
    """A row of the list in words."""
    place = one.place(on)
    dated = one.due_for if one.due_for != REVIEW else None
    scale, score, change = _score(pathway, one)
    return Row(
        one.known.id,
        one.known.name,
        one.known.identifier,
        age_on(PartialDate.parse(one.born) if one.born else None, on),
        one.sex[:1].upper(),
        one.side.value.capitalize() if one.side else "",
        NOT_ON if one.stage == NOT_ON_PATHWAY else title_of(pathway, one.stage),
        one.since,
        _flag(pathway, one.alert),
        one.alert_on,
        next((flag.urgency for flag in pathway.flags if flag.fact == one.alert), ""),
        title_of(pathway, one.diversion) if one.diversion else "",
        title_of(pathway, dated or one.step or ""),
        one.due,
        "" if dated else REVIEW,
        place is Place.OVERDUE,
        tuple(title_of(pathway, fact) for fact in one.missing),
        scale,
        score,
        change,
        next((name for name, value in PLACES.items() if value is place), ""),
    )


def _flag(pathway: Pathway, flag: str | None) -> str:
    return title_of(pathway, flag) if flag else ""


def _score(pathway: Pathway, one: Standing) -> tuple[str, str, str]:
    if one.score is None:
        return "", "", ""
    change = "" if one.score.change is None else f"{one.score.change:+g}"
    return title_of(pathway, one.score.fact).removesuffix(" now"), f"{one.score.value:g}", change


# ---- taking somebody in -------------------------------------------------------------------------------------------


def new(visit: Visit) -> Response:
    """GET /patients/new."""
    return _form(visit, 200, {})


def register(visit: Visit) -> Response:
    """POST /patients/new."""
    form = visit.form
    try:
        born = _born(form.one("born"))
        known = visit.clinic.people.register(
            form.one("name"),
            form.one("identifier"),
            visit.user.organisation,
            visit.by,
            born,
            form.one("sex") or None,
            _id_of(form.one("new")),
        )
    except PersonRefused as refused:
        return _form(visit, 422, told(refused))
    return gone_to(f"/p/{known.id}", "added")


def _id_of(text: str) -> str | None:
    """The id that the form was given for the person; None where it has none."""
    try:
        return str(UUID(text))
    except ValueError:
        return None


def _born(text: str) -> PartialDate | None:
    """Raises PersonRefused for what is no date."""
    try:
        return partial_date(text) if text else None
    except Unfit as unfit:
        raise PersonRefused(Mistake(unfit.what, unfit.mend, where="born")) from None


def _form(visit: Visit, status: int, faults: dict[str, str]) -> Response:
    return page(visit, "new_patient", status, sexes=SEXES, form=visit.form, faults=faults, new=visit.service.new_uuid())
