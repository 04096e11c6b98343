"""The patient's own numbers over time, where a clinician released them: a sentence, a drawing, and the same as a table.

No borrowed mark is drawn: what counts as a change that matters was measured in other people.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial

from markupsafe import Markup
from starlette.responses import Response

from ischio.interfaces.drawing.scores import score_svg
from ischio.interfaces.handout.content import side_told, words_of
from ischio.interfaces.http.me.frame import page
from ischio.interfaces.http.me.visit import PatientVisit
from ischio.interfaces.http.pages.language import translations
from ischio.interfaces.locale.catalogue import primary, spoken_number
from ischio.interfaces.scores import Reading, ScoreChart, score_charts
from ischio.model.about import Side
from ischio.model.patient import Phrase
from ischio.record.events import Record


@dataclass(frozen=True, slots=True)
class Course:
    """How one score went. sentence: in words; svg: its drawing; readings: those with a value."""

    title: Phrase
    sentence: str
    svg: Markup
    readings: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class Hip:
    side: str
    courses: tuple[Course, ...]


def progress(visit: PatientVisit) -> Response:
    """GET /me/progress."""
    shown = [one.side for one in visit.releases if one.numbers]
    hips = tuple(_hips(visit, shown)) if shown else ()
    return page(visit, "progress", hips=hips, released=bool(shown))


def _hips(visit: PatientVisit, sides: list[Side]) -> Iterator[Hip]:
    pathway, record = visit.service.pathway, visit.record
    for side in sides:
        yield Hip(side_told(pathway, side, translations(visit.language)), tuple(_courses(visit, record, side)))


def _courses(visit: PatientVisit, record: Record, side: Side) -> Iterator[Course]:
    words = words_of(visit.service.pathway, visit.language)
    for chart in score_charts(visit.service.pathway, record, side, visit.today, ()):
        if chart.known:
            title = words.scores.get(chart.id) if words else None
            shown = replace(chart, title=title.text if title else chart.title)
            yield Course(title or Phrase(chart.title), _sentence(visit, chart), _drawn(visit, shown, side), chart.known)


def _sentence(visit: PatientVisit, chart: ScoreChart) -> str:
    say, spoken, first, last = visit.gettext, _written(visit), chart.known[0], chart.known[-1]
    better = say("Higher is better.") if chart.higher_is_better else say("Lower is better.")
    numbers = {"first": spoken(first.score), "last": spoken(last.score)}
    if len(chart.known) == 1:
        told = say("Your score is %(last)s.")
    elif first.score == last.score:
        told = say("Your score stayed at %(last)s.")
    else:
        told = say("Your score went from %(first)s to %(last)s.")
    return f"{told % numbers} {better}"


def _drawn(visit: PatientVisit, chart: ScoreChart, side: Side) -> Markup:
    plain = replace(chart, thresholds=(), began=(), readings=chart.known)
    described = visit.gettext("The table below the drawing says the same.")
    weeks = visit.gettext("weeks since the first time")
    return Markup(score_svg(plain, f"{side.value}-{chart.id}", weeks, described, number=_written(visit)))


def _written(visit: PatientVisit) -> Callable[[Decimal], str]:
    """How a number is written in the language of the page."""
    return partial(spoken_number, language=primary(visit.language))
