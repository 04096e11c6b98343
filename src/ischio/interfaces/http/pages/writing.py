"""Writes what a form says into somebody's record, or shows the page again with what is wrong and all that was typed."""

from collections.abc import Callable

from starlette.responses import Response

from ischio.clinic.access import access_of
from ischio.clinic.answers import AnswersDoubted, AnswersRefused, events_of
from ischio.interfaces.http.pages.fields import Entered, answers_of, told
from ischio.interfaces.http.pages.frame import gone_to
from ischio.interfaces.http.pages.visit import Visit
from ischio.interfaces.words import title_of
from ischio.record.events import Event
from ischio.store.entries import Logged
from ischio.store.faults import Superseded

SIDES = ("right", "left", "")
UNPROCESSABLE, CONFLICT = 422, 409

Again = Callable[[int, Entered, tuple[str, ...]], Response]
"""Shows the page again: its status, what was entered, what was written since it was opened."""


def write(visit: Visit, to: str, again: Again, events: Callable[[], tuple[Event, ...]] | None = None) -> Response:
    """Keeps the answers of a form and goes on to a page. events: what the form says; else its answers."""
    side = visit.form.one("side")
    entered = Entered(visit.form, side=side)
    try:
        said = events() if events else _answered(visit, side)
        visit.clinic.charts.record(visit.known, said, seen_in(visit), visit.by)
    except AnswersRefused as refused:
        return again(UNPROCESSABLE, Entered(visit.form, told(refused), {}, side), ())
    except AnswersDoubted as doubted:
        return again(UNPROCESSABLE, Entered(visit.form, {}, told(doubted), side), ())
    except Superseded as superseded:
        return again(CONFLICT, entered, tuple(_meanwhile(visit, one) for one in superseded.since))
    return gone_to(to, "recorded")


def seen_in(visit: Visit) -> int:
    """How much of the record the writer had seen; nothing, if the form does not say."""
    seen = visit.form.number("seen")
    return -1 if seen is None else seen


def _answered(visit: Visit, side: str) -> tuple[Event, ...]:
    knowledge = visit.clinic.knowledge
    answers = list(answers_of(visit.form, knowledge, side if side in SIDES else ""))
    return events_of(knowledge, answers, visit.today, visit.service.new_uuid)


def logins(visit: Visit) -> dict[str, str]:
    """Who wrote, as the log has it, to the login by which colleagues know them."""
    return {access_of(one, visit.now).who: one.login for one in visit.clinic.store.accounts.all()}


def _meanwhile(visit: Visit, logged: Logged) -> str:
    pathway = visit.clinic.knowledge.pathway
    concept = logged.event.concept if logged.event else ""
    title = pathway.concepts[concept].title if concept in pathway.concepts else title_of(pathway, concept)
    who = visit.gettext("by you") if logged.by.who == visit.by.who else visit.gettext("by somebody else")
    return f"{logged.by.at:%H:%M}, {who}: {title or visit.gettext('an entry was taken back')}"
