"""When the next review of a hip is owed."""

from collections.abc import Iterator
from datetime import date

from ischio.language.regions import interval_on
from ischio.model.assessment import ReviewShown
from ischio.model.dates import Duration, shift
from ischio.model.expression import ParameterValue
from ischio.model.pathway import Pathway
from ischio.model.rules import Review, Stage
from ischio.record.events import Facts, State


def next_review(pathway: Pathway, stage: Stage, facts: Facts, index: date) -> ReviewShown | None:
    """The first scheduled review after the last recorded one; after the schedule, the interval after that.

    Without a date from which the stage counts, the first interval runs from the last review, or else from Index. A
    review that lies in the past is overdue. None for a stage without reviews, and for the dead.
    """
    if stage.review is None or facts[pathway.deceased_fact].value is True:
        return None
    since, last = began(stage, facts), _date(facts, pathway.review_fact)
    if last is not None and since is not None and last < since:
        last = None
    steps, then = list(_schedule(pathway, stage.review, index)), interval_on(pathway, stage.review.then, index)
    if since is None:
        due = shift(last or index, steps[0] if steps else then)
    else:
        scheduled = [shift(since, step) for step in steps]
        after_schedule = shift(last or max(scheduled, default=since), then)
        due = next((day for day in scheduled if last is None or day > last), after_schedule)
    return ReviewShown(due, _why(stage, since, last), due < index)


def reviews_ahead(pathway: Pathway, stage: Stage, facts: Facts, index: date) -> tuple[date, ...]:
    """The next review and those scheduled after it. The first may be over: then it was missed, and so may others.

    What comes after the schedule is told one review at a time.
    """
    owed = next_review(pathway, stage, facts, index)
    if owed is None or stage.review is None:
        return ()
    since = began(stage, facts)
    scheduled = [shift(since, step) for step in _schedule(pathway, stage.review, index)] if since else []
    return (owed.date, *(day for day in scheduled if day > owed.date))


def began(stage: Stage, facts: Facts) -> date | None:
    """The latest of the dates from which the stage counts; None if none is recorded, or one cannot be told."""
    dates = [_date(facts, fact) for fact in stage.since if facts[fact].state is not State.NOT_ASKED]
    known = [day for day in dates if day is not None]
    return max(known, default=None) if len(known) == len(dates) else None


def _schedule(pathway: Pathway, review: Review, index: date) -> Iterator[Duration]:
    for step in review.schedule:
        value = pathway.parameters[step.parameter].on(index) if isinstance(step, ParameterValue) else step
        if isinstance(value, tuple):
            yield from value
        elif isinstance(value, Duration):
            yield value


def _date(facts: Facts, fact: str) -> date | None:
    value = facts[fact].value
    return value if isinstance(value, date) else None


def _why(stage: Stage, since: date | None, last: date | None) -> str:
    if last is not None:
        return f"{stage.about.title}: last review on {last.isoformat()}"
    if since is not None:
        return f"{stage.about.title}: since {since.isoformat()}, no review recorded"
    return f"{stage.about.title}: no review recorded"
