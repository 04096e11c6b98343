"""What is recorded of a person, entry by entry, and ways to add to it: lists to go through, and single facts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from starlette.responses import Response

from ischio.clinic.answers import Answer, Screen, screen_of, screened, screens
from ischio.clinic.knowledge import Knowledge
from ischio.clinic.taken_over import is_taken_over
from ischio.interfaces.http.pages.fields import Entered, answers_in, fields_for
from ischio.interfaces.http.pages.frame import gone_to, page
from ischio.interfaces.http.pages.gate import Refused
from ischio.interfaces.http.pages.visit import Visit
from ischio.interfaces.http.pages.writing import logins, write
from ischio.interfaces.words import UNIT_WORDS, day
from ischio.model.about import Scope, Side
from ischio.model.dates import PartialDate
from ischio.record.events import EVERYTHING, Event
from ischio.store.entries import Change, Logged
from ischio.store.event_form import NOT_READ, gaps_in
from ischio.store.faults import EventRefused, Superseded

NONE = "none-of-these"


@dataclass(frozen=True, slots=True)
class Line:
    """An entry of the event log in words. id: by which it can be taken back; empty if it cannot."""

    id: str
    title: str
    value: str
    side: str
    when: str
    kind: str
    by: str
    at: str
    change: str
    stands: bool


def record(visit: Visit) -> Response:
    """GET /p/{person}/record."""
    knowledge, chart = visit.clinic.knowledge, visit.chart
    asked = sorted(
        (fact.about.title, fact.id) for fact in knowledge.pathway.facts.values() if _is_asked(knowledge, fact.id)
    )
    return page(
        visit,
        "record",
        lines=tuple(_lines(knowledge, chart.logged, logins(visit))),
        lists=screens(knowledge),
        asked=asked,
        seen=chart.seen,
    )


def withdraw(visit: Visit) -> Response:
    """POST /p/{person}/record: takes back an entry."""
    try:
        visit.clinic.charts.withdraw(visit.known, visit.form.one("entry"), visit.chart.seen, visit.by)
    except (EventRefused, Superseded) as refused:
        (mistake, *_) = refused.mistakes
        raise Refused(409, mistake.what, mistake.mend, "cannot be taken back") from None
    return gone_to(f"/p/{visit.known.id}/record", "taken-back")


def taken_along(visit: Visit) -> Response:
    """GET /p/{person}/record.json: who they are and every event that stands, as FHIR; the audit tells who took it."""
    headers = {"content-disposition": 'attachment; filename="record.json"'}
    return Response(visit.clinic.transfer.out(visit.known, visit.by), 200, headers, "application/fhir+json")


def _is_asked(knowledge: Knowledge, fact: str) -> bool:
    return fact in knowledge.pathway.enquiries


def _lines(knowledge: Knowledge, logged: tuple[Logged, ...], logins: Mapping[str, str]) -> Iterator[Line]:
    """The newest first."""
    replaced = {each.replaces for each in logged}
    for each in reversed(logged):
        if each.event is None:
            continue
        event, stands = each.event, each.id not in replaced
        concept = knowledge.pathway.concepts.get(event.concept)
        yield Line(
            each.id if stands else "",
            concept.title if concept else event.concept.replace("_", " ").capitalize(),
            _value(knowledge, event),
            event.side.value if event.side else "",
            _when(event),
            event.kind.value,
            _by(each, logins),
            f"{day(each.by.at.date())} {each.by.at:%H:%M}",
            each.change.value if each.change is not Change.ADDED else "",
            stands,
        )


def _by(logged: Logged, logins: Mapping[str, str]) -> str:
    """Who wrote it, or who was there when it was taken over. The id of a patient's session tells nobody anything."""
    if logged.by.who.startswith("patient "):
        return "patient"
    login = logins.get(logged.by.who, logged.by.who)
    return f"records system ({login})" if logged.event and is_taken_over(logged.event) else login


def _value(knowledge: Knowledge, event: Event) -> str:
    if event.concept == NOT_READ:
        return f"{event.unread}: {_unread(knowledge, event)}"
    if isinstance(event.value, Decimal):
        unit = UNIT_WORDS.get(event.unit or "1", event.unit or "")
        return f"{event.value:f} {unit}".strip()
    if event.value is None:
        return ""
    return {"True": "yes", "False": "no"}.get(str(event.value), str(event.value).replace("_", " "))


def _unread(knowledge: Knowledge, event: Event) -> str:
    """Which kinds of entry could not be read."""
    concepts = knowledge.pathway.concepts
    named = (concepts[gap.concept].title if gap.concept in concepts else gap.concept for gap in gaps_in(event))
    return ", ".join("anything" if name == EVERYTHING else name for name in named)


def _when(event: Event) -> str:
    start, end = event.start, event.end
    if start is None:
        return ""
    return _day(start) if end is None or end == start else f"{_day(start)} to {_day(end)}"


def _day(told: PartialDate) -> str:
    """In words where it is told to the day; a month or a year as it was told."""
    return day(told.earliest) if told.exact else str(told)


# ---- one fact -----------------------------------------------------------------------------------------------------


def ask(visit: Visit) -> Response:
    """GET /p/{person}/ask/{fact}: the fields of one fact."""
    return _asking(visit, 200, Entered(side=visit.request.query_params.get("side", "")), ())


def asked(visit: Visit) -> Response:
    """POST of the same."""
    return write(visit, f"/p/{visit.known.id}", lambda *again: _asking(visit, *again))


def _asking(visit: Visit, status: int, entered: Entered, since: tuple[str, ...]) -> Response:
    knowledge = visit.clinic.knowledge
    fact = knowledge.pathway.facts.get(visit.request.path_params["fact"])
    if fact is None:
        raise Refused(404, visit.gettext("This version of the pathway does not ask that."), visit.gettext("Go back."))
    sides = tuple(side.value for side in Side) if fact.scope is Scope.HIP else ()
    return page(
        visit,
        "ask",
        status,
        fact=fact,
        fields=fields_for(knowledge, fact.id, entered=entered),
        sides=sides,
        side=entered.side,
        seen=visit.chart.seen,
        since=since,
    )


# ---- a list to go through -------------------------------------------------------------------------------------------


def checklist(visit: Visit) -> Response:
    """GET /p/{person}/lists/{fact}."""
    return _listed(visit, 200, Entered(), ())


def checked(visit: Visit) -> Response:
    """POST of the same: what is there is named; with `none of these` all of it counts as absent."""
    knowledge, found = visit.clinic.knowledge, _list_of(visit)

    def events() -> tuple[Event, ...]:
        side = visit.form.one("side")
        answers: list[Answer] = list(answers_in(visit.form, found.asks, side))
        none = visit.form.one(NONE) == "yes"
        return screened(knowledge, found, answers, none, _still(visit, found), visit.today, visit.service.new_uuid)

    return write(visit, f"/p/{visit.known.id}", lambda *again: _listed(visit, *again), events)


def _list_of(visit: Visit) -> Screen:
    name = visit.request.path_params["fact"]
    if name not in {each.fact for each in screens(visit.clinic.knowledge)}:
        raise Refused(404, visit.gettext("There is no such list."), visit.gettext("Go back to the record."))
    return screen_of(visit.clinic.knowledge, name)


def _still(visit: Visit, found: Screen) -> dict[str, str]:
    """What of the list is recorded as there now: concept -> title."""
    assessment = visit.chart.assessment
    known = {
        fact.id
        for about in (assessment.person, *assessment.hips)
        for fact in about.facts
        if fact.value in ("present", True)
    }
    concepts = visit.clinic.knowledge.pathway.concepts
    return {ask.concept: concepts[ask.concept].title for ask in found.asks if ask.fact in known}


def _listed(visit: Visit, status: int, entered: Entered, since: tuple[str, ...]) -> Response:
    knowledge, found = visit.clinic.knowledge, _list_of(visit)
    fields = {one.name: one for each in found.asks for one in fields_for(knowledge, each.fact, entered=entered)}
    own = {each.concept for each in found.asks}
    return page(
        visit,
        "checklist",
        status,
        found=found,
        fields=tuple(one for name, one in fields.items() if name in own),
        sides=tuple(side.value for side in Side) if any(each.sided for each in found.asks) else (),
        side=entered.side,
        still=_still(visit, found),
        fault=entered.faults.get("", ""),
        none_of_these=NONE,
        seen=visit.chart.seen,
        since=since,
    )
