"""Cases that two versions of a pathway answer differently."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ischio.engine.answer import Answer
from ischio.engine.assess import assess
from ischio.engine.compare import compare
from ischio.engine.status import Status
from ischio.model.comparison import Comparison
from ischio.model.pathway import Pathway, Side
from ischio.record.case_form import Case


@dataclass(frozen=True, slots=True)
class CaseChange:
    """A case whose answer differs. differs: what is said otherwise, part by part."""

    id: str
    title: str
    differs: Comparison


def case_changes(old: Pathway, new: Pathway, cases: Iterable[tuple[Case, Case]]) -> Iterator[CaseChange]:
    """The cases that are answered otherwise. cases: each as the old and as the new version reads it."""
    for was, now in cases:
        if _in_short(Answer(old, was.record, was.index_date)) != _in_short(Answer(new, now.record, now.index_date)):
            before = assess(old, was.record, was.index_date)
            after = assess(new, now.record, now.index_date)
            yield CaseChange(now.id, now.title, compare(before, after))


def _in_short(answer: Answer) -> tuple[object, ...]:
    """What tells most cases apart at a third of the price of the whole answer: facts, outcome and reviews.

    What is unknown or does not apply is left out, so that a new fact or action alone changes no case.
    """
    facts = {
        (side, fact): value.value
        for side, of_hip in answer.facts.items()
        for fact, value in of_hip.items()
        if value.value is not None
    }
    outcome = answer.outcome
    named = (outcome.stages, outcome.diversions, outcome.next_gates, outcome.alerts)
    statuses = {
        (action, status): lanes
        for action, of_action in outcome.statuses.items()
        for status, lanes in of_action.items()
        if status is not Status.NOT_APPLICABLE
    }
    held = tuple({name: lanes for name, lanes in names.items() if lanes} for names in named)
    return facts, held, statuses, {side: answer.review(side) for side in Side}
