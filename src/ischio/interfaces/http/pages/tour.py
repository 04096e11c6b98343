"""A tour of the demonstration: what there is to see, each at somebody who shows it today."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from starlette.responses import Response

from ischio.clinic.access import MATRIX, May
from ischio.clinic.demo import ORGANISATION, PEOPLE
from ischio.interfaces.http.pages.frame import page
from ischio.interfaces.http.pages.roles import Shown, shown
from ischio.interfaces.http.pages.visit import Visit
from ischio.interfaces.words import side_title
from ischio.model.pathway import Pathway
from ischio.store.accounts import Role
from ischio.store.standings import Place, Standing, Wanted

TOUR = "/tour"
Shows = Callable[[Standing, date], bool]
"""Whether a hip shows, on a day, what a stop is about."""


@dataclass(frozen=True, slots=True)
class Stop:
    """One thing to see. at: whose hip it is seen at; empty where it is of nobody. role: as whom, whose login is `role`.

    here: whether the visitor may see it as they are signed in.
    """

    title: str
    sentence: str
    at: str
    address: str
    role: Shown
    here: bool


def tour(visit: Visit) -> Response:
    """GET /tour, of the demonstration alone. Nobody has to sign in: everybody in it is synthetic."""
    return page(visit, "tour", stops=tuple(stops(visit)), people=PEOPLE)


def stops(visit: Visit) -> Iterator[Stop]:
    say = visit.gettext
    yield _stop(
        visit,
        say("The list"),
        say("Red flags stand first, then what is overdue, then where nobody can tell; one click leads to the person."),
        "/patients",
    )
    yield from _at_people(visit)
    yield _stop(
        visit,
        say("The author's view"),
        say("Every rule with its sources, cases and proofs, and what clinicians declined, without saying of whom."),
        "/author",
        Role.AUTHOR,
        May.SEE_AUTHORING,
    )
    yield _stop(
        visit,
        say("The cohort"),
        say("Counts over many people, with unknown as a count of its own and small cells hidden."),
        "/cohort",
        Role.RESEARCHER,
        May.SEE_COHORT,
    )
    yield _stop(
        visit,
        say("The accounts"),
        say("Who may sign in and as what. Whoever looks after accounts sees no patient."),
        "/accounts",
        Role.ADMINISTRATOR,
        May.MANAGE_ACCOUNTS,
    )


def _at_people(visit: Visit) -> Iterator[Stop]:
    """The stops at somebody: at another person each, as far as there are; none where nobody shows it."""
    pathway, today = visit.service.pathway, visit.today
    rows = visit.clinic.store.standings.page(Wanted(ORGANISATION, today), 0, 2 * PEOPLE)
    met: set[str] = set()
    for title, sentence, leaf, shows in _sights(visit):
        found = [row for row in rows if shows(row, today)]
        if not found:
            continue
        row = next((row for row in found if row.known.id not in met), found[0])
        met.add(row.known.id)
        side = row.side.value if row.side else ""
        query = f"?side={side}" if side and leaf in ("/what-if", "/imaging") else ""
        yield _stop(visit, title, sentence, f"/p/{row.known.id}{leaf}{query}", at=_at(pathway, row))


def _sights(visit: Visit) -> Sequence[tuple[str, str, str, Shows]]:
    """Title, sentence, which page of a person, and who shows it."""
    say = visit.gettext
    return (
        (
            say("A red flag"),
            say("The alert comes before everything else, says why, and nothing elective is offered while it stands."),
            "",
            lambda row, on: row.place(on) is Place.RED_FLAG,
        ),
        (
            say("Cannot tell"),
            say("Facts are missing. The page names those that would decide, with a field for each; unknown is not no."),
            "",
            lambda row, on: row.place(on) is Place.CANNOT_TELL and row.side is not None,
        ),
        (
            say("An overdue review"),
            say("A review was missed: the time line shows it, and the scores have a gap where it should have been."),
            "/follow-up",
            lambda row, on: row.place(on) is Place.OVERDUE and row.diversion is None and row.score is not None,
        ),
        (
            say("What if"),
            say("In conservative care: change a fact and see what the pathway would say. Nothing of it is kept."),
            "/what-if",
            _in_stage("conservative_care"),
        ),
        (
            say("At the injection"),
            say("The gate is open. What must be checked before is listed; each action says why, and can be declined."),
            "",
            _in_stage("injection"),
        ),
        (
            say("What the patient gets"),
            say("Tick what the patient is told, look at it first, release it; then open it as this patient."),
            "/handout",
            _in_stage("conservative_care"),
        ),
        (
            say("What was measured"),
            say("A space is used only with the position of the leg; the same number is held against its own error."),
            "/imaging",
            _in_stage("injection"),
        ),
        (
            say("Planning surgery"),
            say("What speaks for and against each operation, in the order of the alphabet; no probability of success."),
            "/surgery",
            _in_stage("surgical_evaluation"),
        ),
        (
            say("How scores went on"),
            say("After an operation: each score over time, beside thresholds that were borrowed from other people."),
            "/follow-up",
            lambda row, on: _in_stage("recovery", "after_surgery")(row, on) and bool(row.score and row.score.change),
        ),
        (
            say("Long-term care"),
            say("Where no more is to be tried for now, somebody still looks again, on a day that is named."),
            "",
            _in_stage("long_term_care"),
        ),
    )


def _in_stage(*stages: str) -> Shows:
    """In one of these stages, and nothing else in the way."""
    return lambda row, on: row.stage in stages and row.diversion is None and row.place(on) is not Place.CANNOT_TELL


def _at(pathway: Pathway, row: Standing) -> str:
    return f"{row.known.name}, {side_title(pathway, row.side.value).lower()}" if row.side else row.known.name


def _stop(
    visit: Visit,
    title: str,
    sentence: str,
    address: str,
    role: Role = Role.CLINICIAN,
    may: May = May.SEE_PEOPLE,
    at: str = "",
) -> Stop:
    assert may in MATRIX[role], f"{role.value} may not {may.value}"
    (told,) = shown(visit, [role])
    return Stop(title, sentence, at, address, told, visit.who is not None and visit.who.may(may))
