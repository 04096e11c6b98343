"""Proves one property, or finds someone for whom it fails."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ischio.backends.proof.claims import Claim, Problem, problem
from ischio.backends.proof.counter_example import case_file, simplest
from ischio.backends.proof.logic import Answer, Solver
from ischio.language.regions import changes_of_parameters
from ischio.model.pathway import Pathway
from ischio.model.rules import Property

ON = date(2026, 6, 1)
"""The index date of counter-examples. Cut points have one order on every date, so no proof is tied to it."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a property on one index date. undecided: claims for which the time was too short."""

    claims: int
    failed: tuple[Claim, ...]
    undecided: tuple[Claim, ...]
    cases: tuple[str, ...]


def index_dates(pathway: Pathway) -> tuple[date, ...]:
    """One date for each span of time in which no dated parameter changes, the date of counter-examples first."""
    changes = changes_of_parameters(pathway)
    first = [changes[0] - timedelta(days=1)] if changes else []

    def span(day: date) -> int:
        return sum(change <= day for change in changes)

    spans = {span(day): day for day in (*first, *changes, ON)}
    return tuple(sorted(spans.values(), key=lambda day: day != ON))


def prove(pathway: Pathway, prop: Property, index: date, seconds: float) -> Result:
    """Asks the solver for every claim of the property. seconds: for each claim."""
    posed = problem(pathway, prop, index)
    solver = Solver(posed.always, seconds)
    answers = [(claim, solver.can_hold(claim.formula)) for claim in posed.claims]
    failed = tuple(claim for claim, answer in answers if answer is flaw_of(claim))
    undecided = tuple(claim for claim, answer in answers if answer is Answer.GAVE_UP)
    return Result(len(answers), failed, undecided, tuple(_cases(solver, posed, prop, failed)))


def flaw_of(claim: Claim) -> Answer:
    """The answer that refutes a claim."""
    return Answer.IMPOSSIBLE if claim.of_someone else Answer.POSSIBLE


def _cases(solver: Solver, posed: Problem, prop: Property, failed: Sequence[Claim]) -> Iterator[str]:
    """Persons who show the first flaw; there is nobody to show that a thing never happens."""
    shown = next((claim for claim in failed if not claim.of_someone), None)
    if shown is None:
        return
    solutions = simplest(solver, shown.formula, posed.persons)
    for person, values, when in zip(posed.persons, solutions, _TOLD[len(solutions)], strict=True):
        title = f"Counter-example{when}: {prop.about.title}"
        yield case_file(person, values, f"counter-example-{prop.id.replace('_', '-')}", title, shown.words)


_TOLD = {1: ("",), 2: (" before forgetting", " after forgetting")}
