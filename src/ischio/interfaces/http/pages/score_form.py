"""The scores that the pathway follows, entered as a set of one day and one hip."""

from dataclasses import dataclass

from starlette.responses import Response

from ischio.clinic.answers import Ask, asks_for, events_of
from ischio.clinic.knowledge import Knowledge
from ischio.interfaces.http.pages.fields import Entered, Field, fields_for
from ischio.interfaces.http.pages.frame import page
from ischio.interfaces.http.pages.gate import Refused
from ischio.interfaces.http.pages.one_day import DAY, answers
from ischio.interfaces.http.pages.visit import Visit
from ischio.interfaces.http.pages.writing import write
from ischio.interfaces.scores import Reading, score_charts
from ischio.interfaces.telling import side_of
from ischio.interfaces.words import side_title
from ischio.model.about import Side
from ischio.model.measures import Better, Outcome
from ischio.model.mistake import Mistake
from ischio.record.events import Event


@dataclass(frozen=True, slots=True)
class Asked:
    """A score to be entered. last: the newest reading of this hip, to see a slip by; None if there is none."""

    title: str
    higher_is_better: bool
    fields: tuple[Field, ...]
    last: Reading | None


def form(visit: Visit) -> Response:
    """GET /p/{person}/forms?side=right."""
    return _shown(visit, 200, Entered(side=visit.request.query_params.get("side", "")), ())


def filled(visit: Visit) -> Response:
    """POST /p/{person}/forms: the set is recorded whole, or not at all. Then the follow-up shows it."""

    def events() -> tuple[Event, ...]:
        knowledge = visit.clinic.knowledge
        nothing = Mistake("Nothing was filled in.", "Write at least one score.")
        given = answers(asks(knowledge), visit.form, visit.today, nothing, "The day is missing.")
        return events_of(knowledge, given, visit.today, visit.service.new_uuid)

    return write(visit, f"/p/{visit.known.id}/follow-up", lambda *again: _shown(visit, *again), events)


def outcomes(knowledge: Knowledge) -> tuple[Outcome, ...]:
    """The scores of the pathway; none where it follows none."""
    followed = knowledge.pathway.outcomes
    return tuple(followed.scores.values()) if followed else ()


def asks(knowledge: Knowledge) -> tuple[Ask, ...]:
    return tuple(ask for outcome in outcomes(knowledge) for ask in asks_for(knowledge, outcome.value))


def _side(visit: Visit, asked: str) -> Side:
    return side_of(asked, visit.chart.assessment)


def _shown(visit: Visit, status: int, entered: Entered, since: tuple[str, ...]) -> Response:
    """The form, also after what was refused: with everything that was typed."""
    pathway, side = visit.clinic.knowledge.pathway, _side(visit, entered.side)
    asked = _asked(visit, side, entered)
    if not asked:
        raise Refused(404, visit.gettext("This pathway follows no score."), visit.gettext("Go back to the follow-up."))
    return page(
        visit,
        "score_form",
        status,
        asked=asked,
        side=side.value,
        title=side_title(pathway, side.value),
        sides=tuple((one.value, side_title(pathway, one.value)) for one in Side),
        day=entered.form.one(DAY) if entered.form.fields else visit.today,
        day_fault=entered.faults.get(DAY, ""),
        fault=entered.faults.get("", ""),
        refused=bool(entered.faults or entered.doubts),
        seen=visit.chart.seen,
        since=since,
    )


def _asked(visit: Visit, side: Side, entered: Entered) -> tuple[Asked, ...]:
    knowledge = visit.clinic.knowledge
    charts = score_charts(knowledge.pathway, visit.chart.record, side, visit.today, ())
    last = {chart.id: chart.known[-1] for chart in charts if chart.known}
    return tuple(
        Asked(
            knowledge.pathway.facts[outcome.value].about.title,
            outcome.better is Better.HIGHER,
            fields_for(knowledge, outcome.value, entered=entered),
            last.get(outcome.id),
        )
        for outcome in outcomes(knowledge)
    )
