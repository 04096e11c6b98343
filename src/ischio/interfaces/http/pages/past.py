"""What was shown of a person before: each answer made again from what was recorded then, by the knowledge of then."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from starlette.responses import Response

from ischio.clinic.past import Again
from ischio.interfaces.http.html_answers import html
from ischio.interfaces.http.pages.frame import page
from ischio.interfaces.http.pages.gate import Refused
from ischio.interfaces.http.pages.visit import Visit
from ischio.interfaces.http.pages.writing import logins
from ischio.interfaces.page import page as whole
from ischio.interfaces.page.view import view
from ischio.interfaces.words import day
from ischio.model.mistake import PathwayError
from ischio.store.entries import Answered

MOST = 100
"""So many answers are listed, the newest."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The same answer, however often it was shown. id: of the last time; last: when that was. times: how often."""

    id: str
    last: str
    by: str
    index: str
    times: int


def past(visit: Visit) -> Response:
    """GET /p/{person}/past."""
    return page(visit, "past", rows=rows(visit.clinic.past.shown(visit.known, visit.by), logins(visit)), most=MOST)


def again(visit: Visit) -> Response:
    """GET /p/{person}/past/{answer}: what the answer said, and whether it is the same to the byte."""
    found = _found(visit)
    return page(
        visit,
        "past_answer",
        then=view(found.assessment, found.knowledge.pathway),
        shown=rows([found.answered], logins(visit))[0],
        same=found.same,
        digest=found.answered.digest,
        knowledge=found.answered.knowledge,
    )


def as_page(visit: Visit) -> Response:
    """GET /p/{person}/past/{answer}/page: the whole of it, to read or print."""
    found = _found(visit)
    return html(visit.service.settings, whole.page(found.assessment, found.knowledge.pathway))


def as_json(visit: Visit) -> Response:
    """GET /p/{person}/past/{answer}/assessment.json: the published contract, the bytes of then."""
    headers = {"content-disposition": 'attachment; filename="assessment.json"'}
    return Response(_found(visit).content, 200, headers, "application/json")


def rows(answers: Iterable[Answered], logins: Mapping[str, str]) -> tuple[Shown, ...]:
    """The newest first; one after another that say the same are told once. logins: by who the store has it."""
    alike = [list(group) for _, group in groupby(answers, lambda each: (each.digest, each.knowledge))]
    return tuple(_shown(group, logins) for group in alike[:MOST])


def _shown(alike: list[Answered], logins: Mapping[str, str]) -> Shown:
    newest = alike[0]
    at = newest.by.at
    return Shown(
        newest.id,
        f"{day(at.date())} {at:%H:%M}",
        logins.get(newest.by.who, newest.by.who),
        day(newest.index),
        len(alike),
    )


def _found(visit: Visit) -> Again:
    try:
        found: Again | None = visit.clinic.past.again(visit.known, visit.request.path_params["answer"], visit.by)
    except PathwayError as error:
        mistake = error.mistakes[0]
        raise Refused(409, mistake.what, mistake.mend) from None
    if found is None:
        what = visit.gettext("There is no such answer of this person.")
        raise Refused(404, what, visit.gettext("Choose one from the list of what was shown."))
    return found
