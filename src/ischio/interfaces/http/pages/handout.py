"""The handout of a person: what a clinician releases to them, the links that let them in, and what they see by now.

Nothing is chosen beforehand: each thing that a patient is told was ticked by somebody who knows them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from markupsafe import Markup
from starlette.responses import Response

from ischio.clinic.access import May
from ischio.clinic.links import LinkRefused, Made
from ischio.clinic.release import LONGEST_DOSE, LONGEST_MESSAGE, MANY_EXERCISES, ReleaseRefused
from ischio.clinic.released import Exercise, Released, can_be_told, is_exercise
from ischio.fhir.export.questions import FORMS
from ischio.interfaces.drawing.qr import qr_svg
from ischio.interfaces.handout.content import Handout, Whose
from ischio.interfaces.http.me.words import box_of, told
from ischio.interfaces.http.on_paper import makes_pdf, on_paper
from ischio.interfaces.http.pages.forms import Form
from ischio.interfaces.http.pages.frame import gone_to, page
from ischio.interfaces.http.pages.gate import Refused
from ischio.interfaces.http.pages.reminders import reminded
from ischio.interfaces.http.pages.visit import Visit
from ischio.interfaces.http.pages.writing import UNPROCESSABLE
from ischio.interfaces.locale.catalogue import SPOKEN
from ischio.interfaces.telling import alerts, is_dead, on_pathway
from ischio.interfaces.words import side_title
from ischio.model.about import Side
from ischio.model.assessment import Hip
from ischio.model.patient import ENGLISH
from ischio.store.links import Link, LinkChange, Purpose

DAY = "next_visit"


@dataclass(frozen=True, slots=True)
class Offer:
    """An action that can be ticked. title, text: as the patient reads them. status: as the pathway has it now.

    dose: what is typed of an exercise; None of anything else. fault: what is wrong with it.
    """

    id: str
    title: str
    text: str
    status: str
    ticked: bool
    dose: str | None = None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class LinkLine:
    """A link in the list. state: a word for the template; open: it can still be revoked."""

    id: str
    purpose: Purpose
    made: date
    until: date
    state: str
    open: bool
    wrong: int


@dataclass(frozen=True, slots=True)
class Typed:
    """What was sent and not kept. faults: by field. preview: what would be released."""

    form: Form = field(default_factory=Form)
    faults: Mapping[str, str] = field(default_factory=dict)
    preview: Handout | None = None


def handout(visit: Visit) -> Response:
    """GET /p/{person}/handout?side=right."""
    return _shown(visit, _side(visit, visit.request.query_params.get("side", "")), Typed())


def release(visit: Visit) -> Response:
    """POST /p/{person}/handout: looked at first, and released with the second button."""
    side = _side(visit, visit.form.one("side"))
    hip = _hip(visit, side)
    if hip is None:
        raise Refused(UNPROCESSABLE, visit.gettext("This side is not on the pathway."), visit.gettext("Open the page."))
    faults, released = dict(_faults(visit, hip)), _released(visit, hip)
    if faults:
        return _shown(visit, side, Typed(visit.form, faults), UNPROCESSABLE)
    if visit.form.one("do") != "release":
        return _shown(visit, side, Typed(visit.form, preview=_told(visit, released)))
    visit.clinic.releases.release(visit.known, released, visit.by)
    return gone_to(f"/p/{visit.known.id}/handout?side={side.value}", "released")


def printed(visit: Visit) -> Response:
    """GET /p/{person}/handout/page?side=right&language=es: what was released, on paper; with `&as=pdf` as a file."""
    query = visit.request.query_params
    side = _side(visit, query.get("side", ""))
    before = next((one for one in visit.clinic.releases.of(visit.known) if one.side is side), None)
    found = _told(visit, before, query.get("language", ENGLISH)) if before else None
    if found is None:
        what = visit.gettext("Nothing of this side was released.")
        raise Refused(404, what, visit.gettext("Release a plan first; then it can be printed."))
    return on_paper(visit, visit.service.settings, found)


def withdraw(visit: Visit) -> Response:
    """POST /p/{person}/handout/withdraw: the patient sees nothing of it any more."""
    side = _side(visit, visit.form.one("side"))
    visit.clinic.releases.withdraw(visit.known, side, visit.by)
    return gone_to(f"/p/{visit.known.id}/handout?side={side.value}", "withdrawn")


def link(visit: Visit) -> Response:
    """POST /p/{person}/links: a new link. It stands in this answer alone, and in no address of ours."""
    side = _side(visit, visit.form.one("side"))
    try:
        made = visit.clinic.links.make(visit.known, visit.by)
    except LinkRefused as refused:
        (mistake,) = refused.mistakes
        return _shown(visit, side, Typed(faults={"link": f"{mistake.what} {mistake.mend}"}), UNPROCESSABLE)
    return _shown(visit, side, Typed(), made=made)


def revoke(visit: Visit) -> Response:
    """POST /p/{person}/links/revoke: one link, or with `all` every link and every device."""
    if visit.form.one("all"):
        visit.clinic.links.revoke_all(visit.known, visit.by)
    else:
        visit.clinic.links.revoke(visit.known, visit.form.one("link"), visit.by)
    return gone_to(f"/p/{visit.known.id}/handout?side={_side(visit, visit.form.one('side')).value}", "revoked")


# ---- what is offered ------------------------------------------------------------------------------------------------


def _side(visit: Visit, asked: str) -> Side:
    """The side that is asked for; else that of the first hip on the pathway."""
    known = {side.value: side for side in Side}
    first = next((Side(hip.side) for hip in on_pathway(visit.chart.assessment)), Side.RIGHT)
    return known.get(asked, first)


def _hip(visit: Visit, side: Side) -> Hip | None:
    return next((hip for hip in on_pathway(visit.chart.assessment) if hip.side == side.value), None)


def _offers(visit: Visit, hip: Hip, typed: Typed, before: Released | None) -> tuple[Offer, ...]:
    """What is in force, in the patient's words."""
    pathway, (ticked, doses) = visit.service.pathway, _ticked(typed, before)
    actions = [*hip.actions, *visit.chart.assessment.person.actions]
    return tuple(
        Offer(
            action.id,
            words.title.text,
            words.text.text,
            action.status,
            action.id in ticked,
            doses.get(action.id, "") if is_exercise(pathway, action.id) else None,
            typed.faults.get(f"dose.{action.id}", ""),
        )
        for action in actions
        if can_be_told(pathway, action)
        for words in (pathway.patient[ENGLISH].actions[action.id],)
    )


def _ticked(typed: Typed, before: Released | None) -> tuple[frozenset[str], Mapping[str, str]]:
    """What was sent; else what was released before. Of a first time nothing."""
    if typed.form.fields:
        doses = {name[5:]: typed.form.one(name) for name in typed.form.names() if name.startswith("dose.")}
        return frozenset(typed.form.all("action")), doses
    if before is None:
        return frozenset(), {}
    doses = {one.component: one.dose for one in before.exercises}
    return frozenset((*before.actions, *doses)), doses


def _released(visit: Visit, hip: Hip) -> Released:
    """What the form says, of what is offered: nothing else can be released, whatever was sent."""
    form, pathway = visit.form, visit.service.pathway
    ticked = [one for one in _offers(visit, hip, Typed(form), None) if one.ticked]
    return Released(
        side=Side(hip.side),
        stage=hip.stage.id if form.one("stage") and not _flagged(visit) else "",
        actions=tuple(one.id for one in ticked if one.dose is None),
        exercises=tuple(Exercise(one.id, " ".join(one.dose.split())) for one in ticked if one.dose is not None),
        forms=tuple(one.name for one in FORMS if one.set and one.name in form.all("form")),
        next_visit=_day(form.one(DAY)),
        message=form.one("message"),
        numbers=bool(form.one("numbers")),
        pathway_version=pathway.version,
        on=visit.today,
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _faults(visit: Visit, hip: Hip) -> Iterator[tuple[str, str]]:
    """Field and what is wrong with it."""
    say, form = visit.gettext, visit.form
    if form.one(DAY) and _day(form.one(DAY)) is None:
        yield DAY, say("This is no date. Write it as 2026-03-31.")
    offered = {one.id for one in _offers(visit, hip, Typed(form), None)}
    if set(form.all("action")) - offered:
        yield "", say("Something that was ticked is not in force any more. Look at the list again.")
    if _flagged(visit) and form.all("action") and not form.one("despite"):
        yield "despite", say("A red flag stands. Tick that you release this all the same, or untick the actions.")
    try:
        visit.clinic.releases.check(_released(visit, hip))
    except ReleaseRefused as refused:
        yield from ((one.where or "", f"{one.what} {one.mend}") for one in refused.mistakes)


def _told(visit: Visit, released: Released, language: str = ENGLISH) -> Handout | None:
    every = visit.clinic.store.accounts.organisations()
    name = next((one.name for one in every if one.id == visit.known.organisation), "")
    whose = Whose(visit.known.name, name, visit.service.settings.patients.phone)
    return told(visit.service.pathway, released, visit.chart.record, whose, language)


def _flagged(visit: Visit) -> bool:
    return any(alerts(visit.chart.assessment, visit.service.pathway))


# ---- the page -------------------------------------------------------------------------------------------------------


def _shown(visit: Visit, side: Side, typed: Typed, status: int = 200, made: Made | None = None) -> Response:
    hip, pathway = _hip(visit, side), visit.service.pathway
    releases: Sequence[Released] = visit.clinic.releases.of(visit.known)
    before = next((one for one in releases if one.side is side), None)
    offers = (
        _offers(visit, hip, typed, before) if hip and not is_dead(visit.chart.assessment, visit.service.pathway) else ()
    )
    address = f"{visit.service.settings.base}/in/{made.secret}" if made else ""
    return page(
        visit,
        "handout",
        status,
        hip=hip,
        dead=is_dead(visit.chart.assessment, visit.service.pathway),
        side=side.value,
        title=side_title(pathway, side.value),
        sides=[(one.side, side_title(pathway, one.side)) for one in on_pathway(visit.chart.assessment)],
        exercises=[one for one in offers if one.dose is not None],
        actions=[one for one in offers if one.dose is None],
        forms=[one for one in FORMS if one.set],
        typed=_fields(typed, before),
        faults=typed.faults,
        preview=typed.preview,
        before=before,
        unread=visit.clinic.releases.unread(visit.known),
        now=_told(visit, before) if before else None,
        pdf=makes_pdf(),
        box=box_of(pathway, ENGLISH),
        tongue=ENGLISH,
        spoken=[(one, SPOKEN.get(one, one)) for one in pathway.patient],
        phone=visit.service.settings.patients.phone,
        flagged=_flagged(visit),
        many=MANY_EXERCISES,
        longest=LONGEST_MESSAGE,
        longest_dose=LONGEST_DOSE,
        links=[_line(visit, one) for one in visit.clinic.links.of(visit.known)],
        devices=visit.clinic.links.devices(visit.known, visit.now),
        address=address,
        until=made.link.until.date() if made else None,
        qr=Markup(qr_svg(address, visit.gettext("QR code of the link"))) if made else "",
        reminded=reminded(visit),
        may_release=visit.user.may(May.RELEASE),
        may_let_in=visit.user.may(May.LET_IN),
    )


def _fields(typed: Typed, before: Released | None) -> Mapping[str, object]:
    """What stands in the other fields: what was sent, else what was released before."""
    form = typed.form
    if form.fields:
        named = {name: form.one(name) for name in ("stage", "message", DAY, "numbers", "despite")}
        return {**named, "form": form.all("form")}
    if before is None:
        return {"stage": "", "message": "", DAY: "", "numbers": "", "despite": "", "form": ()}
    day = before.next_visit.isoformat() if before.next_visit else ""
    told = {"stage": before.stage, "message": before.message, DAY: day, "numbers": before.numbers, "despite": ""}
    return {**told, "form": before.forms}


def _line(visit: Visit, link: Link) -> LinkLine:
    waits = link.last in (LinkChange.MADE, LinkChange.WRONG_DATE)
    open = waits and visit.now < link.until
    state = "open" if open else "ended" if waits else link.last.value
    return LinkLine(link.id, link.purpose, link.made.at.date(), link.until.date(), state, open, link.wrong)
